import Testing

@testable import StreamEngine

/// Random stages behind the first one.
struct StageModel {
    var queries: [Query]
    var input: [UInt8]

    init(_ kind: ModelCase.Kind, stages: Int, _ random: inout SeededGenerator) throws {
        let model = ModelCase(kind, &random)
        input = model.batches(&random).flatMap { $0 }
        var first = try model.query()
        if random.below(5) == 0 { try Self.passThrough(&first) }
        queries = [first]
        while queries.count < stages { queries.append(try Self.next(after: queries[queries.count - 1], &random)) }
        for number in queries.indices.dropLast() { queries[number].punctuate = true }
    }

    /// Only the records with their times.
    private static func passThrough(_ query: inout Query) throws {
        query.aggregates = []
        query.window = .all
        query.fill = .none
        query.groupKeys = []
        if query.time == nil { query.time = .field(try FieldPath.parse("t"), .microseconds) }
        query.watermarkDelay = query.watermarkDelay ?? 3
    }

    private static func next(after before: Query, _ random: inout SeededGenerator) throws -> Query {
        var query = Query()
        query.handsOnControlLines = false
        var time = "window_start"
        if before.passesThrough {
            // What is passed on has the time of the stage before.
            guard case .field(let path, _) = before.time else { preconditionFailure("there is a time") }
            time = path.text
        } else if before.window.isTimed {
            if random.below(3) == 0 { time = "window_end" }
        } else {
            time = ""
        }
        if !time.isEmpty { query.time = .field(try FieldPath.parse(time), time == "t" ? .microseconds : .auto) }
        let size = Int64.random(in: 2...40, using: &random)
        switch time.isEmpty ? 5 : random.below(6) {
        case 0: query.window = .hopping(size: size, step: Int64.random(in: 1...size, using: &random), align: 0)
        case 1, 2: query.window = .session(gap: Int64.random(in: 1...12, using: &random))
        case 3:
            // Records pass through.
            guard !before.passesThrough else { fallthrough }
            query.filter = try Expression.parse("count != 2")
            return query
        case 4: query.window = .tumbling(size: size, align: Int64.random(in: -5...5, using: &random))
        default: query.window = time.isEmpty || random.below(6) == 0 ? .all : .tumbling(size: size, align: 0)
        }
        query.groupKeys = before.groupKeys.filter { _ in random.below(2) == 0 }
        query.aggregates = [Aggregate(name: "count", function: .count)]
        let value = before.passesThrough ? "v" : before.aggregates.count > 2 ? "sum_v" : "last_v"
        let name = before.aggregates.contains { $0.name == "sum_v" } || before.passesThrough ? value : "count"
        query.aggregates += try [.sum, .first, .last, .max].map { function in
            Aggregate(
                name: "\(function.name)_v", function: function, arguments: [.field(try FieldPath.parse(name))])
        }
        query.aggregates.append(
            Aggregate(name: "lines", function: .sum, arguments: [.field(try FieldPath.parse("@line_number"))]))
        return query
    }
}

@Suite("resume of several stages by quiet replay")
struct StageReplayTests {
    /// First stages that a job can resume.
    static let kinds: [ModelCase.Kind] = [
        .all, .tumbling, .hopping, .cumulative, .session, .fullTumbling, .deepHopping, .deepCumulative,
    ]

    @Test("runs that are cut off anywhere and resumed print together what one run prints", arguments: kinds, [2, 3, 4])
    func resumed(kind: ModelCase.Kind, stages: Int) throws {
        var (resumptions, printed) = (0, 0)
        for seed in 0..<150 {
            var random = SeededGenerator(seed: UInt64(seed) &* 91 &+ UInt64(kind.rawValue.utf8.count * 10 + stages))
            let model = try StageModel(kind, stages: stages, &random)
            let job = JobModel(model.queries, model.input)
            let whole = try job.run(from: nil, most: nil, &random).rows
            printed += whole.count
            let rows = try job.rowsOfResumedRuns(&random, &resumptions)
            try #require(
                String(decoding: rows, as: UTF8.self) == String(decoding: whole, as: UTF8.self),
                "seed \(seed), \(model.queries.map(\.window)), \(resumptions)")
        }
        #expect(resumptions > 100)
        #expect(printed > 10_000)
    }
}

import Testing

@testable import StreamEngine

/// A query and the records of several partitions, none of which is late in its own partition.
struct PartitionCase {
    let query: Query
    private(set) var input: PartitionedInput

    init(_ kind: ModelCase.Kind, _ random: inout SeededGenerator) throws {
        let trial = ModelCase(kind, &random)
        let lines = trial.records.map { ($0.line, $0.isMalformed ? nil : $0.time) }
        var latest: [Int64: Int64] = [:]
        var delay: Int64 = 0
        input = PartitionedInput(lines.map(\.0), to: 1 + random.below(4), &random) { line, partition in
            guard let time = lines[line].1 else { return }
            let before = latest[Int64(partition)] ?? time
            delay = max(delay, before - time)
            latest[Int64(partition)] = max(before, time)
        }
        // A record just at the watermark may touch a session that has just closed.
        if case .session = trial.window { delay += 1 }
        var query = try trial.query()
        // Of records of equal time in two partitions none is the first.
        query.aggregates.removeAll { $0.function == .first || $0.function == .last }
        if query.watermarkDelay != nil { query.watermarkDelay = delay + random.pick([0, 0, 1, delay]) }
        self.query = query
    }

    init(_ query: Query, _ partitions: [[String]]) {
        var random = SeededGenerator(seed: 0)
        self.query = query
        input = PartitionedInput([], to: partitions.count, &random)
        input.partitions = partitions
    }

    var ends: [Int] { input.partitions.map(\.count) }

    /// What one run prints that reads the partitions one after the other.
    func rows() throws -> String {
        let run = try PartitionRun(query, partitions: ends.count)
        for (partition, lines) in input.partitions.enumerated() { try run.take(PartitionBatch(partition, lines)) }
        try run.engine.finish()
        return run.text
    }
}

@Suite("The order in which partitions are read") struct PartitionOrderTests {
    static let kinds: [ModelCase.Kind] = [
        .all, .tumbling, .hopping, .cumulative, .session, .calendar, .fullTumbling, .fullCalendar,
    ]

    @Test("shows in no row and in no count when no record is late in its own partition", arguments: kinds)
    func anyOrder(kind: ModelCase.Kind) throws {
        var closings = 0
        for seed in 0..<UInt64(80) {
            var random = SeededGenerator(seed: seed &+ 8_000_000)
            let trial = try PartitionCase(kind, &random)
            let rows = try trial.rows()
            for _ in 0..<4 {
                let run = try PartitionRun(trial.query, partitions: trial.ends.count)
                let batches = trial.input.batches(from: trial.ends.map { _ in 0 }, &random)
                for batch in batches { try run.take(batch) }
                if !run.text.isEmpty { closings += 1 }
                try run.engine.finish()
                if run.text != rows || run.late > 0 {
                    Issue.record(
                        """
                        seed \(seed) \(trial.query.window) delay \(trial.query.watermarkDelay ?? -1) late \(run.late)
                        \(batches.map(\.description).joined(separator: "\n"))
                        \(run.text)not
                        \(rows)
                        """)
                    return
                }
            }
        }
        // Windows close before the end, in some order.
        #expect((closings > 100) == (kind != .all))
    }

    @Test("shows in the order of filled rows at most", arguments: [ModelCase.Kind.filledTumbling, .filledCalendar])
    func filled(kind: ModelCase.Kind) throws {
        func sorted(_ text: String) -> [Substring] { text.split(separator: "\n").sorted() }
        for seed in 0..<UInt64(60) {
            var random = SeededGenerator(seed: seed &+ 9_000_000)
            let trial = try PartitionCase(kind, &random)
            let rows = sorted(try trial.rows())
            let run = try PartitionRun(trial.query, partitions: trial.ends.count)
            for batch in trial.input.batches(from: trial.ends.map { _ in 0 }, &random) { try run.take(batch) }
            try run.engine.finish()
            try #require(sorted(run.text) == rows, "seed \(seed)")
        }
    }

    @Test("shows in the order of records that pass through, and each is handed on once") func passThrough() throws {
        for seed in 0..<UInt64(60) {
            var random = SeededGenerator(seed: seed)
            let lines = (0..<(1 + random.below(80))).map { "{\"a\":\($0)}" }
            let input = PartitionedInput(lines, to: 3, &random)
            let run = try PartitionRun(Query(), partitions: 3)
            let batches = input.batches(from: [0, 0, 0], &random)
            for batch in batches { try run.take(batch) }
            try run.engine.finish()
            #expect(run.text == batches.flatMap(\.lines).map { $0 + "\n" }.joined())
        }
    }
}

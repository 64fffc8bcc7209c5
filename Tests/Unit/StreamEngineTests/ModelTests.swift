import Testing

@testable import StreamEngine

/// A random query and input, settled by its seed.
struct ModelCase {
    var window: WindowSpec
    var keyNames: [String]
    var hasTime: Bool
    var delay: Int64?
    var lateness: Int64
    var fills: FillMode
    var records: [ModelRecord]

    enum Kind: String, CaseIterable, Sendable {
        case all, tumbling, hopping, cumulative, session, rows, calendar
        case lateTumbling, lateHopping, lateCumulative, lateSession, lateCalendar
        case filledTumbling, filledCalendar
        case fullTumbling, fullCalendar, lateFullTumbling
        case deepHopping, deepCumulative, deepRows, lateDeepHopping, lateDeepCumulative

        /// Whether windows have so many slices that they share blocks of them.
        var isDeep: Bool { rawValue.lowercased().contains("deep") }
    }

    init(_ kind: Kind, _ random: inout SeededGenerator) {
        func number(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &random) }
        let align = Bool.random(using: &random) ? 0 : number(-30...30)
        hasTime = true
        switch kind {
        case .all:
            window = .all
            hasTime = Bool.random(using: &random)
        case .deepRows:
            window = .rows(count: Int(number(random.below(2) == 0 ? 32...70 : 200...600)), every: Int(number(1...3)))
            hasTime = Bool.random(using: &random)
        case .rows:
            window = .rows(count: Int(number(1...6)), every: Int(number(1...6)))
            hasTime = Bool.random(using: &random)
        case .tumbling, .lateTumbling, .filledTumbling, .fullTumbling, .lateFullTumbling:
            window = .tumbling(size: number(1...20), align: align)
        case .hopping, .lateHopping: window = .hopping(size: number(1...20), step: number(1...24), align: align)
        case .cumulative, .lateCumulative:
            let step = number(1...8)
            window = .cumulative(max: step * number(1...5), step: step, align: align)
        case .deepHopping, .lateDeepHopping:
            let step = number(1...3)
            window = .hopping(
                size: step * number(Self.deepSteps(&random)) + number(0...step - 1), step: step, align: align)
        case .deepCumulative, .lateDeepCumulative:
            let step = number(1...3)
            window = .cumulative(max: step * number(Self.deepSteps(&random)), step: step, align: align)
        case .session, .lateSession: window = .session(gap: number(1...12))
        case .calendar, .lateCalendar, .filledCalendar, .fullCalendar:
            window = .calendar(CalendarUnit.allCases.randomElement(using: &random) ?? .day, align: 0)
        }
        let isLate = kind.rawValue.hasPrefix("late")
        fills = kind.rawValue.hasPrefix("filled") ? .gaps : kind.rawValue.lowercased().contains("full") ? .all : .none
        // One step of the clock: calendar windows are long.
        var unit: Int64 = 1
        if case .calendar(let calendar, _) = window {
            let hours: Int64 =
                switch calendar {
                case .hour: 1
                case .day: 12
                case .week: 60
                case .month: 250
                case .quarter: 900
                case .year: 3000
                }
            unit = hours * 1_200_000_000
        }
        delay = hasTime && (isLate || number(0...3) > 0) ? number(0...15) * unit : nil
        lateness = isLate ? number(1...25) * unit : 0
        keyNames = Array(["k0", "k1"].prefix(Int(number(0...2))))
        records = []
        var clock = number(-60...20)
        let speed = number(0...6)
        let count =
            kind == .deepRows
            ? number(1...(random.below(6) == 0 ? 900 : 200)) : kind.isDeep ? number(5...30) : number(1...40)
        for _ in 0..<Int(count) {
            clock += number(0...speed)
            let disorder = number(0...2) == 0 ? number(0...40) : number(0...4)
            var time = (clock - disorder) * unit
            if unit > 1 { time += number(-1...1) }
            records.append(.random(at: time, hasTime: hasTime, keyCount: keyNames.count, &random))
        }
    }

    /// The number of steps of a window with one level of blocks, now and then two.
    private static func deepSteps(_ random: inout SeededGenerator) -> ClosedRange<Int64> {
        random.below(12) == 0 ? 256...280 : 16...50
    }

    func query() throws -> Query {
        var query = Query()
        if hasTime { query.time = .field(try FieldPath.parse("t"), .microseconds) }
        query.filter = try Expression.parse("f is null")
        query.window = window
        query.groupKeys = try keyNames.map { GroupKeySpec(name: $0, field: try FieldPath.parse($0)) }
        query.watermarkDelay = delay
        query.lateness = lateness
        query.fill = fills
        query.aggregates =
            try [Aggregate(name: "count", function: .count)]
            + [.count, .sum, .avg, .min, .max, .first, .last, .distinct].map { try Aggregate.over($0, "v") }
        return query
    }

    var text: String { records.map { $0.line + "\n" }.joined() }

    /// The lines in random batches.
    func batches(_ random: inout SeededGenerator) -> [[UInt8]] {
        var batches: [[UInt8]] = [[]]
        for record in records {
            batches[batches.count - 1] += Array((record.line + "\n").utf8)
            if Int.random(in: 0..<4, using: &random) == 0 { batches.append([]) }
        }
        return batches.filter { !$0.isEmpty }
    }
}

@Suite struct ModelTests {
    /// Cases of each kind.
    static func cases(of kind: ModelCase.Kind) -> Int { kind.isDeep ? 60 : 800 }

    @Test(
        "rows and counts are those of a model that looks at every window for every record",
        arguments: ModelCase.Kind.allCases)
    func model(kind: ModelCase.Kind) throws {
        var total = AccountFigures()
        for seed in 0..<UInt64(Self.cases(of: kind)) {
            var random = SeededGenerator(seed: seed)
            let trial = ModelCase(kind, &random)
            var model = Model(
                trial.window, keyNames: trial.keyNames, hasTime: trial.hasTime, delay: trial.delay,
                lateness: trial.lateness, fills: trial.fills)
            model.run(trial.records)
            let crew: any Crew = seed % 2 == 0 ? ShuffledCrew(seed: seed) : SingleCrew()
            let result = try runEngine(try trial.query(), batches: trial.batches(&random), seed: seed, crew: crew)
            try #require(result.error == nil)
            if result.lines != model.lines || result.figures != model.figures {
                let place = zip(result.lines, model.lines).prefix { $0 == $1 }.count
                Issue.record(
                    """
                    seed \(seed) \(kind) \(trial.window) delay \(trial.delay.map { "\($0)" } ?? "none") \
                    lateness \(trial.lateness)
                    \(trial.text)engine \(result.figures)
                    model  \(model.figures)
                    first difference in row \(place):
                    \(result.lines.dropFirst(place).first ?? "-")
                    \(model.lines.dropFirst(place).first ?? "-")
                    """)
                return
            }
            #expect(result.figures.isComplete)
            total.rows += result.figures.rows
            total.late += result.figures.late
            total.latePairs += result.figures.latePairs
        }
        // The inputs are such that all of it happens.
        #expect(total.rows > Self.cases(of: kind))
        #expect((total.late > (kind.isDeep ? 0 : 100)) == ![.all, .rows, .deepRows].contains(kind))
        let overlaps =
            (kind.isDeep && kind != .deepRows) || [.hopping, .cumulative, .lateHopping, .lateCumulative].contains(kind)
        #expect((total.latePairs > 100) == overlaps)
    }

    @Test("rows printed early change nothing of those that are final", arguments: ModelCase.Kind.allCases)
    func early(kind: ModelCase.Kind) throws {
        var earlyRows = 0
        for seed in 0..<UInt64(kind.isDeep ? 10 : 40) {
            var random = SeededGenerator(seed: seed &+ 6_000_000)
            let trial = ModelCase(kind, &random)
            var query = try trial.query()
            let plain = try runEngine(query, trial.text)
            query.early = 10
            var steps: [EngineStep] = []
            for (number, bytes) in trial.batches(&random).enumerated() {
                let now = Int64(number) * 7
                steps.append(.lines(bytes, startsInput: number == 0, arrival: now))
                if Bool.random(using: &random) { steps.append(.tick(now + 3)) }
            }
            let lines = try runEngine(query, steps).lines
            let final = lines.filter { $0.contains(",\"final\":true") }.map {
                $0.replacing(",\"final\":true", with: "")
            }
            #expect(final == plain.lines, "seed \(seed) \(trial.window)\n\(trial.text)")
            earlyRows += lines.count - final.count
        }
        #expect(earlyRows > 20)
    }
}

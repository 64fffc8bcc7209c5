import Testing

@testable import StreamEngine

@Suite("the rows of open windows") struct OpenRowsTests {
    private static let windows: [WindowSpec] = [
        .all, .tumbling(size: 10, align: 0), .hopping(size: 30, step: 7, align: 0),
        .hopping(size: 60, step: 1, align: 0),
        .cumulative(max: 40, step: 10, align: 0), .session(gap: 6), .rows(count: 5, every: 3),
    ]

    private func query(_ window: WindowSpec, lateness: Int64 = 0) throws -> Query {
        var query = try Query.timed(
            window, by: ["k"], delay: window == .all ? nil : 15, lateness: lateness,
            [Aggregate(name: "count", function: .count), try .over(.sum, "t")])
        query.format = .table
        return query
    }

    private func steps(_ seed: UInt64) -> [EngineStep] {
        var random = SeededGenerator(seed: seed)
        return (0..<50).map { number in
            let time = max(0, Int64(number * 3) + Int64.random(in: -25...0, using: &random))
            let key = Int.random(in: 0..<6, using: &random)
            return .lines(Array("{\"t\":\(time),\"k\":\"key \(key)\"}\n".utf8), startsInput: number == 0)
        }
    }

    private func words(_ lines: [String]) -> [[Substring]] {
        lines.map { $0.split(separator: " ") }.filter { !$0.isEmpty && $0[0] != "k" }
    }

    @Test("asking for them changes nothing", arguments: windows, [0, 5] as [Int64])
    func harmless(_ window: WindowSpec, _ lateness: Int64) throws {
        if case .rows = window, lateness > 0 { return }
        for seed in 1...10 as ClosedRange<UInt64> {
            let query = try query(window, lateness: lateness)
            let plain = try runEngine(query, steps(seed))
            let watched = try runEngine(query, steps(seed), shown: 4)
            #expect(watched.output == plain.output && watched.figures == plain.figures)
            #expect(watched.badValues == plain.badValues)
        }
    }

    @Test("they are those that the end of the input would print", arguments: windows)
    func complete(_ window: WindowSpec) throws {
        let query = try query(window)
        for seed in 1...3 as ClosedRange<UInt64> {
            let steps = steps(seed)
            let shown = try runEngine(query, steps, shown: 10_000).openRows
            for count in stride(from: 1, through: steps.count, by: 7) {
                let ended = try runEngine(query, Array(steps[..<count]))
                let last = String(decoding: ended.output[(ended.marks.last ?? 0)...], as: UTF8.self)
                let rows = last.split(separator: "\n").map(String.init)
                #expect(words(shown[count - 1].rows) == words(rows), "\(window), \(count) records")
                #expect(shown[count - 1].hidden == 0)
            }
        }
    }

    @Test("those beyond the limit are counted, where that takes no merging", arguments: windows)
    func limit(_ window: WindowSpec) throws {
        let query = try query(window)
        let all = try runEngine(query, steps(1), shown: 10_000).openRows
        let some = try runEngine(query, steps(1), shown: 2).openRows
        for (all, some) in zip(all, some) {
            #expect(words(some.rows) == words(Array(all.rows.prefix(2))))
            if let hidden = some.hidden { #expect(hidden == all.rows.count - some.rows.count) }
            if case .tumbling = window { #expect(some.hidden != nil) }
        }
    }

    @Test("with --having, only rows that it keeps are shown, and the others are not counted")
    func having() throws {
        var query = try query(.all)
        query.having = try Expression.parse("count > 8")
        let shown = try #require(try runEngine(query, steps(1), shown: 1).openRows.last)
        let all = try #require(try runEngine(query, steps(1), shown: 100).openRows.last)
        #expect(words(shown.rows) == words(Array(all.rows.prefix(1))) && all.rows.count < 6)
    }
}

import Testing

@testable import StreamEngine

@Suite struct SlidingRunTests {
    // MARK: Runs

    @Test("windows are a run as long as each goes on where the one before was, over parts of the first one")
    func runs() {
        var run = SlidingRun([1, 2, 3, 4])
        let windows: [[UInt32]] = [[2, 3, 4, 5, 6], [2, 3, 4, 5, 6], [4, 5, 6, 7], [5, 6, 7, 8], [6, 7, 8, 9]]
        // The second has the same parts as the first, the fourth no part of the window that began the run; the last one leaves out a
        // part that was added.
        let areAdded = windows.map { run.add($0) }
        #expect(areAdded == [true, true, true, true, false])
        #expect(run.parts == [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(run.windows == [0..<4, 1..<6, 1..<6, 3..<7, 4..<8])
        #expect((0..<5).map(run.added) == [4..<4, 4..<6, 6..<6, 6..<7, 7..<8])
    }

    @Test(
        "windows that do not slide, and small ones, begin a run",
        arguments: [[5, 6, 7, 8], [1, 3, 4, 5], [2, 3, 5, 6], [0, 1, 2, 3, 4], [3, 4, 5]] as [[UInt32]])
    func others(window: [UInt32]) {
        var run = SlidingRun([1, 2, 3, 4])
        let isAdded = run.add(window)
        #expect(!isAdded)
        #expect(run.windows == [0..<4])
    }

    @Test("a run has no more windows than it may")
    func most() {
        let windows = (0..<7).map { first in (first..<first + 5).map(UInt32.init) }
        #expect(SlidingRun.runs(of: windows, most: 3).map(\.windows.count) == [3, 3, 1])
        #expect(SlidingRun.runs(of: windows, most: 1).map(\.parts) == windows)
        #expect(SlidingRun.runs(of: windows, most: 100).map(\.windows.count) == [6, 1])
    }

    // MARK: Rows

    private static func lines(_ random: inout SeededGenerator) -> String {
        var (time, text) = (-100, "")
        let keys = [1, 3, 40].randomElement(using: &random) ?? 1
        for _ in 0..<Int.random(in: 1...150, using: &random) {
            // Mostly some records of each slice, sometimes a gap.
            time += [0, 0, 1, 2, Int.random(in: 0...30, using: &random)].randomElement(using: &random) ?? 0
            let key = Int.random(in: 0..<keys, using: &random), value = Int.random(in: -9...9, using: &random)
            let words = ["\"y\"", "2.5", "7", "null", "\"longer than sixteen bytes\""]
            text += "{\"t\":\(time),\"k\":\(key),\"v\":\(value),\"s\":\(words.randomElement(using: &random) ?? "0")}\n"
        }
        return text
    }

    private static func window(_ random: inout SeededGenerator) -> WindowSpec {
        let step = Int64.random(in: 1...5, using: &random), align = Int64.random(in: -3...3, using: &random)
        if Bool.random(using: &random) {
            return .cumulative(max: step * Int64.random(in: 1...12, using: &random), step: step, align: align)
        }
        return .hopping(size: Int64.random(in: step...step * 40, using: &random), step: step, align: align)
    }

    @Test("windows that close together have the rows that they have one at a time", arguments: AggregateFunction.all)
    func together(function: AggregateFunction) throws {
        for seed in 0..<UInt64(12) {
            var random = SeededGenerator(seed: seed)
            let (text, window) = (Self.lines(&random), Self.window(&random))
            let aggregates = try [OrderTests.aggregate(function), Aggregate(name: "n", function: .count)]
            let keys = seed % 4 == 0 ? [] : ["k"]
            // With a watermark of no delay, each record closes what ends before it.
            let inTurn = try runEngine(try Query.timed(window, by: keys, delay: 0, aggregates), text)
            let query = try Query.timed(window, by: keys, aggregates)
            let crews: [any Crew] = [SingleCrew(), ShuffledCrew(seed: seed), ShuffledCrew(seed: seed &+ 50)]
            for (number, crew) in crews.enumerated() {
                let together = try runEngine(query, batches: [Array(text.utf8)], seed: random.next(), crew: crew)
                #expect(together.text == inTurn.text, "\(function) \(window) seed \(seed) crew \(number)")
                #expect(together.figures == inTurn.figures, "\(function) \(window) seed \(seed) crew \(number)")
                guard together.text == inTurn.text else { return }
            }
        }
    }

    @Test("windows that close together may have keys that only some of their slices have", arguments: 0..<UInt64(20))
    func keys(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed &+ 900)
        var text = ""
        for slice in 0..<Int.random(in: 10...40, using: &random) {
            // The keys of all slices, some of those, or none of another slice.
            let first = [0, 0, 25, 100 * slice].randomElement(using: &random) ?? 0
            for _ in 0..<Int.random(in: 1...60, using: &random) {
                let key = first + Int.random(in: 0..<50, using: &random)
                text += "{\"t\":\(10 * slice),\"k\":\(key),\"v\":\(Int.random(in: 0...9, using: &random))}\n"
            }
        }
        let (window, sum) = (WindowSpec.hopping(size: 80, step: 10, align: 0), try Aggregate.over(.sum, "v"))
        let inTurn = try runEngine(try Query.timed(window, by: ["k"], delay: 0, [sum]), text)
        let query = try Query.timed(window, by: ["k"], [sum])
        for crew in [SingleCrew(), ShuffledCrew(seed: seed)] as [any Crew] {
            let together = try runEngine(query, batches: [Array(text.utf8)], seed: random.next(), crew: crew)
            #expect(together.text == inTurn.text)
        }
    }

    @Test("windows that close together can be sorted, limited and chosen", arguments: [nil, 1, 2] as [Int?])
    func sorted(limit: Int?) throws {
        for seed in 0..<UInt64(30) {
            var random = SeededGenerator(seed: seed &+ 500)
            let (text, window) = (Self.lines(&random), Self.window(&random))
            func query(_ delay: Int64?) throws -> Query {
                var query = try Query.timed(
                    window, by: ["k"], delay: delay, [try .over(.sum, "v"), Aggregate(name: "n", function: .count)])
                query.having = try Expression.parse("n > 1")
                query.order = RowOrder([RowOrder.Column(name: "sum_v", isDescending: true)], limit: limit)
                return query
            }
            let inTurn = try runEngine(try query(0), text), together = try runEngine(try query(nil), text)
            #expect(together.text == inTurn.text, "\(window) seed \(seed)")
        }
    }
}

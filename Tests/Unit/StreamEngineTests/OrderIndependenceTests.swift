import Testing

@testable import StreamEngine

@Suite struct OrderIndependenceTests {
    /// Values of mixed kinds and of magnitudes that break plain sums.
    private static func rows(_ count: Int, _ generator: inout SeededGenerator) -> [AggregateRow] {
        func datum(_ generator: inout SeededGenerator) -> Datum {
            switch Int.random(in: 0..<20, using: &generator) {
            case 0: .double(1e308)
            case 1: .double(-1e308)
            case 2: .double(1.7e308)
            case 3: .double(1e-300)
            case 4: .double(Double(sign: .minus, exponent: -1074, significand: 1))
            case 5: .integer(Int64.random(in: .min ... .max, using: &generator))
            case 6: .integer(Int64.random(in: -3...3, using: &generator))
            case 7: .double(Double(Int.random(in: -3...3, using: &generator)))
            case 8: .string("\(Int.random(in: -9...9, using: &generator))")
            case 9: .string("\(Double.random(in: -9...9, using: &generator))")
            case 10: .string(["", "a", "b", "é", "zz"].randomElement(using: &generator) ?? "")
            case 11: [.null, .missing, .true, .false].randomElement(using: &generator) ?? .null
            case 12: .double(-0.0)
            case 13: .json("[1]")
            case 14: .double(Double.random(in: 1...2, using: &generator) * 0x1p60)
            default: .double(Double.random(in: -1e3...1e3, using: &generator))
            }
        }
        return (0..<count).map { _ in
            AggregateRow(
                first: datum(&generator), second: datum(&generator),
                time: Int64.random(in: -5...5, using: &generator))
        }
    }

    /// The result after shuffled updates of random parts and a random tree of merges.
    private static func shuffledResult(_ run: AggregateRun, _ generator: inout SeededGenerator) -> String {
        let slotCount = Int.random(in: 1...6, using: &generator)
        run.column.grow(to: slotCount)
        var parts = [[Int]](repeating: [], count: slotCount)
        for row in (0..<run.rowCount).shuffled(using: &generator) {
            parts[Int.random(in: 0..<slotCount, using: &generator)].append(row)
        }
        for (slot, part) in parts.enumerated() {
            run.column.clear(slot)
            run.update(slot, part)
        }
        var live = Array(0..<slotCount)
        while live.count > 1 {
            live.shuffle(using: &generator)
            let source = live.removeLast()
            run.merge(source, into: live[0])
            run.column.clear(source)
        }
        return run.result(live[0])
    }

    @Test(
        "neither the order of rows nor that of merges changes a byte of the result",
        arguments: AggregateFunction.all)
    func anyOrder(_ function: AggregateFunction) {
        var generator = SeededGenerator(seed: 7)
        for round in 0..<60 {
            let rows = Self.rows(round % 30 + (round == 59 ? 1500 : 1), &generator)
            for parameter in function == .quantile ? [0.0, 0.37, 1.0] : [3.0] {
                let run = AggregateRun(function, rows, parameter: parameter)
                run.update(0, Array(rows.indices))
                let expected = run.result(0)
                for _ in 0..<8 { #expect(Self.shuffledResult(run, &generator) == expected, "round \(round)") }
            }
        }
    }

    @Test(
        "results beyond the exact limits depend on the set of values only",
        arguments: [AggregateFunction.distinct, .median])
    func sketches(_ function: AggregateFunction) {
        var generator = SeededGenerator(seed: 11)
        for count in [1020, 1025, 4096, 4097, 6000, 12_000] {
            let rows = (0..<count).map { AggregateRow(first: .integer(Int64($0 * 37))) }
            let run = AggregateRun(function, rows)
            run.update(0, Array(rows.indices))
            let expected = run.result(0)
            for _ in 0..<6 { #expect(Self.shuffledResult(run, &generator) == expected, "\(count) values") }
        }
    }

    @Test("a merge leaves its source as it was", arguments: AggregateFunction.all)
    func mergeSource(_ function: AggregateFunction) {
        var generator = SeededGenerator(seed: 3)
        let rows = Self.rows(300, &generator)
        let run = AggregateRun(function, rows, parameter: 0.5)
        run.update(0, Array(0..<100))
        run.update(1, Array(100..<200))
        let source = run.result(1)
        run.merge(1, into: 0)
        let merged = run.result(0)
        run.update(0, Array(200..<300))
        #expect(run.result(1) == source)
        run.update(1, Array(200..<300))
        run.column.clear(0)
        run.update(0, Array(0..<200))
        #expect(run.result(0) == merged)
    }
}

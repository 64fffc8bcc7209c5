import Testing

@testable import StreamEngine

@Suite struct SketchDistinctTests {
    @Test("distinct is exact up to 4096 values", arguments: [1, 4095, 4096])
    func exactDistinct(_ count: Int) {
        #expect(aggregate(.distinct, (0..<count * 2).map { .integer(Int64($0 % count)) }) == "\(count)")
    }

    @Test("beyond 4096 distinct values the error stays below 2.5 %", arguments: [4097, 10_000, 50_000, 150_000])
    func approximateDistinct(_ count: Int) {
        for offset in [0, 1 << 40] {
            let values = (0..<count).map { Datum.integer(Int64($0 + offset)) }
            let found = Int(aggregate(.distinct, values)) ?? -1
            #expect((found - count).magnitude * 40 <= count, "\(found) of \(count)")
        }
    }

    enum Hashed: CaseIterable {
        case typedBytes, integers, hundredths, powers
    }

    @Test("the mean error of the distinct sketch is near its theory, 0.8 %", arguments: Hashed.allCases)
    func distinctError(_ hashed: Hashed) {
        var squares = 0.0
        let rounds = 60, count = 20_000
        for round in 0..<rounds {
            var sketch = HyperLogLog()
            for i in 0..<count {
                let number = round * count + i
                switch hashed {
                case .typedBytes: withTypedBytes(Value(Int64(number))) { sketch.add(ByteDictionary.hash($0)) }
                case .integers: sketch.add(NumberSet.key(Double(number)))
                case .hundredths: sketch.add(NumberSet.key(Double(number) / 100))
                case .powers: sketch.add(NumberSet.key(Double(number) * 0x1p600))
                }
            }
            let error = (Double(sketch.estimate) - Double(count)) / Double(count)
            squares += error * error
        }
        let deviation = (squares / Double(rounds)).squareRoot()
        #expect(deviation < 0.0115 && deviation > 0.004, "\(deviation)")
    }

    @Test(
        "distinct values of merged states are those of all rows, whichever of them is a sketch",
        arguments: [(100, 5000), (5000, 100), (5000, 5000), (3000, 3000), (100, 100)])
    func mergedDistinct(_ left: Int, _ right: Int) {
        let rows = (0..<left + right).map { AggregateRow(first: .integer(Int64($0))) }
        let run = AggregateRun(.distinct, rows)
        run.update(0, Array(0..<left))
        run.update(1, Array(left..<left + right))
        let before = (run.result(0), run.result(1))
        run.merge(1, into: 0)
        run.update(2, Array(rows.indices))
        #expect(run.result(0) == run.result(2))
        #expect(run.result(0) != before.0)
        #expect(run.result(1) == before.1)
    }

    @Test("an empty sketch of hashes counts nothing, a small one nearly exactly", arguments: [0, 1, 10, 100, 1000])
    func smallCounts(_ count: Int) {
        var sketch = HyperLogLog()
        for i in 0..<count { withTypedBytes(Value(Int64(i))) { sketch.add(ByteDictionary.hash($0)) } }
        #expect((Double(sketch.estimate) - Double(count)).magnitude <= Double(count) * 0.02)
    }

    @Test("numbers are one exactly when they are equal, beyond 2^53 and at the ends of Int64 too")
    func numberIdentity() {
        let values: [Datum] = [
            0, -0.0, 0.0, 1, 1.0, .integer(1 << 53), .double(0x1p53), .integer(1 << 53 + 1), .integer(1 << 53 + 2),
            .double(0x1p53 + 2), .integer(.max), .double(0x1p63), .integer(.min), .double(-0x1p63),
            .integer(.max - 1023), .double(0x1p63 - 1024), 0.1, 0.2, .double(0.1 + 0.2), 0.3, 1e300, -1e300,
            .double(.leastNonzeroMagnitude),
            .time(1), .string("1"), .time(1), .true,
        ]
        // Pairs that are equal: 0 thrice, 1, 2^53, 2^53 + 2, the time. A double beyond 2^53 is its decimal.
        #expect(aggregate(.distinct, values) == "\(values.count - 6)")
        #expect(aggregate(.distinct, values + values.reversed()) == "\(values.count - 6)")
        let digits: [Datum] = [
            .digits("18446744073709551615"), .digits("18446744073709551614"), .digits("18446744073709551615.0"),
            .digits("0.10000000000000001"), 0.1, .digits("-0"), 0, 1e20, .digits("100000000000000000000"),
        ]
        #expect(aggregate(.distinct, digits) == "6")
    }

    @Test(
        "a set of numbers holds what was inserted, once, whether it is a table or a list",
        arguments: [0, 1, 3, 4, 5, 47, 48, 49, 95, 96, 97, 1000, 5000], [1, 2, 30])
    func numberSet(_ count: Int, _ times: Int) {
        var generator = SeededGenerator(seed: UInt64(count * 100 + times))
        let keys = (0..<count).map { NumberSet.key(Double($0) / 100) }
        var set = NumberSet()
        for key in (0..<times).flatMap({ _ in keys }).shuffled(using: &generator) {
            let former = set.leastCount
            let hasGrown = set.insert(key)
            let known = set.leastCount
            #expect(hasGrown == (known > former))
        }
        var held: Set<UInt64> = []
        set.forEach { held.insert($0) }
        let (found, least) = (set.count, set.leastCount)
        #expect(found == count && least <= count)
        #expect(held == Set(keys))
    }

    @Test(
        "equal keys are removed but for the first, in lists of any length", arguments: [0, 1, 2, 3, 127, 8191, 70_000])
    func repeatedKeys(_ count: Int) {
        var generator = SeededGenerator(seed: UInt64(count))
        for different in [1, 2, max(1, count / 3), max(1, count * 9)] {
            var keys = (0..<count).map { _ in
                NumberSet.key(Double(Int.random(in: 0..<different, using: &generator)))
            }
            var seen: Set<UInt64> = []
            let first = keys.filter { seen.insert($0).inserted }
            let kept = keys.withUnsafeMutableBufferPointer { RepeatedKeys.remove(from: $0) }
            #expect(Array(keys[..<kept]) == first)
        }
    }

    /// Numbers of several forms and texts, many of them alike.
    private static func rows(_ count: Int, of different: Int, _ generator: inout SeededGenerator) -> [AggregateRow] {
        (0..<count).map { _ in
            let number = Int.random(in: 0..<different, using: &generator)
            switch number % 5 {
            case 0: return AggregateRow(first: .integer(Int64(number)))
            case 1: return AggregateRow(first: .double(Double(number) / 100))
            case 2: return AggregateRow(first: .string("\(number)"))
            case 3: return AggregateRow(first: .integer(.max - Int64(number)))
            default: return AggregateRow(first: number % 10 == 4 ? .null : .time(Int64(number)))
            }
        }
    }

    @Test(
        "rows of many groups in one run are counted as in runs of one row",
        arguments: [1, 63, 64, 65, 127, 128, 129, 1000])
    func runs(_ count: Int) {
        var generator = SeededGenerator(seed: UInt64(count))
        let rows = Self.rows(count, of: 40, &generator)
        let groups = 3
        let together = AggregateRun(.distinct, rows), alone = AggregateRun(.distinct, rows)
        together.update((0..<count).map { $0 % groups }, Array(0..<count))
        for i in 0..<count { alone.update(i % groups, [i]) }
        for group in 0..<min(groups, count) {
            let different = Set(
                stride(from: group, to: count, by: groups).map { rows[$0].first }.filter { $0 != .null })
            #expect(together.result(group) == "\(different.count)")
            #expect(alone.result(group) == together.result(group))
        }
    }

    @Test(
        "numbers and texts are counted together, in any order and over any merge",
        arguments: [1000, 6000, 6700, 30_000])
    func mixed(_ different: Int) {
        var generator = SeededGenerator(seed: 5)
        let rows = Self.rows(20_000, of: different, &generator)
        let count = Set(rows.map(\.first).filter { $0 != .null }).count
        let run = AggregateRun(.distinct, rows)
        run.update(0, Array(rows.indices))
        let expected = run.result(0)
        if count <= 4096 { #expect(expected == "\(count)") }
        #expect(((Int(expected) ?? 0) - count).magnitude * 40 <= count)
        for parts in 1...4 {
            let order = rows.indices.shuffled(using: &generator)
            for part in 1...parts {
                run.column.clear(part)
                run.update(part, stride(from: part - 1, to: order.count, by: parts).map { order[$0] })
            }
            for part in stride(from: parts, to: 1, by: -1) { run.merge(part, into: part - 1) }
            #expect(run.result(1) == expected, "\(parts) parts")
        }
    }
}

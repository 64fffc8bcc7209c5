import Testing

@testable import StreamEngine

@Suite struct SketchTests {
    enum Shape: CaseIterable {
        case uniform, wide, mixedSigns, subnormal, latencies, integers
    }

    private static func values(_ shape: Shape, _ count: Int) -> [Double] {
        var generator = SeededGenerator(seed: 21)
        return (0..<count).map { i in
            let u = Double.random(in: 0..<1, using: &generator)
            switch shape {
            case .uniform: return u * 100
            case .wide:
                let exponent = Int.random(in: -1000...1000, using: &generator)
                return Double(sign: .plus, exponent: exponent, significand: 1 + u)
            case .mixedSigns: return i % 10 == 0 ? 0 : (u - 0.5) * 1e6
            case .subnormal: return Double(sign: .plus, exponent: -1030, significand: 1 + u)
            case .latencies: return 1 / (1.0001 - u)
            case .integers: return Double(Int.random(in: 1...200, using: &generator))
            }
        }
    }

    @Test("every quantile is within 0.5 % of the true value of its rank", arguments: Shape.allCases)
    func accuracy(_ shape: Shape) {
        let values = Self.values(shape, 20_000)
        var sketch = DDSketch()
        for value in values { sketch.add(value) }
        let sorted = values.sorted()
        #expect(sketch.count == 20_000)
        for rank in stride(from: 0, to: sorted.count, by: 13) {
            let expected = sorted[rank]
            let found = sketch.quantile(Double(rank) / Double(sorted.count - 1)) ?? .nan
            // The rank may be missed by a rounding, so a neighbour is as good.
            let near = [max(0, rank - 1), rank, min(sorted.count - 1, rank + 1)].map { sorted[$0] }
            let isClose = near.contains { (found - $0).magnitude <= $0.magnitude * 0.005_000_1 }
            let isBetween = found >= near[0] && found <= near[2]
            #expect(isClose || isBetween, "rank \(rank): \(found) for \(expected)")
        }
    }

    @Test("the smallest and the largest value are exact, and quantiles never go down", arguments: Shape.allCases)
    func ends(_ shape: Shape) {
        let values = Self.values(shape, 5000)
        var sketch = DDSketch()
        for value in values { sketch.add(value) }
        #expect(sketch.quantile(0) == values.min())
        #expect(sketch.quantile(1) == values.max())
        var before = -Double.infinity
        for i in 0...400 {
            let value = sketch.quantile(Double(i) / 400) ?? .nan
            #expect(value >= before)
            before = value
        }
    }

    @Test("powers of two and the ends of the doubles fall within 0.5 %")
    func everyMagnitude() {
        for exponent in -1074...1023 {
            for significand in [1, 1.0001, 1.3333, 1.5, 1.99999] {
                let value = Double(sign: .plus, exponent: exponent, significand: significand)
                var sketch = DDSketch()
                // The neighbours keep the value from being an exact end.
                for added in [0, value, .greatestFiniteMagnitude] { sketch.add(added) }
                let found = sketch.quantile(0.5) ?? .nan
                let allowed = max(value * 0.005_000_1, Double.leastNonzeroMagnitude)
                #expect((found - value).magnitude <= allowed, "\(found) for \(value)")
            }
        }
    }

    @Test("an empty sketch has no quantile, and NaN or infinity is not counted")
    func empty() {
        var sketch = DDSketch()
        #expect(sketch.quantile(0.5) == nil)
        sketch.add(.nan)
        sketch.add(.infinity)
        #expect(sketch.count == 0)
    }

    @Test("merged sketches are the sketch of all values")
    func merging() {
        let values = Self.values(.mixedSigns, 3000)
        var whole = DDSketch(), odd = DDSketch(), even = DDSketch()
        for (i, value) in values.enumerated() {
            whole.add(value)
            if i % 2 == 0 { even.add(value) } else { odd.add(value) }
        }
        odd.merge(even)
        for i in 0...100 { #expect(odd.quantile(Double(i) / 100) == whole.quantile(Double(i) / 100)) }
        #expect(odd.count == whole.count)
    }

    @Test("a quantile is exact up to 1024 values and within 0.5 % beyond", arguments: [1023, 1024, 1025, 5000])
    func threshold(_ count: Int) {
        let values = Self.values(.latencies, count)
        let sorted = values.sorted()
        let position = 0.99 * Double(count - 1)
        let low = sorted[Int(position)], high = sorted[Int(position) + 1]
        let expected = low + (high - low) * (position - Double(Int(position)))
        let found = Double(aggregate(.quantile, values.map { .double($0) }, parameter: 0.99).dropFirst(7)) ?? .nan
        if count <= 1024 { #expect(found == expected) }
        #expect((found - expected).magnitude <= expected * 0.005_000_1)
    }

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

    @Test("the mean error of the distinct sketch is near its theory, 0.8 %")
    func distinctError() {
        var squares = 0.0
        let rounds = 60, count = 20_000
        for round in 0..<rounds {
            var sketch = HyperLogLog()
            for i in 0..<count {
                withTypedBytes(Value(Int64(round * count + i))) { sketch.add(ByteDictionary.hash($0)) }
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
        run.column.merge(1, into: 0)
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

    @Test("a flipped bit of the input flips about half of the hash")
    func avalanche() {
        for length in [1, 3, 8, 9, 17, 40] {
            var bytes = (0..<length).map { UInt8($0 * 31 & 0xff) }
            let base = bytes.withUnsafeBytes { ByteDictionary.hash($0) }
            var total = 0
            for bit in 0..<(length * 8) {
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                let flipped = bytes.withUnsafeBytes { ByteDictionary.hash($0) } ^ base
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                #expect(flipped.nonzeroBitCount >= 12)
                total += flipped.nonzeroBitCount
            }
            #expect((Double(total) / Double(length * 8) - 32).magnitude < 5)
        }
    }

    @Test("the dictionary numbers keys in the order in which they come, whatever their length")
    func dictionary() {
        var dictionary = ByteDictionary()
        let keys = (0..<3000).map { Array(repeating: UInt8($0 % 251), count: $0 % 40) + Array("\($0)".utf8) }
        for _ in 0..<2 {
            for (i, key) in keys.enumerated() {
                let index = key.withUnsafeBytes { dictionary.index(of: $0) }
                #expect(index == i)
            }
        }
        #expect(dictionary.count == 3000)
        #expect(dictionary.withEntry(77) { Array($0) } == keys[77])
        var other = ByteDictionary()
        keys[5].withUnsafeBytes { _ = other.index(of: $0) }
        other.insert(dictionary) { old, new in
            #expect(new == (old == 5 ? 0 : (old < 5 ? old + 1 : old)))
        }
    }
}

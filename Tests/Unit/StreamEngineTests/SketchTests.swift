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
        let total = sketch.count
        #expect(total == 20_000)
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
        let least = sketch.quantile(0), greatest = sketch.quantile(1)
        #expect(least == values.min())
        #expect(greatest == values.max())
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
        let median = sketch.quantile(0.5)
        #expect(median == nil)
        sketch.add(.nan)
        sketch.add(.infinity)
        let count = sketch.count
        #expect(count == 0)
    }

    @Test("merged sketches are the sketch of all values, whichever takes in the other", arguments: Shape.allCases)
    func merging(_ shape: Shape) {
        let values = Self.values(shape, 3000)
        var whole = DDSketch(), odd = DDSketch(), even = DDSketch(), both = DDSketch()
        for (i, value) in values.enumerated() {
            whole.add(value)
            if i % 2 == 0 { even.add(value) } else { odd.add(value) }
        }
        both.merge(even)
        both.merge(odd)
        odd.merge(even)
        for i in 0...100 {
            let q = Double(i) / 100
            let expected = whole.quantile(q), found = (odd.quantile(q), both.quantile(q))
            #expect(found == (expected, expected))
        }
        let counts = (odd.count, whole.count)
        #expect(counts.0 == counts.1)
    }

    @Test(
        "both ends of every bucket are within 0.5 % of its value, and the buckets leave no gap",
        arguments: [(0x1p-1022, 0x1p-1000), (0x1p-30, 0x1p30), (0x1p1000, 1e308)])
    func bucketBounds(_ least: Double, _ greatest: Double) {
        var value = least
        var bucket = Buckets.index(normal: value)
        while value < greatest {
            // The last value of the bucket: the first one is known, and all in between are in it too.
            var inside = value, outside = value * 1.02
            while inside.nextUp < outside {
                let middle = inside + (outside - inside) / 2
                if Buckets.index(normal: middle) == bucket { inside = middle } else { outside = middle }
            }
            let found = Buckets.value(bucket)
            let isClose =
                value * 0.994_999_999 <= found && found <= value * 1.005_000_001
                && inside * 0.994_999_999 <= found && found <= inside * 1.005_000_001
            let next = Buckets.index(normal: outside)
            // Not an expectation each: there are thousands of buckets.
            if !isClose || next != bucket + 1 { Issue.record("bucket \(bucket): \(value) to \(inside)") }
            value = outside
            bucket = next
        }
    }

    @Test(
        "a quantile is exact up to 10 000 values and within 0.5 % beyond",
        arguments: [1023, 1025, 9999, 10_000, 10_001, 50_000])
    func threshold(_ count: Int) {
        let values = Self.values(.latencies, count)
        let sorted = values.sorted()
        let position = 0.99 * Double(count - 1)
        let low = sorted[Int(position)], high = sorted[Int(position) + 1]
        let expected = low + (high - low) * (position - Double(Int(position)))
        let found = Double(aggregate(.quantile, values.map { .double($0) }, parameter: 0.99).dropFirst(7)) ?? .nan
        if count <= 10_000 { #expect((found - expected).magnitude <= expected * 1e-13) }
        #expect((found - expected).magnitude <= expected * 0.005_000_1)
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
        let count = dictionary.count, entry = dictionary.withEntry(77) { Array($0) }
        #expect(count == 3000)
        #expect(entry == keys[77])
        var other = ByteDictionary()
        keys[5].withUnsafeBytes { _ = other.index(of: $0) }
        other.insert(dictionary) { old, new in
            #expect(new == (old == 5 ? 0 : (old < 5 ? old + 1 : old)))
        }
    }
}

import Testing

@testable import StreamEngine

@Suite struct ExactMathTests {
    /// Doubles of every size, and numbers near halves and powers of two.
    private static func samples(_ seed: UInt64) -> [Double] {
        var state = seed
        func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 31)
        }
        var result: [Double] = [
            0, 0.5, 1, 1.5, 2.5, 0.49999999999999994, 0x1p52, 0x1p52 - 0.5, 0x1p53, 0x1p63, .leastNonzeroMagnitude,
            .leastNormalMagnitude, .greatestFiniteMagnitude, 4, 9, 1e22, 0.1, 3,
        ]
        for _ in 0..<2000 {
            let any = Double(bitPattern: next())
            if any.isFinite { result.append(any) }
            result.append(Double(Int64(truncatingIfNeeded: next() >> 44)) / 8)
            let significand = 1 + Double(next() >> 11) * 0x1p-53
            result.append(Double(sign: .plus, exponent: Int(next() % 60), significand: significand))
        }
        return result + result.map { -$0 }
    }

    @Test(
        "rounding, remainders and roots are those of the standard library",
        arguments: 1...4 as ClosedRange<UInt64>)
    func agreesWithLibrary(seed: UInt64) {
        let samples = Self.samples(seed)
        for (position, x) in samples.enumerated() {
            #expect(ExactMath.truncated(x) == x.rounded(.towardZero))
            #expect(ExactMath.floor(x) == x.rounded(.down))
            #expect(ExactMath.ceiling(x) == x.rounded(.up))
            #expect(ExactMath.rounded(x) == x.rounded(.toNearestOrAwayFromZero))
            let root = ExactMath.squareRoot(x)
            #expect(x < 0 ? root.isNaN : root == x.squareRoot(), "root of \(x)")
            let y = samples[(position &* 7919) % samples.count]
            if y != 0 { #expect(ExactMath.remainder(x, y) == x.truncatingRemainder(dividingBy: y), "\(x) % \(y)") }
            if x.magnitude < 0x1p400, y.magnitude < 0x1p400, x.magnitude > 0x1p-200, y.magnitude > 0x1p-200 {
                let product = x * y
                #expect(ExactMath.productError(x, y, product) == (-product).addingProduct(x, y), "\(x) * \(y)")
            }
        }
    }
}

import Testing

@testable import StreamEngine

@Suite struct SkewnessTests {
    private static func skewness(_ values: [Datum]) -> Double? {
        let text = aggregate(.skewness, values)
        return text.hasPrefix("double ") ? Double(text.dropFirst(7)) : nil
    }

    private static let examples: [([Datum], Double)] = [
        ([2, 4, 4, 4, 5, 5, 7, 9], 0.8184875533567997),
        ([1, 2, 4], 0.9352195295828245),
        ([1, 2, 3], 0),
        ([0.1, 0.2, 0.4, 0.7], 0.863918795449662),
        (["0.1", 0.2, .null, "0.4", 0.7], 0.863918795449662),
        ([1_000_000_001.0, 1_000_000_002.0, 1_000_000_004.0], 0.9352195295828245),
        ([1e16, 1, -1e16, 3], -7.348469228349535e-16),
        ([9_007_199_254_740_993, 9_007_199_254_740_995, 9_007_199_254_740_999], 0.9352195295828245),
        ([4_611_686_018_427_387_904, 4_611_686_018_427_387_905, 4_611_686_018_427_387_907, .integer(.min)], -2),
        ([1e200, 2e200, 4e200, -3e150], 0.7528371991317256),
        ([1e-200, 2e-200, 4e-200, 7e-210], 0.752837199693844),
        ([.double(.leastNonzeroMagnitude), 0, .double(7 * .leastNonzeroMagnitude)], 1.5970969928697363),
        ([1.7e308, -1.7e308, 1.7e308], -1.7320508075688772),
        ([1e300, -1e300, 1e-300, .double(.leastNonzeroMagnitude)], 0),
    ]

    @Test("skewness is what exact fractions say", arguments: examples)
    func values(_ values: [Datum], _ expected: Double) throws {
        let result = try #require(Self.skewness(values))
        #expect((result - expected).magnitude <= expected.magnitude * 1e-15)
        #expect(result.sign == .plus || result < 0)
    }

    @Test("fewer than three numbers and equal numbers have no skewness")
    func none() {
        #expect(aggregate(.skewness, [1, 2]) == "null")
        #expect(aggregate(.skewness, [1, "x", .null, 2]) == "null")
        #expect(aggregate(.skewness, [0.1, 0.1, 0.1]) == "null")
    }

    @Test("skewness of whole numbers is what exact integers say", arguments: [1, 100, 40_000, 20_000_000] as [Int64])
    func integers(_ range: Int64) throws {
        var generator = SeededGenerator(seed: UInt64(range))
        for count in 3..<40 {
            let values = (0..<count).map { _ in Int64.random(in: -range...range, using: &generator) }
            var sum: Int128 = 0, squares: Int128 = 0, cubes: Int128 = 0
            for value in values.map({ Int128($0) }) {
                sum += value
                squares += value * value
                cubes += value * value * value
            }
            let n = Int128(count)
            let spread = n * squares - sum * sum
            let cubic = n * (n * cubes - sum * squares) - 2 * sum * spread
            guard spread > 0 else { continue }
            let factor = Double(n * (n - 1)).squareRoot() / Double(n - 2)
            let expected = factor * Double(cubic) / (Double(spread) * Double(spread).squareRoot())
            for data: [Datum] in [values.map { .integer($0) }, values.map { .double(Double($0) * 0.125) }] {
                let result = try #require(Self.skewness(data))
                #expect((result - expected).magnitude <= expected.magnitude * 2e-15)
            }
        }
    }

    @Test("a factor that is a power of two changes no bit, whether cubes are doubles or not")
    func scaling() throws {
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<100 {
            let values = (0..<Int.random(in: 3...50, using: &generator)).map { _ in
                Double.random(in: -1...1, using: &generator) * 0x1p40 + Double.random(in: 0...1, using: &generator)
            }
            let expected = try #require(Self.skewness(values.map { .double($0) }))
            for factor in [0x1p-800, 0x1p-320, 0x1p-1, 0x1p3, 0x1p280, 0x1p900] {
                #expect(Self.skewness(values.map { .double($0 * factor) }) == expected)
            }
        }
    }
}

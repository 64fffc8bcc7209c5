import Foundation
import Testing

@testable import StreamEngine

@Suite("A fixed number of decimals") struct FixedDecimalsTests {
    private func text(_ value: Double, _ decimals: Int) -> String {
        var buffer = ByteBuffer(capacity: 64)
        buffer.append(value, decimals: decimals)
        return buffer.text
    }

    @Test(
        "numbers are rounded as by round(x, digits) and filled with zeros",
        arguments: [
            (437.53999999999996, 2, "437.54"), (201.92500000000013, 2, "201.93"), (10, 2, "10.00"), (10.5, 0, "11"),
            (0, 3, "0.000"), (-0.0, 1, "0.0"), (0.004, 2, "0.00"), (-0.004, 2, "0.00"), (-1.25, 1, "-1.3"),
            (0.125, 2, "0.13"), (1.005, 2, "1.00"), (999.999, 2, "1000.00"), (1e-7, 3, "0.000"),
            (1e-300, 17, "0.00000000000000000"),
            (123456789012345.67, 1, "123456789012345.7"), (9007199254740992, 2, "9007199254740992.00"),
            (1e20, 1, "100000000000000000000.0"), (0.1, 17, "0.10000000000000000"), (1e21, 2, "1e+21"),
            (1.7976931348623157e308, 2, "1.7976931348623157e+308"),
        ] as [(Double, Int, String)])
    func rounds(_ value: Double, _ decimals: Int, _ expected: String) {
        #expect(text(value, decimals) == expected)
    }

    @Test(
        "for a reader, three decimals or four digits below 1 are enough",
        arguments: [
            (32.926935550175855, "32.927"), (198.81952450304703, "198.82"), (0.031271454071124534, "0.03127"),
            (33176824.45, "33176824.45"), (2, "2.0"), (0, "0.0"), (0.99996, "1.0"), (-0.000123456, "-0.0001235"),
            (5e-300, "5e-300"), (1e300, "1e+300"),
        ] as [(Double, String)])
    func shortens(_ value: Double, _ expected: String) throws {
        var buffer = ByteBuffer(capacity: 64)
        let decimals = try #require(FixedDecimals(nil, shortens: true, columns: [true, false]))
        decimals.append(Value(value), column: 0, to: &buffer)
        #expect(buffer.text == expected)
        buffer.removeAll()
        decimals.append(Value(value), column: 1, to: &buffer)
        #expect(Double(buffer.text) == value)
    }

    @Test("no number for NaN and infinities") func notFinite() {
        #expect(text(.nan, 2) == "null" && text(.infinity, 2) == "null" && text(-.infinity, 2) == "null")
    }

    @Test("is within half a unit of the last decimal, for any number") func property() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<20_000 {
            let scale = Double.random(in: -6...9, using: &random)
            let value = Double.random(in: -1...1, using: &random) * pow(10, scale)
            let decimals = Int.random(in: 0...6, using: &random)
            let shown = text(value, decimals)
            let half = 0.5 * pow(10, -Double(decimals))
            #expect(abs((Double(shown) ?? .nan) - value) <= half * (1 + 1e-9) + abs(value) * 1e-15, "\(value) \(shown)")
            let parts = shown.split(separator: ".")
            #expect(decimals == 0 ? parts.count == 1 : parts.last?.count == decimals, "\(shown)")
        }
    }
}

import Testing

@testable import StreamEngine

private func text(_ write: (inout ByteBuffer) -> Void) -> String {
    var buffer = ByteBuffer(capacity: 64)
    write(&buffer)
    return buffer.text
}

private func checkDouble(_ double: Double, sourceLocation: SourceLocation = #_sourceLocation) {
    let written = text { $0.append(double: double) }
    // Only in the failing case, because an expectation costs far more than a number.
    if written == double.description { return }
    Issue.record("\(double) is written \(written)", sourceLocation: sourceLocation)
}

@Suite struct NumberTextTests {
    @Test("integers of every length are written in full")
    func integers() {
        var generator = SeededGenerator(seed: 5)
        var power: Int64 = 1
        for _ in 0..<19 {
            for near in -2...2 as ClosedRange<Int64> {
                for integer in [power + near, -power + near] {
                    #expect(text { $0.append(integer: integer) } == String(integer))
                    #expect(text { $0.append(wide: Int128(integer)) } == String(integer))
                }
            }
            power = power.multipliedReportingOverflow(by: 10).partialValue
        }
        for shift in 0..<64 as Range<UInt64> {
            for _ in 0..<50 {
                let integer = Int64(bitPattern: generator.next()) >> Int64(shift)
                #expect(text { $0.append(integer: integer) } == String(integer))
            }
        }
        for integer in [Int64.min, .min + 1, .max, 0, -1] {
            #expect(text { $0.append(integer: integer) } == String(integer))
        }
    }

    @Test("wide integers are written in full")
    func wide() {
        var generator = SeededGenerator(seed: 6)
        let nineteen: Int128 = 10_000_000_000_000_000_000
        for integer in [
            Int128.min, .max, .min + 1, nineteen, nineteen - 1, -nineteen, nineteen * nineteen, nineteen * 7 + 5,
            Int128(Int64.max) + 1, Int128(Int64.min) - 1, nineteen * 3 + 1_000_000_000, -nineteen * 100_000_001,
        ] {
            #expect(text { $0.append(wide: integer) } == String(integer))
        }
        for shift in 0..<127 as Range<Int128> {
            for _ in 0..<20 {
                let integer = Int128(truncatingIfNeeded: generator.next()) << 64 | Int128(generator.next())
                #expect(text { $0.append(wide: integer >> shift) } == String(integer >> shift))
            }
        }
    }

    @Test(
        "doubles have a point or an exponent",
        arguments: [
            (3.0, "3.0"), (-0.0, "-0.0"), (0.0, "0.0"), (23.45, "23.45"), (0.031, "0.031"), (-0.5, "-0.5"),
            (1e16, "1e+16"), (1e15, "1000000000000000.0"), (9_007_199_254_740_992, "9007199254740992.0"),
            (9_007_199_254_740_994, "9.007199254740994e+15"), (0.0001, "0.0001"), (0.00001, "1e-05"),
            (0.00012345, "0.00012345"), (1.5e-7, "1.5e-07"), (1e23, "1e+23"), (1e100, "1e+100"),
            (.leastNonzeroMagnitude, "5e-324"),
            (1.7976931348623157e308, "1.7976931348623157e+308"), (2.2250738585072014e-308, "2.2250738585072014e-308"),
            (0.1 + 0.2, "0.30000000000000004"), (1.0 / 3, "0.3333333333333333"),
            (999_999_999_999.999, "999999999999.999"),
            (1e12, "1000000000000.0"), (123_456_789_012.5, "123456789012.5"), (0.001, "0.001"), (0.0005, "0.0005"),
            (.infinity, "null"), (-.infinity, "null"), (.nan, "null"),
        ] as [(Double, String)])
    func doubles(double: Double, wanted: String) { #expect(text { $0.append(double: double) } == wanted) }

    @Test("random bits are written as the standard library writes them and read back the same")
    func randomBits() {
        var generator = SeededGenerator(seed: 7)
        for round in 0..<100_000 {
            var bits = generator.next()
            if round % 8 == 0 { bits &= 0x800F_FFFF_FFFF_FFFF }
            let double = Double(bitPattern: bits)
            if double.isFinite { checkDouble(double) }
        }
    }

    @Test("every power of two and its neighbours")
    func powersOfTwo() {
        for exponent in -1074...1023 {
            let power = Double(sign: .plus, exponent: exponent, significand: 1)
            for double in [power, power.nextUp, power.nextDown, -power] { checkDouble(double) }
        }
    }

    @Test("every power of ten, its neighbours and its multiples")
    func powersOfTen() {
        for exponent in -324...308 {
            for digits in ["1", "2", "5", "9", "15", "25", "99", "123"] {
                guard let double = Double("\(digits)e\(exponent)"), double.isFinite else { continue }
                for double in [double, double.nextUp, double.nextDown] where double.isFinite { checkDouble(double) }
            }
        }
    }

    @Test("numbers with few decimals, around the limits of the short way")
    func fewDecimals() {
        var generator = SeededGenerator(seed: 8)
        for thousandths in 0..<20_000 { checkDouble(Double(thousandths) / 1000) }
        for _ in 0..<50_000 {
            let number = Double(generator.next() >> (12 + generator.next() % 50))
            for double in [number, number / 10, number / 100, number / 1000, number / 10_000, number / 7] {
                checkDouble(double)
            }
        }
        for base in [1e12, 1e15, 0x1p53, 0x1p52, 1e11] {
            var below = base
            var above = base
            for _ in 0..<100 {
                below = below.nextDown
                above = above.nextUp
                checkDouble(below)
                checkDouble(above)
            }
        }
    }

    @Test("what is written stands behind what was there, however full the buffer is")
    func appends() {
        for count in 0..<200 {
            var buffer = ByteBuffer(capacity: 64)
            for _ in 0..<count { buffer.append(UInt8(ascii: "x")) }
            buffer.append(double: -1.7976931348623157e308)
            buffer.append(integer: .min)
            buffer.append(wide: .min)
            let wanted =
                String(repeating: "x", count: count)
                + "-1.7976931348623157e+308\(Int64.min)\(Int128.min)"
            #expect(buffer.text == wanted)
        }
    }
}

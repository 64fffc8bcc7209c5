import Testing

@testable import StreamEngine

/// What came of one text.
private enum Outcome: Equatable, CustomStringConvertible {
    case integer(Int64)
    case double(UInt64)
    /// The text itself, and what it rounds to.
    case digits(rounded: UInt64)
    case minusZero
    case broken

    init(_ value: Value) {
        switch value.kind {
        case .integer: self = .integer(value.integer)
        case .double: self = .double(value.bits)
        case .digits:
            guard let rounded = JSONNumber.parseRounded(value.bytes) else { fallthrough }
            self = rounded.kind == .double ? .digits(rounded: rounded.bits) : .minusZero
        default: self = .broken
        }
    }

    init(_ double: Double) { self = .double(double.bitPattern) }

    /// The nearest double of a number that is not an integer.
    var rounded: Outcome {
        if case .digits(let bits) = self { .double(bits) } else { self }
    }

    var description: String {
        switch self {
        case .integer(let number): "integer \(number)"
        case .double(let bits): "double \(Double(bitPattern: bits))"
        case .digits(let bits): "digits near \(Double(bitPattern: bits))"
        case .minusZero: "-0"
        case .broken: "broken"
        }
    }
}

/// Reads the text with the tail behind it; the outcome and how many bytes were used.
private func scan(_ text: String, tail: String = "\n9999999999999999") -> (outcome: Outcome, used: Int) {
    let bytes = Array((text + tail + "\n               ").utf8)
    let (used, value) = bytes.withUnsafeBytes { bytes in
        bytes.baseAddress.map { JSONNumber.parse($0, from: 0) } ?? (-1, .missing)
    }
    return (used < 0 ? .broken : Outcome(value), used)
}

/// The text in memory of just its size, so that a byte too far is outside of it.
private func whole(_ text: String) -> Outcome {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: text.utf8.count, alignment: 1)
    defer { memory.deallocate() }
    memory.copyBytes(from: text.utf8)
    return JSONNumber.parseWhole(UnsafeRawBufferPointer(memory)).map { Outcome($0) } ?? .broken
}

/// The same rules by another way: split at the exponent and the point, then the standard library's reader.
private func expected(_ text: String) -> Outcome {
    var rest = text[...]
    if rest.first == "-" { rest = rest.dropFirst() }
    let halves = rest.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
    let parts = halves[0].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    func isDigits(_ part: Substring) -> Bool { !part.isEmpty && part.utf8.allSatisfy { (48...57).contains($0) } }
    guard isDigits(parts[0]), parts[0] == "0" || !parts[0].hasPrefix("0") else { return .broken }
    if parts.count == 2, !isDigits(parts[1]) { return .broken }
    if halves.count == 2 {
        let signed = halves[1].hasPrefix("+") || halves[1].hasPrefix("-")
        guard isDigits(signed ? halves[1].dropFirst() : halves[1]) else { return .broken }
    }
    let isInteger = halves.count == 1 && parts.count == 1
    if text == "-0" { return .minusZero }
    if isInteger, let integer = Int64(text) { return .integer(integer) }
    guard let double = Double(text), double.isFinite else { return .broken }
    let decimal = normal(text)
    let standsAlone = decimal.digits.isEmpty || decimal == normal(double.description)
    return isInteger || !standsAlone ? .digits(rounded: double.bitPattern) : Outcome(double)
}

private func check(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
    let wanted = expected(text)
    let (outcome, used) = scan(text)
    let alone = whole(text)
    // Only in the failing case, because an expectation costs far more than a number.
    if outcome == wanted, alone == wanted, used == (wanted == .broken ? -1 : text.utf8.count) { return }
    Issue.record("\(text): \(outcome), alone \(alone), wanted \(wanted), \(used) used", sourceLocation: sourceLocation)
}

@Suite struct JSONNumberTests {
    @Test(
        "what the grammar of RFC 8259 does not have is no number",
        arguments: [
            "-", "--1", "00", "01", "-01", "007", "0000000", "00000000", "012345678", "-00", "00.5", "1.", "-1.", "0.",
            "1.e5", "1e", "1E", "1e+", "1e-", "1.5e", "1.5e+", "12345678.", "123456789.", "1234567890123456.", "-.5",
            "1234567e", "12345678e", "1.12345678e", "1.1234567e", "01.12345678901234567890", "-e5", "1e400", "-1e309",
            "1.7976931348623159e308", "1e99999999999999999999999", "123456789e1000",
        ])
    func broken(text: String) {
        #expect(scan(text) == (.broken, -1))
        #expect(whole(text) == .broken)
        #expect(expected(text) == .broken)
    }

    @Test(
        "a whole text has no other byte around the number",
        arguments: ["", " 1", "1 ", "+1", ".5", "1,", "0x1", "1_0"])
    func wholeOnly(text: String) { #expect(whole(text) == .broken) }

    @Test(
        "the number ends before the first byte that is not part of it",
        arguments: [
            ("0", "1}"), ("12", ","), ("12345678", "]"), ("123456789012345", " "), ("-5", "x"), ("23.45", "}"),
            ("23.45", ".1"), ("1.1234567", ",1234567"), ("1.12345678", "\n"), ("1e5", "e5"), ("0.1e-5", ".3"),
            ("12345678901234567890", ","), ("1", "-2"), ("1", "+2"), ("0", "\u{80}"), ("1234", "/5"), ("1234", ":5"),
        ])
    func ends(text: String, tail: String) {
        let (outcome, used) = scan(text, tail: tail == "1}" ? "\n" : tail)
        #expect(used == text.utf8.count)
        #expect(outcome == expected(text))
    }

    @Test(
        "bytes behind the end are never part of the number",
        arguments: ["1", "12", "1234567", "12345678", "123456789", "1.5", "1.1234567", "-0", "1e5", "1234567890123456"])
    func padding(text: String) {
        for tail in ["00000000", ".5000000", "e5000000", "E+500000", "-1234567", "12345678901234567890"] {
            let bytes = Array((text + tail).utf8)
            var value = Value.missing
            let used = bytes.withUnsafeBytes { bytes in
                bytes.baseAddress.map {
                    JSONNumber.parseLong($0, from: 0, end: text.utf8.count, into: &value)
                }
            }
            #expect(Outcome(value) == expected(text))
            #expect(used == text.utf8.count)
        }
    }

    @Test("integers are Int64 as far as that goes, then their digits")
    func integerLimits() {
        #expect(scan("9223372036854775807").outcome == .integer(.max))
        #expect(scan("-9223372036854775808").outcome == .integer(.min))
        #expect(scan("9223372036854775808").outcome == .digits(rounded: Double(0x1p63).bitPattern))
        #expect(scan("-9223372036854775809").outcome == .digits(rounded: Double(-0x1p63).bitPattern))
        #expect(scan("18446744073709551616").outcome == .digits(rounded: Double(0x1p64).bitPattern))
        #expect(scan("99999999999999999999").outcome == .digits(rounded: Double(1e20).bitPattern))
        for offset in Int64(0)..<300 {
            check(String(Int64.max - offset))
            check(String(Int64.min + offset))
            check(String(Int64.max.magnitude + UInt64(offset)))
            check("-" + String(Int64.max.magnitude + 1 + UInt64(offset)))
        }
        for digits in 1...25 {
            check("1" + String(repeating: "0", count: digits))
            check(String(repeating: "9", count: digits))
            check("-" + String("12345678901234567890123456789".prefix(digits)))
        }
    }

    @Test("zero keeps its sign, as a double or as its text")
    func zeros() {
        #expect(scan("-0").outcome == .minusZero)
        #expect(scan("0").outcome == .integer(0))
        #expect(scan("-0.0").outcome == Outcome(-0.0))
        #expect(scan("-0e5").outcome == Outcome(-0.0))
        #expect(scan("0e999999999999999999999").outcome == Outcome(0.0))
        #expect(scan("-0.00000000000000000000000000").outcome == Outcome(-0.0))
    }

    @Test(
        "edges of the doubles and known hard cases",
        arguments: [
            "1.7976931348623157e308", "1.7976931348623158e308", "17976931348623157e292", "4.9e-324", "5e-324", "3e-324",
            "2.4703282292062327e-324", "2.4703282292062328e-324", "2.5e-324", "1e-400", "1e-99999999999999999999",
            "2.2250738585072014e-308", "2.2250738585072011e-308", "2.225073858507201e-308", "2.2250738585072012e-308",
            "9007199254740993", "9007199254740993.0", "9007199254740992.9999999999999999999", "9007199254740995e0",
            "9007199254740993.00000000000000000000000000000000000001", "9007199254740991e22", "9007199254740993e-22",
            "1e22", "1e23", "-1e23", "8.5e22", "123456789012345678e-40", "7.2057594037927933e16", "0.1", "0.3", "1e0",
            "1448997445238699", "6.02214076e+23", "1E5", "1.5E+3", "1e-00005", "1e000000000000000000000000000005",
            "0.000000000000000000000000000000000000000000000000000000000001e60",
            "9.5367431640625e-7", "5.0e-1", "18446744073709551615e0", "18446744073709551616e0", "9999999999999999999.5",
            "3.518437208883201171875e13", "62.5364939768271845828",
        ])
    func edges(text: String) { check(text) }

    @Test("an absurd exponent and as many zeros cancel out")
    func cancelling() {
        let zeros = String(repeating: "0", count: 5000)
        #expect(scan("0.\(zeros)1e5001").outcome.rounded == Outcome(1.0))
        #expect(scan("1\(zeros)e-5000").outcome.rounded == Outcome(1.0))
        #expect(scan("1\(zeros)").outcome == .broken)
        #expect(scan("0.\(zeros)1").outcome.rounded == Outcome(0.0))
    }

    @Test("a point exactly between two doubles goes to the even one, a little more or less to the nearer")
    func halfway() {
        var generator = SeededGenerator(seed: 11)
        for round in 0..<2000 {
            // Powers of two that make the midpoint an integer of up to 38 digits or a short fraction.
            let significand = generator.next() >> 11 | 1 << 52
            let below = Double(significand)
            if round % 2 == 0 {
                let shift = Int(generator.next() % 60) + 1
                let midpoint = UInt128(significand * 2 + 1) << UInt128(shift)
                let unit = Double(sign: .plus, exponent: shift + 1, significand: 1)
                let even = (significand % 2 == 0 ? below : below + 1) * unit
                #expect(scan("\(midpoint).0").outcome.rounded == Outcome(even))
                #expect(scan("\(midpoint)e0").outcome.rounded == Outcome(even))
                #expect(
                    scan("\(midpoint).\(String(repeating: "0", count: round % 900))1").outcome.rounded
                        == Outcome((below + 1) * unit))
                #expect(scan("\(midpoint - 1).9999999999999999999").outcome.rounded == Outcome(below * unit))
                check("\(midpoint)")
            } else {
                check("\(significand).5")
                check("\(significand).50000000000000000000000000000000000001")
                check("\(significand).49999999999999999999999999999999999999")
            }
        }
    }

    @Test("midpoints of 750 and more digits between the smallest doubles are told apart")
    func longMidpoints() {
        // 2^-1075, half the smallest double: 5^1075 with the point 1075 places from the right.
        var digits: [UInt8] = [1]
        for _ in 0..<1075 {
            var carry: UInt8 = 0
            for i in digits.indices {
                let product = digits[i] * 5 + carry
                digits[i] = product % 10
                carry = product / 10
            }
            if carry > 0 { digits.append(carry) }
        }
        let text = digits.reversed().map { String($0) }.joined()
        #expect(text.count == 752)
        #expect(scan("\(text)e-1075").outcome.rounded == Outcome(0.0))
        #expect(
            scan("\(text)0000000000000000000000000001e-1103").outcome.rounded
                == Outcome(Double.leastNonzeroMagnitude))
        #expect(
            scan("\(text)\(String(repeating: "0", count: 100))1e-1176").outcome.rounded
                == Outcome(Double.leastNonzeroMagnitude))
        #expect(scan("\(text.dropLast())49999999e-1082").outcome.rounded == Outcome(0.0))
        #expect(scan("0.\(String(repeating: "0", count: 1075 - 752))\(text)").outcome.rounded == Outcome(0.0))
    }

    @Test("random literals read as the standard library reads them")
    func randomLiterals() {
        var generator = SeededGenerator(seed: 1)
        func digits(_ most: UInt64) -> String {
            let count = generator.next() % most + 1
            return String((0..<count).map { _ in Character(UnicodeScalar(UInt8(48 + generator.next() % 10))) })
        }
        for _ in 0..<100_000 {
            var text = generator.next() % 4 == 0 ? "-" : ""
            text += generator.next() % 4 == 0 ? "0" : digits(generator.next() % 8 == 0 ? 40 : 9)
            if generator.next() % 2 == 0 { text += "." + digits(generator.next() % 4 == 0 ? 40 : 9) }
            if generator.next() % 3 == 0 {
                text += ["e", "E", "e-", "e+", "E-"][Int(generator.next() % 5)]
                text += String(generator.next() % (generator.next() % 2 == 0 ? 30 : 345))
            }
            // Sometimes a byte goes wrong.
            if generator.next() % 16 == 0 {
                var bytes = Array(text.utf8)
                bytes[Int(generator.next() % UInt64(bytes.count))] = Array("0.eE-+".utf8)[Int(generator.next() % 6)]
                text = String(decoding: bytes, as: UTF8.self)
            }
            // Where a number starts and the text goes on behind it is tested apart; here both take all or nothing.
            let outcome = whole(text)
            if outcome == expected(text) {
                if outcome != .broken { check(text) }
            } else {
                Issue.record("\(text): \(outcome), wanted \(expected(text))")
            }
        }
    }

    @Test("the inline way and the long way stop at the same byte with the same value")
    func inlineAgreesWithLong() {
        var generator = SeededGenerator(seed: 4)
        let alphabet = Array("0001234567899..eE+-, ".utf8)
        for _ in 0..<100_000 {
            let end = Int(generator.next() % 24) + 1
            // Digits mostly, so that many of them are numbers; a sign or a digit first, as the caller sees to it.
            let bytes = (0..<end + 16).map { index -> UInt8 in
                if index == end { return UInt8(ascii: "\n") }
                if index == 0, generator.next() % 4 == 0 { return UInt8(ascii: "-") }
                if index == 0 || generator.next() % 4 != 0 { return UInt8(48 + generator.next() % 10) }
                return alphabet[Int(generator.next() % UInt64(alphabet.count))]
            }
            var value = Value.missing
            let (inline, long) = bytes.withUnsafeBytes { bytes in
                bytes.baseAddress.map {
                    (JSONNumber.parse($0, from: 0), JSONNumber.parseLong($0, from: 0, end: end, into: &value))
                } ?? ((0, .missing), 1)
            }
            if inline.end == long, Outcome(inline.value) == Outcome(value) { continue }
            Issue.record("\(String(decoding: bytes.prefix(end), as: UTF8.self)): \(inline), \(long), \(value)")
        }
    }

    @Test("every double is read back from 17 digits, subnormals too")
    func roundTrips() {
        var generator = SeededGenerator(seed: 2)
        for round in 0..<50_000 {
            var bits = generator.next()
            if round % 4 == 0 { bits &= 0x800F_FFFF_FFFF_FFFF }
            if round % 4 == 1 { bits = bits & 0xFFFF | (bits >> 53) << 52 }
            let double = Double(bitPattern: bits)
            guard double.isFinite else { continue }
            let text = double.description
            let wanted = Outcome(double)
            if scan(text).outcome != wanted || whole(text) != wanted { Issue.record("\(text) is read wrong") }
        }
    }

    @Test("long division and multiplication by a table agree")
    func exactAgrees() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<5_000 {
            let mantissa = generator.next() >> (generator.next() % 60)
            let power = Int(generator.next() % 660) - 345
            let text = Array(String(mantissa).utf8)
            if mantissa == 0 { continue }
            let exact = text.withUnsafeBytes { bytes in
                bytes.baseAddress.map {
                    BigNatural.nearest($0, from: 0, end: text.count, digits: text.count, power: power)
                }
            }
            if exact != JSONNumber.nearest(mantissa, power: power) { Issue.record("\(mantissa)e\(power)") }
        }
    }
}

struct JSONNumberSkipTests {
    @Test("a number that nobody wants is skipped exactly as far as it would be read, or refused as it would be")
    func skipsAsItParses() {
        var random = SeededGenerator(seed: 77)
        let pieces = [
            "0", "1", "9", "00", "12", "123456789", ".", ".5", "e", "E5", "e+", "e-400", "e400", "-", "+", "x", ",",
            "}",
        ]
        let long = String(repeating: "9", count: 309)
        var texts = [long, "1" + long, "0." + long, long + ".0", "-" + long, long + "9e-5", long + long + "e-400"]
        for _ in 0..<100_000 {
            texts.append(
                (0...Int.random(in: 0...5, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
                    .joined())
        }
        for text in texts {
            guard let first = text.utf8.first, first == UInt8(ascii: "-") || (48...57).contains(first) else { continue }
            let bytes = Array(text.utf8) + [UInt8](repeating: 10, count: 64)
            bytes.withUnsafeBytes { buffer in
                guard let base = buffer.baseAddress else { return }
                #expect(JSONNumber.skip(base, from: 0) == JSONNumber.parse(base, from: 0).end, "\(text)")
            }
        }
    }
}

/// Reads JSON numbers directly from bytes: without allocation or String, and correct to the last bit.
///
/// Short numbers (up to 7 bytes, integers up to 15 digits) are read inline, 8 bytes at a time. Others are tried in this
/// order: Clinger's exact case ("How to Read Floating Point Numbers Accurately", 1990); Lemire's multiplication by a
/// 128-bit power of five ("Number Parsing at a Gigabyte per Second", 2021), which needs no fallback for up to 19 digits
/// (Mushtak and Lemire, "Fast Number Parsing Without Fallback", 2023); and long division for the few numbers that need
/// more than 19 digits.
///
/// The value is an integer if the text has neither point nor exponent and fits in Int64. It is a double if the text, as
/// a decimal, is the shortest one that reads as that double: up to 15 digits always are. Any other number is `digits`:
/// its text, because it is not the shortest text of any double. So is -0, which an integer would print as 0.
enum JSONNumber {
    /// Reads the number at `base + start` and returns the index after it. Returns -1 if there is no number that
    /// conforms to RFC 8259, or if it is too large for a double.
    ///
    /// The number must be followed by a byte that cannot be part of one, and by 16 readable bytes. The caller checks
    /// these bytes. The `length` of a double is the lower half of `start`, so that `ColumnSet` can find its digits.
    @inline(__always)
    static func parse(_ base: UnsafeRawPointer, from start: Int) -> (end: Int, value: Value) {
        let short = parseShort(base, start)
        return short.end >= 0 ? short : parseOther(base, from: start)
    }

    /// Reads an unsigned number that has at most 8 bytes, including the byte after it; for any other number, the end is
    /// -1.
    @inline(__always)
    private static func parseShort(_ base: UnsafeRawPointer, _ start: Int) -> (end: Int, value: Value) {
        let none = (end: -1, value: Value.missing)
        let word = digits(base, start)
        let others = nonDigits(word)
        guard _fastPath(others != 0) else { return none }
        // Positions in the word are counted in bits.
        let whole = UInt64(truncatingIfNeeded: others.trailingZeroBitCount) &- 7
        guard _fastPath(beginsNumber(byte(base, start), whole)) else { return none }
        let next = word &>> whole & 0xFF
        if next == pointDigit {
            let rest = others & (others &- 1)
            guard _fastPath(rest != 0) else { return none }
            let stop = UInt64(truncatingIfNeeded: rest.trailingZeroBitCount) &- 7
            let end = start &+ rest.trailingZeroBitCount &>> 3
            guard _fastPath(stop != whole &+ 8), _fastPath(byte(base, end) | 0x20 != letterE) else { return none }
            // The whole number is in one word: remove the point from the digits.
            let before = 1 &<< whole &- 1
            let joined = (word & before) | (word &>> 8 & ~before)
            let number = Double(Int64(bitPattern: eightDigits(joined &<< (72 &- stop))))
            // Both operands are exact, so the quotient is the nearest double.
            let double = number / smallScale(stop &- whole)
            return (
                end, Value(kind: .double, bits: double.bitPattern, length: UInt32(truncatingIfNeeded: start))
            )
        }
        guard next & 0xDF != exponentDigit else { return none }
        let end = start &+ others.trailingZeroBitCount &>> 3
        return (end, Value(kind: .integer, bits: eightDigits(word &<< (64 &- whole))))
    }

    /// Negative and longer numbers.
    @inline(never)
    private static func parseOther(_ base: UnsafeRawPointer, from start: Int) -> (end: Int, value: Value) {
        if byte(base, start) == minus {
            let short = parseShort(base, start &+ 1)
            if short.end >= 0 {
                if short.value.kind == .double {
                    let place = UInt32(truncatingIfNeeded: start)
                    return (short.end, Value(kind: .double, bits: short.value.bits | signBit, length: place))
                }
                if short.value.bits == 0 { return (short.end, text(base, start, short.end)) }
                return (short.end, Value(kind: .integer, bits: 0 &- short.value.bits))
            }
        }
        return parseMiddle(base, from: start, keepsDigits: true)
    }

    @inline(__always)
    private static func text(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) -> Value {
        Value(UnsafeRawBufferPointer(start: base + start, count: end &- start), kind: .digits)
    }

    /// Integers of 8 to 15 digits (mostly times since 1970), and longer numbers.
    @inline(never)
    private static func parseMiddle(
        _ base: UnsafeRawPointer, from start: Int, keepsDigits: Bool
    ) -> (end: Int, value: Value) {
        let isNegative = byte(base, start) == minus
        let first = start &+ (isNegative ? 1 : 0)
        let word = digits(base, first)
        if nonDigits(word) == 0, word & 0xFF != 0 {
            let second = digits(base, first &+ 8)
            let count = digitCount(second)
            let shift = UInt64(truncatingIfNeeded: count &* 8)
            let next = second &>> shift & 0xFF
            if count < 8, next != pointDigit, next & 0xDF != exponentDigit {
                let high = eightDigits(word) &* smallPower(count)
                let number = high &+ eightDigits((second &<< 8) &<< (56 &- shift))
                return (first &+ 8 &+ count, Value(kind: .integer, bits: isNegative ? 0 &- number : number))
            }
        }
        var value = Value.missing
        let end = parseLong(base, from: start, end: Int.max, keepsDigits: keepsDigits, into: &value)
        return (end, value)
    }

    /// The index after a number whose value is not needed, or -1 where `parse` returns -1.
    @inline(__always) static func skip(_ base: UnsafeRawPointer, from start: Int) -> Int {
        let end = skipShort(base, start)
        return end >= 0 ? end : skipOther(base, from: start)
    }

    /// Like `parseShort`.
    @inline(__always) private static func skipShort(_ base: UnsafeRawPointer, _ start: Int) -> Int {
        let word = digits(base, start)
        let others = nonDigits(word)
        guard _fastPath(others != 0) else { return -1 }
        let whole = UInt64(truncatingIfNeeded: others.trailingZeroBitCount) &- 7
        guard _fastPath(beginsNumber(byte(base, start), whole)) else { return -1 }
        var end = start &+ others.trailingZeroBitCount &>> 3
        if byte(base, end) == point {
            let rest = others & (others &- 1)
            guard _fastPath(rest != 0) else { return -1 }
            let behind = start &+ rest.trailingZeroBitCount &>> 3
            guard _fastPath(behind != end &+ 1) else { return -1 }
            end = behind
        }
        return byte(base, end) | 0x20 != letterE ? end : -1
    }

    @inline(never) private static func skipOther(_ base: UnsafeRawPointer, from start: Int) -> Int {
        if byte(base, start) == minus {
            let end = skipShort(base, start &+ 1)
            if end >= 0 { return end }
        }
        return parseMiddle(base, from: start, keepsDigits: false).end
    }

    /// The value of a text that is one JSON number and nothing else; nil for any other text and for numbers too large
    /// for a double. Reads only the text.
    static func parseWhole(_ text: UnsafeRawBufferPointer) -> Value? { parseWhole(text, keepsDigits: true) }

    /// Like `parseWhole`, but a number of kind `digits` becomes the nearest double; -0 becomes 0.
    static func parseRounded(_ text: UnsafeRawBufferPointer) -> Value? { parseWhole(text, keepsDigits: false) }

    @inline(__always)
    private static func parseWhole(_ text: UnsafeRawBufferPointer, keepsDigits: Bool) -> Value? {
        guard let base = text.baseAddress, text.count > 0 else { return nil }
        var value = Value.missing
        let end = parseLong(base, from: 0, end: text.count, keepsDigits: keepsDigits, into: &value)
        return end == text.count ? value : nil
    }

    /// Like `parse`, for numbers of any length. Does not read the byte at `end` or later ones. Does not change the
    /// value if it returns -1.
    ///
    /// - Parameter keepsDigits: false to round a number of kind `digits` to an integer or a double.
    @inline(never)
    static func parseLong(
        _ base: UnsafeRawPointer, from start: Int, end: Int, keepsDigits: Bool = true, into value: inout Value
    ) -> Int {
        let negative = byte(base, start) == minus
        let first = start &+ (negative ? 1 : 0)
        var mantissa: UInt64 = 0
        var i = accumulate(base, from: first, end: end, into: &mantissa)
        var digits = i &- first
        if digits == 0 || (digits > 1 && byte(base, first) == zero) { return -1 }
        var isInteger = true
        var power = 0
        if i < end, byte(base, i) == point {
            isInteger = false
            let behind = accumulate(base, from: i &+ 1, end: end, into: &mantissa)
            power = i &+ 1 &- behind
            if power == 0 { return -1 }
            digits &-= power
            i = behind
        }
        let digitsEnd = i
        if i < end, byte(base, i) | 0x20 == letterE {
            isInteger = false
            var exponent = 0
            i = readExponent(base, from: i &+ 1, end: end, into: &exponent)
            if i < 0 { return -1 }
            power &+= exponent
        }
        if isInteger, digits <= 19, mantissa <= UInt64(Int64.max) &+ (negative ? 1 : 0) {
            let isMinusZero = negative && mantissa == 0 && keepsDigits
            value =
                isMinusZero
                ? text(base, start, i) : Value(kind: .integer, bits: negative ? 0 &- mantissa : mantissa)
            return i
        }
        let magnitude =
            digits <= 19
            ? nearest(mantissa, power: power)
            : nearest(base, from: first, end: digitsEnd, digits: digits, power: power)
        if magnitude == .infinity { return -1 }
        // Different decimals of 15 digits are different doubles.
        let isPlain = digits <= 15 && magnitude >= Double.leastNormalMagnitude
        if keepsDigits, isInteger || !isPlain && !standsAlone(magnitude, base, first, i) {
            value = text(base, start, i)
        } else {
            value = Value(
                kind: .double, bits: magnitude.bitPattern | (negative ? signBit : 0),
                length: UInt32(truncatingIfNeeded: start))
        }
        return i
    }

    /// Whether the decimal at `first..<end` is the shortest one that reads as its double, or 0.
    @inline(never)
    private static func standsAlone(
        _ double: Double, _ base: UnsafeRawPointer, _ first: Int, _ end: Int
    ) -> Bool {
        let decimal = WrittenDecimal(UnsafeRawBufferPointer(start: base + first, count: end &- first))
        if decimal.count == 0 { return true }
        guard double > 0, decimal.count <= 17 else { return false }
        let shortest = ShortestDecimal(double)
        return shortest.power == decimal.power && shortest.digits == decimal.number
    }

    /// Reads `[+-]digits` and returns the index after it, -1 if there are no digits. Clamps huge exponents so that
    /// adding the number of digits cannot overflow.
    static func readExponent(
        _ base: UnsafeRawPointer, from start: Int, end: Int, into exponent: inout Int
    ) -> Int {
        var i = start
        var negative = false
        if i < end, byte(base, i) == minus || byte(base, i) == plus {
            negative = byte(base, i) == minus
            i &+= 1
        }
        let first = i
        var number = 0
        while i < end {
            let digit = byte(base, i) &- zero
            if digit > 9 { break }
            if number < 1 << 50 { number = number &* 10 &+ Int(digit) }
            i &+= 1
        }
        exponent = negative ? 0 &- number : number
        return i == first ? -1 : i
    }

    /// Appends the digits at `start` to `number`, modulo 2^64. Returns the index after them.
    @inline(__always)
    private static func accumulate(
        _ base: UnsafeRawPointer, from start: Int, end: Int, into number: inout UInt64
    ) -> Int {
        var i = start
        while end &- i >= 8 {
            let word = digits(base, i)
            let count = digitCount(word)
            if count < 8 {
                number =
                    number &* smallPower(count)
                    &+ eightDigits((word &<< 8) &<< UInt64(truncatingIfNeeded: 56 &- count &* 8))
                return i &+ count
            }
            number = number &* 100_000_000 &+ eightDigits(word)
            i &+= 8
        }
        while i < end {
            let digit = byte(base, i) &- zero
            if digit > 9 { break }
            number = number &* 10 &+ UInt64(digit)
            i &+= 1
        }
        return i
    }

    // MARK: - Bytes

    static let minus = UInt8(ascii: "-")
    static let plus = UInt8(ascii: "+")
    static let point = UInt8(ascii: ".")
    static let zero = UInt8(ascii: "0")
    static let letterE = UInt8(ascii: "e")
    private static let signBit: UInt64 = 1 << 63
    /// The values that `digits` returns for the point and (without the bit 0x20) for both letters of the exponent.
    private static let pointDigit: UInt64 = 0x1E
    private static let exponentDigit: UInt64 = 0x55

    @inline(__always)
    private static func byte(_ base: UnsafeRawPointer, _ index: Int) -> UInt8 {
        base.load(fromByteOffset: index, as: UInt8.self)
    }

    /// Eight bytes, the first one lowest. A digit becomes its value, any other byte a number above 9.
    @inline(__always)
    static func digits(_ base: UnsafeRawPointer, _ index: Int) -> UInt64 {
        UInt64(littleEndian: base.loadUnaligned(fromByteOffset: index, as: UInt64.self)) ^ 0x3030_3030_3030_3030
    }

    /// The number of digits before the first byte that is not a digit: 0 to 8.
    @inline(__always)
    private static func digitCount(_ word: UInt64) -> Int {
        nonDigits(word).trailingZeroBitCount &>> 3
    }

    /// The high bit of every byte that is not a digit. After a byte above 0x89, the bits may be wrong.
    @inline(__always)
    private static func nonDigits(_ word: UInt64) -> UInt64 {
        ((word &+ 0x7676_7676_7676_7676) | word) & 0x8080_8080_8080_8080
    }

    /// Whether the digits before bit `whole`, starting with `first`, are valid: at least one digit, and no leading
    /// zero.
    @inline(__always)
    private static func beginsNumber(_ first: UInt8, _ whole: UInt64) -> Bool {
        first &- UInt8(ascii: "1") < 9 || (first == zero && whole == 8)
    }

    /// The value of eight digits, the first one in the lowest byte: combines pairs, then groups of four, then all.
    @inline(__always)
    static func eightDigits(_ word: UInt64) -> UInt64 {
        let pairs = (word &* 10 &+ word &>> 8) & 0x00FF_00FF_00FF_00FF
        let fours = (pairs &* 100 &+ pairs &>> 16) & 0x0000_FFFF_0000_FFFF
        return (fours &* 10_000 &+ fours &>> 32) & 0xFFFF_FFFF
    }

    /// 10^count for `count` digits and a point, 8 bits each. A switch over all numbers of three bits compiles to a
    /// table without a bounds check.
    @inline(__always)
    private static func smallScale(_ width: UInt64) -> Double {
        switch width &>> 3 & 7 {
        case 0: 0.1
        case 1: 1
        case 2: 1e1
        case 3: 1e2
        case 4: 1e3
        case 5: 1e4
        case 6: 1e5
        default: 1e6
        }
    }

    /// 10^count for 0 to 7. A switch compiles to a constant table, without the check of a lazily initialised one.
    @inline(__always)
    private static func smallPower(_ count: Int) -> UInt64 {
        switch count {
        case 1: 10
        case 2: 100
        case 3: 1_000
        case 4: 10_000
        case 5: 100_000
        case 6: 1_000_000
        case 7: 10_000_000
        default: 1
        }
    }
}

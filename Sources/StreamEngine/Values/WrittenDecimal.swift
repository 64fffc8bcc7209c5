/// The decimal that a number was written as: a sign, digits without zeros at either end, and a power of ten.
///
/// An integer or a text is exactly itself. A double is the shortest decimal that reads back as it, which is also how it
/// is printed. So two numbers are equal exactly if they are printed as equal decimals. Only rare numbers come here: those
/// that neither an Int64 nor a double below 2^53 holds.
struct WrittenDecimal {
    private(set) var isNegative = false
    /// From the first digit that is not 0 to the last one, perhaps with a point between; empty for zero.
    private var digits = UnsafeRawBufferPointer(start: nil, count: 0)
    /// The number of digits.
    private(set) var count = 0
    /// The power of ten of the last digit.
    private(set) var power = 0

    /// Integers of up to this length are written without an exponent, even if it would be shorter.
    private static let plainLength = 40
    /// Zeros between the point and the first digit up to which a decimal is written without an exponent.
    private static let plainZeros = 20
    /// Bytes that `canonical` may need besides the text of a number.
    static let room = plainLength + 8

    /// - Parameter text: a JSON number.
    init(_ text: UnsafeRawBufferPointer) {
        guard let base = text.baseAddress else { return }
        var first = -1, last = -1, point = -1
        var end = text.count
        var i = 0
        while i < end {
            let byte = text[i]
            if byte == JSONNumber.minus {
                isNegative = true
            } else if byte == JSONNumber.point {
                point = i
            } else if byte | 0x20 == JSONNumber.letterE {
                var exponent = 0
                _ = JSONNumber.readExponent(base, from: i &+ 1, end: end, into: &exponent)
                power = exponent
                end = i
            } else if byte != JSONNumber.zero {
                if first < 0 { first = i }
                last = i
            }
            i &+= 1
        }
        guard first >= 0 else {
            (isNegative, power) = (false, 0)
            return
        }
        power &+= point < 0 ? end &- 1 &- last : last < point ? point &- 1 &- last : point &- last
        count = last &- first &+ (point > first && point < last ? 0 : 1)
        digits = UnsafeRawBufferPointer(rebasing: text[first...last])
    }

    /// The decimal `number * 10^power`. Its digits are written to `room`, which holds 32 bytes.
    private static func of(
        _ number: UInt64, power: Int, isNegative: Bool, in room: UnsafeMutableRawPointer
    ) -> WrittenDecimal {
        let length = DecimalText.write(number, to: room)
        var decimal = WrittenDecimal(UnsafeRawBufferPointer(start: room, count: length))
        guard decimal.count > 0 else { return decimal }
        decimal.power &+= power
        decimal.isNegative = isNegative
        return decimal
    }

    /// Calls `body` with the decimal of a value of kind integer, double, time or digits.
    static func with<Result>(_ value: Value, _ body: (WrittenDecimal) -> Result) -> Result {
        if value.kind == .digits { return body(WrittenDecimal(value.bytes)) }
        return withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { memory in
            guard let room = memory.baseAddress else { return body(WrittenDecimal(value.bytes)) }
            guard value.kind == .double, value.double != 0 else {
                let integer = value.kind == .double ? 0 : value.integer
                return body(of(integer.magnitude, power: 0, isNegative: integer < 0, in: room))
            }
            let shortest = ShortestDecimal(value.double.magnitude)
            return body(of(shortest.digits, power: shortest.power, isNegative: value.double < 0, in: room))
        }
    }

    /// Compares two values of the kinds integer, double, time and digits: negative, zero or positive.
    @inline(never) static func compare(_ left: Value, _ right: Value) -> Int {
        with(left) { left in with(right) { right in left.compare(right) } }
    }

    private func compare(_ other: WrittenDecimal) -> Int {
        if isNegative != other.isNegative { return isNegative ? -1 : 1 }
        let order = compareMagnitude(other)
        return isNegative ? 0 &- order : order
    }

    private func compareMagnitude(_ other: WrittenDecimal) -> Int {
        if count == 0 || other.count == 0 { return (count == 0 ? 0 : 1) &- (other.count == 0 ? 0 : 1) }
        let whole = count &+ power, otherWhole = other.count &+ other.power
        if whole != otherWhole { return whole < otherWhole ? -1 : 1 }
        var i = 0, j = 0
        while true {
            if i < digits.count, digits[i] == JSONNumber.point { i &+= 1 }
            if j < other.digits.count, other.digits[j] == JSONNumber.point { j &+= 1 }
            // The last digit is not 0, so the longer one is larger.
            guard i < digits.count, j < other.digits.count else {
                return (i < digits.count ? 1 : 0) &- (j < other.digits.count ? 1 : 0)
            }
            if digits[i] != other.digits[j] { return digits[i] < other.digits[j] ? -1 : 1 }
            i &+= 1
            j &+= 1
        }
    }

    /// The digits as an integer. Only for up to 19 of them.
    var number: UInt64 {
        var number: UInt64 = 0
        for byte in digits where byte != JSONNumber.point { number = number &* 10 &+ UInt64(byte &- JSONNumber.zero) }
        return number
    }

    /// Whether it has no fraction.
    var isWhole: Bool { power >= 0 }

    // MARK: - The one form of a number

    /// The same value for all numbers that are equal: an integer if it fits Int64; `digits` for other integers of up to
    /// 40 digits; a double if one stands for it; otherwise `digits`.
    ///
    /// - Parameters:
    ///   - value: a double or digits.
    ///   - room: at least as many bytes as the text of the value, and `room` more; holds the text of the result.
    @inline(never) static func canonical(_ value: Value, in room: UnsafeMutableRawPointer) -> Value {
        with(value) { $0.canonical(in: room) }
    }

    private func canonical(in room: UnsafeMutableRawPointer) -> Value {
        if count == 0 { return Value(0 as Int64) }
        if let integer { return Value(integer) }
        let isPlainInteger = isWhole && count &+ power <= Self.plainLength
        if !isPlainInteger, count <= 17 {
            let digits = number
            let double = JSONNumber.nearest(digits, power: power)
            if double > 0, double.isFinite {
                let shortest = ShortestDecimal(double)
                if shortest.digits == digits, shortest.power == power { return Value(isNegative ? -double : double) }
            }
        }
        return Value(UnsafeRawBufferPointer(start: room, count: write(to: room)), kind: .digits)
    }

    /// The number as an Int64 if it is one.
    var integer: Int64? {
        if count == 0 { return 0 }
        guard isWhole, count &+ power <= 19 else { return nil }
        var number = number
        for _ in 0..<power { number &*= 10 }
        // Up to 19 digits fit a word.
        guard number <= UInt64(Int64.max) &+ (isNegative ? 1 : 0) else { return nil }
        return Int64(bitPattern: isNegative ? 0 &- number : number)
    }

    /// Writes the decimal as a JSON number and returns its length.
    private func write(to room: UnsafeMutableRawPointer) -> Int {
        var length = 0
        func put(_ byte: UInt8) {
            room.storeBytes(of: byte, toByteOffset: length, as: UInt8.self)
            length &+= 1
        }
        if isNegative { put(JSONNumber.minus) }
        /// Digits before the point.
        let whole = count &+ power
        let isPlain = power == 0 || (power > 0 ? whole <= Self.plainLength : whole > 0 &- Self.plainZeros)
        var left = isPlain ? whole : 1
        if left <= 0 {
            put(JSONNumber.zero)
            put(JSONNumber.point)
            for _ in 0..<(0 &- left) { put(JSONNumber.zero) }
            left = -1
        }
        for byte in digits where byte != JSONNumber.point {
            if left == 0 { put(JSONNumber.point) }
            left &-= 1
            put(byte)
        }
        if !isPlain { return length &+ DecimalText.writeExponent(whole &- 1, to: room + length) }
        while left > 0 {
            put(JSONNumber.zero)
            left &-= 1
        }
        return length
    }
}

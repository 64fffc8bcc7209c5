/// A time as text, for messages.
package enum TimeText {
    /// RFC 3339 in UTC, of microseconds since 1970.
    package static func text(_ time: Int64) -> String {
        var buffer = ByteBuffer()
        buffer.append(time: time)
        return buffer.text
    }
}

extension ByteBuffer {
    /// Writes a time (microseconds since 1970) as RFC 3339 in UTC: `2026-01-01T00:00:00Z`, with no, three or six
    /// fractional digits, as needed. Years outside 0000...9999 have a sign and at least five digits, as in ISO 8601.
    package mutating func append(time: Int64) {
        let days = floorDivide(time, Microseconds.day)
        let rest = UInt64(bitPattern: time &- days &* Microseconds.day)
        let date = CivilDate(days: days)
        if date.year < 0 || date.year > 9999 {
            append(date.year < 0 ? Ascii.minus : Ascii.plus)
            append(number: date.year.magnitude, width: 5)
        } else {
            let year = room(4)
            Self.pair(date.year.magnitude / 100, year)
            Self.pair(date.year.magnitude % 100, year + 2)
            advance(4)
        }
        let target = room(24)
        target.storeBytes(of: Ascii.minus, as: UInt8.self)
        Self.pair(date.month.magnitude, target + 1)
        target.storeBytes(of: Ascii.minus, toByteOffset: 3, as: UInt8.self)
        Self.pair(date.day.magnitude, target + 4)
        target.storeBytes(of: UInt8(ascii: "T"), toByteOffset: 6, as: UInt8.self)
        let seconds = rest / 1_000_000
        Self.pair(seconds / 3600, target + 7)
        target.storeBytes(of: Ascii.colon, toByteOffset: 9, as: UInt8.self)
        Self.pair(seconds / 60 % 60, target + 10)
        target.storeBytes(of: Ascii.colon, toByteOffset: 12, as: UInt8.self)
        Self.pair(seconds % 60, target + 13)
        var length = 15
        let fraction = rest % 1_000_000
        if fraction != 0 {
            // The pairs of digits overlap in the middle: 12, 23 and 45, 56.
            target.storeBytes(of: Ascii.dot, toByteOffset: length, as: UInt8.self)
            Self.pair(fraction / 10_000, target + length + 1)
            Self.pair(fraction / 1_000 % 100, target + length + 2)
            length &+= 4
            if fraction % 1_000 != 0 {
                Self.pair(fraction / 10 % 100, target + length)
                Self.pair(fraction % 100, target + length + 1)
                length &+= 3
            }
        }
        target.storeBytes(of: UInt8(ascii: "Z"), toByteOffset: length, as: UInt8.self)
        advance(length &+ 1)
    }

    /// Writes a number with leading zeros, at least `width` (up to 20) digits.
    mutating func append(number: UInt64, width: Int) {
        var digits = 1
        var limit: UInt64 = 10
        while digits < 20, number >= limit {
            digits &+= 1
            limit = digits < 20 ? limit &* 10 : limit
        }
        digits = max(digits, min(width, 20))
        let target = room(digits)
        var rest = number
        var at = digits
        while at > 0 {
            at &-= 1
            target.storeBytes(
                of: UInt8(truncatingIfNeeded: rest % 10) &+ Ascii.zero, toByteOffset: at, as: UInt8.self)
            rest /= 10
        }
        advance(digits)
    }

    /// Two digits of a number below 100.
    @inline(__always) private static func pair(_ number: UInt64, _ target: UnsafeMutableRawPointer) {
        let number = UInt32(truncatingIfNeeded: number)
        let tens = number / 10
        let ones = number &- tens &* 10
        target.storeBytes(of: UInt16(truncatingIfNeeded: 0x3030 &+ tens &+ (ones << 8)).littleEndian, as: UInt16.self)
    }
}

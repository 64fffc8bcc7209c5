/// A position in the text of a time. Each function advances past the text that it reads, or returns false or nil if the
/// text does not match.
struct TimeCursor {
    let text: UnsafeRawBufferPointer
    var at = 0

    var isAtEnd: Bool { at == text.count }
    /// The byte at the position; 0 at the end.
    var byte: UInt8 { at < text.count ? text[at] : 0 }

    mutating func skipSpace() {
        while at < text.count, Ascii.isSpace(text[at]) { at &+= 1 }
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard at < text.count, text[at] == byte else { return false }
        at &+= 1
        return true
    }

    mutating func digit() -> Int64? {
        guard at < text.count, let digit = Ascii.digit(text[at]) else { return nil }
        at &+= 1
        return digit
    }

    /// The number of digits from the position on.
    var digitCount: Int {
        var end = at
        while end < text.count, Ascii.digit(text[end]) != nil { end &+= 1 }
        return end &- at
    }

    /// A number in the allowed range with the given number of digits.
    mutating func number(_ value: inout Int64, digits: ClosedRange<Int>, _ allowed: ClosedRange<Int64>) -> Bool {
        let start = at
        var found: Int64 = 0
        while at &- start < digits.upperBound, let digit = digit() { found = found &* 10 &+ digit }
        guard at &- start >= digits.lowerBound, allowed.contains(found) else {
            at = start
            return false
        }
        value = found
        return true
    }

    /// Digits after the point of a number of seconds, in microseconds: any number of them, or exactly `count`. Does not
    /// change the value if there are none.
    mutating func fraction(_ value: inout Int64, count: Int? = nil) -> Bool {
        let start = at
        var worth: Int64 = 100_000
        var found: Int64 = 0
        while at &- start != count, let digit = digit() {
            found &+= digit &* worth
            worth /= 10
        }
        guard count == nil ? at > start : at &- start == count else {
            at = start
            return false
        }
        value = found
        return true
    }

    /// An English month in full or by its first three letters: 1...12.
    mutating func month() -> Int64? {
        guard let found = Self.month(letters()), word(TimePattern.nameOfMonth(found)) else { return nil }
        return found
    }

    /// An English weekday in full or by its first three letters: 0 is Monday.
    mutating func weekday() -> Int64? {
        guard let found = Self.weekday(letters()), word(TimePattern.nameOfWeekday(found)) else { return nil }
        return found
    }

    /// `AM` or `PM`, as 0 or 12 hours.
    mutating func half() -> Int64? {
        if prefix("PM", count: 2) { return 12 }
        return prefix("AM", count: 2) ? 0 : nil
    }

    /// The next three letters in lower case, as one number; 0 if the text ends before.
    private func letters() -> UInt32 {
        guard at &+ 3 <= text.count else { return 0 }
        let (a, b, c) = (UInt32(text[at]), UInt32(text[at &+ 1]), UInt32(text[at &+ 2]))
        return (a << 16 | b << 8 | c) | 0x20_2020
    }

    /// A name in full or its first three letters.
    private mutating func word(_ name: StaticString) -> Bool {
        prefix(name, count: name.utf8CodeUnitCount) || prefix(name, count: 3)
    }

    /// The first `count` letters of `name` in any case.
    mutating func prefix(_ name: StaticString, count: Int) -> Bool {
        guard at &+ count <= text.count, count <= name.utf8CodeUnitCount else { return false }
        for index in 0..<count where (text[at &+ index] ^ name.utf8Start[index]) & 0xDF != 0 { return false }
        at &+= count
        return true
    }

    /// The month whose name starts with these letters.
    private static func month(_ letters: UInt32) -> Int64? {
        switch letters {
        case 0x6A_616E: 1
        case 0x66_6562: 2
        case 0x6D_6172: 3
        case 0x61_7072: 4
        case 0x6D_6179: 5
        case 0x6A_756E: 6
        case 0x6A_756C: 7
        case 0x61_7567: 8
        case 0x73_6570: 9
        case 0x6F_6374: 10
        case 0x6E_6F76: 11
        case 0x64_6563: 12
        default: nil
        }
    }

    /// The weekday whose name starts with these letters, 0 for Monday.
    private static func weekday(_ letters: UInt32) -> Int64? {
        switch letters {
        case 0x6D_6F6E: 0
        case 0x74_7565: 1
        case 0x77_6564: 2
        case 0x74_6875: 3
        case 0x66_7269: 4
        case 0x73_6174: 5
        case 0x73_756E: 6
        default: nil
        }
    }
}

/// Times in the format of RFC 3339, extended where logs deviate from it.
///
/// Accepted: `2026-01-01T10:20:30.5Z`, with `T`, `t` or one space. Seconds may be missing. The fraction starts with `.`
/// or `,` and has any length; digits beyond microseconds are dropped, so a time never moves into the future. For the
/// zone, see `ZoneMark`. A date alone is its midnight. Second 60 is the start of the next minute, whatever its fraction.
/// Years before 0000 and after 9999 are those of ISO 8601, as rows have them: a sign and five digits. All other
/// ranges are strict; 24:00 is rejected.
package enum RFC3339 {
    /// Microseconds since 1970, or nil unless the whole text is such a time.
    ///
    /// - Parameter zone: the local clock of times without a zone.
    package static func parse(_ text: UnsafeRawBufferPointer, zone: ZoneOffsets = .utc) -> Int64? {
        guard let (days, text) = day(text) else { return nil }
        if text.count == 10 { return zone.utc(fromLocal: days &* Microseconds.day) }
        guard text.count >= 16, isSeparator(text[10]), text[13] == Ascii.colon,
            let hour = twoDigits(text, 11), hour < 24, let minute = twoDigits(text, 14), minute < 60
        else { return nil }
        let start = days &* Microseconds.day &+ hour &* Microseconds.hour &+ minute &* Microseconds.minute
        guard text.count > 16, text[16] == Ascii.colon else {
            guard let mark = ZoneMark.read(text, from: 16) else { return nil }
            return zone.utc(fromLocal: start, mark)
        }
        guard text.count >= 19, let second = twoDigits(text, 17), second <= 60, let rest = tail(text, from: 19) else {
            return nil
        }
        if second == 60 { return zone.utc(fromLocal: start &+ Microseconds.minute, rest.zone) }
        return zone.utc(fromLocal: start &+ second &* Microseconds.second &+ rest.fraction, rest.zone)
    }

    /// Days since 1970 of the date at the start of the text, and the text without the digits of its year before the last
    /// four, so that the date has ten bytes.
    private static func day(_ text: UnsafeRawBufferPointer) -> (days: Int64, text: UnsafeRawBufferPointer)? {
        guard let sign = text.first, sign == Ascii.plus || sign == Ascii.minus else {
            return date(text).map { ($0, text) }
        }
        var year: Int64 = 0
        var at = 1
        while at < 6, at < text.count, let digit = Ascii.digit(text[at]) {
            year = year &* 10 &+ digit
            at &+= 1
        }
        guard at == 6, text.count >= 12, text[at] == Ascii.minus, let month = twoDigits(text, at &+ 1),
            text[at &+ 3] == Ascii.minus, let day = twoDigits(text, at &+ 4)
        else { return nil }
        // No sign where the year has four digits.
        guard sign == Ascii.minus ? year > 0 : year > 9999 else { return nil }
        let date = CivilDate(year: sign == Ascii.minus ? 0 &- year : year, month: month, day: day)
        return date.isValid ? (date.days, UnsafeRawBufferPointer(rebasing: text[(at &- 4)...])) : nil
    }

    /// Days since 1970 of the `YYYY-MM-DD` at the start of the text.
    static func date(_ text: UnsafeRawBufferPointer) -> Int64? {
        guard text.count >= 10, let century = twoDigits(text, 0), let years = twoDigits(text, 2),
            text[4] == Ascii.minus, let month = twoDigits(text, 5), text[7] == Ascii.minus, let day = twoDigits(text, 8)
        else { return nil }
        let date = CivilDate(year: century &* 100 &+ years, month: month, day: day)
        return date.isValid ? date.days : nil
    }

    /// An optional fraction, in microseconds, and an optional zone that reach to the end of the text.
    static func tail(_ text: UnsafeRawBufferPointer, from start: Int) -> (fraction: Int64, zone: ZoneMark)? {
        var at = start
        var fraction: Int64 = 0
        if at < text.count, text[at] == Ascii.dot || text[at] == Ascii.comma {
            at &+= 1
            let first = at
            var worth: Int64 = 100_000
            while at < text.count, let digit = Ascii.digit(text[at]) {
                fraction &+= digit &* worth
                worth /= 10
                at &+= 1
            }
            guard at > first else { return nil }
        }
        guard let mark = ZoneMark.read(text, from: at) else { return nil }
        return (fraction, mark)
    }

    /// `+hh:mm`, `+hhmm` or `+hh` at `start`: microseconds east of UTC, and the index after it.
    static func numericZone(_ text: UnsafeRawBufferPointer, from start: Int) -> (shift: Int64, end: Int)? {
        guard start < text.count, text[start] == Ascii.plus || text[start] == Ascii.minus,
            let hours = twoDigits(text, start &+ 1), hours < 24
        else { return nil }
        var end = start &+ 3
        var shift = hours &* Microseconds.hour
        if end < text.count {
            let colon = text[end] == Ascii.colon
            if let minutes = twoDigits(text, colon ? end &+ 1 : end) {
                guard minutes < 60 else { return nil }
                shift &+= minutes &* Microseconds.minute
                end &+= colon ? 3 : 2
            }
        }
        return (text[start] == Ascii.minus ? 0 &- shift : shift, end)
    }

    /// Two decimal digits at `at`; nil if there are none.
    @inline(__always) static func twoDigits(_ text: UnsafeRawBufferPointer, _ at: Int) -> Int64? {
        guard at &+ 2 <= text.count, let tens = Ascii.digit(text[at]), let ones = Ascii.digit(text[at &+ 1]) else {
            return nil
        }
        return tens &* 10 &+ ones
    }

    @inline(__always) static func isSeparator(_ byte: UInt8) -> Bool { byte | 0x20 == Ascii.t || byte == Ascii.space }
}

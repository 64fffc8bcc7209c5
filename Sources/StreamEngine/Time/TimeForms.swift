/// The forms of times that `auto` reads besides RFC 3339 and numbers. In all of them, the order of day, month and year
/// is certain.
///
/// - `2026/02/03 07:08:09`, with what RFC 3339 allows after the date
/// - `20260203T070809Z` (basic ISO 8601), with `T`, a space or nothing before the time of day
/// - `03/Feb/2026:07:08:09 +0000`, also in brackets (web servers)
/// - `Tue, 03 Feb 2026 07:08:09 GMT` (RFC 2822), `Tue Feb  3 07:08:09 UTC 2026` (ctime, date)
/// - `Feb  3 07:08:09` (RFC 3164), which has no year
enum TimeForms {
    static func read(_ given: UnsafeRawBufferPointer, zone: ZoneOffsets) -> TimeReading {
        var text = given
        if text.count > 2, text[0] == UInt8(ascii: "["), text[text.count &- 1] == UInt8(ascii: "]") {
            text = UnsafeRawBufferPointer(rebasing: text[1..<(text.count &- 1)])
        }
        var reader = FormReader(text)
        guard Ascii.digit(reader.cursor.byte) != nil ? reader.takeNumericDate() : reader.takeNamedDate() else {
            return .none
        }
        return reader.time(zone)
    }
}

/// Reads one text in one of the forms.
private struct FormReader {
    private(set) var cursor: TimeCursor
    private var year: Int64?
    private var month: Int64 = 1
    private var day: Int64 = 1
    /// Microseconds since midnight.
    private var clock: Int64 = 0
    private var zone = ZoneMark.local

    init(_ text: UnsafeRawBufferPointer) { cursor = TimeCursor(text: text) }

    func time(_ offsets: ZoneOffsets) -> TimeReading {
        guard let year else {
            var shift: Int64?
            switch zone {
            case .local: break
            case .shift(let found): shift = found
            case .name(let name):
                shift = offsets.offset(named: name, at: 0)
                if shift == nil { return .none }
            }
            return YearlessTime(month: month, day: day, clock: clock, shift: shift).map { .yearless($0) } ?? .none
        }
        let date = CivilDate(year: year, month: month, day: day)
        guard date.isValid else { return .none }
        return offsets.utc(fromLocal: date.days &* Microseconds.day &+ clock, zone).map { .time($0) } ?? .none
    }

    /// A form that starts with digits.
    mutating func takeNumericDate() -> Bool {
        switch cursor.digitCount {
        case 1, 2: return takeDayFirst()
        case 4:
            guard takeYear(digits: 4) else { return false }
            let separator = cursor.byte
            guard separator == UInt8(ascii: "/") || separator == Ascii.minus, cursor.take(separator),
                cursor.number(&month, digits: 1...2, 1...12), cursor.take(separator),
                cursor.number(&day, digits: 1...2, 1...31)
            else { return false }
            return cursor.isAtEnd || (takeSeparator() && takeClock() && takeZone())
        case 8:
            guard takeCompactDate() else { return false }
            return cursor.isAtEnd || (takeSeparator() && takeClock() && takeZone())
        case 14: return takeCompactDate() && takeClock() && takeZone()
        default: return false
        }
    }

    /// A form that starts with a weekday or a month.
    mutating func takeNamedDate() -> Bool {
        if cursor.weekday() != nil {
            _ = cursor.take(Ascii.comma)
            cursor.skipSpace()
            if Ascii.digit(cursor.byte) != nil { return cursor.digitCount <= 2 && takeDayFirst() }
        }
        guard let month = cursor.month() else { return false }
        self.month = month
        cursor.skipSpace()
        guard cursor.number(&day, digits: 1...2, 1...31) else { return false }
        let hasComma = cursor.take(Ascii.comma)
        guard hasComma || cursor.byte == Ascii.space else { return false }
        cursor.skipSpace()
        if cursor.digitCount == 4 {
            guard takeYear(digits: 4) else { return false }
            _ = cursor.take(Ascii.comma)
            cursor.skipSpace()
            if cursor.isAtEnd { return true }
        }
        guard takeClock() else { return false }
        takeLastYear()
        return takeZone()
    }

    /// `03/Feb/2026`, `03-Feb-2026` or `3 Feb 2026`, and the time of day.
    private mutating func takeDayFirst() -> Bool {
        guard cursor.number(&day, digits: 1...2, 1...31) else { return false }
        let separator = cursor.byte
        guard separator == Ascii.space || separator == UInt8(ascii: "/") || separator == Ascii.minus,
            cursor.take(separator), let month = cursor.month(), cursor.take(separator)
        else { return false }
        self.month = month
        // RFC 850 has two digits.
        guard takeYear(digits: separator == Ascii.minus && cursor.digitCount == 2 ? 2 : 4) else { return false }
        if cursor.isAtEnd { return true }
        guard cursor.take(Ascii.colon) || cursor.take(Ascii.comma) && takeSeparator() || takeSeparator() else {
            return false
        }
        return takeClock() && takeZone()
    }

    private mutating func takeYear(digits: Int) -> Bool {
        var found: Int64 = 0
        guard cursor.number(&found, digits: digits...digits, 0...9999) else { return false }
        year = digits == 2 ? TimePattern.fullYear(found) : found
        return true
    }

    private mutating func takeCompactDate() -> Bool {
        takeYear(digits: 4) && cursor.number(&month, digits: 2...2, 1...12)
            && cursor.number(&day, digits: 2...2, 1...31)
    }

    /// What is between the date and the time of day: a `T` or white space.
    private mutating func takeSeparator() -> Bool {
        if cursor.byte | 0x20 == Ascii.t { return cursor.take(cursor.byte) }
        let start = cursor.at
        cursor.skipSpace()
        return cursor.at > start
    }

    /// `07:08`, `07:08:09`, `07:08:09.123`, `7:08:09 AM` or `070809.123`.
    private mutating func takeClock() -> Bool {
        var (hour, minute, second, fraction): (Int64, Int64, Int64, Int64) = (0, 0, 0, 0)
        let isCompact = cursor.digitCount > 2
        guard cursor.number(&hour, digits: (isCompact ? 2 : 1)...2, 0...23), isCompact || cursor.take(Ascii.colon),
            cursor.number(&minute, digits: 2...2, 0...59)
        else { return false }
        if isCompact ? Ascii.digit(cursor.byte) != nil : cursor.take(Ascii.colon) {
            guard cursor.number(&second, digits: 2...2, 0...60) else { return false }
            if cursor.take(Ascii.dot) || cursor.take(Ascii.comma) {
                guard cursor.fraction(&fraction) else { return false }
            }
        }
        let end = cursor.at
        cursor.skipSpace()
        if let half = cursor.half() {
            guard hour >= 1, hour <= 12 else { return false }
            hour = hour % 12 &+ half
        } else {
            cursor.at = end
        }
        clock = (hour &* 3600 &+ minute &* 60 &+ second) &* Microseconds.second &+ (second == 60 ? 0 : fraction)
        return true
    }

    /// The year at the end of the text, after the zone.
    private mutating func takeLastYear() {
        let text = cursor.text
        guard year == nil, text.count &- cursor.at >= 5, text[text.count &- 5] == Ascii.space else { return }
        var last = TimeCursor(text: text, at: text.count &- 4)
        var found: Int64 = 0
        guard last.number(&found, digits: 4...4, 0...9999) else { return }
        year = found
        cursor = TimeCursor(text: UnsafeRawBufferPointer(rebasing: text[0..<(text.count &- 5)]), at: cursor.at)
    }

    private mutating func takeZone() -> Bool {
        var at = cursor.at
        // One space is enough for everything that follows.
        while at &+ 1 < cursor.text.count, cursor.text[at] == Ascii.space, cursor.text[at &+ 1] == Ascii.space {
            at &+= 1
        }
        guard let found = ZoneMark.read(cursor.text, from: at, allowsShort: true) else { return false }
        zone = found
        return true
    }
}

extension TimePattern {
    /// Reads a time: microseconds since 1970, or nil unless the whole text matches the pattern.
    ///
    /// Ranges are strict. A time without a zone is on the local clock of `zone`. Fields missing from the pattern
    /// default to those of 1970-01-01T00:00:00. Second 60 is the start of the next minute. Digits beyond microseconds
    /// are dropped. `%Z` reads only `UTC`, `GMT` and `Z`.
    package func parse(_ text: UnsafeRawBufferPointer, zone: ZoneOffsets) -> Int64? {
        var reader = PatternReader(text: text)
        for step in steps {
            guard reader.take(step) else { return nil }
        }
        guard reader.isAtEnd else { return nil }
        return reader.time(dayOfYear: usesDayOfYear, zone: zone)
    }
}

/// The fields found in a text so far.
private struct PatternReader {
    private var cursor: PatternCursor
    private var year: Int64 = 1970
    private var month: Int64 = 1
    private var day: Int64 = 1
    private var dayOfYear: Int64 = 1
    private var hour: Int64?
    /// 0 to 11, and 0 or 12 to be added to it.
    private var hour12: Int64?
    private var half: Int64 = 0
    private var minute: Int64 = 0
    private var second: Int64 = 0
    private var fraction: Int64 = 0
    private var shift: Int64?
    private var epoch: Int64?

    init(text: UnsafeRawBufferPointer) { cursor = PatternCursor(text: text) }

    var isAtEnd: Bool { cursor.at == cursor.text.count }

    /// Reads one step; false if the text does not match it.
    mutating func take(_ step: TimePattern.Step) -> Bool {
        switch step {
        case .literal(let byte):
            guard cursor.at < cursor.text.count, cursor.text[cursor.at] == byte else { return false }
            cursor.at += 1
        case .space: cursor.skipSpace()
        case .year: return cursor.number(&year, digits: 4...4, 0...9999)
        case .shortYear:
            guard cursor.number(&year, digits: 2...2, 0...99) else { return false }
            // POSIX: 69 to 99 are in the 20th century.
            year += year < 69 ? 2000 : 1900
        case .month: return cursor.number(&month, digits: 1...2, 1...12)
        case .day: return cursor.number(&day, digits: 1...2, 1...31)
        case .blankDay:
            cursor.skipSpace()
            return cursor.number(&day, digits: 1...2, 1...31)
        case .dayOfYear: return cursor.number(&dayOfYear, digits: 1...3, 1...366)
        case .hour:
            var found: Int64 = 0
            guard cursor.number(&found, digits: 1...2, 0...23) else { return false }
            hour = found
        case .hour12:
            var found: Int64 = 0
            guard cursor.number(&found, digits: 1...2, 1...12) else { return false }
            hour12 = found % 12
        case .half: return takeHalf()
        case .minute: return cursor.number(&minute, digits: 1...2, 0...59)
        case .second: return cursor.number(&second, digits: 1...2, 0...60)
        case .fraction(let digits, let exact): return takeFraction(exact ? Int(digits) : nil)
        case .monthName:
            guard let found = Self.month(cursor.letters()) else { return false }
            month = found
            return cursor.word(TimePattern.nameOfMonth(found))
        case .weekdayName:
            guard let weekday = Self.weekday(cursor.letters()) else { return false }
            return cursor.word(TimePattern.nameOfWeekday(weekday))
        case .epoch: return takeEpoch()
        case .offset: return takeOffset()
        case .zoneName:
            shift = 0
            return cursor.prefix("UTC", count: 3) || cursor.prefix("GMT", count: 3) || cursor.prefix("Z", count: 1)
        }
        return true
    }

    func time(dayOfYear usesDayOfYear: Bool, zone: ZoneOffsets) -> Int64? {
        if let epoch {
            let (micros, overflow) = epoch.multipliedReportingOverflow(by: Microseconds.second)
            let (sum, tooLarge) = micros.addingReportingOverflow(fraction)
            return overflow || tooLarge ? nil : sum
        }
        let days: Int64
        if usesDayOfYear {
            guard dayOfYear < 366 || CivilDate.isLeap(year) else { return nil }
            days = CivilDate(year: year, month: 1, day: 1).days &+ dayOfYear &- 1
        } else {
            let date = CivilDate(year: year, month: month, day: day)
            guard date.isValid else { return nil }
            days = date.days
        }
        let byHalf = hour12.map { $0 &+ half }
        let hour = hour ?? byHalf ?? 0
        // Both clocks must show the same hour.
        guard hour == byHalf ?? hour else { return nil }
        let seconds = days &* 86_400 &+ hour &* 3600 &+ minute &* 60 &+ second
        let local = seconds &* Microseconds.second &+ (second == 60 ? 0 : fraction)
        return shift.map { local &- $0 } ?? zone.utc(fromLocal: local)
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

    private mutating func takeHalf() -> Bool {
        if cursor.prefix("PM", count: 2) {
            half = 12
            return true
        }
        half = 0
        return cursor.prefix("AM", count: 2)
    }

    private mutating func takeFraction(_ digits: Int?) -> Bool {
        let start = cursor.at
        var worth: Int64 = 100_000
        fraction = 0
        while cursor.at &- start != digits, let digit = cursor.digit() {
            fraction &+= digit &* worth
            worth /= 10
        }
        return digits == nil ? cursor.at > start : cursor.at &- start == digits
    }

    private mutating func takeEpoch() -> Bool {
        let negative = cursor.at < cursor.text.count && cursor.text[cursor.at] == Ascii.minus
        if negative { cursor.at += 1 }
        let start = cursor.at
        var found: Int64 = 0
        while let digit = cursor.digit() {
            let (tens, overflow) = found.multipliedReportingOverflow(by: 10)
            let (sum, tooLarge) = tens.addingReportingOverflow(digit)
            guard !overflow, !tooLarge else { return false }
            found = sum
        }
        epoch = negative ? 0 &- found : found
        return cursor.at > start
    }

    private mutating func takeOffset() -> Bool {
        if cursor.prefix("Z", count: 1) {
            shift = 0
            return true
        }
        guard let (found, end) = RFC3339.numericZone(cursor.text, from: cursor.at) else { return false }
        shift = found
        cursor.at = end
        return true
    }
}

/// A position in a text. Each function advances past the text that it reads, or returns false if the text does not
/// match.
private struct PatternCursor {
    let text: UnsafeRawBufferPointer
    var at = 0

    mutating func skipSpace() {
        while at < text.count, Ascii.isSpace(text[at]) { at += 1 }
    }

    mutating func digit() -> Int64? {
        guard at < text.count, let digit = Ascii.digit(text[at]) else { return nil }
        at += 1
        return digit
    }

    /// A number in the allowed range with the given number of digits.
    mutating func number(_ value: inout Int64, digits: ClosedRange<Int>, _ allowed: ClosedRange<Int64>) -> Bool {
        let start = at
        var found: Int64 = 0
        while at &- start < digits.upperBound, let digit = digit() { found = found &* 10 &+ digit }
        value = found
        return at &- start >= digits.lowerBound && allowed.contains(found)
    }

    /// The next three letters in lower case, as one number; 0 if the text ends before.
    func letters() -> UInt32 {
        guard at &+ 3 <= text.count else { return 0 }
        let (a, b, c) = (UInt32(text[at]), UInt32(text[at &+ 1]), UInt32(text[at &+ 2]))
        return (a << 16 | b << 8 | c) | 0x20_2020
    }

    /// A name in full or its first three letters.
    mutating func word(_ name: StaticString) -> Bool {
        prefix(name, count: name.utf8CodeUnitCount) || prefix(name, count: 3)
    }

    /// The first `count` letters of `name` in any case.
    mutating func prefix(_ name: StaticString, count: Int) -> Bool {
        guard at &+ count <= text.count, count <= name.utf8CodeUnitCount else { return false }
        for index in 0..<count where (text[at &+ index] ^ name.utf8Start[index]) & 0xDF != 0 { return false }
        at += count
        return true
    }
}

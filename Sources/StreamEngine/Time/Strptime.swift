extension TimePattern {
    /// Reads a time of the whole text.
    ///
    /// Ranges are strict. A time without a zone is on the local clock of `zone`. Fields missing from the pattern default
    /// to those of 1970-01-01T00:00:00, except that a date without a year is a `YearlessTime`. Second 60 is the start of
    /// the next minute. Digits beyond microseconds are dropped. `%Z` reads `UTC`, `GMT`, `Z`, the abbreviations of
    /// `zone`, and offsets.
    package func read(_ text: UnsafeRawBufferPointer, zone: ZoneOffsets) -> TimeReading {
        var reader = PatternReader(text, zone)
        for step in steps {
            guard reader.take(step) else { return .none }
        }
        guard reader.cursor.isAtEnd else { return .none }
        if lacksYear { return reader.yearlessTime().map { .yearless($0) } ?? .none }
        return reader.time(dayOfYear: usesDayOfYear).map { .time($0) } ?? .none
    }

    /// Microseconds since 1970; nil unless the whole text is a time with a year.
    package func parse(_ text: UnsafeRawBufferPointer, zone: ZoneOffsets) -> Int64? {
        if case .time(let time) = read(text, zone: zone) { time } else { nil }
    }

    /// Where a text stops matching.
    enum Mismatch {
        /// At this step, with the text from this offset on.
        case step(Step, at: Int)
        /// Everything matches up to this offset; the rest is left over.
        case leftOver(at: Int)
        /// It matches, but there is no such date, hour or zone.
        case value
    }

    /// The first difference between a text and the pattern; call it for texts that `read` refuses.
    func mismatch(_ text: UnsafeRawBufferPointer, zone: ZoneOffsets) -> Mismatch {
        var reader = PatternReader(text, zone)
        for step in steps {
            let start = reader.cursor.at
            guard reader.take(step) else { return .step(step, at: start) }
        }
        return reader.cursor.isAtEnd ? .value : .leftOver(at: reader.cursor.at)
    }
}

/// The fields found in a text so far.
private struct PatternReader {
    private(set) var cursor: TimeCursor
    private let zone: ZoneOffsets
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
    private var mark = ZoneMark.local
    private var epoch: Int64?

    init(_ text: UnsafeRawBufferPointer, _ zone: ZoneOffsets) {
        cursor = TimeCursor(text: text)
        self.zone = zone
    }

    /// Reads one step; false if the text does not match it.
    mutating func take(_ step: TimePattern.Step) -> Bool {
        switch step {
        case .literal(let byte): return cursor.take(byte)
        case .space: cursor.skipSpace()
        case .year: return cursor.number(&year, digits: 4...4, 0...9999)
        case .shortYear:
            guard cursor.number(&year, digits: 2...2, 0...99) else { return false }
            year = TimePattern.fullYear(year)
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
        case .half:
            guard let found = cursor.half() else { return false }
            half = found
        case .minute: return cursor.number(&minute, digits: 1...2, 0...59)
        case .second: return cursor.number(&second, digits: 1...2, 0...60)
        case .fraction(let digits, let exact, let point): takeFraction(exact ? Int(digits) : nil, point)
        case .monthName:
            guard let found = cursor.month() else { return false }
            month = found
        case .weekdayName: return cursor.weekday() != nil
        case .epoch: return takeEpoch()
        case .offset: return takeOffset()
        case .zoneName: return takeZoneName()
        }
        return true
    }

    func time(dayOfYear usesDayOfYear: Bool) -> Int64? {
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
        guard let clock else { return nil }
        return zone.utc(fromLocal: days &* Microseconds.day &+ clock, mark)
    }

    func yearlessTime() -> YearlessTime? {
        guard let clock else { return nil }
        switch mark {
        case .local: return YearlessTime(month: month, day: day, clock: clock, shift: nil)
        case .shift(let shift): return YearlessTime(month: month, day: day, clock: clock, shift: shift)
        case .name(let name):
            guard let shift = zone.offset(named: name, at: 0) else { return nil }
            return YearlessTime(month: month, day: day, clock: clock, shift: shift)
        }
    }

    /// Microseconds since midnight; nil if the clocks of 12 and 24 hours differ.
    private var clock: Int64? {
        let byHalf = hour12.map { $0 &+ half }
        let hour = hour ?? byHalf ?? 0
        guard hour == byHalf ?? hour else { return nil }
        let seconds = hour &* 3600 &+ minute &* 60 &+ second
        return seconds &* Microseconds.second &+ (second == 60 ? 0 : fraction)
    }

    /// A fraction, which can be missing together with its point.
    private mutating func takeFraction(_ digits: Int?, _ point: TimePattern.Point) {
        let start = cursor.at
        let hasPoint =
            switch point {
            case .none: true
            case .byte(let byte): cursor.take(byte)
            case .any: cursor.take(Ascii.dot) || cursor.take(Ascii.comma)
            }
        if !hasPoint || !cursor.fraction(&fraction, count: digits) { cursor.at = start }
    }

    private mutating func takeEpoch() -> Bool {
        let negative = cursor.take(Ascii.minus)
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
            mark = .shift(0)
            return true
        }
        guard let (found, end) = RFC3339.numericZone(cursor.text, from: cursor.at) else { return false }
        mark = .shift(found)
        cursor.at = end
        return true
    }

    private mutating func takeZoneName() -> Bool {
        var end = cursor.at
        while end < cursor.text.count, Ascii.isLetter(cursor.text[end]) { end &+= 1 }
        guard end > cursor.at else { return takeOffset() }
        let name = UnsafeRawBufferPointer(rebasing: cursor.text[cursor.at..<end])
        if zone.offset(named: name, at: 0) != nil, !ZoneMark.isUTC(name) {
            mark = .name(name)
            cursor.at = end
            return true
        }
        mark = .shift(0)
        return cursor.prefix("UTC", count: 3) || cursor.prefix("GMT", count: 3) || cursor.prefix("Z", count: 1)
    }
}

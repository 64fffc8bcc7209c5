/// The result of reading a time field.
package enum TimeReading: Equatable, Sendable {
    /// Microseconds since 1970.
    case time(Int64)
    /// A time whose year follows from the records before it, or from when the input was written.
    case yearless(YearlessTime)
    /// No usable time.
    case none
}

/// Converts the values of a time field into times. It caches the last date, so threads must not share one.
package struct TimeReader: Sendable {
    private enum Method: Sendable {
        case auto, iso, pattern
        case unit(EpochUnit)
    }

    private let method: Method
    private let pattern: TimePattern?
    private let zone: ZoneOffsets
    private let year: Int64?
    private var rfc3339: RFC3339Reader
    private let takesRFC3339: Bool
    private var accessLog = AccessLogTimes()

    /// - Parameters:
    ///   - zone: the local clock of times without a zone.
    ///   - year: the year of times without one.
    package init(_ format: TimeFormat, zone: ZoneOffsets, year: Int64? = nil) {
        self.zone = zone
        self.year = year
        rfc3339 = RFC3339Reader(localIsUTC: zone.isUTC)
        var pattern: TimePattern?
        switch format {
        case .auto: method = .auto
        case .iso: method = .iso
        case .seconds: method = .unit(.seconds)
        case .milliseconds: method = .unit(.milliseconds)
        case .microseconds: method = .unit(.microseconds)
        case .nanoseconds: method = .unit(.nanoseconds)
        case .pattern(let given):
            method = .pattern
            pattern = given
        }
        self.pattern = pattern
        takesRFC3339 =
            switch method {
            case .auto, .iso: true
            default: false
            }
    }

    /// Reads times that differ from the last one only in their seconds; pass the returned row to `read`.
    ///
    /// Inlined: a call copies the reader.
    @inline(__always) func readRun(
        _ cells: UnsafePointer<Value>, from start: Int, to end: Int, into times: UnsafeMutablePointer<Int64>,
        span: inout (earliest: Int64, latest: Int64)
    ) -> Int {
        guard takesRFC3339, start < end, cells[start].kind == .string else { return start }
        var row = rfc3339.readRun(cells, from: start, to: end, into: times, span: &span)
        if row == start { row = rfc3339.otherFractions.readRun(cells, from: start, to: end, into: times, span: &span) }
        if row == start { row = accessLog.readRun(cells, from: start, to: end, into: times, span: &span) }
        return row
    }

    package mutating func read(_ value: Value) -> TimeReading {
        if value.kind == .string, takesRFC3339, let time = rfc3339.parse(value.bytes) { return .time(time) }
        let reading = readOther(value)
        if case .auto = method, value.kind == .string, case .time(let time) = reading {
            accessLog.remember(value.bytes, time)
        }
        return reading
    }

    /// Everything but RFC 3339, except that on a local clock other than UTC.
    @inline(never) private func readOther(_ value: Value) -> TimeReading {
        if value.kind == .time { return .time(value.integer) }
        if takesRFC3339, !zone.isUTC, value.kind == .string, let time = RFC3339.parse(value.bytes, zone: zone) {
            return .time(time)
        }
        let reading: TimeReading =
            switch method {
            case .iso: TimeReading.none
            case .pattern: readPattern(value)
            case .unit(let unit): Self.number(value).flatMap { unit.time($0) }.map { .time($0) } ?? .none
            case .auto: readAny(value)
            }
        guard let year, case .yearless(let time) = reading else { return reading }
        return time.time(in: year, zone: zone).map { .time($0) } ?? .none
    }

    private func readAny(_ value: Value) -> TimeReading {
        if let number = Self.number(value) {
            if number.kind == .integer, let local = CalendarDigits.local(number.integer) {
                return .time(zone.utc(fromLocal: local))
            }
            return EpochUnit.time(of: number).map { .time($0) } ?? .none
        }
        switch value.kind {
        case .string: return readText(value.bytes)
        case .json: return CalendarArray.local(value.bytes).map { .time(zone.utc(fromLocal: $0)) } ?? .none
        default: return .none
        }
    }

    /// A text in any of the forms, perhaps between spaces, as in tables with aligned columns.
    private func readText(_ text: UnsafeRawBufferPointer) -> TimeReading {
        let trimmed = Ascii.trimmed(text)
        guard trimmed.count < text.count else { return TimeForms.read(text, zone: zone) }
        if let time = RFC3339.parse(trimmed, zone: zone) { return .time(time) }
        return readAny(Value(trimmed))
    }

    /// The number that a value is or, as a whole string, contains.
    private static func number(_ value: Value) -> Value? {
        let isWritten = value.kind == .string || value.kind == .digits
        return isWritten ? JSONNumber.parseRounded(value.bytes) : value.isNumber ? value : nil
    }

    private func readPattern(_ value: Value) -> TimeReading {
        guard let pattern else { return .none }
        switch value.kind {
        case .string: return pattern.read(value.bytes, zone: zone)
        case .integer:
            // 20260101 for %Y%m%d, 1767225600 for %s.
            return withUnsafeTemporaryAllocation(byteCount: 20, alignment: 1) { room in
                var start = 20
                var rest = value.integer.magnitude
                repeat {
                    start &-= 1
                    room[start] = UInt8(truncatingIfNeeded: rest % 10) &+ Ascii.zero
                    rest /= 10
                } while rest > 0
                if value.integer < 0 {
                    start &-= 1
                    room[start] = Ascii.minus
                }
                return pattern.read(UnsafeRawBufferPointer(rebasing: room[start...]), zone: zone)
            }
        default: return .none
        }
    }
}

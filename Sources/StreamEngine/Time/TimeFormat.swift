/// The format of event times in records (`--time-format`).
package enum TimeFormat: Sendable {
    /// RFC 3339, or a number whose unit follows from the first record of a source.
    case auto
    /// RFC 3339 only.
    case iso
    /// Numbers, or strings that are numbers, counted from 1970.
    case seconds, milliseconds, microseconds, nanoseconds
    case pattern(TimePattern)

    /// `auto`, `iso`, `s`, `ms`, `us`, `ns`, or anything with a `%` as a pattern.
    package static func parse(_ text: String) throws(TimePatternError) -> TimeFormat {
        switch text {
        case "auto": .auto
        case "iso": .iso
        case "s": .seconds
        case "ms": .milliseconds
        case "us": .microseconds
        case "ns": .nanoseconds
        case _ where text.utf8.contains(UInt8(ascii: "%")): .pattern(try TimePattern.compile(text))
        default: throw .unknownFormat(text)
        }
    }
}

/// The result of reading a time field.
package enum TimeReading {
    /// Microseconds since 1970.
    case time(Int64)
    /// A number (never text) of unknown unit: use `EpochUnit.guess` for the first record of a source, then
    /// `EpochUnit.time` for all.
    case epoch(Value)
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
    private var rfc3339 = RFC3339Reader()
    private let takesRFC3339: Bool

    /// - Parameter zone: the local clock for patterns without a zone.
    package init(_ format: TimeFormat, zone: ZoneOffsets) {
        self.zone = zone
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
            case .auto, .iso: true;
            default: false
            }
    }

    /// Reads times that differ from the last one only in their seconds; pass the returned row to `read`.
    func readRun(
        _ cells: UnsafePointer<Value>, from start: Int, to end: Int, into times: UnsafeMutablePointer<Int64>,
        span: inout (earliest: Int64, latest: Int64)
    ) -> Int {
        takesRFC3339 ? rfc3339.readRun(cells, from: start, to: end, into: times, span: &span) : start
    }

    package mutating func read(_ value: Value) -> TimeReading {
        if value.kind == .string, takesRFC3339, let time = rfc3339.parse(value.bytes) { return .time(time) }
        return readOther(value)
    }

    /// Everything but RFC 3339.
    @inline(never) private func readOther(_ value: Value) -> TimeReading {
        if value.kind == .time { return .time(value.integer) }
        switch method {
        case .iso: return .none
        case .pattern: return readPattern(value)
        case .auto, .unit: break
        }
        let isWritten = value.kind == .string || value.kind == .digits
        guard let number = isWritten ? JSONNumber.parseRounded(value.bytes) : value, number.isNumber else {
            return .none
        }
        guard case .unit(let unit) = method else { return .epoch(number) }
        return unit.time(number).map { .time($0) } ?? .none
    }

    private func readPattern(_ value: Value) -> TimeReading {
        guard let pattern else { return .none }
        switch value.kind {
        case .string: return pattern.parse(value.bytes, zone: zone).map { .time($0) } ?? .none
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
                let text = UnsafeRawBufferPointer(rebasing: room[start...])
                return pattern.parse(text, zone: zone).map { .time($0) } ?? .none
            }
        default: return .none
        }
    }
}

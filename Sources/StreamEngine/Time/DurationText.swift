/// Durations in everyday notation, `250ms 5s 1h30m 1.5s 2d 1w`, and in ISO 8601 (`PT5M`, `P1DT12H`, `P1W`).
package enum DurationText {
    /// The duration in microseconds, 0 or more. Units go from large to small, each once; only `0` needs no unit.
    package static func parse(_ text: String) throws(DurationError) -> Int64 {
        guard let first = text.utf8.first, first != Ascii.minus else {
            throw text.isEmpty ? .malformed(text) : .negative(text)
        }
        return try positive(text, of: text)
    }

    /// Like `parse`, with an optional leading sign.
    package static func parseSigned(_ text: String) throws(DurationError) -> Int64 {
        guard let first = text.utf8.first, first == Ascii.minus || first == Ascii.plus else {
            return try positive(text, of: text)
        }
        let value = try positive(String(text.dropFirst()), of: text)
        return first == Ascii.minus ? 0 &- value : value
    }

    private static func positive(_ text: String, of whole: String) throws(DurationError) -> Int64 {
        var reader = DurationReader(text: whole, bytes: Array(text.utf8))
        return try reader.read()
    }

    /// The shortest everyday form: `1h30m`, `78.2s`, `250ms`. `parseSigned` reads it back exactly.
    package static func text(_ micros: Int64) -> String {
        if micros < 0 { return "-" + text(magnitude: micros.magnitude) }
        return text(magnitude: micros.magnitude)
    }

    private static func text(magnitude: UInt64) -> String {
        if magnitude == 0 { return "0s" }
        if magnitude < 1_000 { return "\(magnitude)us" }
        if magnitude < 1_000_000 { return decimal(magnitude, digits: 3) + "ms" }
        let minute = Microseconds.minute.magnitude
        if magnitude < 2 * minute, magnitude != minute { return decimal(magnitude, digits: 6) + "s" }
        if magnitude % Microseconds.week.magnitude == 0 { return "\(magnitude / Microseconds.week.magnitude)w" }
        var rest = magnitude
        var text = ""
        for (unit, name) in [(Microseconds.day, "d"), (Microseconds.hour, "h"), (Microseconds.minute, "m")] {
            let count = rest / unit.magnitude
            rest %= unit.magnitude
            if count > 0 { text += "\(count)\(name)" }
        }
        return rest > 0 ? text + decimal(rest, digits: 6) + "s" : text
    }

    /// value / 10^digits without trailing zeros.
    private static func decimal(_ value: UInt64, digits: Int) -> String {
        var scale: UInt64 = 1
        for _ in 0..<digits { scale &*= 10 }
        var fraction = value % scale
        if fraction == 0 { return "\(value / scale)" }
        var width = digits
        while fraction % 10 == 0 {
            fraction /= 10
            width -= 1
        }
        let shown = String(fraction)
        return "\(value / scale)." + String(repeating: "0", count: max(0, width - shown.utf8.count)) + shown
    }
}

/// A text that is not a duration, as given.
package enum DurationError: Error, Equatable, Sendable, CustomStringConvertible {
    case malformed(String)
    /// A number without a unit.
    case noUnit(String)
    case unknownUnit(String, unit: String)
    /// Months, quarters and years have no fixed length.
    case calendar(String, unit: CalendarUnit)
    /// The units are not in descending order, or one occurs twice.
    case order(String)
    case negative(String)
    /// More than Int64 microseconds.
    case overflow(String)
    /// Not a whole number of microseconds.
    case tooFine(String)

    package var description: String {
        switch self {
        case .malformed(let text): "invalid duration '\(text)'; write it as 5s, 250ms, 1h30m or PT5M"
        case .noUnit(let text): "'\(text)' has no unit; write \(text)s for seconds (ns, us, ms, s, m, h, d, w)"
        case .unknownUnit(let text, let unit): "unknown unit '\(unit)' in '\(text)'; use ns, us, ms, s, m, h, d or w"
        case .calendar(let text, let unit):
            "'\(text)': a \(unit.rawValue) has no fixed length; for calendar windows, use --calendar \(unit.rawValue)"
        case .order(let text): "'\(text)': write units from large to small, each once, as in 1h30m"
        case .negative(let text): "'\(text)' is negative"
        case .overflow(let text): "'\(text)' is too long"
        case .tooFine(let text): "'\(text)' is not a whole number of microseconds"
        }
    }
}

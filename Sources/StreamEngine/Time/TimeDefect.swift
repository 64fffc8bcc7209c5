/// Why a record has no usable event time.
package enum TimeDefect: Sendable, CaseIterable {
    /// The record lacks the field.
    case missing
    case null
    /// The value is not a time of the expected form.
    case form
    /// The time is beyond the supported range.
    case range

    /// The reason in the rejects file.
    var detail: StaticString {
        switch self {
        case .missing: "the time field is missing"
        case .null: "the time field is null"
        case .form: "not a time of the expected form"
        case .range: "a time out of range"
        }
    }
}

/// Explains, for messages, why the value of a time field is not a usable time, and which flag reads it.
package struct TimeExplainer: Sendable {
    private let field: String
    private let format: TimeFormat
    private let zone: ZoneOffsets

    /// - Parameter field: the name of the field.
    package init(field: String, _ format: TimeFormat, zone: ZoneOffsets) {
        self.field = field
        self.format = format
        self.zone = zone
    }

    package func defect(of value: Value) -> TimeDefect {
        switch value.kind {
        case .missing: .missing
        case .null: .null
        default: isReadable(value) || isTooLarge(value) ? .range : .form
        }
    }

    /// One sentence without its place. Text of the record is cut but not escaped.
    package func text(_ value: Value) -> String {
        switch value.kind {
        case .missing: return "no field \(field)"
        case .null: return "\(field) is null"
        case .true: return "\(field) is true, not a time"
        case .false: return "\(field) is false, not a time"
        case .json:
            let isArray = value.bytes.first == UInt8(ascii: "[")
            return "\(field) is \(isArray ? "an array" : "an object"), not a time: \(Self.shown(value.bytes))"
        case .integer, .double, .digits, .time: return withDigits(value) { number(value, $0) }
        case .string:
            return defect(of: value) == .range
                ? "'\(Self.shown(value.bytes))' is out of range" : string(value, value.bytes)
        }
    }

    private func isReadable(_ value: Value) -> Bool {
        var reader = TimeReader(format, zone: zone)
        return reader.read(value) != .none
    }

    private func isReadableByAuto(_ value: Value) -> Bool {
        var reader = TimeReader(.auto, zone: zone)
        return reader.read(value) != .none
    }

    /// Whether it is a number that no unit makes a time.
    private func isTooLarge(_ value: Value) -> Bool {
        switch format {
        case .iso, .pattern: return false
        default: break
        }
        let isWritten = value.kind == .string || value.kind == .digits
        let number = isWritten ? JSONNumber.parseRounded(value.bytes) : value
        return number?.isNumber ?? false
    }

    private func withDigits(_ value: Value, _ body: (UnsafeRawBufferPointer) -> String) -> String {
        var buffer = ByteBuffer()
        if value.kind == .time { buffer.append(time: value.integer) } else { buffer.append(json: value) }
        return buffer.withBytes(body)
    }

    private func number(_ value: Value, _ digits: UnsafeRawBufferPointer) -> String {
        let shown = Self.shown(digits)
        switch format {
        case .iso: return "\(shown) is a number, not RFC 3339; leave --time-format out"
        case .pattern(let pattern): return mismatch(digits, pattern, isReadableByAuto(value))
        default: return "\(shown) is out of range"
        }
    }

    private func string(_ value: Value, _ text: UnsafeRawBufferPointer) -> String {
        let shown = "'\(Self.shown(text))'"
        let isReadable = isReadableByAuto(value)
        switch format {
        case .auto, .iso:
            if !isReadable, TimeHints.isImpossible(text, zone: zone) {
                return "\(shown): there is no such date or time"
            }
            if text.isEmpty { return "\(field) is empty text" }
            if !text.contains(where: { Ascii.digit($0) != nil }) { return "\(shown) is not a time" }
        default: break
        }
        let remedy =
            isReadable
            ? "leave --time-format out"
            : TimeHints.remedy(for: text, zone: zone) ?? TimeHints.completion(of: text, in: field, zone: zone)
                ?? "describe it with a pattern, such as --time-format '%d.%m.%Y %H:%M:%S'"
        switch format {
        case .auto: return "\(shown) is not a time in a form that is certain; \(remedy)"
        case .iso: return "\(shown) is not RFC 3339; \(remedy)"
        case .seconds: return "\(shown) is not a number of seconds; \(remedy)"
        case .milliseconds: return "\(shown) is not a number of milliseconds; \(remedy)"
        case .microseconds: return "\(shown) is not a number of microseconds; \(remedy)"
        case .nanoseconds: return "\(shown) is not a number of nanoseconds; \(remedy)"
        case .pattern(let pattern): return mismatch(text, pattern, isReadableByAuto(value))
        }
    }

    private func mismatch(_ text: UnsafeRawBufferPointer, _ pattern: TimePattern, _ isReadableByAuto: Bool) -> String {
        let shown = "'\(Self.shown(text))'"
        switch pattern.mismatch(text, zone: zone) {
        case .leftOver(let at):
            let rest = UnsafeRawBufferPointer(rebasing: text[at...])
            let left = "\(shown): '\(Self.shown(rest))' is left over"
            if let end = TimeHints.directives(forRest: rest) { return "\(left); end the pattern with \(end)" }
            return left + (isReadableByAuto ? "; leave --time-format out" : "")
        case .value: return "\(shown) matches --time-format, but there is no such time"
        case .step(let step, let at):
            let rest = UnsafeRawBufferPointer(rebasing: text[at...])
            let place =
                rest.isEmpty
                ? "\(shown) ends before \(step.name) of --time-format"
                : "\(shown) does not match --time-format: '\(Self.shown(rest))' is not \(step.name)"
            if isReadableByAuto { return "\(place); leave --time-format out" }
            return place + (TimeHints.remedy(for: text, zone: zone).map { "; \($0)" } ?? "")
        }
    }

    /// At most 40 bytes of a text.
    private static func shown(_ text: UnsafeRawBufferPointer) -> String {
        guard text.count > 40 else { return String(decoding: text, as: UTF8.self) }
        var end = 37
        while end > 0, text[end] & 0xC0 == 0x80 { end -= 1 }
        return String(decoding: text[..<end], as: UTF8.self) + "…"
    }
}

extension TimePattern.Step {
    /// Its directive, with what it stands for.
    var name: String {
        switch self {
        case .literal(let byte): "'\(String(decoding: [byte], as: UTF8.self))'"
        case .space: "a space"
        case .year: "%Y (a year of four digits)"
        case .shortYear: "%y (a year of two digits)"
        case .month: "%m (a month, 1 to 12)"
        case .day: "%d (a day, 1 to 31)"
        case .blankDay: "%e (a day, 1 to 31)"
        case .dayOfYear: "%j (a day of the year, 1 to 366)"
        case .hour: "%H (an hour, 0 to 23)"
        case .hour12: "%I (an hour, 1 to 12)"
        case .half: "%p (AM or PM)"
        case .minute: "%M (a minute, 0 to 59)"
        case .second: "%S (a second, 0 to 60)"
        case .fraction: "%f (a fraction)"
        case .monthName: "%b (an English month)"
        case .weekdayName: "%a (an English weekday)"
        case .epoch: "%s (seconds since 1970)"
        case .offset: "%z (an offset such as +0200)"
        case .zoneName: "%Z (a name of the time zone)"
        }
    }
}

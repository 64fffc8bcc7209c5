import StreamEngine

/// Time patterns in the notation of Java, and times in SQL.
enum FlinkTimes {
    /// The pattern of `DateTimeFormatter`; nil if it has no counterpart.
    static func java(_ pattern: TimePattern) -> String? {
        var text = ""
        for step in pattern.steps {
            switch step {
            case .literal(let byte):
                guard byte < 0x80 else { return nil }
                let scalar = Character(Unicode.Scalar(byte))
                text +=
                    scalar == "'" ? "''" : scalar.isLetter || "[]{}#".contains(scalar) ? "'\(scalar)'" : String(scalar)
            case .space: text += " "
            case .year: text += "yyyy"
            case .month: text += "MM"
            case .day: text += "dd"
            case .dayOfYear: text += "DDD"
            case .hour: text += "HH"
            case .hour12: text += "hh"
            case .half: text += "a"
            case .minute: text += "mm"
            case .second: text += "ss"
            case .fraction(let digits, _, let point):
                switch point {
                case .none: break
                case .byte(let byte): text += String(Character(Unicode.Scalar(byte)))
                case .any: text += "."
                }
                text += String(repeating: "S", count: digits == 0 ? 6 : Int(digits))
            case .monthName(let full): text += full ? "MMMM" : "MMM"
            case .weekdayName(let full): text += full ? "EEEE" : "EEE"
            case .shortYear, .blankDay, .epoch, .offset, .zoneName: return nil
            }
        }
        return text
    }

    /// Milliseconds since 1970 of a time.
    static func milliseconds(_ time: String) -> String {
        "(EXTRACT(EPOCH FROM \(time)) * 1000 + EXTRACT(MILLISECOND FROM \(time)))"
    }

    /// A constant time; it is cut to milliseconds.
    static func literal(_ microseconds: Int64) -> String {
        let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: 1000)
        return "TO_TIMESTAMP_LTZ(\(remainder < 0 ? quotient - 1 : quotient), 3)"
    }

    /// A time from a number since 1970.
    static func fromNumber(_ number: String, _ format: TimeFormat, isDouble: Bool) -> String? {
        let milliseconds: String? =
            switch format {
            case .seconds: isDouble ? "CAST(ROUND(\(number) * 1000, 0) AS BIGINT)" : "\(number) * 1000"
            case .milliseconds: isDouble ? "CAST(\(number) AS BIGINT)" : number
            case .microseconds: isDouble ? "CAST(\(number) / 1000 AS BIGINT)" : "\(number) / 1000"
            case .nanoseconds: isDouble ? "CAST(\(number) / 1000000 AS BIGINT)" : "\(number) / 1000000"
            case .auto, .iso, .pattern: nil
            }
        return milliseconds.map { "TO_TIMESTAMP_LTZ(\($0), 3)" }
    }
}

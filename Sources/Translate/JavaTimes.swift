import StreamEngine

/// Time patterns in the notation of Java, for Flink and Spark.
enum JavaTimes {
    /// The pattern of `DateTimeFormatter`; nil if it has no counterpart.
    static func pattern(_ pattern: TimePattern) -> String? {
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
}

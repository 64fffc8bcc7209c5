import StreamEngine

/// Durations as other tools write them: `10 min`, `1 hour`, `5M`.
enum DurationHint {
    /// Our unit for a word; nil for a word that is none.
    static func unit(_ word: String) -> String? {
        switch word.lowercased() {
        case "ns", "nanosecond", "nanoseconds", "nano", "nanos": "ns"
        case "us", "microsecond", "microseconds", "micro", "micros", "usec": "us"
        case "ms", "millisecond", "milliseconds", "milli", "millis", "msec", "msecs": "ms"
        case "s", "sec", "secs", "second", "seconds": "s"
        case "m", "min", "mins", "minute", "minutes": "m"
        case "h", "hr", "hrs", "hour", "hours": "h"
        case "d", "day", "days": "d"
        case "w", "wk", "week", "weeks": "w"
        default: nil
        }
    }

    /// The duration that a text probably means, in our form; nil if that is not clear. A capital M may be months.
    static func corrected(_ text: String) -> String? {
        var result = ""
        var rest = text[...]
        if rest.lowercased().hasPrefix("interval ") { rest = rest.dropFirst(9) }
        rest = rest.filter { $0 != "'" }[...]
        while true {
            rest = rest.drop { $0 == " " || $0 == "," || $0 == "_" }
            guard !rest.isEmpty else { break }
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(number.count).drop { $0 == " " }
            let word = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(word.count)
            guard !number.isEmpty, word != "M", let unit = unit(String(word)) else { return nil }
            result += number + unit
        }
        guard result != text, (try? DurationText.parse(result)) != nil else { return nil }
        return result
    }
}

/// The formats of times that other tools use, as ours.
package enum TimePatternHints {
    /// The format that a word means: `rfc3339` is `iso`, `epoch_ms` is `ms`.
    package static func format(_ word: String) -> String? {
        switch word.lowercased().filter({ $0 != "_" && $0 != "-" && $0 != " " }) {
        case "iso", "iso8601", "rfc3339", "datetime", "timestamp": "iso"
        case "s", "sec", "secs", "second", "seconds", "unix", "epoch", "epochs", "epochseconds", "unixtime", "unixs",
            "unixseconds":
            "s"
        case "ms", "milli", "millis", "millisecond", "milliseconds", "epochms", "epochmillis", "unixms", "unixmillis",
            "javascript", "js":
            "ms"
        case "us", "micro", "micros", "microsecond", "microseconds", "epochus", "unixus", "unixmicro": "us"
        case "ns", "nano", "nanos", "nanosecond", "nanoseconds", "epochns", "unixns", "unixnano": "ns"
        case "auto", "any", "guess", "infer": "auto"
        default: nil
        }
    }

    /// The pattern that a text means in the notation of Java, moment.js or Go; nil if it has none of their parts.
    package static func pattern(_ text: String) -> String? {
        var result = ""
        var rest = text[...]
        var count = 0
        parts: while let character = rest.first {
            for (part, directive) in parts where rest.hasPrefix(part) {
                result += directive
                rest = rest.dropFirst(part.count)
                count += 1
                continue parts
            }
            rest.removeFirst()
            // Quotes enclose plain text.
            if character == "'" { continue }
            // A letter that stands for itself: the T of a date and time.
            if character.isLetter, character != "T" { return nil }
            result.append(character)
        }
        guard count >= 2, (try? TimePattern.compile(result)) != nil else { return nil }
        return result
    }

    /// Longer parts first.
    private static let parts: [(String, String)] = [
        ("2006", "%Y"), ("Jan", "%b"), ("15", "%H"), ("01", "%m"), ("02", "%d"), ("03", "%I"), ("04", "%M"),
        ("05.000", "%S.%f"), ("05", "%S"), ("Z07:00", "%z"), ("-0700", "%z"), ("MST", "%Z"), ("PM", "%p"),
        ("yyyy", "%Y"), ("YYYY", "%Y"), ("yy", "%y"), ("YY", "%y"), ("MMM", "%b"), ("MM", "%m"), ("dd", "%d"),
        ("DD", "%d"), ("HH", "%H"), ("hh", "%I"), ("mm", "%M"), ("ss", "%S"), ("SSSSSS", "%f"), ("SSS", "%f"),
        (String(repeating: "X", count: 3), "%z"), ("ZZ", "%z"), ("Z", "%z"), ("z", "%Z"), ("a", "%p"), ("A", "%p"),
    ]
}

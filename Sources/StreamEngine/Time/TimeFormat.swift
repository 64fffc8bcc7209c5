/// The format of event times in records (`--time-format`).
package enum TimeFormat: Sendable {
    /// RFC 3339, the forms of `TimeForms`, calendar digits and arrays, or a number whose size tells its unit.
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

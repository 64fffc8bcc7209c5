/// A time pattern with the directives of strptime and strftime, compiled once for many texts.
///
/// Directives: `%Y %y %m %b %B %h %d %e %j %H %I %p %M %S %f %N %L %s %z %Z %a %A`, and the abbreviations `%T %D %F %R
/// %n %t %%`. `%f`, `%N` and `%L` are all digits of a fraction of a second; `%3f` is exactly three of them; `%.f` is a
/// fraction with its point or comma. A text can lack the fraction, and with it a point or comma directly before it.
/// Names of months and weekdays are English. White space matches any amount of white space, including none.
package struct TimePattern: Sendable {
    package enum Step: Equatable, Sendable {
        case literal(UInt8)
        case space
        case year, shortYear, month, day, blankDay, dayOfYear
        case hour, hour12, half, minute, second
        /// The number of digits to write. If `exact`, also the number of digits to read.
        case fraction(digits: UInt8, exact: Bool, point: Point)
        case monthName(full: Bool)
        case weekdayName(full: Bool)
        /// Seconds since 1970.
        case epoch
        case offset, zoneName
    }

    /// What is between seconds and a fraction, present or absent with it.
    package enum Point: Equatable, Sendable {
        case none
        case byte(UInt8)
        /// Written as a point; read as a point or a comma.
        case any
    }

    package let steps: [Step]
    /// Whether it has a month or a day, but no year.
    let lacksYear: Bool
    /// Whether the date is given by `%j` rather than by month and day.
    let usesDayOfYear: Bool

    /// Compiles a pattern. Throws if it is not valid.
    package static func compile(_ text: String) throws(TimePatternError) -> TimePattern {
        var steps: [Step] = []
        let bytes = Array(text.utf8)
        var at = 0
        while at < bytes.count {
            let start = at
            let byte = bytes[at]
            at += 1
            guard byte == UInt8(ascii: "%") else {
                steps.append(Ascii.isSpace(byte) ? .space : .literal(byte))
                continue
            }
            var width: UInt8 = 0
            let hasPoint = at < bytes.count && bytes[at] == Ascii.dot
            if hasPoint { at += 1 }
            if at < bytes.count, let digit = Ascii.digit(bytes[at]), digit > 0 {
                width = UInt8(digit)
                at += 1
            }
            guard at < bytes.count else { throw .unfinished(position: start) }
            guard let found = directive(bytes[at], width: width, hasPoint: hasPoint) else {
                // Extend to the end of the character, which may have several bytes.
                var end = at + 1
                while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
                let name = String(decoding: bytes[start..<end], as: UTF8.self)
                throw .unknownDirective(name, position: start)
            }
            if case .fraction(let digits, let exact, .none) = found[0], case .literal(let point) = steps.last,
                point == Ascii.dot || point == Ascii.comma
            {
                steps[steps.count - 1] = .fraction(digits: digits, exact: exact, point: .byte(point))
            } else {
                steps += found
            }
            at += 1
        }
        if steps.contains(.hour12) != steps.contains(.half) { throw .halfDay }
        return TimePattern(steps: steps)
    }

    private init(steps: [Step]) {
        self.steps = steps
        let hasDate = steps.contains { step in
            switch step {
            case .month, .monthName, .day, .blankDay: true
            default: false
            }
        }
        usesDayOfYear = steps.contains(.dayOfYear) && !hasDate
        lacksYear = hasDate && !steps.contains { $0 == .year || $0 == .shortYear || $0 == .epoch }
    }

    /// The steps of one directive; nil if it is unknown.
    private static func directive(_ letter: UInt8, width: UInt8, hasPoint: Bool) -> [Step]? {
        let letter = UnicodeScalar(letter)
        if let digits = fractionDigits(letter) {
            let isExact = width > 0
            return [.fraction(digits: isExact ? width : digits, exact: isExact, point: hasPoint ? .any : .none)]
        }
        guard width == 0, !hasPoint else { return nil }
        switch letter {
        case "Y": return [.year]
        case "y": return [.shortYear]
        case "m": return [.month]
        case "b", "h": return [.monthName(full: false)]
        case "B": return [.monthName(full: true)]
        case "d": return [.day]
        case "e": return [.blankDay]
        case "j": return [.dayOfYear]
        case "H": return [.hour]
        case "I": return [.hour12]
        case "p": return [.half]
        case "M": return [.minute]
        case "S": return [.second]
        case "s": return [.epoch]
        case "z": return [.offset]
        case "Z": return [.zoneName]
        case "a": return [.weekdayName(full: false)]
        case "A": return [.weekdayName(full: true)]
        case "T": return [.hour, colon, .minute, colon, .second]
        case "R": return [.hour, colon, .minute]
        case "D": return [.month, slash, .day, slash, .shortYear]
        case "F": return [.year, dash, .month, dash, .day]
        case "n", "t": return [.space]
        case "%": return [.literal(UInt8(ascii: "%"))]
        default: return nil
        }
    }

    /// The digits that the directive of a fraction writes; nil for other letters.
    private static func fractionDigits(_ letter: UnicodeScalar) -> UInt8? {
        switch letter {
        case "f": 6
        case "N": 9
        case "L": 3
        default: nil
        }
    }

    /// The year of a number of two digits. POSIX: 69 to 99 are in the 20th century.
    static func fullYear(_ short: Int64) -> Int64 { short &+ (short < 69 ? 2000 : 1900) }

    private static let colon = Step.literal(Ascii.colon)
    private static let slash = Step.literal(UInt8(ascii: "/"))
    private static let dash = Step.literal(Ascii.minus)

    /// The English name of month 1...12.
    static func nameOfMonth(_ month: Int64) -> StaticString {
        switch month {
        case 1: "January"
        case 2: "February"
        case 3: "March"
        case 4: "April"
        case 5: "May"
        case 6: "June"
        case 7: "July"
        case 8: "August"
        case 9: "September"
        case 10: "October"
        case 11: "November"
        default: "December"
        }
    }

    /// The English name of a weekday, from 0 for Monday to 6 for Sunday.
    static func nameOfWeekday(_ weekday: Int64) -> StaticString {
        switch weekday {
        case 0: "Monday"
        case 1: "Tuesday"
        case 2: "Wednesday"
        case 3: "Thursday"
        case 4: "Friday"
        case 5: "Saturday"
        default: "Sunday"
        }
    }
}

/// An invalid time format. Positions are byte offsets.
package enum TimePatternError: Error, Equatable, Sendable, CustomStringConvertible {
    /// `%` and the character after it.
    case unknownDirective(String, position: Int)
    /// The text ends after a `%`.
    case unfinished(position: Int)
    /// One of `%I` and `%p` without the other.
    case halfDay
    /// Neither the name of a format nor a pattern.
    case unknownFormat(String)

    package var description: String {
        switch self {
        case .unknownDirective(let name, let position): "unknown directive '\(name)' at column \(position + 1)"
        case .unfinished(let position): "incomplete directive at column \(position + 1)"
        case .halfDay: "%I (12-hour clock) and %p (AM or PM) require each other; for a 24-hour clock, use %H"
        case .unknownFormat(let text):
            "unknown time format '\(text)'; use auto, iso, s, ms, us, ns or a pattern such as '%d/%b/%Y:%H:%M:%S %z'"
        }
    }
}

/// The operation of a node of an expression.
enum Operation: Sendable {
    case add, subtract, multiply, divide, remainder
    case negate
    case compare(Comparison)
    /// Whether the first argument is one of the others.
    case isIn
    case and, or, not
    case isNull
    /// Condition, value if true, value otherwise.
    case choose
    /// The first argument that is not null.
    case coalesce
    case matches(Regex)
    /// The text of a group; 0 is the whole match.
    case extract(Regex, group: Int)
    case number(NumberFunction)
    case least, greatest
    case text(TextFunction)
    case type
    case time(TimeFormat)
    case epoch
    case formatTime(TimePattern)
    /// Microseconds.
    case floorTime(Int64)
    case timePart(TimePart)
}

enum Comparison: Sendable {
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual

    /// The equivalent comparison with its sides swapped.
    var mirrored: Comparison {
        switch self {
        case .equal, .notEqual: self
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        }
    }
}

/// Functions of one number; `round` also takes a number of digits.
enum NumberFunction: Sendable {
    case abs, ceil, floor, round, trunc, sign, sqrt
    case number, integer
}

enum TextFunction: Sendable {
    case lower, upper, length, bytes, substr, trim
    case startsWith, endsWith, contains
    case replace, split, concat, string
}

enum TimePart: Sendable {
    case year, month, day, hour, minute, second, weekday
}

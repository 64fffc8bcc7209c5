/// The operation of a node of an expression.
package enum Operation: Sendable {
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
    /// Replaces all matches.
    case replaceMatches(Regex, RegexReplacement)
    case number(NumberFunction)
    case least, greatest
    case text(TextFunction)
    case url(URLFunction)
    case read(ReadFunction)
    /// The value at a path in JSON that is the text of a string; nil for the whole text.
    case json(FieldPath?)
    /// Numbers in one string or array.
    case list(ListFunction)
    case type
    case time(TimeFormat)
    case epoch
    case formatTime(TimePattern)
    /// Microseconds.
    case floorTime(Int64)
    case timePart(TimePart)
    /// When the record was read.
    case now

    /// The kind of the values that it cannot use.
    var badKind: BadValueKind {
        switch self {
        case .json: .json
        case .read(let function): function.badKind
        default: .number
        }
    }

    /// The equivalent operation with its two arguments swapped; nil if there is none.
    var mirrored: Operation? {
        switch self {
        case .add, .multiply: self
        case .compare(let comparison): .compare(comparison.mirrored)
        default: nil
        }
    }
}

package enum Comparison: Sendable {
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
package enum NumberFunction: Sendable {
    case abs, ceil, floor, round, trunc, sign, sqrt
    case number, integer
}

package enum TextFunction: Sendable {
    case lower, upper, length, bytes, substr, trim
    case startsWith, endsWith, contains
    case replace, split, concat, string
}

package enum URLFunction: Sendable {
    case host, path
    /// The value of a parameter, which is the second argument.
    case parameter
}

/// Functions that read a string in a notation of its own.
package enum ReadFunction: Sendable {
    case base64, duration, size

    var badKind: BadValueKind {
        switch self {
        case .base64: .base64
        case .duration: .duration
        case .size: .size
        }
    }
}

package enum ListFunction: Sendable {
    case sum, min, max, avg
}

package enum TimePart: Sendable {
    case year, month, day, hour, minute, second, weekday
}

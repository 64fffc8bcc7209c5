import Plan
import StreamEngine

/// The functions of expressions.
extension SQLExpressions where Dialect == SparkDialect {
    mutating func call(_ operation: Operation, _ arguments: [Syntax]) throws(UsageError) -> Typed {
        switch operation {
        case .matches(let regex):
            return ("(\(try translate(arguments[0], as: .string)) RLIKE \(Self.pattern(regex)))", .boolean)
        case .extract(let regex, let group):
            let subject = try translate(arguments[0], as: .string)
            let pattern = Self.pattern(regex)
            // Without a match, regexp_extract() gives an empty text.
            if group == 0 { return ("regexp_substr(\(subject), \(pattern))", .string) }
            note("a group that takes no part in a match gives an empty text instead of null")
            return (
                "CASE WHEN \(subject) RLIKE \(pattern) THEN regexp_extract(\(subject), \(pattern), \(group)) END",
                .string
            )
        case .replaceMatches(let regex, let replacement):
            let subject = try translate(arguments[0], as: .string)
            let text = SparkText.string(JavaRegex.replacement(replacement))
            return ("regexp_replace(\(subject), \(Self.pattern(regex)), \(text))", .string)
        case .number(let function): return try number(function, arguments)
        case .text(let function): return try text(function, arguments)
        case .json(let path?):
            note("a value in JSON text is a text, also an object or array")
            let subject = try translate(arguments[0], as: .string)
            return ("get_json_object(\(subject), \(SparkText.string("$." + path.text)))", .string)
        case .json(nil): throw refused("json() without a path", "use json(s, 'path')")
        case .read(.base64):
            return ("CAST(try_to_binary(\(try translate(arguments[0], as: .string)), 'base64') AS STRING)", .string)
        case .read(.duration): throw refused("duration()", "use extract() and arithmetic")
        case .read(.size): throw refused("size()", "use extract() and arithmetic")
        case .url(let function): return try url(function, arguments)
        case .list: throw refused("functions of number lists", "use split() for each number")
        case .type: throw refused("type()", "use number(x) is null")
        case .time(let format): return try time(arguments[0], format)
        case .epoch: return ("(unix_micros(\(try time(arguments[0], .auto).sql)) / 1E6)", .double)
        case .formatTime(let pattern):
            guard let java = JavaTimes.pattern(pattern) else {
                throw refused("this pattern of format_time()", "use %Y, %m, %d, %H, %M, %S and %b")
            }
            return ("date_format(\(try time(arguments[0], .auto).sql), \(SparkText.string(java)))", .string)
        case .floorTime(let size):
            let micros = "unix_micros(\(try time(arguments[0], .auto).sql))"
            return ("timestamp_micros(\(micros) - pmod(\(micros), \(size)))", .timestamp)
        case .timePart(let part):
            return (
                "CAST(\(Self.part(part))(\(try time(arguments[0], .auto).sql)) \(Self.shift(part))AS BIGINT)", .bigint
            )
        case .now:
            note("now() is when Spark begins the batch of the record")
            return ("current_timestamp()", .timestamp)
        default: throw refused("this function", "compute it in a stage before")
        }
    }

    private static func pattern(_ regex: Regex) -> String { SparkText.string(JavaRegex.text(regex)) }

    private mutating func url(_ function: URLFunction, _ arguments: [Syntax]) throws(UsageError) -> Typed {
        note("addresses are read by the rules of Java: one with a blank, for example, is null")
        let address = try translate(arguments[0], as: .string)
        switch function {
        case .host: return ("try_parse_url(\(address), 'HOST')", .string)
        case .path: return ("try_parse_url(\(address), 'PATH')", .string)
        case .parameter:
            return ("try_parse_url(\(address), 'QUERY', \(try translate(arguments[1], as: .string)))", .string)
        }
    }

    private mutating func time(_ syntax: Syntax, _ format: TimeFormat) throws(UsageError) -> Typed {
        let value = try value(syntax)
        if value.type == .timestamp { return value }
        if case .literal(.string(let bytes)) = syntax, case .auto = format,
            let time = bytes.withUnsafeBytes({ RFC3339.parse($0) }), !isLocal || bytes.last == UInt8(ascii: "Z")
        {
            return (SparkDialect.time(time), .timestamp)
        }
        if case .pattern(let pattern) = format {
            guard let java = JavaTimes.pattern(pattern), !java.contains("EEE") else {
                throw refused("this pattern of time()", "use %Y, %m, %d, %H, %M, %S and %b")
            }
            return ("try_to_timestamp(\(try translate(syntax, as: .string)), \(SparkText.string(java)))", .timestamp)
        }
        if value.type == .bigint || value.type == .double,
            let sql = SparkDialect.time(number: value.sql, format, isDouble: value.type == .double)
        {
            return (sql, .timestamp)
        }
        guard value.type == .string else {
            throw refused(
                "time() of this value without a format",
                "declare the field with --types FIELD=TIMESTAMP, or give a format")
        }
        note("texts such as 2026 or 2026-01 are times, too")
        return ("TRY_CAST(\(value.sql) AS TIMESTAMP)", .timestamp)
    }

    /// The function of a part of a time.
    private static func part(_ part: TimePart) -> String {
        switch part {
        case .year: "year"
        case .month: "month"
        case .day: "day"
        case .hour: "hour"
        case .minute: "minute"
        case .second: "second"
        case .weekday: "weekday"
        }
    }

    /// Mondays are 0.
    private static func shift(_ part: TimePart) -> String { part == .weekday ? "+ 1 " : "" }

    private mutating func number(_ function: NumberFunction, _ arguments: [Syntax]) throws(UsageError) -> Typed {
        let given = try value(arguments[0])
        if given.type == .bigint {
            switch function {
            case .abs: return ("abs(\(given.sql))", .bigint)
            case .ceil, .floor, .trunc, .integer, .number: return given
            case .round where arguments.count == 1: return given
            default: break
            }
        }
        if given.type == .boolean, function == .number || function == .integer {
            return ("CAST(\(given.sql) AS BIGINT)", .bigint)
        }
        if given.type == .timestamp, function == .number { return ("(unix_micros(\(given.sql)) / 1E6)", .double) }
        let x = try translate(arguments[0], as: .double)
        switch function {
        case .abs: return ("abs(\(x))", .double)
        case .ceil: return ("ceil(\(x))", .bigint)
        case .floor: return ("floor(\(x))", .bigint)
        case .trunc, .integer: return ("CAST(\(x) AS BIGINT)", .bigint)
        case .sign: return ("CAST(sign(\(x)) AS BIGINT)", .bigint)
        case .sqrt: return ("CASE WHEN \(x) >= 0 THEN sqrt(\(x)) END", .double)
        case .number: return (x, .double)
        case .round:
            guard arguments.count > 1 else { return ("CAST(round(\(x)) AS BIGINT)", .bigint) }
            guard case .literal(.integer(let digits)) = arguments[1], (0...15).contains(digits) else {
                throw refused("round() to digits that are not a number from 0 to 15", "write the number of digits")
            }
            note("round() rounds the shortest decimal text of a number, so that 2.675 is 2.68 instead of 2.67")
            return ("round(\(x), \(digits))", .double)
        }
    }

    private mutating func text(_ function: TextFunction, _ arguments: [Syntax]) throws(UsageError) -> Typed {
        if function == .concat {
            let parts = try arguments.map { part throws(UsageError) in try translate(part, as: .string) }
            return ("concat(\(parts.joined(separator: ", ")))", .string)
        }
        let s = try translate(arguments[0], as: .string)
        func part(_ index: Int) throws(UsageError) -> String { try translate(arguments[index], as: .string) }
        switch function {
        case .string: return (s, .string)
        case .lower, .upper:
            note("letters beyond A-Z change their case, too")
            return ("\(function == .lower ? "lower" : "upper")(\(s))", .string)
        case .length: return ("CAST(char_length(\(s)) AS BIGINT)", .bigint)
        case .bytes: return ("CAST(octet_length(\(s)) AS BIGINT)", .bigint)
        case .trim: return ("trim(BOTH ' \\t\\r\\n' FROM \(s))", .string)
        case .startsWith: return ("startswith(\(s), \(try part(1)))", .boolean)
        case .endsWith: return ("endswith(\(s), \(try part(1)))", .boolean)
        case .contains: return ("contains(\(s), \(try part(1)))", .boolean)
        case .replace:
            guard case .literal(.string(let old)) = arguments[1], !old.isEmpty else {
                throw refused("replace() of a text that is not a constant", "use regex_replace()")
            }
            return ("replace(\(s), \(try part(1)), \(try part(2)))", .string)
        case .split:
            guard case .literal(.integer(let index)) = arguments[2], (0...1_000_000).contains(index) else {
                throw refused("split() with an index that is not a number from 0", "use extract()")
            }
            guard case .literal(.string(let bytes)) = arguments[1], !bytes.isEmpty else {
                throw refused("split() at a text that is not a constant", "use extract()")
            }
            let separator = String(decoding: bytes, as: UTF8.self).replacing("\\E", with: "\\E\\\\E\\Q")
            // One without letters and digits is escaped character by character.
            let isPlain = separator.unicodeScalars.allSatisfy { "/,;:-_ =&@#%!\"'<>~`".unicodeScalars.contains($0) }
            let pattern = isPlain ? separator : "\\Q\(separator)\\E"
            return ("get(split(\(s), \(SparkText.string(pattern))), \(index))", .string)
        case .substr:
            guard case .literal(.integer(let start)) = arguments[1] else {
                throw refused("substr() with a start that is not a number", "use extract()")
            }
            let rest =
                start < 0 ? "right(\(s), \(start.magnitude))" : start == 0 ? s : "substring(\(s), \(start &+ 1))"
            guard arguments.count > 2 else { return (rest, .string) }
            guard case .literal(.integer(let length)) = arguments[2], length >= 0 else {
                throw refused("substr() with a length that is not a number", "use extract()")
            }
            return (start < 0 ? "left(\(rest), \(length))" : "substring(\(s), \(start &+ 1), \(length))", .string)
        case .concat: return (s, .string)
        }
    }
}

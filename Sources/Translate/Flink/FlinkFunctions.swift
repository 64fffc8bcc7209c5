import Plan
import StreamEngine

/// The functions of expressions.
extension SQLExpressions where Dialect == FlinkDialect {
    mutating func call(_ operation: Operation, _ arguments: [Syntax]) throws(UsageError) -> Typed {
        switch operation {
        case .matches(let regex):
            let subject = try translate(arguments[0], as: .string)
            return ("REGEXP(\(subject), \(FlinkText.string(JavaRegex.text(regex))))", .boolean)
        case .extract(let regex, let group):
            let subject = try translate(arguments[0], as: .string)
            return ("REGEXP_EXTRACT(\(subject), \(FlinkText.string(JavaRegex.text(regex))), \(group))", .string)
        case .replaceMatches(let regex, let replacement):
            guard let text = replacement.plainText else {
                throw refused(
                    "groups in the replacement of regex_replace()", "join the results of extract() with concat()")
            }
            let subject = try translate(arguments[0], as: .string)
            let pattern = FlinkText.string(JavaRegex.text(regex))
            return ("REGEXP_REPLACE(\(subject), \(pattern), \(FlinkText.string(text)))", .string)
        case .number(let function): return try number(function, arguments)
        case .text(let function): return try text(function, arguments)
        case .json(let path?):
            note("a value in JSON text is a text; null if it is an object or array")
            let subject = try translate(arguments[0], as: .string)
            return ("JSON_VALUE(\(subject), \(FlinkText.string("$." + path.text)))", .string)
        case .json(nil): throw refused("json() without a path", "use json(s, 'path')")
        case .read(.base64):
            note("texts that are not base64 are decoded as far as possible")
            return ("FROM_BASE64(\(try translate(arguments[0], as: .string)))", .string)
        case .read(.duration): throw refused("duration()", "use extract() and arithmetic")
        case .read(.size): throw refused("size()", "use extract() and arithmetic")
        case .url(let function):
            let name =
                switch function {
                case .host: "url_host()"
                case .path: "url_path()"
                case .parameter: "query_param()"
                }
            throw refused(name, "use extract() with a regular expression")
        case .list: throw refused("functions of number lists", "use split() for each number")
        case .type: throw refused("type()", "use number(x) is null")
        case .time(let format): return try time(arguments[0], format)
        case .epoch: return ("(\(FlinkTimes.milliseconds(try time(of: arguments[0]))) / 1000E0)", .double)
        case .formatTime(let pattern):
            guard let java = JavaTimes.pattern(pattern) else {
                throw refused("this pattern of format_time()", "use %Y, %m, %d, %H, %M, %S and %b")
            }
            return ("DATE_FORMAT(\(try time(of: arguments[0])), \(FlinkText.string(java)))", .string)
        case .floorTime(let size):
            guard size % 1000 == 0 else { throw refused("time_floor() below 1ms", "use a multiple of 1ms") }
            let milliseconds = FlinkTimes.milliseconds(try time(of: arguments[0]))
            let size = size / 1000
            // MOD has the sign of its first argument.
            let rest = "MOD(MOD(\(milliseconds), \(size)) + \(size), \(size))"
            return ("TO_TIMESTAMP_LTZ(\(milliseconds) - \(rest), 3)", .timestamp)
        case .timePart(let part): return (Self.part(part, try time(of: arguments[0])), .bigint)
        case .now:
            note("now() is when Flink computes the record")
            return ("CURRENT_TIMESTAMP", .timestamp)
        default: throw refused("this function", "compute it in a stage before")
        }
    }

    /// A time, of a value that must be one.
    private mutating func time(of syntax: Syntax) throws(UsageError) -> String {
        try time(syntax, .auto).sql
    }

    private mutating func time(_ syntax: Syntax, _ format: TimeFormat) throws(UsageError) -> Typed {
        let value = try value(syntax)
        if value.type == .timestamp { return value }
        if case .literal(.string(let bytes)) = syntax, case .auto = format,
            let time = bytes.withUnsafeBytes({ RFC3339.parse($0) }), !isLocal || bytes.last == UInt8(ascii: "Z")
        {
            return (FlinkTimes.literal(time), .timestamp)
        }
        if case .pattern(let pattern) = format {
            guard let java = JavaTimes.pattern(pattern) else {
                throw refused("this pattern of time()", "use %Y, %m, %d, %H, %M, %S and %b")
            }
            let text = try translate(syntax, as: .string)
            return ("CAST(TO_TIMESTAMP(\(text), \(FlinkText.string(java))) AS TIMESTAMP_LTZ(3))", .timestamp)
        }
        if value.type == .bigint || value.type == .double,
            let sql = FlinkTimes.fromNumber(value.sql, format, isDouble: value.type == .double)
        {
            return (sql, .timestamp)
        }
        throw refused(
            "time() of this value without a format", "declare the field with --types FIELD=TIMESTAMP, or give a format")
    }

    private static func part(_ part: TimePart, _ time: String) -> String {
        switch part {
        case .year: "EXTRACT(YEAR FROM \(time))"
        case .month: "EXTRACT(MONTH FROM \(time))"
        case .day: "EXTRACT(DAY FROM \(time))"
        case .hour: "EXTRACT(HOUR FROM \(time))"
        case .minute: "EXTRACT(MINUTE FROM \(time))"
        case .second: "EXTRACT(SECOND FROM \(time))"
        case .weekday: "EXTRACT(ISODOW FROM \(time))"
        }
    }

    private mutating func number(_ function: NumberFunction, _ arguments: [Syntax]) throws(UsageError) -> Typed {
        let given = try value(arguments[0])
        if given.type == .bigint {
            switch function {
            case .abs: return ("ABS(\(given.sql))", .bigint)
            case .ceil, .floor, .trunc, .integer, .number: return given
            case .round where arguments.count == 1: return given
            case .sign: return ("SIGN(\(given.sql))", .bigint)
            default: break
            }
        }
        if given.type == .boolean, function == .number || function == .integer {
            return ("CASE WHEN \(given.sql) THEN 1 WHEN NOT \(given.sql) THEN 0 END", .bigint)
        }
        if given.type == .timestamp, function == .number {
            return ("(\(FlinkTimes.milliseconds(given.sql)) / 1000E0)", .double)
        }
        let x = try translate(arguments[0], as: .double)
        switch function {
        case .abs: return ("ABS(\(x))", .double)
        case .ceil: return ("CAST(CEIL(\(x)) AS BIGINT)", .bigint)
        case .floor: return ("CAST(FLOOR(\(x)) AS BIGINT)", .bigint)
        case .trunc, .integer: return ("CAST(TRUNCATE(\(x), 0) AS BIGINT)", .bigint)
        case .sign: return ("CAST(SIGN(\(x)) AS BIGINT)", .bigint)
        case .sqrt: return ("CASE WHEN \(x) >= 0 THEN SQRT(\(x)) END", .double)
        case .number: return (x, .double)
        case .round:
            guard arguments.count > 1 else { return ("CAST(ROUND(\(x), 0) AS BIGINT)", .bigint) }
            guard case .literal(.integer(let digits)) = arguments[1], (0...15).contains(digits) else {
                throw refused("round() to digits that are not a number from 0 to 15", "write the number of digits")
            }
            note("round() rounds the shortest decimal text of a number, so that 2.675 is 2.68 instead of 2.67")
            return ("ROUND(\(x), \(digits))", .double)
        }
    }

    private mutating func text(_ function: TextFunction, _ arguments: [Syntax]) throws(UsageError) -> Typed {
        if function == .concat {
            let parts = try arguments.map { part throws(UsageError) in try translate(part, as: .string) }
            return ("CONCAT(\(parts.joined(separator: ", ")))", .string)
        }
        let s = try translate(arguments[0], as: .string)
        let texts = try arguments.dropFirst().map { part throws(UsageError) in
            function == .substr || function == .split && part.isInteger ? "" : try translate(part, as: .string)
        }
        switch function {
        case .string: return (s, .string)
        case .lower, .upper:
            note("letters beyond A-Z change their case, too")
            return ("\(function == .lower ? "LOWER" : "UPPER")(\(s))", .string)
        case .length: return ("CAST(CHAR_LENGTH(\(s)) AS BIGINT)", .bigint)
        case .bytes: throw refused("bytes()", "use length()")
        case .trim:
            return ("REGEXP_REPLACE(\(s), '^[ \\t\\r\\n]+|[ \\t\\r\\n]+\\z', '')", .string)
        case .startsWith: return ("STARTSWITH(\(s), \(texts[0]))", .boolean)
        case .endsWith: return ("ENDSWITH(\(s), \(texts[0]))", .boolean)
        case .contains: return ("(POSITION(\(texts[0]) IN \(s)) > 0)", .boolean)
        case .replace:
            guard case .literal(.string(let old)) = arguments[1], !old.isEmpty else {
                throw refused("replace() of a text that is not a constant", "use regex_replace()")
            }
            return ("REPLACE(\(s), \(texts[0]), \(texts[1]))", .string)
        case .split:
            guard case .literal(.integer(let index)) = arguments[2], (0...1_000_000).contains(index) else {
                throw refused("split() with an index that is not a number from 0", "use extract()")
            }
            return ("SPLIT_INDEX(\(s), \(texts[0]), \(index))", .string)
        case .substr:
            guard case .literal(.integer(let start)) = arguments[1] else {
                throw refused("substr() with a start that is not a number", "use extract()")
            }
            let from = start < 0 ? start : start + 1
            guard arguments.count > 2 else { return ("SUBSTRING(\(s), \(from))", .string) }
            guard case .literal(.integer(let length)) = arguments[2], length >= 0 else {
                throw refused("substr() with a length that is not a number", "use extract()")
            }
            return ("SUBSTRING(\(s), \(from), \(length))", .string)
        case .concat: return (s, .string)
        }
    }
}

extension RegexReplacement {
    /// The text, which Flink takes as it is; nil if it refers to groups.
    fileprivate var plainText: String? {
        var bytes: [UInt8] = []
        for part in parts {
            guard case .text(let text) = part else { return nil }
            bytes += text
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Syntax {
    fileprivate var isInteger: Bool { if case .literal(.integer) = self { true } else { false } }
}

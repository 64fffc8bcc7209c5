import Plan
import StreamEngine

/// Expressions as Python, node by node. Helper functions are noted, so that the job contains those that it uses.
struct BeamExpressions {
    /// The flag in messages.
    let flag: String
    let zone: ZoneOffsets
    /// The dictionary with the fields.
    let record: String
    /// The columns of aggregates, in expressions over rows.
    var aggregate: (AggregateCall) -> String? = { _ in nil }
    private(set) var blocks: Set<String> = []
    private(set) var imports: Set<String> = []
    private(set) var notes: [Difference] = []

    static let blocks = PythonValues.blocks + PythonArithmetic.blocks + PythonTexts.blocks

    init(_ flag: String, _ zone: ZoneOffsets, record: String) {
        self.flag = flag
        self.zone = zone
        self.record = record
    }

    mutating func note(_ text: String) {
        let note = Difference(flag, text)
        if !notes.contains(note) { notes.append(note) }
    }

    func refused(_ what: String, _ remedy: String) -> UsageError {
        .refusal(Beam.name, flag, "job has no counterpart of \(what)", remedy)
    }

    /// - Throws: a refusal for a function without a counterpart.
    mutating func print(_ expression: Expression) throws(UsageError) -> String { try print(expression.syntax) }

    mutating func print(_ syntax: Syntax) throws(UsageError) -> String {
        switch syntax {
        case .literal(let literal): return Self.literal(literal)
        case .field(let path, _): return field(path)
        case .aggregate(let call):
            guard let column = aggregate(call) else { throw refused("'\(call.text)'", "give it a column of its own") }
            return "\(record).get(\(PythonText.string(column)))"
        case .apply(.now, _):
            note("now() is when Beam computes the record")
            imports.insert(PythonValues.timestamp)
            return "Timestamp.now()"
        case .apply(let operation, let arguments):
            let printed = try arguments.map { argument throws(UsageError) in try print(argument) }
            return try apply(operation, printed)
        }
    }

    /// The value of a field.
    mutating func field(_ path: FieldPath) -> String {
        if let column = path.sourceColumn { return "\(record).get(\(PythonText.string(column.rawValue)))" }
        if let name = path.name { return "\(record).get(\(PythonText.string(String(decoding: name, as: UTF8.self))))" }
        blocks.insert("get")
        let steps = path.steps.map { step in
            switch step {
            case .name(let name): PythonText.string(String(decoding: name, as: UTF8.self))
            case .index(let index): "\(index)"
            case .source(let column): PythonText.string(column.rawValue)
            }
        }
        return "get(\(record), \(steps.joined(separator: ", ")))"
    }

    private static func literal(_ literal: Literal) -> String {
        switch literal {
        case .null: "None"
        case .boolean(let value): value ? "True" : "False"
        case .integer(let value): "\(value)"
        case .double(let value): PythonText.number(value)
        case .digits(let text): "float(\"\(String(decoding: text, as: UTF8.self))\")"
        case .string(let text): PythonText.string(String(decoding: text, as: UTF8.self))
        }
    }

    mutating func call(_ block: String, _ function: String? = nil, _ arguments: [String]) -> String {
        blocks.insert(block)
        return "\(function ?? block)(\(arguments.joined(separator: ", ")))"
    }

    private mutating func apply(_ operation: Operation, _ a: [String]) throws(UsageError) -> String {
        let first = a.first ?? "None"
        switch operation {
        case .add: return call("add", nil, a)
        case .subtract: return call("subtract", nil, a)
        case .multiply: return call("multiply", nil, a)
        case .divide: return call("divide", nil, a)
        case .remainder: return call("remainder", nil, a)
        case .negate: return call("negate", nil, a)
        case .compare(let comparison):
            return call("compare", nil, [first, "\"\(comparison.python)\"", a[1]] + zoneArgument)
        case .isIn: return call("is_in", nil, a)
        case .and: return call("logic", "both", a)
        case .or: return call("logic", "either", a)
        case .not: return call("logic", "inverse", a)
        case .isNull: return "(\(first) is None)"
        case .choose: return "(\(a[1]) if \(first) is True else \(a[2]))"
        case .coalesce: return call("coalesce", nil, a)
        case .matches(let regex): return call("search", nil, [try pattern(regex), first])
        case .extract(let regex, let group): return call("extract", nil, [try pattern(regex), "\(group)", first])
        case .replaceMatches(let regex, let replacement):
            return call("replaced", nil, [try pattern(regex), Self.replacement(replacement), first])
        case .least: return call("extreme", nil, ["\"<\""] + a)
        case .greatest: return call("extreme", nil, ["\">\""] + a)
        case .number(let function): return number(function, a)
        case .text(let function): return text(function, a)
        case .epoch: return call("epoch", nil, [first] + zoneArgument)
        case .floorTime(let step): return call("floor_time", nil, [first, "\(step)"] + zoneArgument)
        case .timePart(let part):
            return call("local", nil, ["lambda time: time.\(part.python)", first] + zoneArgument)
        case .formatTime(let pattern):
            guard let format = Self.strftime(pattern) else {
                throw refused("this pattern of format_time()", "use %Y, %m, %d, %H, %M, %S, %j, %b, %a and %T")
            }
            return call(
                "local", nil, ["lambda time: time.strftime(\(PythonText.string(format)))", first] + zoneArgument)
        case .time(let format): return try time(format, first)
        case .url(let function):
            let name =
                switch function {
                case .host: "url_host()"
                case .path: "url_path()"
                case .parameter: "query_param()"
                }
            throw refused(name, "use extract() with a regular expression")
        case .read(let function):
            let name =
                switch function {
                case .base64: "from_base64()"
                case .duration: "duration()"
                case .size: "size()"
                }
            throw refused(name, "use extract() and arithmetic")
        case .json: throw refused("json()", "use extract() with a regular expression, or write the field as an object")
        case .list: throw refused("functions of number lists", "use split() for each number")
        case .type: throw refused("type()", "use number(x) is null")
        case .now: throw refused("now()", "compare with a fixed time")
        }
    }

    private mutating func number(_ function: NumberFunction, _ a: [String]) -> String {
        switch function {
        case .abs: return call("absolute", nil, a)
        case .round: return call("rounded", nil, a)
        case .ceil, .floor, .trunc: return call("whole_number", nil, ["math.\(function)"] + a)
        case .sign: return call("sign", nil, a)
        case .sqrt: return call("square_root", nil, a)
        case .number: return call("to_number", nil, a)
        case .integer: return call("to_integer", nil, a)
        }
    }

    private mutating func text(_ function: TextFunction, _ a: [String]) -> String {
        switch function {
        case .lower, .upper:
            blocks.insert("cases")
            return call(
                "on_text", nil, ["lambda value: value.translate(\(function == .lower ? "LOWER" : "UPPER"))"] + a)
        case .length: return call("length", nil, a)
        case .bytes: return call("on_text", nil, ["lambda value: len(value.encode())"] + a)
        case .substr: return call("substr", nil, a)
        case .trim: return call("on_text", nil, ["lambda value: value.strip(\" \\t\\n\\r\")"] + a)
        case .startsWith: return call("on_text", nil, ["str.startswith"] + a)
        case .endsWith: return call("on_text", nil, ["str.endswith"] + a)
        case .contains: return call("contains", nil, a)
        case .replace:
            return call("on_text", nil, ["lambda value, old, new: value.replace(old, new) if old else value"] + a)
        case .split: return call("split", nil, a)
        case .concat: return call("on_text", nil, ["lambda *values: \"\".join(values)"] + a)
        case .string: return call("text", nil, a)
        }
    }

    // MARK: Times

    /// A value as a time in a format.
    mutating func time(_ format: TimeFormat, _ value: String) throws(UsageError) -> String {
        switch format {
        case .auto:
            note("times are read from RFC 3339 and numbers since 1970 only")
            return call("as_time", nil, [value] + zoneArgument)
        case .iso: return call("as_time", nil, [value] + zoneArgument)
        case .seconds: return call("epoch_time", nil, [value, "10**6"])
        case .milliseconds: return call("epoch_time", nil, [value, "1000"])
        case .microseconds: return call("epoch_time", nil, [value, "1"])
        case .nanoseconds: return call("epoch_time", nil, [value, "Fraction(1, 1000)"])
        case .pattern(let pattern):
            guard let format = Self.strptime(pattern) else {
                throw refused("this pattern of times", "use %Y, %m, %d, %H, %M, %S, %b, %z and fractions of 6 digits")
            }
            return call("parsed_time", nil, [value, PythonText.string(format)] + zoneArgument)
        }
    }

    private mutating func pattern(_ regex: Regex) throws(UsageError) -> String {
        guard let text = PythonRegex.text(regex) else {
            throw refused("a flag such as (?i) before '|'", "put the flag and the alternatives into a group: (?i:a|b)")
        }
        return PythonText.string(text)
    }

    /// A function of a match.
    private static func replacement(_ replacement: RegexReplacement) -> String {
        let parts = replacement.parts.map { part in
            switch part {
            case .text(let bytes): PythonText.string(String(decoding: bytes, as: UTF8.self))
            case .group(let number): "(match.group(\(number)) or \"\")"
            }
        }
        return "lambda match: " + (parts.isEmpty ? "\"\"" : parts.joined(separator: " + "))
    }

    private var zoneArgument: [String] { zone.isUTC ? [] : ["ZONE"] }

    private static func strftime(_ pattern: TimePattern) -> String? {
        pattern.steps.contains { if case .offset = $0 { true } else { false } } ? nil : directives(pattern) { _ in nil }
    }

    private static func strptime(_ pattern: TimePattern) -> String? {
        directives(pattern) { step in
            guard case .fraction(_, false, let point) = step else { return nil }
            return switch point {
            case .none: "%f"
            case .byte(let byte): String(UnicodeScalar(byte)) + "%f"
            case .any: nil
            }
        }
    }

    /// The directives of Python; nil if one has no counterpart.
    private static func directives(
        _ pattern: TimePattern, fraction: (TimePattern.Step) -> String?
    ) -> String? {
        var format = ""
        for step in pattern.steps {
            switch step {
            case .literal(let byte):
                guard byte < 0x80 else { return nil }
                format += byte == UInt8(ascii: "%") ? "%%" : String(UnicodeScalar(byte))
            case .space: format += " "
            case .year: format += "%Y"
            case .shortYear: format += "%y"
            case .month: format += "%m"
            case .day: format += "%d"
            case .dayOfYear: format += "%j"
            case .hour: format += "%H"
            case .hour12: format += "%I"
            case .half: format += "%p"
            case .minute: format += "%M"
            case .second: format += "%S"
            case .monthName(let full): format += full ? "%B" : "%b"
            case .weekdayName(let full): format += full ? "%A" : "%a"
            case .offset: format += "%z"
            case .fraction:
                guard let text = fraction(step) else { return nil }
                format += text
            case .blankDay, .epoch, .zoneName: return nil
            }
        }
        return format
    }
}

extension Comparison {
    fileprivate var python: String {
        switch self {
        case .equal: "=="
        case .notEqual: "!="
        case .less: "<"
        case .lessOrEqual: "<="
        case .greater: ">"
        case .greaterOrEqual: ">="
        }
    }
}

extension TimePart {
    /// Of a datetime of Python.
    fileprivate var python: String {
        switch self {
        case .year: "year"
        case .month: "month"
        case .day: "day"
        case .hour: "hour"
        case .minute: "minute"
        case .second: "second"
        case .weekday: "isoweekday()"
        }
    }
}

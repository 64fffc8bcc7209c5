import Plan
import StreamEngine

/// Keys, expressions and aggregates: the columns of a row.
extension Plan {
    /// `--by`, which can be repeated and can list several fields.
    static func groupKeys(_ texts: [String]) throws(UsageError) -> [GroupKeySpec] {
        var keys: [GroupKeySpec] = []
        for text in texts {
            var reader = NamedFieldReader(text, of: "--by")
            repeat {
                let (name, field) = try reader.next()
                keys.append(GroupKeySpec(name: name ?? field.columnName, field: field))
            } while try reader.skipComma()
        }
        return keys
    }

    /// `--let`, in order.
    static func lets(_ texts: [String]) throws(UsageError) -> [NamedExpression] {
        var lets: [NamedExpression] = []
        for text in texts {
            guard let (name, rest) = splitName(text) else {
                if let name = SourceColumn.allCases.first(where: { text.hasPrefix("\($0.rawValue)=") })?.rawValue {
                    throw UsageError("--let \(text): \(name) is metadata of Kafka records; choose another name")
                }
                throw UsageError("--let '\(text)': expected NAME=EXPR; put an unusual NAME in double quotes")
            }
            guard !lets.contains(where: { $0.name == name }) else {
                throw UsageError("--let \(name) is given twice; choose another name for one of them")
            }
            lets.append(NamedExpression(name: name, expression: try expression(rest, of: "--let \(name)")))
        }
        return lets
    }

    /// `--where`: all conditions must hold.
    static func filter(_ texts: [String]) throws(UsageError) -> Expression? {
        for text in texts { _ = try expression(text, of: "--where") }
        guard texts.count > 1 else {
            return try texts.first.map { text throws(UsageError) in try expression(text, of: "--where") }
        }
        return try expression(texts.map { "(\($0))" }.joined(separator: " && "), of: "--where")
    }

    static func expression(_ text: String, of what: String) throws(UsageError) -> Expression {
        do {
            return try Expression.parse(text)
        } catch {
            throw usageError(error, what)
        }
    }

    static func usageError(_ error: ExpressionError, _ what: String) -> UsageError {
        UsageError("\(what) '\(error.text)' at column \(error.column): \(error.reason)")
    }

    /// The aggregate flags in the order of the command line.
    static func aggregates(_ flags: [ArgumentReader.AggregateFlag]) throws(UsageError) -> [Aggregate] {
        guard flags.filter({ $0.flag == "count" }).count <= 1 else {
            throw UsageError("--count is given twice; remove one")
        }
        var aggregates: [Aggregate] = []
        for flag in flags {
            switch flag.flag {
            case "agg": aggregates += try generalAggregates(flag.value)
            case "count": aggregates.append(Aggregate(name: "count", function: .count))
            default: aggregates.append(try sugar(flag))
            }
        }
        return aggregates
    }

    /// `--avg ms`, `--avg mean=ms`, `--quantile p=0.99:ms`, `--top 3:path`.
    private static func sugar(_ flag: ArgumentReader.AggregateFlag) throws(UsageError) -> Aggregate {
        let what = "--\(flag.flag)"
        guard let function = AggregateFunction.named(flag.flag) else {
            throw UsageError("\(what) is not an aggregate; 'streamctl --help' lists them")
        }
        var name: String?
        var rest = flag.value
        var parameter = 0.0
        if let rules = function.parameter {
            if let split = splitName(rest) { (name, rest) = split }
            guard let colon = rest.firstIndex(of: ":"), let number = Double(rest[..<colon]) else {
                throw UsageError("\(what) '\(flag.value)': write \(rules.flagForm)")
            }
            guard rules.accepts(number) else { throw UsageError("\(what) \(flag.value): \(rules.rule)") }
            parameter = number
            rest = String(rest[rest.index(after: colon)...])
        }
        var reader = NamedFieldReader(rest, of: what)
        let (secondName, field) = try reader.next()
        guard reader.isAtEnd, name == nil || secondName == nil else {
            throw UsageError(
                "\(what) '\(flag.value)' is not a plain field; for an expression, write -a 'NAME=\(flag.flag)(EXPR)'")
        }
        return Aggregate(
            name: name ?? secondName ?? defaultName(function, field, parameter), function: function,
            arguments: [Expression.field(field)], parameter: parameter)
    }

    /// `-a 'n=count(), p99=quantile(ms, 0.99)'`.
    private static func generalAggregates(_ text: String) throws(UsageError) -> [Aggregate] {
        let parsed: [ParsedAggregate]
        do {
            parsed = try Expression.parseAggregates(text)
        } catch {
            throw usageError(error, "--agg")
        }
        var aggregates: [Aggregate] = []
        for item in parsed {
            let function = item.function
            let parameter = item.parameter ?? 0
            guard let name = item.name ?? impliedName(function, item.arguments, parameter) else {
                throw UsageError(
                    "--agg '\(text)': \(function) of an expression requires a name; write NAME=\(function)(…)"
                )
            }
            aggregates.append(
                Aggregate(name: name, function: function, arguments: item.arguments, parameter: parameter))
        }
        return aggregates
    }

    private static func impliedName(
        _ function: AggregateFunction, _ arguments: [Expression], _ parameter: Double
    ) -> String? {
        if arguments.isEmpty { return function.name }
        guard arguments.count == 1, let field = arguments[0].plainField else { return nil }
        return defaultName(function, field, parameter)
    }

    /// `avg_ms`, `p99_ms`, `top_path`; for a nested field, with its path: `avg_a.b`.
    private static func defaultName(_ function: AggregateFunction, _ field: FieldPath, _ parameter: Double) -> String {
        let prefix = function.parameter?.columnPrefix?(parameter) ?? function.name
        return "\(prefix)_\(field.columnName)"
    }

    /// Splits `NAME=rest`; nil unless the text starts with a name and an equals sign.
    private static func splitName(_ text: String) -> (String, String)? {
        let bytes = Array(text.utf8)
        var position = 0
        guard let field = try? FieldPath.parse(bytes, at: &position), field.name != nil, position < bytes.count,
            bytes[position] == UInt8(ascii: "=")
        else { return nil }
        return (field.columnName, String(decoding: bytes[(position + 1)...], as: UTF8.self))
    }
}

/// Reads `[NAME=]FIELD,[NAME=]FIELD…`.
struct NamedFieldReader {
    private let bytes: [UInt8]
    private let text: String
    private let what: String
    private var position = 0

    init(_ text: String, of what: String) {
        bytes = Array(text.utf8)
        self.text = text
        self.what = what
    }

    var isAtEnd: Bool { position == bytes.count }

    mutating func next() throws(UsageError) -> (name: String?, field: FieldPath) {
        let first = try field()
        guard position < bytes.count, bytes[position] == UInt8(ascii: "=") else { return (nil, first) }
        guard first.name != nil else {
            throw UsageError(
                "\(what) '\(text)': '\(first.text)' is not a column name; put unusual names in double quotes")
        }
        position += 1
        return (first.columnName, try field())
    }

    /// Skips a comma, if there is one.
    ///
    /// - Returns: true when another field follows.
    mutating func skipComma() throws(UsageError) -> Bool {
        if isAtEnd { return false }
        guard bytes[position] == UInt8(ascii: ",") else {
            throw UsageError(
                "\(what) '\(text)' at column \(position + 1): unexpected character; separate fields with commas")
        }
        position += 1
        return true
    }

    private mutating func field() throws(UsageError) -> FieldPath {
        do {
            return try FieldPath.parse(bytes, at: &position, allowsHyphen: true)
        } catch {
            throw UsageError("\(what) '\(text)' at column \(error.offset + 1): \(error.reason)")
        }
    }
}

import Plan
import StreamEngine

/// The columns that aggregate flags give.
extension Plan {
    /// The aggregate flags in the order of the command line. Aggregates that are only part of an expression come last.
    static func readAggregates(
        _ flags: [ArgumentReader.AggregateFlag], into query: inout Query
    ) throws(UsageError) {
        guard flags.filter({ $0.flag == "count" }).count <= 1 else {
            throw UsageError("--count is given twice; remove one")
        }
        var columns: [Column] = []
        for flag in flags {
            switch flag.flag {
            case "agg": columns += try generalAggregates(flag.value)
            case "count": columns.append(.aggregate(Aggregate(name: "count", function: .count)))
            default: columns += try sugar(flag).map { .aggregate($0) }
            }
        }
        if columns.isEmpty {
            guard query.window != .all || !query.groupKeys.isEmpty else { return }
            columns = [.aggregate(Aggregate(name: "count", function: .count))]
        }
        var computed: [Expression] = []
        query.aggregateColumns = columns.map { column in
            switch column {
            case .aggregate(let aggregate):
                query.aggregates.append(aggregate)
                return .aggregate(query.aggregates.count - 1)
            case .computed(let item):
                computed.append(item.expression)
                return .computed(item)
            }
        }
        query.addHiddenAggregates(of: computed)
        // Aggregates are what tells rows from records that pass through.
        if query.aggregates.isEmpty { query.aggregates = [Aggregate(name: "count()", function: .count)] }
    }

    /// A column that an aggregate flag gives.
    private enum Column {
        case aggregate(Aggregate)
        case computed(NamedExpression)
    }

    /// `--avg ms`, `--avg mean=ms`, `--quantile p=0.99:ms`, `--top 3:path`.
    private static func sugar(_ flag: ArgumentReader.AggregateFlag) throws(UsageError) -> [Aggregate] {
        let what = "--\(flag.flag)"
        guard let function = AggregateFunction.named(flag.flag) else {
            throw UsageError("\(what) is not an aggregate; 'streamctl --help' lists them")
        }
        var name: String?
        var rest = flag.value
        var parameters = [0.0]
        var prefix = ""
        if let rules = function.parameter {
            if let split = splitName(rest) { (name, rest) = split }
            guard let colon = rest.firstIndex(of: ":") else {
                throw UsageError("\(what) '\(flag.value)': write \(meant(flag.value, rules) ?? rules.flagForm)")
            }
            // Several parameters give several columns: `0.5,0.99:ms`.
            let numbers = rest[..<colon].split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
            guard numbers.allSatisfy({ $0 != nil }) else {
                throw UsageError("\(what) '\(flag.value)': write \(meant(flag.value, rules) ?? rules.flagForm)")
            }
            parameters = numbers.compactMap { $0 }
            guard parameters.allSatisfy({ rules.accepts($0) }) else {
                throw UsageError("\(what) \(flag.value): \(rules.rule)")
            }
            prefix = String(rest[...colon])
            rest = String(rest[rest.index(after: colon)...])
        }
        var reader = NamedFieldReader(rest, of: what)
        let (secondName, field) = try reader.next()
        guard reader.isAtEnd, name == nil || secondName == nil else {
            if let others = reader.fields() {
                let flags = ([field] + others).map { "\(what) \(prefix)\($0.text)" }
                throw UsageError("\(what) '\(flag.value)': one field at a time; write \(flags.joined(separator: " "))")
            }
            let problem = "\(what) '\(flag.value)' is not a plain field"
            let quoted = OddName.quoted(rest).map { "\(what) '\(prefix)\($0)'" }
            if let quoted, OddName.isPhrase(rest) {
                throw UsageError("\(problem); a name with a blank is in double quotes: \(quoted)")
            }
            throw UsageError(
                "\(problem); \(general(flag, function))" + (quoted.map { "; for a field of that name, \($0)" } ?? ""))
        }
        guard parameters.count == 1 || (name ?? secondName) == nil else {
            throw UsageError("\(what) '\(flag.value)': one name cannot stand for several columns; remove it")
        }
        return parameters.map { parameter in
            Aggregate(
                name: name ?? secondName ?? defaultName(function, field, parameter), function: function,
                arguments: [Expression.field(field)], parameter: parameter)
        }
    }

    /// The `-a` for an expression in a flag that takes a field.
    private static func general(_ flag: ArgumentReader.AggregateFlag, _ function: AggregateFunction) -> String {
        let fallback = "for an expression, write -a 'NAME=\(flag.flag)(EXPR)'"
        guard function.parameter == nil else { return fallback }
        if let call = try? Expression.parseAggregates(flag.value), call.count == 1 { return "write -a '\(flag.value)'" }
        guard (try? Expression.parse(flag.value)) != nil else { return fallback }
        return "for an expression, write -a 'NAME=\(flag.flag)(\(flag.value))'"
    }

    /// The number and field of `ms:0.99`, `0.99,ms`, `0.99=ms` and `p99:ms` in our form; nil if it is not clear.
    private static func meant(_ text: String, _ rules: AggregateParameter) -> String? {
        let parts = text.split(whereSeparator: { ":,= ".contains($0) }).map(String.init)
        guard parts.count == 2 else { return nil }
        func number(_ word: String) -> String? {
            if let value = Double(word), rules.accepts(value) { return word }
            let rank = Percentile.rank(ofName: word) ?? Percentile.rank(ofPercent: word)
            return rank.flatMap { Double($0).map(rules.accepts) ?? false ? $0 : nil }
        }
        for (word, field) in [(parts[0], parts[1]), (parts[1], parts[0])] {
            if let number = number(word), Double(field) == nil, (try? FieldPath.parse(field)) != nil {
                return "\(number):\(field)"
            }
        }
        return nil
    }

    /// `-a 'n=count(), p99=quantile(ms, 0.99), rate=count_if(status >= 500) / count()'`.
    private static func generalAggregates(_ text: String) throws(UsageError) -> [Column] {
        let parsed: [ParsedAggregate]
        do throws(ExpressionError) {
            parsed = try Expression.parseAggregates(text)
            for item in parsed {
                let parts = [item.expression] + item.expression.aggregates.flatMap(\.arguments)
                for part in parts { if let doubt = part.doubt() { throw doubt } }
            }
        } catch {
            throw usageError(error, "--agg")
        }
        var columns: [Column] = []
        for item in parsed {
            guard let call = item.expression.plainAggregate else {
                guard let name = item.name else {
                    throw UsageError(
                        "--agg '\(text)': an expression requires a name; write NAME=\(item.expression.text)")
                }
                columns.append(.computed(NamedExpression(name: name, expression: item.expression)))
                continue
            }
            let parameter = call.parameter ?? 0
            guard let name = item.name ?? impliedName(call.function, call.arguments, parameter) else {
                throw UsageError(
                    "--agg '\(text)': \(call.function) of an expression requires a name; write "
                        + "NAME=\(item.expression.text)")
            }
            columns.append(
                .aggregate(
                    Aggregate(name: name, function: call.function, arguments: call.arguments, parameter: parameter)))
        }
        return columns
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
}

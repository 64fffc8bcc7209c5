import Plan
import StreamEngine

/// Windows, aggregates and literals of Flink SQL, which PyFlink uses too.
extension FlinkSQL {
    /// The table function that assigns windows.
    static func table(of query: JobQuery) throws(UsageError) -> String {
        func part(_ flag: String, _ length: Int64) throws(UsageError) -> String {
            guard let text = interval(length) else {
                throw .refusal(name, flag, "window has whole milliseconds", "use a multiple of 1ms")
            }
            return text
        }
        func call(_ function: String, _ parts: [String], _ align: Int64, _ flag: String) throws(UsageError) -> String {
            guard align == 0 else {
                throw .refusal(name, "--align", "job is printed without it", "remove it")
            }
            return "TABLE(\(function)(TABLE records, DESCRIPTOR(event_time_), \(parts.joined(separator: ", "))))"
        }
        switch query.query.window {
        case .tumbling(let size, let align):
            return try call("TUMBLE", [try part("--tumbling", size)], align, "--tumbling")
        case .hopping(let size, let step, let align):
            guard step <= size, size % step == 0 else {
                throw .refusal(name, "--every", "window needs a step that divides its size", "use such a step")
            }
            return try call("HOP", [try part("--every", step), try part("--hopping", size)], align, "--hopping")
        case .cumulative(let max, let step, let align):
            return try call(
                "CUMULATE", [try part("--every", step), try part("--cumulative", max)], align, "--cumulative")
        case .session(let gap):
            let keys = query.query.groupKeys.map { quoted($0.field?.columnName ?? $0.name) }
            let partition = keys.isEmpty ? "" : " PARTITION BY (\(keys.joined(separator: ", ")))"
            return "TABLE(SESSION(TABLE records\(partition), DESCRIPTOR(event_time_), \(try part("--session", gap))))"
        case .calendar:
            throw .refusal(name, "--calendar", "job is printed without it", "use --tumbling 1h, 1d or 7d in UTC")
        case .rows:
            throw .refusal(name, "--rows", "query has no windows of records", "use --tumbling or --session")
        case .all:
            throw .refusal(
                name, "-a", "query without windows never ends its rows", "add a window, such as --tumbling 1h")
        }
    }

    private static func field(
        _ argument: Expression, _ flag: String, of query: JobQuery
    ) throws(UsageError) -> String {
        guard let path = argument.plainField else {
            throw .refusal(name, flag, "job aggregates fields", "use a field instead of '\(argument.text)'")
        }
        return try query.plainName(path, flag)
    }

    static func call(_ aggregate: Aggregate, of query: JobQuery) throws(UsageError) -> String {
        let arguments = try aggregate.arguments.map { argument throws(UsageError) in
            quoted(try field(argument, aggregate.name, of: query))
        }
        guard let argument = arguments.first else { return "COUNT(*)" }
        switch aggregate.function {
        case .count: return "COUNT(\(argument))"
        case .sum: return "SUM(\(argument))"
        case .avg: return "AVG(\(argument))"
        case .min: return "MIN(\(argument))"
        case .max: return "MAX(\(argument))"
        case .stddev: return "STDDEV_SAMP(\(argument))"
        case .stddevPop: return "STDDEV_POP(\(argument))"
        case .variance: return "VAR_SAMP(\(argument))"
        case .distinct: return "COUNT(DISTINCT \(argument))"
        case .median: return "PERCENTILE(\(argument), 0.5)"
        case .quantile: return "PERCENTILE(\(argument), \(aggregate.parameter))"
        default:
            throw .refusal(
                name, aggregate.name, "job is printed without \(aggregate.function.name)()",
                "use count, sum, avg, min, max, stddev, median, quantile or distinct")
        }
    }

    /// A length of whole milliseconds; nil for others.
    static func interval(_ microseconds: Int64) -> String? {
        guard microseconds >= 0, microseconds % 1000 == 0 else { return nil }
        for (unit, length) in [("DAY", Int64(86_400_000_000)), ("HOUR", 3_600_000_000), ("MINUTE", 60_000_000)]
        where microseconds > 0 && microseconds % length == 0 {
            return literal("\(microseconds / length)", unit)
        }
        let fraction = microseconds % 1_000_000 / 1000
        let digits = String(fraction)
        let decimals = fraction == 0 ? "" : "." + String(repeating: "0", count: 3 - digits.count) + digits
        let seconds = String(microseconds / 1_000_000)
        if decimals.isEmpty { return literal(seconds, "SECOND") }
        return "INTERVAL '\(seconds)\(decimals)' SECOND(\(max(2, seconds.count)), 3)"
    }

    /// Beyond two digits, SQL wants their number.
    private static func literal(_ digits: String, _ unit: String) -> String {
        "INTERVAL '\(digits)' \(unit)" + (digits.count > 2 ? "(\(digits.count))" : "")
    }

    static func quoted(_ name: String) -> String {
        "`" + name.map { $0 == "`" ? "``" : String($0) }.joined() + "`"
    }

    static func string(_ text: String) -> String { "'" + text.map { $0 == "'" ? "''" : String($0) }.joined() + "'" }
}

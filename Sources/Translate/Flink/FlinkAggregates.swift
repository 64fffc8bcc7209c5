import Plan
import StreamEngine

/// Aggregates as Flink SQL.
struct FlinkAggregates {
    let query: JobQuery
    let stage: Int
    let input: FlinkRelation
    let isLocal: Bool

    /// An aggregate as a column with this name.
    func column(_ aggregate: Aggregate, named name: String) throws(UsageError) -> FlinkColumn {
        var expressions = FlinkExpressions(aggregate.name, field: field)
        expressions.isLocal = isLocal
        let sql = try call(aggregate, &expressions)
        return FlinkColumn(sql: sql, name: name, notes: expressions.notes)
    }

    /// The column of a field of the records that the stage reads.
    func field(_ path: FieldPath) -> (sql: String, type: FieldType)? {
        if let found = input.column(path.sourceColumn?.rawValue ?? path.columnName) {
            return (FlinkText.quoted(found.identifier), found.type)
        }
        let names = path.steps.compactMap { step in
            if case .name(let name) = step { String(decoding: name, as: UTF8.self) } else { nil }
        }
        guard names.count == path.steps.count, let first = names.first, let top = input.column(first) else {
            return nil
        }
        let parts = [top.identifier] + names.dropFirst()
        return (parts.map(FlinkText.quoted).joined(separator: "."), query.type(ofField: path, inStage: stage))
    }

    private func call(_ aggregate: Aggregate, _ expressions: inout FlinkExpressions) throws(UsageError) -> String {
        guard let argument = aggregate.arguments.first?.syntax else { return "COUNT(*)" }
        func number() throws(UsageError) -> String { try expressions.translate(argument, as: .double) }
        let rounding = "Flink adds doubles one by one, so the last digits depend on the order of records"
        switch aggregate.function {
        case .count: return "COUNT(\(try expressions.translate(argument)))"
        case .countIf: return "COUNT(*) FILTER (WHERE \(try expressions.condition(argument)))"
        case .sum:
            let value = try expressions.value(argument)
            if value.type == .bigint {
                expressions.note("a sum beyond 64 bits is null")
                return "TRY_CAST(SUM(CAST(\(value.sql) AS DECIMAL(38, 0))) AS BIGINT)"
            }
            expressions.note(rounding)
            return "SUM(\(try number()))"
        case .avg:
            expressions.note(rounding)
            return "AVG(\(try number()))"
        case .min, .max:
            let name = aggregate.function == .min ? "MIN" : "MAX"
            return "\(name)(\(try expressions.translate(argument)))"
        case .stddev, .stddevPop, .variance:
            expressions.note(
                "Flink subtracts a square of sums from a sum of squares, which loses digits where values are large "
                    + "compared with their differences")
            let name =
                aggregate.function == .stddev
                ? "STDDEV_SAMP" : aggregate.function == .stddevPop ? "STDDEV_POP" : "VAR_SAMP"
            return "\(name)(\(try number()))"
        case .distinct:
            expressions.note("exact also beyond 4096 values, with memory for each value")
            return "COUNT(DISTINCT \(try expressions.translate(argument)))"
        case .median: return try quantile(0.5, number(), &expressions)
        case .quantile: return try quantile(aggregate.parameter, number(), &expressions)
        case .first, .last:
            return try extreme(of: argument, isLast: aggregate.function == .last, &expressions)
        case .delta:
            let ends = (
                try extreme(of: argument, isLast: false, &expressions, .double),
                try extreme(of: argument, isLast: true, &expressions, .double)
            )
            return "CASE WHEN COUNT(\(try number())) > 1 THEN \(ends.1) - \(ends.0) END"
        case .minBy, .maxBy: return try extremeBy(aggregate, argument, &expressions)
        default:
            throw .refusal(
                FlinkSQL.name, aggregate.name, "job has no counterpart of \(aggregate.function.name)()",
                "use count, count_if, sum, avg, min, max, first, last, delta, stddev, variance, median, quantile, "
                    + "distinct, or min_by and max_by of a BIGINT")
        }
    }

    private func quantile(
        _ rank: Double, _ argument: String, _ expressions: inout FlinkExpressions
    ) throws(UsageError) -> String {
        expressions.note("exact also beyond 10000 values, with memory for each value")
        return "PERCENTILE(\(argument), \(rank))"
    }

    /// FIRST_VALUE and LAST_VALUE go by arrival, so the time is put in front of the value.
    private func extreme(
        of argument: Syntax, isLast: Bool, _ expressions: inout FlinkExpressions, _ wanted: FieldType? = nil
    ) throws(UsageError) -> String {
        guard let rowtime = input.rowtime else {
            throw .refusal(
                FlinkSQL.name, expressions.flag, "job needs an event time for first() and last()", "add --time FIELD")
        }
        let value = try expressions.value(argument)
        let type = wanted ?? value.type ?? .string
        expressions.note(
            "of records with the same millisecond, the value that sorts \(isLast ? "last" : "first") as a text counts")
        // From the year 0 to 9999, 15 digits.
        let key = "LPAD(CAST(\(FlinkTimes.milliseconds(rowtime)) + 62167219200000 AS STRING), 15, '0')"
        let text = "\(isLast ? "MAX" : "MIN")(CONCAT(\(key), \(try asText(value))))"
        return try fromText("SUBSTRING(\(text), 16)", type)
    }

    private func extremeBy(
        _ aggregate: Aggregate, _ argument: Syntax, _ expressions: inout FlinkExpressions
    ) throws(UsageError) -> String {
        let value = try expressions.value(argument)
        let by = try expressions.value(aggregate.arguments[1].syntax)
        guard by.type == .bigint else {
            throw .refusal(
                FlinkSQL.name, aggregate.name, "job compares only whole numbers in \(aggregate.function.name)()",
                "declare the second field with --types FIELD=BIGINT, or use --sort and --limit")
        }
        expressions.note("of records that are equal in the second value, the value that sorts first or last counts")
        // All 64-bit integers, as 20 digits.
        let zero = "CAST('9223372036854775808' AS DECIMAL(20, 0))"
        let key = "LPAD(CAST(CAST(\(by.sql) AS DECIMAL(20, 0)) + \(zero) AS STRING), 20, '0')"
        let name = aggregate.function == .minBy ? "MIN" : "MAX"
        let text = "\(name)(CONCAT(\(key), \(try asText(value))))"
        return try fromText("SUBSTRING(\(text), 21)", value.type ?? .string)
    }

    private func asText(_ value: FlinkExpressions.Typed) throws(UsageError) -> String {
        value.type == .string ? value.sql : "CAST(\(value.sql) AS STRING)"
    }

    private func fromText(_ text: String, _ type: FieldType) throws(UsageError) -> String {
        switch type {
        case .string: text
        case .bigint, .double, .boolean, .timestamp: "CAST(\(text) AS \(FlinkText.type(type)))"
        }
    }
}

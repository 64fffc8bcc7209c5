import Plan
import StreamEngine

/// Aggregates as Spark SQL.
struct SparkAggregates {
    let query: JobQuery
    let stage: Int
    let input: SparkRelation
    let isLocal: Bool

    func expressions(_ flag: String) -> SparkExpressions {
        var expressions = SparkExpressions(flag) { path in
            input.column(path).map { ($0, query.type(ofField: path, inStage: stage)) }
        }
        expressions.isLocal = isLocal
        return expressions
    }

    /// An aggregate, and what differs in it.
    func call(_ aggregate: Aggregate) throws(UsageError) -> (sql: String, notes: [Difference]) {
        var expressions = expressions(aggregate.name)
        let sql = try call(aggregate, &expressions)
        return (sql, expressions.notes)
    }

    private func call(_ aggregate: Aggregate, _ expressions: inout SparkExpressions) throws(UsageError) -> String {
        guard let argument = aggregate.arguments.first?.syntax else { return "count(*)" }
        func number() throws(UsageError) -> String { try expressions.translate(argument, as: .double) }
        let rounding = "Spark adds doubles one by one, so the last digits depend on the order of records"
        switch aggregate.function {
        case .count: return "count(\(try expressions.translate(argument)))"
        case .countIf: return "count_if(\(try expressions.condition(argument)))"
        case .sum:
            let value = try expressions.value(argument)
            if value.type == .bigint {
                expressions.note("a sum beyond 64 bits is null")
                return "try_sum(\(value.sql))"
            }
            expressions.note(rounding)
            return "sum(\(try number()))"
        case .avg:
            expressions.note(rounding)
            return "avg(\(try number()))"
        case .min, .max: return "\(aggregate.function.name)(\(try expressions.translate(argument)))"
        case .stddev, .stddevPop, .variance:
            expressions.note("the last digits depend on the order of records")
            let name =
                aggregate.function == .stddev
                ? "stddev_samp" : aggregate.function == .stddevPop ? "stddev_pop" : "var_samp"
            return "\(name)(\(try number()))"
        case .skewness:
            expressions.note("the last digits depend on the order of records")
            let x = try number()
            let n = "count(\(x))"
            // That of Spark is the one of a population.
            return "CASE WHEN \(n) > 2 THEN skewness(\(x)) * sqrt(\(n) * (\(n) - 1)) / (\(n) - 2) END"
        case .distinct:
            expressions.note("exact also beyond 4096 values, with memory for each value")
            return "size(collect_set(\(try expressions.translate(argument))))"
        case .mode: return "mode(\(try expressions.translate(argument)), true)"
        case .median: return try quantile(0.5, number(), &expressions)
        case .quantile: return try quantile(aggregate.parameter, number(), &expressions)
        case .first, .last:
            return try extreme(try expressions.translate(argument), isLast: aggregate.function == .last, &expressions)
        case .delta:
            let x = try number()
            let ends = (
                try extreme(x, isLast: false, &expressions), try extreme(x, isLast: true, &expressions)
            )
            return "CASE WHEN count(\(x)) > 1 THEN \(ends.1) - \(ends.0) END"
        case .minBy, .maxBy:
            let value = try expressions.translate(argument)
            let by = try expressions.translate(aggregate.arguments[1].syntax, as: .double)
            expressions.note("of records that are equal in the second value, any may count")
            let name = aggregate.function == .minBy ? "min_by" : "max_by"
            return "\(name)(\(value), \(by)) FILTER (WHERE \(value) IS NOT NULL)"
        default:
            throw .refusal(
                PySpark.name, aggregate.name, "job has no counterpart of \(aggregate.function.name)()",
                "use count, count_if, sum, avg, min, max, first, last, delta, stddev, variance, skewness, median, "
                    + "quantile, mode, distinct, min_by or max_by")
        }
    }

    private func quantile(
        _ rank: Double, _ argument: String, _ expressions: inout SparkExpressions
    ) throws(UsageError) -> String {
        expressions.note("exact also beyond 10000 values, with memory for each value")
        return "percentile(\(argument), \(SQLText.number(rank)))"
    }

    /// The value with the first or last event time; first() and last() of Spark go by arrival.
    private func extreme(
        _ value: String, isLast: Bool, _ expressions: inout SparkExpressions
    ) throws(UsageError) -> String {
        guard let time = input.time else {
            throw .refusal(
                PySpark.name, expressions.flag, "job needs an event time for first() and last()", "add --time FIELD")
        }
        expressions.note("of records with the same time, any may count")
        return "\(isLast ? "max_by" : "min_by")(\(value), \(time)) FILTER (WHERE \(value) IS NOT NULL)"
    }
}

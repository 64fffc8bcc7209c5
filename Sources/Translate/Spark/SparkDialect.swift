import Plan
import StreamEngine

typealias SparkExpressions = SQLExpressions<SparkDialect>

/// The expressions of Spark SQL, with `spark.sql.ansi.enabled` off: what cannot be computed is null.
enum SparkDialect: SQLDialect {
    static let engine = PySpark.name
    static let failsAtZero = false
    static let hasRemainderOfDoubles = true
    static let hasMicroseconds = true

    static func string(_ text: String) -> String { SparkText.string(text) }
    static func type(_ type: FieldType) -> String { SparkText.type(type) }

    /// LEAST and GREATEST leave out nulls.
    static func extremum(_ function: String, _ values: [String]) -> String {
        let test = values.map { "\($0) IS NOT NULL" }.joined(separator: " AND ")
        return "CASE WHEN \(test) THEN \(function)(\(values.joined(separator: ", "))) END"
    }

    static func text(_ value: String, of type: FieldType, _ note: (String) -> Void) -> String {
        type == .timestamp
            ? "date_format(\(value), 'yyyy-MM-dd\\'T\\'HH:mm:ss.SSSXXX')" : "CAST(\(value) AS STRING)"
    }

    static func integer(_ value: String) -> String { "CAST(\(value) AS BIGINT)" }

    static func call(
        _ operation: Operation, _ arguments: [Syntax], _ expressions: inout SQLExpressions<SparkDialect>
    ) throws(UsageError) -> SparkExpressions.Typed {
        try expressions.call(operation, arguments)
    }

    static func time(_ microseconds: Int64) -> String { "timestamp_micros(\(microseconds))" }

    static func time(number: String, _ format: TimeFormat, isDouble: Bool) -> String? {
        switch (format, isDouble) {
        case (.seconds, true): "timestamp_micros(CAST(round(\(number) * 1E6) AS BIGINT))"
        case (.seconds, false): "timestamp_seconds(\(number))"
        case (.milliseconds, true): "timestamp_micros(CAST(round(\(number) * 1E3) AS BIGINT))"
        case (.milliseconds, false): "timestamp_millis(\(number))"
        case (.microseconds, true): "timestamp_micros(CAST(\(number) AS BIGINT))"
        case (.microseconds, false): "timestamp_micros(\(number))"
        case (.nanoseconds, true): "timestamp_micros(CAST(floor(\(number) / 1E3) AS BIGINT))"
        case (.nanoseconds, false): "timestamp_micros((\(number) - pmod(\(number), 1000)) DIV 1000)"
        case (.auto, _), (.iso, _), (.pattern, _): nil
        }
    }

    static func seconds(from second: String, to first: String) -> String {
        "((unix_micros(\(first)) - unix_micros(\(second))) / 1E6)"
    }

    static func shifted(_ time: String, _ sign: String, seconds: String) -> String {
        "timestamp_micros(unix_micros(\(time)) \(sign) CAST(round(\(seconds) * 1E6) AS BIGINT))"
    }
}

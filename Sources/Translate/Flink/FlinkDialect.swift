import Plan
import StreamEngine

typealias FlinkExpressions = SQLExpressions<FlinkDialect>

/// The expressions of Flink SQL.
enum FlinkDialect: SQLDialect {
    static let engine = FlinkSQL.name
    static let failsAtZero = true
    static let hasRemainderOfDoubles = false
    static let hasMicroseconds = false

    static func string(_ text: String) -> String { FlinkText.string(text) }
    static func type(_ type: FieldType) -> String { FlinkText.type(type) }

    static func extremum(_ function: String, _ values: [String]) -> String {
        "\(function)(\(values.joined(separator: ", ")))"
    }

    static func text(_ value: String, of type: FieldType, _ note: (String) -> Void) -> String {
        if type == .timestamp { note("times become texts with a blank for the T and without a Z, with three decimals") }
        return type == .boolean ? "LOWER(CAST(\(value) AS STRING))" : "CAST(\(value) AS STRING)"
    }

    static func integer(_ value: String) -> String { "CAST(\(value) AS BIGINT)" }

    static func call(
        _ operation: Operation, _ arguments: [Syntax], _ expressions: inout SQLExpressions<FlinkDialect>
    ) throws(UsageError) -> FlinkExpressions.Typed {
        try expressions.call(operation, arguments)
    }

    static func time(_ microseconds: Int64) -> String { FlinkTimes.literal(microseconds) }

    static func time(number: String, _ format: TimeFormat, isDouble: Bool) -> String? {
        FlinkTimes.fromNumber(number, format, isDouble: isDouble)
    }

    static func seconds(from second: String, to first: String) -> String {
        "((\(FlinkTimes.milliseconds(first)) - \(FlinkTimes.milliseconds(second))) / 1000E0)"
    }

    static func shifted(_ time: String, _ sign: String, seconds: String) -> String {
        "TO_TIMESTAMP_LTZ(\(FlinkTimes.milliseconds(time)) \(sign) CAST(\(seconds) * 1000 AS BIGINT), 3)"
    }
}

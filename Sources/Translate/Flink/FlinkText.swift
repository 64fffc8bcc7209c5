import Plan
import StreamEngine

/// Names, literals and types of Flink SQL.
enum FlinkText {
    static func quoted(_ name: String) -> String {
        "`" + name.map { $0 == "`" ? "``" : String($0) }.joined() + "`"
    }

    static func string(_ text: String) -> String { "'" + text.map { $0 == "'" ? "''" : String($0) }.joined() + "'" }

    /// A length of whole milliseconds; nil for others.
    static func interval(_ microseconds: Int64) -> String? {
        guard microseconds >= 0, microseconds % 1000 == 0 else { return nil }
        for (unit, length) in [("DAY", Int64(86_400_000_000)), ("HOUR", 3_600_000_000), ("MINUTE", 60_000_000)]
        where microseconds > 0 && microseconds % length == 0 {
            return literal("\(microseconds / length)", unit)
        }
        let fraction = microseconds % 1_000_000 / 1000
        let digits = String(fraction)
        let seconds = String(microseconds / 1_000_000)
        if fraction == 0 { return literal(seconds, "SECOND") }
        let decimals = "." + String(repeating: "0", count: 3 - digits.count) + digits
        return "INTERVAL '\(seconds)\(decimals)' SECOND(\(max(2, seconds.count)), 3)"
    }

    /// Beyond two digits, SQL wants their number.
    private static func literal(_ digits: String, _ unit: String) -> String {
        "INTERVAL '\(digits)' \(unit)" + (digits.count > 2 ? "(\(digits.count))" : "")
    }

    /// A length as settings name it: `10 s`.
    static func duration(_ microseconds: Int64) -> String {
        microseconds % 1_000_000 == 0 ? "\(microseconds / 1_000_000) s" : "\(microseconds / 1000) ms"
    }

    static func type(_ type: FieldType) -> String {
        switch type {
        case .string: "STRING"
        case .bigint: "BIGINT"
        case .double: "DOUBLE"
        case .boolean: "BOOLEAN"
        case .timestamp: "TIMESTAMP_LTZ(3)"
        }
    }
}

/// A column of a SELECT.
struct FlinkColumn {
    var sql: String
    var name: String
    var notes: [Difference] = []

    var text: String {
        let quoted = FlinkText.quoted(name)
        return sql == quoted || sql == name ? sql : "\(sql) AS \(quoted)"
    }
}

extension JobText {
    /// A SELECT with a column on each line, and above it what differs.
    mutating func select(_ columns: [FlinkColumn], from source: String) {
        line("SELECT")
        for (number, column) in columns.enumerated() {
            for note in column.notes { differs(note, indent: 2) }
            line("  \(column.text)\(number == columns.count - 1 ? "" : ",")")
        }
        line("FROM \(source)")
    }
}

/// What a query of Flink reads: a table or a view.
struct FlinkRelation {
    var name: String
    /// A name that expressions use, and the column that holds it.
    struct Column {
        var name: String
        var identifier: String
        var type: FieldType
    }

    var columns: [Column]
    /// The column with the event time.
    var rowtime: String?

    static let eventTime = "event_time_"
    /// The event time of records without one: so early that it moves no watermark.
    static let noTime = "TO_TIMESTAMP_LTZ(-62135596800000, 3)"
    /// Columns that windows add.
    private static let reserved = ["window_start", "window_end", "window_time", eventTime, "arrival_", "copy_"]

    func column(_ name: String) -> Column? { columns.last { $0.name == name } }

    /// A name for a column that no other column and no window has.
    func free(_ name: String) -> String {
        var result = name
        while Self.reserved.contains(result) || columns.contains(where: { $0.identifier == result }) { result += "_" }
        return result
    }
}

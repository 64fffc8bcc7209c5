import StreamEngine

/// What `--generate` prints for a command line, instead of running it.
package enum Generated: Sendable, CaseIterable, Equatable {
    /// A dashboard of the metrics of the run, and of its rows in a table.
    case grafana
    /// The same query as a job of another engine.
    case job(TargetEngine)

    package static var allCases: [Generated] { [.grafana] + TargetEngine.allCases.map { .job($0) } }

    /// The kind as it is typed.
    package var name: String {
        switch self {
        case .grafana: "grafana"
        case .job(let engine): engine.rawValue
        }
    }

    /// The engine whose job it is; nil if it is none.
    package var engine: TargetEngine? { if case .job(let engine) = self { engine } else { nil } }
}

/// An engine that can do what a command line says on many machines, and the language of its jobs.
package enum TargetEngine: String, Sendable, CaseIterable {
    /// A script for the SQL client of Flink.
    case flinkSQL = "flink-sql"
    /// A Python file for Flink.
    case pyflink
    /// A Python file for Spark.
    case pyspark
    /// A Python file for Apache Beam.
    case beam
}

/// The type of a column of records, from which each engine has its own name.
package enum FieldType: String, Sendable, CaseIterable {
    case string = "STRING"
    case bigint = "BIGINT"
    case double = "DOUBLE"
    case boolean = "BOOLEAN"
    /// A time; in records, a text in RFC 3339.
    case timestamp = "TIMESTAMP"

    /// The type with this name, or with the name that it has in other languages; nil if there is none.
    package init?(named name: String) {
        switch name.uppercased() {
        case "STRING", "TEXT", "VARCHAR": self = .string
        case "BIGINT", "INT", "INTEGER", "LONG": self = .bigint
        case "DOUBLE", "FLOAT", "NUMBER": self = .double
        case "BOOLEAN", "BOOL": self = .boolean
        case "TIMESTAMP", "TIMESTAMPTZ", "TIME": self = .timestamp
        default: return nil
        }
    }
}

/// The type of a field in all records (`--types`), which a job of another engine must know in advance.
package struct DeclaredType: Sendable, Equatable {
    package var field: FieldPath
    package var type: FieldType

    package init(field: FieldPath, type: FieldType) {
        self.field = field
        self.type = type
    }
}

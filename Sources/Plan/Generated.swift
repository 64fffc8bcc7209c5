/// What `--generate` prints for a command line, instead of running it.
package enum Generated: String, Sendable, CaseIterable {
    /// A dashboard of the metrics of the run, and of its rows in a table.
    case grafana
    /// A script for the SQL client of Flink.
    case flinkSQL = "flink-sql"

    /// The engine whose job it is; nil if it is none.
    package var engine: TargetEngine? {
        switch self {
        case .grafana: nil
        case .flinkSQL: .flinkSQL
        }
    }
}

/// An engine that can do what a command line says on many machines.
package enum TargetEngine: Sendable {
    case flinkSQL
}

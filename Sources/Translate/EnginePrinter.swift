import Plan

/// An engine for which jobs are printed: one file for each.
///
/// `JobQuery` has already refused what no engine has; a printer refuses what its own cannot express, before it prints
/// anything else in its place.
protocol EnginePrinter {
    /// The name in messages: `Flink SQL`.
    static var name: String { get }

    /// - Throws: a refusal, with status 64.
    static func print(_ query: JobQuery) throws(UsageError) -> Translation
}

extension Plan {
    /// The job of another engine that does what this plan says.
    ///
    /// - Throws: a refusal that names the flag and the nearest thing that works.
    package func translated(_ engine: TargetEngine) throws(UsageError) -> Translation {
        switch engine {
        case .flinkSQL: try FlinkSQL.print(try JobQuery(self, for: FlinkSQL.name))
        }
    }
}

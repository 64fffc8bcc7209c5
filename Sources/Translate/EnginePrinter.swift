import Plan

/// An engine for which jobs are printed: a folder for each.
///
/// `JobQuery` describes the command line. A printer refuses what its engine cannot express before it prints anything.
protocol EnginePrinter {
    /// The name in messages, with an article: `a Flink`.
    static var name: String { get }

    /// What the engine does with a part that this command line has, beyond `Verdict.common`.
    static func verdict(on part: JobPart, in query: JobQuery) -> Verdict

    /// - Throws: a refusal, with status 64.
    static func print(_ query: JobQuery) throws(UsageError) -> Translation
}

extension EnginePrinter {
    /// Gives a verdict on each part of the command line.
    ///
    /// - Returns: what differs in parts that the job leaves out, for its first lines.
    static func judge(_ query: JobQuery) throws(UsageError) -> [Difference] {
        var differences: [Difference] = []
        for part in JobPart.allCases where part.isUsed(in: query.plan) {
            let flag = part.flag(in: query.plan)
            switch Verdict.common(part) ?? verdict(on: part, in: query) {
            case .printed: break
            case .differs(let text): differences.append(Difference(flag, text))
            case .refused(let reason, let remedy): throw .refusal(name, flag, "job \(reason)", remedy)
            }
        }
        return differences
    }
}

extension Plan {
    /// The job of another engine that does what this plan says.
    ///
    /// - Throws: a refusal that names the flag and the nearest thing that works.
    package func translated(_ engine: TargetEngine) throws(UsageError) -> Translation {
        switch engine {
        case .flinkSQL: try FlinkSQL.print(try JobQuery(self, for: FlinkSQL.name))
        case .pyflink: try PyFlink.print(try JobQuery(self, for: PyFlink.name))
        case .pyspark: try PySpark.print(try JobQuery(self, for: PySpark.name, readsStandardInput: true))
        case .beam: try Beam.print(try JobQuery(self, for: Beam.name))
        }
    }
}

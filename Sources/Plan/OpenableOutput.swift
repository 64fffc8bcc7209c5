import StreamEngine

/// A kind of output that can be opened. The composition root lists them all.
///
/// It is first opened, which reads what the job has stored, and then started, once the start of the run is known.
package protocol OpenableOutput: AnyObject, SendableMetatype {
    /// The specification of such an output on the command line.
    associatedtype Spec: OutputSpec
    /// Connects and takes the job. Does not create or change anything that holds rows.
    static func open(_ spec: Spec, _ run: RunContext, _ input: any Input) throws(RunError) -> Self
    /// What is known about the output before a run, for `--explain`. Opens nothing.
    static func explain(_ spec: Spec, _ plan: Plan, _ notes: inout OutputNotes) throws(RunError)

    /// The jobs that such outputs keep at a place; nil if such outputs keep none there. Changes nothing.
    static func jobs(_ list: JobListPlan, warn: @escaping @Sendable (String) -> Void) throws(RunError) -> JobList?

    /// What earlier runs of the job have stored; nil for a new job, or without a job.
    var stored: JobState? { get }
    /// Checks that the output of a job that is already finished is still complete.
    func checkFinished(_ checkpoint: Checkpoint) throws(RunError)
    /// Opens or creates what the rows go to, and changes nothing yet: the rejects file is opened next, and may fail.
    ///
    /// - Parameter checkpoint: the checkpoint to resume from; nil for a new job.
    func prepare(from checkpoint: Checkpoint?) throws(RunError)
    /// Creates the output, or truncates it to the checkpoint.
    ///
    /// - Parameter checkpoint: the checkpoint to resume from; nil for a new job.
    func start(from checkpoint: Checkpoint?) throws(RunError) -> Destination
    /// Releases the job. Only called if the run does not start.
    func close()
}

/// How rows leave a run.
package enum Destination {
    /// As they come.
    case direct(any RowSink)
    /// Collected and committed together.
    case committed(any Committer)
}

/// The output as `--explain` shows it, described by the module that writes it.
package struct OutputNotes: Sendable {
    /// The statements that create the table, write to it, and create the job table.
    package var createTable = ""
    package var write: [String] = []
    package var createJobs = ""
    /// The file with the checkpoint of the job.
    package var jobFile = ""
    /// What is known about the inputs, one line each: the partitions of topics with their offsets, or why they are unknown;
    /// the files that are compressed.
    package var inputs: [String] = []
    /// The tables of `--lookup`.
    package var lookups: [[String]] = []
    /// The fields of the first records.
    package var fields: [String] = []

    package init() {}
}

extension OpenableOutput {
    package static func jobs(
        _ list: JobListPlan, warn: @escaping @Sendable (String) -> Void
    ) throws(RunError) -> JobList? { nil }
    package func checkFinished(_ checkpoint: Checkpoint) throws(RunError) {}
    package func prepare(from checkpoint: Checkpoint?) throws(RunError) {}
    package func close() {}

    /// The specification of such an output on the command line.
    package static var spec: any OutputSpec.Type { Spec.self }

    /// - Returns: nil if the plan names a different kind of output.
    package static func open(_ run: RunContext, _ input: any Input) throws(RunError) -> (any OpenableOutput)? {
        guard let spec = run.plan.output as? Spec else { return nil }
        return try open(spec, run, input)
    }

    /// Does nothing if the plan names a different kind of output.
    package static func explain(_ plan: Plan, _ notes: inout OutputNotes) throws(RunError) {
        if let spec = plan.output as? Spec { try explain(spec, plan, &notes) }
    }
}

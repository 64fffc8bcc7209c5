import StreamEngine

/// A kind of output that can be opened. The composition root lists them all.
///
/// First it is opened, which tells what the job has stored; when it is settled where the run starts, it is started.
package protocol OpenableOutput: AnyObject, SendableMetatype {
    /// What a command line names such an output by.
    associatedtype Spec: OutputSpec
    /// Connects, and takes the job. Creates and changes nothing that holds rows.
    static func open(_ spec: Spec, _ run: RunContext, _ input: any Input) throws(RunError) -> Self
    /// What is known of the output before a run, for `--explain`. Nothing is opened.
    static func explain(_ spec: Spec, _ plan: Plan, _ notes: inout OutputNotes) throws(RunError)

    /// What earlier runs of the job have stored; nil for a new job and without one.
    var stored: JobState? { get }
    /// Looks whether the output of a job that has finished before is still complete.
    func checkFinished(_ checkpoint: Checkpoint) throws(RunError)
    /// Creates the output, or cuts off what is after the checkpoint.
    ///
    /// - Parameter checkpoint: what the job has delivered; nil for one that begins.
    func start(from checkpoint: Checkpoint?) throws(RunError) -> Destination
    /// Gives the job back. Only called when the run does not start.
    func close()
}

/// How rows leave a run.
package enum Destination {
    /// At once.
    case direct(any RowSink)
    /// Collected, and committed together.
    case committed(any Committer)
}

/// What `--explain` shows of the output, in the words of the modules that write it.
package struct OutputNotes: Sendable {
    /// The statement that makes the table, the one that fills it, and the one that makes the table of jobs.
    package var createTable = ""
    package var write = ""
    package var createJobs = ""
    /// The file that keeps the job.
    package var jobFile = ""
    /// The partitions of the topics with their offsets, a line each, or why they are not known.
    package var partitions: [String] = []

    package init() {}
}

extension OpenableOutput {
    package func checkFinished(_ checkpoint: Checkpoint) throws(RunError) {}
    package func close() {}

    /// What a command line names such an output by.
    package static var spec: any OutputSpec.Type { Spec.self }

    /// - Returns: nil when the plan names another kind of output.
    package static func open(_ run: RunContext, _ input: any Input) throws(RunError) -> (any OpenableOutput)? {
        guard let spec = run.plan.output as? Spec else { return nil }
        return try open(spec, run, input)
    }

    /// Does nothing when the plan names another kind of output.
    package static func explain(_ plan: Plan, _ notes: inout OutputNotes) throws(RunError) {
        if let spec = plan.output as? Spec { try explain(spec, plan, &notes) }
    }
}

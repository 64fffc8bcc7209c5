import Glibc
import Plan
import StreamEngine
import System

/// Writes rows as text to a file or to standard output.
package final class FileDelivery: OpenableOutput {
    private let spec: FileOutput
    private let input: any Input
    private let job: (file: JobFile, fingerprint: String)?
    package let stored: JobState?
    /// Between `prepare` and `start`.
    private var sink: ByteSink?

    package static func open(
        _ spec: FileOutput, _ run: RunContext, _ input: any Input
    ) throws(RunError) -> FileDelivery {
        guard let job = run.plan.job else { return FileDelivery(spec, input, job: nil, stored: nil) }
        let file = try JobFile(directory: Self.directory(of: job), job: job.name)
        if job.startsOver { try file.remove() }
        return FileDelivery(spec, input, job: (file, job.fingerprintText), stored: try file.load())
    }

    private static func directory(of job: JobPlan) throws(RunError) -> String {
        try JobFile.directory(job.stateDirectory, for: "--job \(job.name)")
    }

    private init(_ spec: FileOutput, _ input: any Input, job: (JobFile, String)?, stored: JobState?) {
        self.spec = spec
        self.input = input
        self.job = job
        self.stored = stored
    }

    package static func jobs(
        _ list: JobListPlan, warn: @escaping @Sendable (String) -> Void
    ) throws(RunError) -> JobList? {
        guard case .directory(let directory) = list.place else { return nil }
        return try JobDirectory.list(JobFile.directory(directory, for: "--list-jobs"))
    }

    package static func explain(_ spec: FileOutput, _ plan: Plan, _ notes: inout OutputNotes) throws(RunError) {
        guard let job = plan.job else { return }
        notes.jobFile = "\(try directory(of: job))/\(job.name).job"
    }

    package func checkFinished(_ checkpoint: Checkpoint) throws(RunError) {
        if let job { try FileCommitter.checkOutput(spec, job.file, checkpoint) }
    }

    /// Opens the file or standard output, and locks a file against other runs.
    package func prepare(from checkpoint: Checkpoint?) throws(RunError) {
        if let job, let checkpoint { try FileCommitter.checkOutput(spec, job.file, checkpoint) }
        var opened = spec.isStandard ? ByteSink.standardOutput() : try ByteSink.opening(spec.file)
        if let job {
            if let identity = opened.identity, job.file.keeps(identity) {
                throw .cannotCreate(output: spec.file, reason: "the job is kept in this file; write to a different one")
            }
            try opened.lock { job.file.owner(of: $0) }
            job.file.note(output: opened.identity)
        } else if !spec.isStandard {
            try opened.lock()
        }
        sink = consume opened
    }

    package func start(from checkpoint: Checkpoint?) throws(RunError) -> Destination {
        var opened: ByteSink? = nil
        swap(&opened, &sink)
        guard let sink = opened else { throw .usage("the output was not prepared") }
        guard let job else { return .direct(try FileSink(spec, sink)) }
        return .committed(
            try FileCommitter(spec, sink, input, job.file, fingerprint: job.fingerprint, from: checkpoint))
    }
}

/// Writes rows as text as soon as they arrive.
final class FileSink: RowSink {
    private var sink: ByteSink
    let watchedDescriptor: Int32

    init(_ spec: FileOutput, _ sink: consuming ByteSink) throws(RunError) {
        if !spec.isStandard { try sink.start() }
        self.sink = sink
        watchedDescriptor = spec.isStandard ? STDOUT_FILENO : -1
    }

    func makeEncoder(_ schema: RowSchema) -> any RowEncoder { sink.makeEncoder(schema) }

    func write(_ rows: borrowing EncodedRows) throws(RunError) {
        try rows.withBytes { bytes throws(RunError) in try sink.write(bytes) }
    }
    func flush() throws(RunError) { try sink.flush() }
    func awaitDelivery() throws(RunError) { try sink.flush() }
    func close() throws(RunError) { try sink.close() }
}

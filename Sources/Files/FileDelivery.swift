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

    package func start(from checkpoint: Checkpoint?) throws(RunError) -> Destination {
        guard let job else { return .direct(try FileSink(spec)) }
        return .committed(try FileCommitter(spec, input, job.file, fingerprint: job.fingerprint, from: checkpoint))
    }
}

/// Writes rows as text as soon as they arrive.
final class FileSink: RowSink {
    private var sink: ByteSink
    let watchedDescriptor: Int32

    init(_ spec: FileOutput) throws(RunError) {
        sink = try spec.isStandard ? .standardOutput() : .creating(spec.file)
        watchedDescriptor = spec.isStandard ? STDOUT_FILENO : -1
    }

    func makeEncoder(_ schema: RowSchema) -> any RowEncoder { TextEncoder(schema) }
    func write(_ rows: borrowing EncodedRows) throws(RunError) {
        try rows.withBytes { bytes throws(RunError) in try sink.write(bytes) }
    }
    func flush() throws(RunError) { try sink.flush() }
    func awaitDelivery() throws(RunError) { try sink.flush() }
    func close() throws(RunError) { try sink.close() }
}

import Plan
import StreamEngine
import System

/// Writes rows as text to a file that a job can resume. Rows are synchronized to disk first, then the checkpoint with
/// the length of the file. After a crash, the next run truncates the file to that length.
///
/// A pipe gets rows at least once: they cannot be taken back.
///
/// Unchecked: used only by the committing thread.
final class FileCommitter: Committer, @unchecked Sendable {
    private let job: JobFile
    private let fingerprint: String
    private var sink: ByteSink
    private let input: any Input
    /// Bytes of the output at the committed position of the last checkpoint.
    private var committedLength: Int
    /// Bytes of the output before the job.
    private let outputStart: Int

    init(
        _ spec: FileOutput, _ sink: consuming ByteSink, _ input: any Input, _ job: JobFile, fingerprint: String,
        from checkpoint: Checkpoint?
    ) throws(RunError) {
        self.job = job
        self.fingerprint = fingerprint
        self.input = input
        // A new job appends to what standard output contains: >> out.
        try sink.start(at: checkpoint?.output.length ?? (spec.isStandard ? sink.size ?? 0 : 0))
        outputStart = checkpoint?.output.start ?? sink.position
        committedLength = checkpoint?.output.committedLength ?? sink.position
        self.sink = sink
    }

    /// Checks that the output still has everything that the job has written.
    static func checkOutput(_ spec: FileOutput, _ job: JobFile, _ checkpoint: Checkpoint) throws(RunError) {
        let size =
            spec.isStandard ? standardOutputSize() : isKept(spec.file) ? regularFileSize(spec.file) ?? 0 : nil
        guard let size, size < checkpoint.output.length else { return }
        throw .mismatch(
            "\(spec.name) is shorter than the \(checkpoint.output.length) bytes that the job has written; restore it "
                + "(and write >> FILE, not > FILE), or give --reset \(job.name) to start over")
    }

    /// False for a device or FIFO, which keeps no rows.
    private static func isKept(_ path: String) -> Bool { regularFileSize(path) != nil || !exists(path) }

    var refusals: RefusedRows { RefusedRows() }

    func makeEncoder(_ schema: RowSchema, for table: any RowTable) -> any RowEncoder { sink.makeEncoder(schema) }

    func commit(_ committable: Committable, _ rejects: (any RejectsWriter)?) throws(RunError) {
        try job.checkLock()
        // No heartbeat is needed: the lock shows that this process is alive.
        guard !committable.isHeartbeat else { return }
        failpoint("before-rows")
        let start = sink.position
        try committable.rows.withBytes { rows throws(RunError) in try sink.write(rows) }
        failpoint("after-rows")
        try sink.synchronize()
        try committable.rejects.withBytes { lines throws(RunError) in try rejects?.write(lines) }
        try rejects?.synchronize()
        failpoint("rows-synced")
        if let boundary = committable.boundary { committedLength = start + boundary }
        guard var checkpoint = committable.checkpoint else { return }
        checkpoint.output.start = outputStart
        checkpoint.output.committedLength = committedLength
        checkpoint.output.length = sink.position
        checkpoint.output.note(rejects)
        try input.seal(&checkpoint.input)
        try job.save(fingerprint: fingerprint, checkpoint: checkpoint.text)
    }

    func close() {
        // Everything has been written and synchronized.
        try? sink.close()
    }
}

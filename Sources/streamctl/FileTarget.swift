import Command
import Files
import Glibc
import StreamEngine

/// Rows as text in a file that a job goes on with: first the rows are on the disk, then the checkpoint that says how
/// many of them count. What a crash leaves behind them is cut off by the next run.
///
/// Into a pipe rows are written at least once: they cannot be taken back.
final class FileTarget: CommitTarget, @unchecked Sendable {
    private let job: JobFile
    private let fingerprint: String
    private var sink: ByteSink
    private let rejects: RejectsFile?
    private let inputs: [InputSpec]
    /// Bytes of the output at the place of the last checkpoint.
    private var outputAt: Int

    init(_ plan: Plan, _ job: JobFile, fingerprint: String, from checkpoint: Checkpoint?) throws(SinkError) {
        self.job = job
        self.fingerprint = fingerprint
        inputs = plan.inputs
        let length = checkpoint?.output ?? 0
        outputAt = checkpoint?.outputAt ?? 0
        switch plan.output {
        case .file(let path):
            // A device or FIFO has nothing that could be kept.
            let keeps = length > 0 && (regularFileSize(path) != nil || !exists(path))
            if keeps, regularFileSize(path) ?? 0 < length {
                throw .undelivered(
                    .unfit,
                    reason:
                        "\(path) has less than the \(length) bytes that the job has written; put it back, or remove "
                        + "\(job.path) to begin anew")
            }
            sink = try keeps ? .resuming(path, at: length) : .creating(path)
        case .standardOutput, .postgres:
            sink = .standardOutput()
            if sink.isRegularFile { sink = try .resuming("-", at: length) }
        }
        rejects = try RejectsFile.open(plan, keeping: checkpoint?.rejects)
    }

    var table: (any RowTable)? { nil }
    var refusals: Refusals { Refusals() }

    func commit(_ parcel: Parcel) throws(SinkError) {
        // The lock says that this process is alive.
        guard !parcel.isHeartbeat else { return }
        failpoint("before-rows")
        let start = sink.position
        try sink.write(parcel.rows.bytes)
        failpoint("after-rows")
        try sink.synchronize()
        try rejects?.write(parcel.rejects.bytes)
        try rejects?.synchronize()
        failpoint("rows-synced")
        if let boundary = parcel.boundary { outputAt = start + boundary }
        guard var checkpoint = parcel.checkpoint else { return }
        checkpoint.outputAt = outputAt
        checkpoint.output = sink.position
        checkpoint.rejects = rejects?.length ?? 0
        try checkpoint.prove(inputs)
        try job.save(fingerprint: fingerprint, checkpoint: checkpoint.text)
    }

    func close() {
        // Everything was written and synchronized before.
        try? sink.close()
        try? rejects?.close()
    }
}

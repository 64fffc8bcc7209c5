import Glibc
import Plan
import StreamEngine
import System

/// The file of `--rejects`. Lines are appended to what it contains. A job that resumes first takes back what it has
/// appended after its checkpoint.
package final class RejectsFile: RejectsWriter {
    private var sink: ByteSink
    package let mark: Int64
    package let isRecorded: Bool
    /// Bytes to keep; nil to keep all, also those that another run appends in the meantime.
    private let kept: Int?

    /// Opens the file that the plan names, if any; changes nothing. Call it once the output is open: only then can two
    /// names of one file be detected.
    ///
    /// - Parameter checkpoint: the checkpoint to resume from; nil for a new job.
    package static func open(_ plan: Plan, from checkpoint: Checkpoint?) throws(RunError) -> RejectsFile? {
        guard let path = plan.rejects else { return nil }
        var sink = try ByteSink.opening(path, appends: true)
        if let output = plan.output.path, isSameFile(input: path, output: output) {
            throw .cannotCreate(output: path, reason: "it is also the output; write to a different file")
        }
        // Runs without a job may append to one file at the same time.
        try sink.lock(isShared: plan.job == nil)
        return RejectsFile(sink, path, isJob: plan.job != nil, from: checkpoint?.output)
    }

    private init(_ sink: consuming ByteSink, _ path: String, isJob: Bool, from stored: OutputCheckpoint?) {
        self.sink = sink
        self.sink.form = .json
        guard isJob, let size = self.sink.size else {
            (mark, isRecorded, kept) = (0, true, nil)
            return
        }
        mark = Self.mark(of: path)
        // Earlier versions did not store which file it was.
        if let stored, stored.rejectsMark == mark || stored.rejectsMark == 0 && stored.rejectsLength > 0 {
            // A file that was moved away or truncated is started over.
            kept = min(stored.rejectsLength, size)
        } else {
            kept = size
        }
        isRecorded = stored?.rejectsMark == mark && stored?.rejectsLength == kept
    }

    /// A hash of the absolute path: short enough for the checkpoint of a topic.
    private static func mark(of path: String) -> Int64 {
        guard let absolute = realpath(path, nil) else { return 0 }
        defer { free(absolute) }
        var hash = FNV1a()
        hash.add(UnsafeRawBufferPointer(start: absolute, count: strlen(absolute)))
        return max(1, Int64(bitPattern: hash.value >> 1))
    }

    /// Takes back what belongs to no checkpoint.
    package func start() throws(RunError) { if let kept { try sink.start(at: kept) } }

    package var length: Int { sink.position }

    package func write(_ lines: UnsafeRawBufferPointer) throws(RunError) {
        if lines.count > 0 { try sink.write(lines) }
    }

    package func flush() throws(RunError) { try sink.flush() }
    package func synchronize() throws(RunError) { try sink.synchronize() }
    package func close() throws(RunError) { try sink.close() }
}

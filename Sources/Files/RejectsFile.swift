import Plan
import StreamEngine
import System

/// The file of `--rejects`.
package final class RejectsFile: RejectsWriter {
    private var sink: ByteSink

    /// Opens the file that the plan names, if any. Call it once the output is open: only then can two names of one file
    /// be detected.
    ///
    /// - Parameter length: bytes of an earlier run to keep; the rest is truncated.
    package static func open(_ plan: Plan, keeping length: Int? = nil) throws(RunError) -> RejectsFile? {
        guard let path = plan.rejects else { return nil }
        if let output = plan.output.path, isSameFile(input: path, output: output) {
            throw .cannotCreate(output: path, reason: "it is also the output; write to a different file")
        }
        return try RejectsFile(path, keeping: length)
    }

    private init(_ path: String, keeping length: Int?) throws(RunError) {
        if let length, length > 0 {
            // A file that was moved away or truncated is started over.
            sink = try .resuming(path, at: min(length, regularFileSize(path) ?? 0))
        } else {
            sink = try .creating(path)
        }
        sink.form = .json
    }

    package var length: Int { sink.position }

    package func write(_ lines: UnsafeRawBufferPointer) throws(RunError) {
        if lines.count > 0 { try sink.write(lines) }
    }

    package func flush() throws(RunError) { try sink.flush() }
    package func synchronize() throws(RunError) { try sink.synchronize() }
    package func close() throws(RunError) { try sink.close() }
}

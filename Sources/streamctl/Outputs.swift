import Files
import Glibc
import Plan
import StreamEngine
import System

/// Rows as text, written as they come: nothing is remembered.
final class DirectOutput: RunOutput {
    private var sink: ByteSink
    private let rejects: RejectsFile?
    private let report: GroupOffsetReporter?
    let watchedDescriptor: Int32

    /// - Throws: a file cannot be created, or is one of the inputs.
    init(_ plan: Plan, _ report: GroupOffsetReporter?) throws(SinkError) {
        self.report = report
        try checkDistinct(plan)
        if let path = plan.output.path, path != "-" {
            sink = try .creating(path)
            watchedDescriptor = -1
        } else {
            sink = .standardOutput()
            watchedDescriptor = STDOUT_FILENO
        }
        rejects = try RejectsFile.open(plan)
    }

    func write(_ rows: borrowing EncodedRows, count: Int) throws(SinkError) { try sink.write(rows.bytes) }
    func flush() throws(SinkError) { try sink.flush() }

    func reject(_ lines: UnsafeRawBufferPointer) throws(SinkError) {
        guard let rejects else { return }
        try rejects.write(lines)
        try rejects.flush()
    }

    func beginBatch(_ batch: borrowing Batch, _ engine: any Engine) { report?.begin(batch, engine) }

    func endBatch(_ batch: borrowing Batch, _ engine: any Engine) throws(SinkError) {
        try report?.end(batch, engine) { () throws(SinkError) in try sink.flush() }
    }

    var needsTicks: Bool { report != nil }

    func tick(_ engine: any Engine) throws(SinkError) {
        try report?.tick(engine) { () throws(SinkError) in try sink.flush() }
    }

    func close(_ engine: any Engine, isFinished: Bool) throws(SinkError) {
        try sink.close()
        report?.finish(engine)
        try rejects?.close()
    }
}

/// The file of `--rejects`.
final class RejectsFile {
    private var sink: ByteSink

    /// Opens the file that the plan names, if any. The output has been opened before: only then can it be seen whether
    /// two names lead to one file.
    static func open(_ plan: Plan, keeping length: Int? = nil) throws(SinkError) -> RejectsFile? {
        guard let path = plan.rejects else { return nil }
        if let output = plan.output.path, isSameFile(input: path, output: output) {
            throw .cannotCreate(output: path, reason: "it is also the output; write to another file")
        }
        return try RejectsFile(path, keeping: length)
    }

    /// - Parameter length: bytes that an earlier run has written and that stay; what is behind them goes.
    private init(_ path: String, keeping length: Int?) throws(SinkError) {
        if let length, length > 0 {
            // A file that somebody has moved away or shortened is begun anew.
            sink = try .resuming(path, at: min(length, regularFileSize(path) ?? 0))
        } else {
            sink = try .creating(path)
        }
    }

    /// Bytes of the file.
    var length: Int { sink.position }

    func write(_ lines: UnsafeRawBufferPointer) throws(SinkError) { if lines.count > 0 { try sink.write(lines) } }
    func flush() throws(SinkError) { try sink.flush() }
    func synchronize() throws(SinkError) { try sink.synchronize() }
    func close() throws(SinkError) { try sink.close() }
}

/// Writing to a file that is being read would destroy it, or never end.
func checkDistinct(_ plan: Plan) throws(SinkError) {
    func check(_ path: String, _ name: String) throws(SinkError) {
        guard plan.input.paths.contains(where: { isSameFile(input: $0, output: path) }) else { return }
        throw .cannotCreate(output: name, reason: "it is also an input; write to another file")
    }
    if let output = plan.output.path { try check(output, output == "-" ? "stdout" : output) }
    if let rejects = plan.rejects { try check(rejects, rejects) }
}

/// Compiles the expressions over rows, as the engine will, to find what is wrong with them.
func checkRowExpressions(_ query: Query) throws(ExpressionError) {
    final class Nowhere: RowWriter {
        func write(_ rows: borrowing EncodedRows, count: Int) throws(SinkError) {}
        func flush() throws(SinkError) {}
    }
    _ = try makeEngine(query, ColumnLayout(query), EngineOptions(inputNames: []), Nowhere())
}

import Command
import Files
import Glibc
import StreamEngine

/// The sink of the rows. Used by one worker at a time, the one whose turn it is.
final class Rows: RowWriter {
    private var sink: ByteSink
    /// Standard output, whose reader may go away; -1 for a file.
    let watchedDescriptor: Int32

    /// - Throws: the file cannot be created, or is one of the inputs.
    init(_ output: OutputDestination, notIn inputs: [InputSpec]) throws(SinkError) {
        switch output {
        case .standardOutput:
            sink = .standardOutput()
            watchedDescriptor = STDOUT_FILENO
        case .file(let path):
            if inputs.contains(where: { isSameFile(input: $0.path ?? "", output: path) }) {
                throw .cannotCreate(output: path, reason: "it is also an input; write to another file")
            }
            sink = try .creating(path)
            watchedDescriptor = -1
        }
    }

    func write(_ rows: UnsafeRawBufferPointer) throws(SinkError) { try sink.write(rows) }
    func flush() throws(SinkError) { try sink.flush() }
    func close() throws(SinkError) { try sink.close() }
}

/// The file of `--rejects`.
final class RejectsFile {
    private var sink: ByteSink

    init(_ path: String) throws(SinkError) { sink = try .creating(path) }

    func write(_ lines: UnsafeRawBufferPointer) throws(SinkError) {
        guard lines.count > 0 else { return }
        try sink.write(lines)
        try sink.flush()
    }

    func close() throws(SinkError) { try sink.close() }
}

/// Compiles the expressions over rows, as the engine will, to find what is wrong with them.
func checkRowExpressions(_ query: Query) throws(ExpressionError) {
    final class Nowhere: RowWriter {
        func write(_ rows: UnsafeRawBufferPointer) throws(SinkError) {}
        func flush() throws(SinkError) {}
    }
    _ = try makeEngine(query, Layout(query), EngineOptions(inputNames: []), Nowhere())
}

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
            try checkDistinct("-", "stdout", inputs)
            sink = .standardOutput()
            watchedDescriptor = STDOUT_FILENO
        case .file(let path):
            try checkDistinct(path, path, inputs)
            sink = try .creating(path)
            watchedDescriptor = -1
        }
    }

    func write(_ rows: UnsafeRawBufferPointer) throws(SinkError) { try sink.write(rows) }
    func flush() throws(SinkError) { try sink.flush() }
    func close() throws(SinkError) { try sink.close() }
}

/// Writing to a file that is being read would destroy it, or never end.
private func checkDistinct(_ path: String, _ name: String, _ inputs: [InputSpec]) throws(SinkError) {
    guard inputs.contains(where: { $0.path.map { isSameFile(input: $0, output: path) } ?? false }) else { return }
    throw .cannotCreate(output: name, reason: "it is also an input; write to another file")
}

extension OutputDestination {
    /// The file to write, `-` for standard output.
    fileprivate var path: String {
        switch self {
        case .standardOutput: "-"
        case .file(let path): path
        }
    }
}

/// The file of `--rejects`.
final class RejectsFile {
    private var sink: ByteSink

    /// - Throws: the file cannot be created, or is one of the inputs or the output.
    init(_ path: String, notIn inputs: [InputSpec], _ output: OutputDestination) throws(SinkError) {
        try checkDistinct(path, path, inputs)
        if isSameFile(input: path, output: output.path) {
            throw .cannotCreate(output: path, reason: "it is also the output; write to another file")
        }
        sink = try .creating(path)
    }

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

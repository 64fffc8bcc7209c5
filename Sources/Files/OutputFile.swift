import Glibc
import StreamEngine
import System

/// Writes bytes to standard output or a file.
package struct ByteSink: ~Copyable {
    private static let bufferSize = 64 * 1024

    /// The name in messages: a path, or `stdout`.
    package let name: String
    private var file: FileDescriptor
    private let buffer: UnsafeMutableRawBufferPointer
    private var used = 0
    /// Bytes passed to the operating system, counted from the start of the file.
    private var written: Int
    /// A terminal gets no character that would act on it.
    package let isTerminal: Bool
    /// How such characters are written.
    package var form = TerminalText.Form.visible

    private init(name: String, file: consuming FileDescriptor, written: Int = 0) {
        self.name = name
        isTerminal = file.isTerminal
        self.file = file
        self.written = written
        buffer = .allocate(byteCount: ByteSink.bufferSize, alignment: 4096)
    }

    deinit { buffer.deallocate() }

    /// Standard output, which is never closed.
    package static func standardOutput() -> ByteSink {
        let file = FileDescriptor.borrowing(STDOUT_FILENO)
        file.enlargePipe()
        return ByteSink(name: "stdout", file: file)
    }

    /// Creates the file, or truncates it.
    package static func creating(_ path: String) throws(RunError) -> ByteSink {
        do throws(FileError) {
            return ByteSink(name: path, file: try .openForWriting(path))
        } catch {
            throw .cannotCreate(output: path, reason: error.reason)
        }
    }

    /// Resumes after the first `length` bytes of a file, or of standard output for `-`, and truncates the rest.
    package static func resuming(_ path: String, at length: Int) throws(RunError) -> ByteSink {
        do throws(FileError) {
            guard path == "-" else {
                return ByteSink(name: path, file: try .openForWriting(path, keeping: length), written: length)
            }
            let file = FileDescriptor.borrowing(STDOUT_FILENO)
            try file.cut(to: length)
            return ByteSink(name: "stdout", file: file, written: length)
        } catch {
            let reason =
                error.code == EINVAL
                ? "shorter than the \(length) bytes written before" : error.reason
            throw .cannotCreate(output: path == "-" ? "stdout" : path, reason: reason)
        }
    }

    package var isRegularFile: Bool { file.isRegularFile }

    /// Bytes of the file, including those that are still in the buffer.
    package var position: Int { written + used }

    /// - Parameter rows: whole lines.
    package mutating func write(_ rows: UnsafeRawBufferPointer) throws(RunError) {
        guard isTerminal else { return try add(rows) }
        var shown = ByteBuffer(capacity: rows.count + 64)
        shown.append(terminal: rows, form)
        try shown.withBytes { bytes throws(RunError) in try add(bytes) }
    }

    private mutating func add(_ rows: UnsafeRawBufferPointer) throws(RunError) {
        if rows.count > buffer.count - used { try flush() }
        guard rows.count < buffer.count else { return try send(rows) }
        UnsafeMutableRawBufferPointer(rebasing: buffer[used...]).copyMemory(from: rows)
        used += rows.count
    }

    package mutating func flush() throws(RunError) {
        guard used > 0 else { return }
        let waiting = UnsafeRawBufferPointer(rebasing: buffer[0..<used])
        // A failed write is not retried: some of the bytes may already have been written.
        used = 0
        try send(waiting)
    }

    /// Flushes and waits until all bytes are on disk. Does not wait for a pipe.
    package mutating func synchronize() throws(RunError) {
        try flush()
        guard file.isRegularFile else { return }
        do throws(FileError) { try file.synchronize() } catch { throw failure(error) }
    }

    package mutating func close() throws(RunError) {
        try flush()
        var closing = FileDescriptor.none
        swap(&closing, &file)
        do throws(FileError) { try closing.close() } catch { throw failure(error) }
    }

    private mutating func send(_ bytes: UnsafeRawBufferPointer) throws(RunError) {
        guard bytes.count > 0 else { return }
        do throws(FileError) { try file.write(bytes) } catch { throw failure(error) }
        written += bytes.count
    }

    private func failure(_ error: FileError) -> RunError {
        error.code == EPIPE ? .readerGone : .writeFailed(output: name, reason: error.reason)
    }
}

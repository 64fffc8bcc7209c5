import Glibc
import StreamEngine
import System

/// Writes bytes to standard output or a file.
package struct ByteSink: ~Copyable {
    /// Holds any rows that are not passed on without a copy.
    private static let bufferSize = 2 * EncodedRows.leastWhole

    /// The name in messages: a path, or `stdout`.
    package let name: String
    private var file: FileDescriptor
    private let buffer: UnsafeMutableRawBufferPointer
    private var used = 0
    private var isLocked = false
    /// Bytes passed to the operating system, counted from the start of the file.
    private var written: Int
    /// A terminal gets no character that would act on it.
    package let isTerminal: Bool
    /// Another program may print the rows on the terminal that shows the progress of this one.
    private let isPipe: Bool
    /// How such characters are written.
    package var form = TerminalText.Form.visible

    private init(name: String, file: consuming FileDescriptor, written: Int = 0) {
        self.name = name
        isTerminal = file.isTerminal
        isPipe = file.isPipe
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

    /// Opens a file, or creates it. Nothing is written or truncated before `start`.
    ///
    /// - Parameter appends: every write goes to the end of the file.
    package static func opening(_ path: String, appends: Bool = false) throws(RunError) -> ByteSink {
        do throws(FileError) {
            return ByteSink(name: path, file: try .openForWriting(path, appends: appends))
        } catch {
            if error == .interrupted {
                throw RunError(.interrupted, "\(path): stopped while waiting for a reader of the FIFO")
            }
            throw .cannotCreate(output: path, reason: error.reason)
        }
    }

    /// Continues after the first `length` bytes and truncates the rest; does nothing if it is not a regular file.
    package mutating func start(at length: Int = 0) throws(RunError) {
        guard file.isRegularFile else { return }
        do throws(FileError) {
            try file.cut(to: length)
            written = length
        } catch {
            let reason =
                error.code == EINVAL
                ? "shorter than the \(length) bytes written before" : error.reason
            throw .cannotCreate(output: name, reason: reason)
        }
    }

    /// Keeps other runs from writing to the same file. Only a regular file is locked, and only where the file system
    /// can.
    ///
    /// - Parameters:
    ///   - isShared: other runs may also have a shared lock.
    ///   - owner: the job that writes to a file, if it is known.
    /// - Throws: `temporary` if another run has locked it.
    package mutating func lock(isShared: Bool = false, owner: (FileIdentity) -> String? = { _ in nil }) throws(RunError)
    {
        guard file.isRegularFile else { return }
        // A process that was just killed may still hold it.
        for _ in 0..<5 {
            do throws(FileError) {
                if try file.lock(isShared: isShared) {
                    isLocked = true
                    return
                }
            } catch {
                return
            }
            usleep(20_000)
        }
        let other = file.identity.flatMap(owner).map { "job '\($0)' is writing to it" }
        throw .temporary("\(name): \(other ?? "another process has locked it"); give each run a file of its own")
    }

    /// Of a regular file; nil for anything else.
    package var identity: FileIdentity? { file.isRegularFile ? file.identity : nil }

    /// The size of a regular file in bytes; nil for anything else.
    package var size: Int? { file.size }

    package var isRegularFile: Bool { file.isRegularFile }

    /// Bytes of the file, including those that are still in the buffer.
    package var position: Int { written + used }

    /// The encoder of the rows that are written to it.
    mutating func makeEncoder(_ schema: RowSchema) -> any RowEncoder {
        if schema.format.isPicture {
            return PictureEncoder(schema, width: isTerminal ? TransientText.size(of: STDOUT_FILENO).columns : 80)
        }
        form = schema.format == .json ? .json : .visible
        return TextEncoder(schema, isForTerminal: isTerminal)
    }

    /// - Parameter rows: whole lines.
    package mutating func write(_ rows: UnsafeRawBufferPointer) throws(RunError) {
        guard isTerminal else { return try add(rows) }
        var shown = ByteBuffer(capacity: rows.count + 64)
        shown.append(terminal: rows, form)
        try shown.withBytes { bytes throws(RunError) in try add(bytes) }
    }

    private mutating func add(_ rows: UnsafeRawBufferPointer) throws(RunError) {
        let isWhole = rows.count >= EncodedRows.leastWhole
        if isWhole || rows.count > buffer.count - used { try flush() }
        if isWhole { return try send(rows) }
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
        // Standard output stays open, also in other processes.
        if isLocked { file.unlock() }
        var closing = FileDescriptor.none
        swap(&closing, &file)
        do throws(FileError) { try closing.close() } catch { throw failure(error) }
    }

    private mutating func send(_ bytes: UnsafeRawBufferPointer) throws(RunError) {
        guard bytes.count > 0 else { return }
        if isPipe { TransientText.makeRoom() }
        if isTerminal { TransientText.erase() }
        do throws(FileError) { try file.write(bytes) } catch { throw failure(error) }
        written += bytes.count
    }

    private func failure(_ error: FileError) -> RunError {
        if error.code == EPIPE { return .readerGone }
        guard error == .interrupted else { return .writeFailed(output: name, reason: error.reason) }
        return RunError(
            .interrupted, "\(name): stopped before all rows were written, because its reader has taken none for 1 s")
    }
}

import Glibc
import StreamEngine
import System

/// Reads files, pipes and standard input in the given order. Opens each one after the previous one has ended.
package struct FileSource: ~Copyable, Source {
    private let paths: [String]
    private let interrupt: Interrupt
    /// The descriptor of the output, whose reader may exit while the source waits for input.
    private let output: Int32
    private let decompresses: Bool
    private let positions: CompressedPositions
    private let isJob: Bool
    private var lines: LineReader
    /// The content of the current input.
    private var bytes = ContentStream(.none, decompresses: false)
    private var isOpen = false
    /// When the current input was last changed before it was opened; nil if it is not a file.
    private var written: Int64?
    /// The size in bytes of the current input when it was opened; nil if it is not a file.
    private var sizeAtStart: Int?
    private var next = 0
    private var boundary: InputPosition?
    /// See `SourceOptions.recordIdle`.
    private let recordIdle: Int64?
    /// When something was last read (steady clock).
    private var lastRead: Int64 = 0
    /// The columns to supply.
    private let columns: Set<SourceColumn>
    /// Lines of the current input before the next batch; counted only for `@line_number`.
    private var linesBefore = 0

    /// - Parameters:
    ///   - paths: file names; `-` is standard input.
    ///   - maxLine: the longest line, in bytes, that is always delivered whole. A longer line may be truncated, but
    ///     not to `maxLine` or less, and is then the last one of its batch.
    ///   - interrupt: ends a read early.
    ///   - output: a descriptor, such as standard output, that raises `interrupt` as SIGPIPE when its reader exits;
    ///     -1 for none.
    ///   - decompresses: whether to decompress compressed files.
    ///   - choice: decides about the format of each input; nil for JSON lines.
    ///   - recordIdle: after how many microseconds without input a record of several lines ends; nil for never.
    ///   - columns: the source columns that are used.
    ///   - positions: receives what is known about positions in compressed files.
    ///   - isJob: whether records are committed: nothing is read of a compressed file that is not known to be undamaged.
    ///   - block: bytes to read at a time.
    init(
        paths: [String], maxLine: Int, interrupt: Interrupt = .process, watchingOutput output: Int32 = -1,
        decompresses: Bool = true, choice: FormatChoice? = nil, recordIdle: Int64? = nil,
        columns: Set<SourceColumn> = [], positions: CompressedPositions = CompressedPositions(), isJob: Bool = false,
        block: Int = Batch.usualSize
    ) {
        self.paths = paths
        self.decompresses = decompresses
        self.positions = positions
        self.isJob = isJob
        self.interrupt = interrupt
        self.output = output
        self.recordIdle = recordIdle
        self.columns = columns
        lines = LineReader(maxLine: maxLine, choice: choice, block: block)
    }

    package var format: InputFormat { lines.format }

    /// Checks all inputs before the first one is read, so that a missing second file is reported at once. Opens
    /// nothing: opening and closing a FIFO would break its writer.
    package static func check(_ paths: [String]) throws(RunError) {
        for path in paths {
            var status = stat()
            var code: Int32 = 0
            if path == "-" {
                let flags = fcntl(STDIN_FILENO, F_GETFL)
                if flags < 0 || fstat(STDIN_FILENO, &status) != 0 {
                    code = errno
                } else if flags & O_ACCMODE == O_WRONLY {
                    code = EBADF
                }
            } else if path.utf8.contains(0) {
                code = ENOENT
            } else if stat(path, &status) != 0 || faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) != 0 {
                code = errno
            }
            if code == 0, status.st_mode & S_IFMT == S_IFDIR { code = EISDIR }
            guard code == 0 else { throw RunError.noInput("\(name(of: path)): \(FileError(code: code).reason)") }
        }
    }

    /// Whether records may be written while the inputs are read: one of the inputs is a pipe, a socket or a terminal. A
    /// device such as `/dev/null` is not live.
    package static func isLive(_ paths: [String]) -> Bool {
        paths.contains { path in
            var status = stat()
            guard (path == "-" ? fstat(STDIN_FILENO, &status) : stat(path, &status)) == 0 else { return false }
            switch status.st_mode & S_IFMT {
            case S_IFIFO, S_IFSOCK: return true
            case S_IFCHR:
                if path == "-" { return isatty(STDIN_FILENO) == 1 }
                guard let file = try? FileDescriptor.openForReading(path) else { return false }
                return file.isTerminal
            default: return false
            }
        }
    }

    /// The name of an input in messages: a path, or `stdin`.
    func name(ofInput index: Int) -> String {
        paths.indices.contains(index) ? FileSource.name(of: paths[index]) : "input \(index)"
    }

    private static func name(of path: String) -> String { path == "-" ? "stdin" : path }

    /// Seeks to the restart position, which must be between two lines of a regular file.
    package mutating func resume(from checkpoint: InputCheckpoint) throws(RunError) {
        let restart = checkpoint.files.restart
        guard paths.indices.contains(restart.input) else { return }
        boundary = checkpoint.files.committed
        next = restart.input
        try openNext(at: restart.position)
        linesBefore = checkpoint.files.restartState.lines
    }

    package mutating func read(into batch: inout Batch, deadline: Int64?) throws(RunError) -> SourceEvent {
        batch.removeAll()
        var hasBegun = false
        while true {
            if !isOpen {
                guard next < paths.count else { return .end }
                try openNext(at: 0)
            }
            if !hasBegun {
                lines.begin(&batch)
                hasBegun = true
            }
            // If the read need not wait, only check for an interrupt.
            let reason: WakeReason =
                if !lines.hasUnsearched, let descriptor = bytes.waitsFor {
                    wait(for: descriptor, output: output, interrupt: interrupt, deadline: deadline)
                } else {
                    interrupt.isRaised ? .interrupted : .ready
                }
            if reason == .deadline, let recordIdle, steadyClock() - lastRead >= recordIdle, lines.flush(&batch) {
                return deliver(&batch)
            }
            guard reason == .ready else {
                lines.suspend(&batch)
                return reason == .deadline ? .quiet : .interrupted
            }
            let progress: LineReader.Progress
            do throws(ReadError) {
                progress = try lines.read(from: &bytes, into: &batch, gapName: gapName)
            } catch {
                throw error.ending(name(ofInput: next - 1), droppedBytes: batch.count, isJob: isJob)
            }
            if recordIdle != nil { lastRead = steadyClock() }
            if let problem = lines.problem { throw .badInput("\(name(ofInput: next - 1)): \(problem.text)") }
            notePosition(batch.position)
            notePosition(lines.position)
            switch progress {
            case .lines: return deliver(&batch)
            case .incomplete:
                continue
            case .end:
                let size = bytes.size
                bytes = ContentStream(.none, decompresses: false)
                isOpen = false
                hasBegun = false
                if let size { try checkWhole(size) }
            }
        }
    }

    /// Completes the batch with what the source knows about it.
    private mutating func deliver(_ batch: inout Batch) -> SourceEvent {
        batch.arrival = wallClock()
        batch.written = written
        supplyColumns(to: &batch)
        return .lines
    }

    private mutating func supplyColumns(to batch: inout Batch) {
        if columns.contains(.file) { batch.sourceColumns.share(.text(name(ofInput: next - 1)), as: .file) }
        guard columns.contains(.lineNumber) else { return }
        batch.linesBefore = linesBefore
        linesBefore += lines.lineCount(of: batch)
    }

    /// The name of the input, if the bytes of batches may be read later: not if lines are counted in them.
    private var gapName: String? { columns.contains(.lineNumber) ? nil : name(ofInput: next - 1) }

    /// Checks that a file has not become shorter while it was read.
    ///
    /// - Parameter size: bytes of the file at its end.
    private func checkWhole(_ size: Int) throws(RunError) {
        guard size < max(sizeAtStart ?? 0, lines.position) else { return }
        throw Self.truncated(name(ofInput: next - 1), to: size, at: lines.position)
    }

    /// - Parameters:
    ///   - size: bytes of the file at its end.
    ///   - position: up to where it was read.
    static func truncated(_ name: String, to size: Int, at position: Int) -> RunError {
        .noInput(
            "\(name): truncated to \(size) bytes while it was being read, up to byte \(position); the records after that "
                + "are missing")
    }

    private mutating func openNext(at position: Int) throws(RunError) {
        linesBefore = 0
        do throws(ReadError) {
            bytes =
                if let stream = InputsRead.shared.take(paths[next]) {
                    stream
                } else {
                    ContentStream(
                        try ReadError.asking { () throws(FileError) in try FileSource.open(paths[next]) },
                        decompresses: decompresses, checksMembers: isJob)
                }
            written = bytes.changeTime
            sizeAtStart = bytes.size
            if position > 0 { try bytes.skip(to: position) }
            isOpen = true
        } catch {
            throw error.ending(name(ofInput: next))
        }
        // In a replay, the first batch may end before the format shows.
        let isReplay = position > 0 || boundary?.input == next
        lines.start(
            input: next, position: position, path: paths[next],
            head: isReplay ? InputHead.bytes(of: paths[next], decompresses: decompresses) : nil)
        if let boundary, boundary.input == next, boundary.position > position { lines.boundary = boundary.position }
        next += 1
    }

    /// Notes the start or the end of a batch, which may become a position of a checkpoint.
    private func notePosition(_ position: Int) {
        guard let compressed = bytes.compressedPosition else { return }
        positions.note(
            InputPosition(input: next - 1, position: position), hash: isJob ? bytes.hash(at: position) : nil,
            compressed: compressed)
    }

    static func open(_ path: String) throws(FileError) -> FileDescriptor {
        let file = path == "-" ? FileDescriptor.borrowing(STDIN_FILENO) : try .openForReading(path)
        guard !file.isDirectory else { throw FileError(code: EISDIR) }
        file.enlargePipe()
        // Doubles the read-ahead of the kernel.
        if file.isRegularFile { _ = posix_fadvise(file.number, 0, 0, POSIX_FADV_SEQUENTIAL) }
        return file
    }
}

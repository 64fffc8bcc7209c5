import Glibc
import StreamEngine
import System

/// Splits the bytes of a stream into batches of whole lines, or of whole records if the format says where they end.
///
/// An incomplete line is kept in `rest` for the next batch. Only new bytes are searched for newlines, so a line that
/// arrives in many pieces costs no more than one that arrives whole. Only the beginning of an overlong line is kept,
/// so `maxLine` and the block size bound the memory.
struct LineReader: ~Copyable {
    /// The outcome of a read.
    enum Progress {
        /// The batch holds at least one line.
        case lines
        /// The batch has bytes, but no whole line yet; or nothing can be read now.
        case incomplete
        /// The end of the input; the batch is empty.
        case end
    }

    /// Bytes kept beyond `maxLine`, so that an overlong line is still too long without its byte order mark and CR.
    static let slack = 8

    private let limit: Int
    private let block: Int
    private var rest: UnsafeMutableRawBufferPointer
    private var restCount = 0
    /// Bytes skipped of an overlong line, of which the batch is the beginning; 0 if there is none.
    private(set) var skipped = 0
    /// Whether `rest` may hold whole lines: the bytes behind an overlong line.
    private(set) var hasUnsearched = false
    private var isAtEnd = false
    /// The byte position in the input at which the next batch starts.
    private(set) var position = 0
    /// A byte position in the current input at which a batch must end, even inside a line.
    var boundary: Int?
    private var input = 0
    /// The position of the first record in the input.
    private var contentStart = 0
    private let choice: FormatChoice?
    private let maxLine: Int
    private var path = ""
    /// How to read the records of the current input; decided by its first line.
    private(set) var format = InputFormat.json
    private var splitter: (any RecordSplitter)?
    /// The number of lines that end in a batch, for `@line_number`.
    func lineCount(of batch: borrowing Batch) -> Int {
        // The newline of an overlong line is not in the batch.
        LineBreaks.newlines(in: batch.bytes)
            + (splitter == nil && batch.isLastLineOpen && !batch.lacksLastEnd ? 1 : 0)
    }
    /// More of the first bytes are needed to see how to read the input.
    private(set) var isUndecided = false
    /// Why the input cannot be read in the format that was asked for.
    private(set) var problem: FormatError?

    /// - Parameters:
    ///   - maxLine: the longest line, in bytes without its newline, that is always delivered whole.
    ///   - choice: decides about the format; nil for JSON lines.
    ///   - block: bytes to read at a time.
    init(maxLine: Int, choice: FormatChoice? = nil, block: Int) {
        self.choice = choice
        self.maxLine = maxLine
        limit = min(max(maxLine, 0), 1 << 40) + LineReader.slack
        self.block = max(block, 1)
        rest = .allocate(byteCount: 64, alignment: 16)
    }

    /// The bytes after the last record that was delivered, whose end has not been read.
    var pending: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: rest[0..<restCount]) }

    deinit { rest.deallocate() }

    /// Starts reading `input` at byte `position`. Discards the bytes kept from the previous input.
    ///
    /// - Parameters:
    ///   - contentStart: where the first record of the input begins.
    ///   - head: the first bytes of the input if it is not read from its start.
    ///   - known: how to read it; nil if its first bytes decide.
    mutating func start(
        input: Int, position: Int = 0, contentStart: Int = 0, path: String = "", head: [UInt8]? = nil,
        as known: InputFormat? = nil
    ) {
        self.path = path
        self.contentStart = contentStart
        format = .json
        splitter = nil
        isUndecided = choice != nil && known == nil
        if let known {
            format = known
            splitter = known.makeSplitter?(maxLine)
        } else if let head {
            decide(head, isWhole: true)
        } else if choice?.isFixed == true {
            decide([], isWhole: true)
        }
        self.input = input
        self.position = position
        restCount = 0
        skipped = 0
        hasUnsearched = false
        isAtEnd = false
        boundary = nil
    }

    /// Empties `batch` and fills it with the bytes kept in `rest`.
    mutating func begin(_ batch: inout Batch) {
        batch.removeAll()
        batch.input = input
        batch.position = position
        batch.startsInput = position == contentStart
        batch.append(UnsafeRawBufferPointer(rebasing: rest[0..<restCount]))
        restCount = 0
    }

    /// Takes back an incomplete batch and keeps its bytes for a later one.
    mutating func suspend(_ batch: inout Batch) {
        keep(batch.bytes)
        batch.removeAll()
    }

    /// Delivers a record that may have more lines, if the batch holds one.
    mutating func flush(_ batch: inout Batch) -> Bool {
        guard let splitter, let end = splitter.flush(&batch) else { return false }
        _ = deliver(end, of: &batch)
        return true
    }

    /// Reads once into a batch that was passed to `begin` and has not been delivered since.
    ///
    /// - Parameter gapName: the input, as messages call it, if the batch may have a gap.
    /// - Throws: if the stream cannot be read.
    mutating func read<Bytes: ByteStream & ~Copyable>(
        from bytes: inout Bytes, into batch: inout Batch, gapName: String? = nil
    ) throws(ReadError) -> Progress {
        // Do not read past the end: at a terminal, the user would have to press Ctrl-D twice.
        if isAtEnd { return .end }
        if skipped > 0 { return try discard(from: &bytes, into: &batch) }
        if hasUnsearched {
            hasUnsearched = false
            if let last = lastNewline(in: batch.bytes) { return deliver(last + 1, of: &batch) }
        }
        let known = batch.count
        let most = bytesToBoundary(from: position + known)
        if most == 0 {
            if splitter != nil, known > 0 {
                let end = cut(&batch, isAtEnd: true) ?? known
                if end == known { boundary = nil }
                return deliver(end, of: &batch)
            }
            boundary = nil
            splitter?.reset()
            position += known
            return known > 0 ? .lines : .incomplete
        }
        if batch.capacity - known < (block + 1) / 2 { batch.reserve(max(known + block, 2 * batch.capacity)) }
        let room = UnsafeMutableRawBufferPointer(rebasing: batch.room().prefix(min(block, most)))
        if let gapName, batch.mayHaveGap, splitter == nil, !isUndecided,
            let end = bytes.appendWithGap(room.count, to: &batch, name: gapName)
        {
            return deliver(end, of: &batch)
        }
        guard let count = try bytes.read(into: room) else { return .incomplete }
        if count == 0 {
            if isUndecided {
                decide(Array(batch.bytes.prefix(InputHead.most)), isWhole: true)
                // The last line comes alone if it may be torn.
                if splitter == nil, let last = lastNewline(in: batch.bytes) { return deliver(last + 1, of: &batch) }
            }
            if splitter != nil, known > 0 { return deliver(cut(&batch, isAtEnd: true) ?? known, of: &batch) }
            position += known
            isAtEnd = true
            return known > 0 ? .lines : .end
        }
        batch.advance(count)
        if isUndecided {
            decide(Array(batch.bytes.prefix(InputHead.most)), isWhole: position + batch.count >= InputHead.most)
            // What is read must not depend on the pieces in which it comes.
            if isUndecided { return .incomplete }
        }
        if splitter != nil {
            guard let end = cut(&batch, isAtEnd: false) else { return .incomplete }
            return deliver(end, of: &batch)
        }
        guard let last = lastNewline(in: UnsafeRawBufferPointer(rebasing: room[0..<count])) else {
            // The line is delivered when its end has been read: a writer may not have finished it.
            guard batch.count > limit else { return .incomplete }
            skipped = batch.count - limit
            batch.truncate(to: limit)
            return .incomplete
        }
        return deliver(known + last + 1, of: &batch)
    }

    /// Decides how to read the input, if these are enough of its first bytes.
    private mutating func decide(_ head: [UInt8], isWhole: Bool) {
        do throws(FormatError) {
            guard let choice, let found = try choice.format(head, path: path, isWhole: isWhole) else { return }
            format = found
            splitter = format.makeSplitter?(maxLine)
        } catch {
            problem = error
        }
        isUndecided = false
    }

    private func cut(_ batch: inout Batch, isAtEnd: Bool) -> Int? { splitter?.cut(&batch, isAtEnd: isAtEnd) }

    private func bytesToBoundary(from start: Int) -> Int {
        guard let boundary, start <= boundary else { return Int.max }
        return boundary - start
    }

    /// Skips the rest of the overlong line in the batch, and delivers the line at its end.
    private mutating func discard<Bytes: ByteStream & ~Copyable>(
        from bytes: inout Bytes, into batch: inout Batch
    ) throws(ReadError) -> Progress {
        let known = batch.count
        let most = bytesToBoundary(from: position + known + skipped)
        if batch.capacity - known < (block + 1) / 2 { batch.reserve(known + block) }
        let room = UnsafeMutableRawBufferPointer(rebasing: batch.room().prefix(min(block, most)))
        guard let count = room.isEmpty ? 0 : try bytes.read(into: room) else { return .incomplete }
        var dropped = count
        if let start = room.baseAddress, let newline = memchr(start, CInt(UInt8(ascii: "\n")), count) {
            dropped = UnsafeRawPointer(newline) - UnsafeRawPointer(start) + 1
        } else if count > 0 {
            skipped += count
            return .incomplete
        } else if most > 0 {
            isAtEnd = true
            batch.endsInTornLine = true
        } else {
            boundary = nil
        }
        keep(UnsafeRawBufferPointer(rebasing: room[dropped..<count]))
        hasUnsearched = dropped < count
        position += known + skipped + dropped
        batch.nextPosition = position
        skipped = 0
        return .lines
    }

    /// Delivers the first `count` bytes of the batch, which are whole lines, and keeps the others for the next batch.
    private mutating func deliver(_ count: Int, of batch: inout Batch) -> Progress {
        keep(UnsafeRawBufferPointer(rebasing: batch.bytes[count...]))
        batch.truncate(to: count)
        position += count
        splitter?.complete(&batch)
        return .lines
    }

    private mutating func keep(_ bytes: UnsafeRawBufferPointer) {
        reserveRest(bytes.count)
        rest.copyMemory(from: bytes)
        restCount = bytes.count
    }

    /// Makes `rest` large enough; its bytes may be lost.
    private mutating func reserveRest(_ count: Int) {
        guard count > rest.count else { return }
        rest.deallocate()
        rest = .allocate(byteCount: max(count, 2 * rest.count), alignment: 16)
    }
}

/// The offset of the last newline. Replaces memrchr, which the Glibc module does not export.
func lastNewline(in bytes: UnsafeRawBufferPointer) -> Int? {
    guard let start = bytes.baseAddress else { return nil }
    let newlines = SIMD16<UInt8>(repeating: UInt8(ascii: "\n"))
    var end = bytes.count
    while end >= 16, !any((start + (end - 16)).loadUnaligned(as: SIMD16<UInt8>.self) .== newlines) { end -= 16 }
    while end > 0, bytes[end - 1] != UInt8(ascii: "\n") { end -= 1 }
    return end > 0 ? end - 1 : nil
}

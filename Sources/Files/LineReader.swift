import Glibc
import StreamEngine
import System

/// Cuts the bytes of a stream into batches of whole lines.
///
/// The beginning of a line that is not complete yet waits in `rest` for the next batch. Only new bytes are searched for
/// newlines, so a line that arrives in many pieces costs no more than one that arrives whole. Of a line that is longer
/// than allowed only the beginning is kept: memory is bounded by `maxLine` and the size of a block.
struct LineReader: ~Copyable {
    /// What a read has brought.
    enum Progress {
        /// The batch holds at least one line.
        case lines
        /// Bytes, but no whole line yet; or nothing can be read now.
        case incomplete
        /// The end of the input; the batch is empty.
        case end
    }

    /// Bytes beyond `maxLine` that are kept, so that the line is too long without a byte order mark and its CR as well.
    static let slack = 8

    private let limit: Int
    private let block: Int
    private var rest: UnsafeMutableRawBufferPointer
    private var restCount = 0
    /// In a line that is too long, after what was kept of it.
    private var isDiscarding = false
    private var isAtEnd = false
    /// Where the next batch begins in the input, in bytes of its stream.
    private(set) var position = 0
    /// A batch of the present input ends here, whether or not a line does.
    var boundary: Int?
    private var input = 0

    /// - Parameters:
    ///   - maxLine: bytes of the longest line that is delivered whole for certain, newline not counted.
    ///   - block: bytes to read at a time.
    init(maxLine: Int, block: Int = 256 * 1024) {
        limit = min(max(maxLine, 0), 1 << 40) + LineReader.slack
        self.block = max(block, 1)
        rest = .allocate(byteCount: max(block, 64), alignment: 16)
    }

    deinit { rest.deallocate() }

    /// Forgets what was left of the last input; `input` comes next, from byte `position`.
    mutating func start(input: Int, position: Int = 0) {
        self.input = input
        self.position = position
        restCount = 0
        isDiscarding = false
        isAtEnd = false
        boundary = nil
    }

    /// Empties `batch` and puts the bytes that wait into it.
    mutating func begin(_ batch: inout Batch) {
        batch.removeAll()
        batch.input = input
        batch.position = position
        batch.startsInput = position == 0
        batch.append(UnsafeRawBufferPointer(rebasing: rest[0..<restCount]))
        restCount = 0
    }

    /// Takes an incomplete batch back; its bytes come with a later one.
    mutating func suspend(_ batch: inout Batch) {
        keep(batch.bytes)
        batch.removeAll()
    }

    /// Reads once into a batch that `begin` was called for and that has not been delivered since.
    ///
    /// - Throws: the stream cannot be read.
    mutating func read<Bytes: ByteStream & ~Copyable>(
        from bytes: inout Bytes, into batch: inout Batch
    ) throws(FileError) -> Progress {
        // At a terminal the end would have to be typed twice.
        if isAtEnd { return .end }
        if isDiscarding { return try discard(from: &bytes, into: &batch) }
        let known = batch.count
        let most = bytesToBoundary(from: position + known)
        if most == 0 {
            boundary = nil
            position += known
            return known > 0 ? .lines : .incomplete
        }
        if batch.capacity - known < (block + 1) / 2 { batch.reserve(max(known + block, 2 * batch.capacity)) }
        let room = UnsafeMutableRawBufferPointer(rebasing: batch.room().prefix(min(block, most)))
        guard let count = try bytes.read(into: room) else { return .incomplete }
        if count == 0 {
            position += known
            isAtEnd = true
            return known > 0 ? .lines : .end
        }
        batch.advance(count)
        guard let last = lastNewline(in: UnsafeRawBufferPointer(rebasing: room[0..<count])) else {
            guard batch.count > limit else { return .incomplete }
            position += batch.count
            batch.truncate(to: limit)
            isDiscarding = true
            batch.endsInsideLine = true
            return .lines
        }
        return deliver(known + last + 1, of: &batch)
    }

    private func bytesToBoundary(from start: Int) -> Int {
        guard let boundary, start <= boundary else { return Int.max }
        return boundary - start
    }

    /// Reads on in a line that is too long; what follows its newline goes into the batch.
    private mutating func discard<Bytes: ByteStream & ~Copyable>(
        from bytes: inout Bytes, into batch: inout Batch
    ) throws(FileError) -> Progress {
        let room = UnsafeMutableRawBufferPointer(rebasing: rest.prefix(bytesToBoundary(from: position)))
        guard let count = try bytes.read(into: room) else { return .incomplete }
        guard count > 0 else { return .end }
        guard let start = rest.baseAddress, let newline = memchr(start, CInt(UInt8(ascii: "\n")), count) else {
            position += count
            return .incomplete
        }
        isDiscarding = false
        let dropped = UnsafeRawPointer(newline) - UnsafeRawPointer(start) + 1
        position += dropped
        let following = UnsafeRawBufferPointer(rebasing: rest[dropped..<count])
        batch.position = position
        batch.startsInput = false
        batch.append(following)
        guard let last = lastNewline(in: following) else { return .incomplete }
        return deliver(last + 1, of: &batch)
    }

    /// The first `count` bytes of the batch are whole lines; the others wait.
    private mutating func deliver(_ count: Int, of batch: inout Batch) -> Progress {
        keep(UnsafeRawBufferPointer(rebasing: batch.bytes[count...]))
        batch.truncate(to: count)
        position += count
        return .lines
    }

    private mutating func keep(_ bytes: UnsafeRawBufferPointer) {
        if bytes.count > rest.count {
            rest.deallocate()
            rest = .allocate(byteCount: max(bytes.count, 2 * rest.count), alignment: 16)
        }
        rest.copyMemory(from: bytes)
        restCount = bytes.count
    }
}

/// Where the last newline is: memrchr, which the Glibc module does not show.
private func lastNewline(in bytes: UnsafeRawBufferPointer) -> Int? {
    guard let start = bytes.baseAddress else { return nil }
    let newlines = SIMD16<UInt8>(repeating: UInt8(ascii: "\n"))
    var end = bytes.count
    while end >= 16, !any((start + (end - 16)).loadUnaligned(as: SIMD16<UInt8>.self) .== newlines) { end -= 16 }
    while end > 0, bytes[end - 1] != UInt8(ascii: "\n") { end -= 1 }
    return end > 0 ? end - 1 : nil
}

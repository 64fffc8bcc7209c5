import StreamEngine
import System

/// The content of one generation of a followed file, read from its start or from a position.
///
/// It ends only where `limit` says so: until then, a writer may add to it. An incomplete last line becomes a record where
/// the content ends, so it gets the newline that it lacks.
struct FollowedContent: ~Copyable, ByteStream {
    private(set) var file: FileDescriptor
    /// What the file decompresses to; nil if it is not compressed.
    private var decompressed: DecompressedStream?
    /// Bytes of the content that were read.
    private(set) var position: Int
    /// The size of a file that is not compressed, when it was last looked at. No byte after it is read.
    private(set) var knownSize = 0
    /// The position at which the content ends; nil while that is open.
    var limit: Int?
    private var lastByte: UInt8?
    private var hasClosedLine = false
    /// The first bytes that were read. Other content may have the same last bytes at the same place.
    private var head: [UInt8] = []
    /// The last bytes that were read.
    private(set) var tail: [UInt8] = []
    /// What had been seen. If it has changed, the file was truncated.
    private var seen = ContentProof()
    /// What was read last was not, or may not be, of this content: the file was truncated, and has grown since.
    private(set) var isRewritten = false
    /// Bytes that are read next.
    private var ahead: [UInt8] = []
    /// A compressed file has no more content.
    private(set) var isDecompressed = false

    /// - Parameters:
    ///   - compression: nil if it is not compressed.
    ///   - checksMembers: see `DecompressedStream`.
    init(
        _ file: consuming FileDescriptor, _ compression: Compression?, at position: Int, limit: Int? = nil,
        checksMembers: Bool
    ) throws(ReadError) {
        self.position = position
        self.limit = limit
        if position > 0, compression == nil {
            let count = min(position, PositionHash.reach)
            head = try file.bytes(at: 0, count: count)
            tail = try file.bytes(at: position - count, count: count)
            lastByte = tail.last
        } else if position > 0 {
            // Between two records, except in a generation that has ended with an incomplete line.
            lastByte = UInt8(ascii: "\n")
        }
        if let compression {
            // Its own descriptor stays here, for the identity.
            let again = try file.again()
            decompressed = try DecompressedStream(
                again, compression, skippingTo: position, checksMembers: checksMembers)
        }
        self.file = file
        knownSize = self.file.size ?? 0
    }

    var isCompressed: Bool { decompressed != nil }
    var waitsFor: Int32? { decompressed?.waitsFor }
    var size: Int? { nil }
    func hash(at position: Int) -> Int64? { decompressed?.hash(at: position) }

    /// Whether there is something to read, which may be the end.
    var hasMore: Bool {
        if isRewritten { return false }
        if limit != nil { return true }
        return isCompressed ? !isDecompressed || !ahead.isEmpty : position < knownSize
    }

    /// Remembers what is in the file.
    mutating func see(_ proof: ContentProof) { seen = proof }

    /// Remembers bytes that were found in the file, even if they have changed since.
    mutating func remember(_ proof: ContentProof) {
        seen = proof
        if proof.position == position { (head, tail) = (proof.head, proof.tail) }
    }

    /// Whether everything that there is was read. More may be written.
    var isAtEnd: Bool { isCompressed ? isDecompressed && ahead.isEmpty : position >= knownSize }

    /// Gives its descriptor back to the system until there is something to read.
    mutating func close() { file = .none }

    /// Goes on with the same content.
    mutating func open(_ file: consuming FileDescriptor) { self.file = file }

    var isOpen: Bool { file.isOpen }

    /// Looks at the size of the file.
    ///
    /// - Returns: whether it has become longer.
    mutating func look() -> Bool {
        isRewritten = false
        let size = file.size ?? 0
        defer { knownSize = size }
        return size > knownSize
    }

    /// - Returns: nil if nothing can be read now; 0 only at `limit`.
    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(ReadError) -> Int? {
        let end = limit ?? Int.max
        guard position < end else { return closeLine(buffer) }
        let room = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(end - position))
        let count: Int
        if !ahead.isEmpty {
            count = min(ahead.count, room.count)
            room.copyBytes(from: ahead[..<count])
            ahead.removeFirst(count)
        } else if let decompressed {
            guard let read = try decompressed.read(into: room) else { return nil }
            if read == 0 {
                isDecompressed = true
                return limit == nil ? nil : closeLine(buffer)
            }
            count = read
        } else {
            guard position < knownSize else { return nil }
            let part = UnsafeMutableRawBufferPointer(rebasing: room.prefix(knownSize - position))
            let place = position
            let read: Int?
            do throws(FileError) { read = try file.read(into: part, at: place) } catch { throw .file(error) }
            guard let read else { return nil }
            // It has become shorter since; the next look finds that out.
            if read == 0 { knownSize = position }
            guard read > 0 else { return nil }
            // It may have been truncated and written again while it was read.
            guard try isIntact else {
                isRewritten = true
                return nil
            }
            let bytes = UnsafeRawBufferPointer(rebasing: part[..<read])
            if place == head.count { head += bytes.prefix(PositionHash.reach - head.count) }
            tail.append(bytes, keepingLast: PositionHash.reach)
            count = read
        }
        lastByte = buffer[count - 1]
        position += count
        return count
    }

    /// Skips the bytes that a writer leaves out at the start of a file that was truncated: it writes where it was before.
    ///
    /// - Returns: where the first record begins; nil if that has not been written.
    mutating func skipNULs() throws(ReadError) -> Int? {
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
        defer { room.deallocate() }
        while hasMore, position < limit ?? Int.max {
            let start = position
            guard let count = try read(into: room) else {
                if let decompressed, !isDecompressed, let descriptor = decompressed.waitsFor {
                    _ = wait(for: descriptor, interrupt: .process, deadline: wallClock() + 100_000)
                    if !Interrupt.process.isRaised { continue }
                }
                return nil
            }
            guard let first = room[..<count].firstIndex(where: { $0 != 0 }) else { continue }
            // What follows is read again.
            if isCompressed { ahead = Array(room[first..<count]) }
            position = start + first
            head.removeSubrange(min(position, head.count)...)
            tail.removeAll()
            return position
        }
        guard let limit, position >= limit else { return nil }
        // Nothing else was ever written.
        hasClosedLine = true
        return position
    }

    /// Whether the file still has the bytes that were read and seen.
    var isIntact: Bool {
        get throws(ReadError) {
            guard try has(tail, endingAt: position) else { return false }
            guard seen.position > position else { return try has(head, endingAt: head.count) }
            guard try has(seen.head, endingAt: seen.head.count) else { return false }
            return try has(seen.tail, endingAt: seen.position)
        }
    }

    private func has(_ bytes: [UInt8], endingAt end: Int) throws(ReadError) -> Bool {
        guard !bytes.isEmpty else { return true }
        return try file.bytes(at: end - bytes.count, count: bytes.count) == bytes
    }

    /// Ends the last line.
    private mutating func closeLine(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        defer { hasClosedLine = true }
        guard !hasClosedLine, let lastByte, lastByte != UInt8(ascii: "\n"), buffer.count > 0 else { return 0 }
        buffer[0] = UInt8(ascii: "\n")
        return 1
    }
}

import System

/// The ends of what was read of a content: enough for the `PositionHash` of the position behind it.
struct ContentProof {
    /// Bytes read.
    private(set) var position = 0
    /// The first bytes.
    private(set) var head: [UInt8] = []
    /// The last bytes before the position.
    private(set) var tail: [UInt8] = []

    /// Of nothing.
    init() {}

    /// Of the bytes before a position of a file; nil if it does not reach the position.
    init?(_ file: borrowing FileDescriptor, _ position: Int) throws(ReadError) {
        let count = min(PositionHash.reach, position)
        head = try file.bytes(at: 0, count: count)
        tail = try file.bytes(at: position - count, count: count)
        guard head.count + tail.count == 2 * count else { return nil }
        self.position = position
    }

    var hash: Int64 { PositionHash(head, tail, position).value }

    /// Whether a file begins with this content; false if it cannot be read.
    func isStart(of file: borrowing FileDescriptor) -> Bool { (try? ContentProof(file, position))?.hash == hash }

    /// Whether other contents hardly begin like this: it has a whole line, or as much as is remembered.
    var isDistinctive: Bool { position >= PositionHash.reach || holdsNewline }
    /// Whether the first bytes contain the end of a line.
    var holdsNewline: Bool { head.contains(UInt8(ascii: "\n")) }
    /// Whether it has more than a first line, which may be the header of a table, or as much as is remembered.
    var hasTwoLines: Bool { position >= PositionHash.reach || head.count { $0 == UInt8(ascii: "\n") } > 1 }

    /// Whether a file has less of the content, but at least a line.
    func mayExtend(_ file: borrowing FileDescriptor) -> Bool {
        guard let size = file.size, let other = try? ContentProof(file, size) else { return false }
        return mayExtend(other)
    }

    /// Whether other content may be the start of this one.
    func mayExtend(_ other: ContentProof) -> Bool {
        other.isDistinctive && other.position < position && other.head[...] == head.prefix(other.position)
    }

    /// Adds bytes that were read at the position.
    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        if head.count < PositionHash.reach { head += bytes.prefix(PositionHash.reach - head.count) }
        tail.append(bytes, keepingLast: PositionHash.reach)
        position += bytes.count
    }
}

extension [UInt8] {
    /// Appends bytes and drops all but the last `most`.
    mutating func append(_ bytes: UnsafeRawBufferPointer, keepingLast most: Int) {
        removeFirst(Swift.min(count, Swift.max(0, count + bytes.count - most)))
        self += bytes.suffix(most)
    }
}

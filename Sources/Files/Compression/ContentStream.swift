import StreamEngine
import System

/// The content of a file, pipe or terminal: its bytes or, if these are compressed, what they decompress to.
///
/// The first bytes decide. Of a pipe, they are waited for only as long as they may still be those of compressed data.
struct ContentStream: ~Copyable, ByteStream {
    private var file: FileDescriptor
    private let checksMembers: Bool
    /// Reads the gaps of batches; nil before the first one.
    private var gaps: FileGaps?
    private var compressed: DecompressedStream?
    private var isDecided: Bool
    /// Bytes that were read before it was decided, and are still to be returned.
    private var head: [UInt8] = []
    /// Content that was read before the source asks for it.
    private(set) var ahead: [UInt8] = []
    /// Whether the content ends after `ahead`.
    private var endsAhead = false
    /// When the file was last changed before it was opened, in microseconds since 1970; nil if it is not a file.
    let changeTime: Int64?

    /// - Parameters:
    ///   - decompresses: false to take the bytes as they are.
    ///   - checksMembers: see `DecompressedStream`.
    init(_ file: consuming FileDescriptor, decompresses: Bool, checksMembers: Bool = false) {
        self.file = file
        self.checksMembers = checksMembers
        isDecided = !decompresses
        changeTime = self.file.changeTime
    }

    var waitsFor: Int32? { ahead.isEmpty && !endsAhead ? contentWaitsFor : nil }

    /// The descriptor to wait for before content is read; nil if that need not wait.
    private var contentWaitsFor: Int32? {
        if let compressed { return compressed.waitsFor }
        // Bytes that were read before it was decided are there.
        return isDecided && !head.isEmpty ? nil : file.waitsFor
    }
    var size: Int? { compressed == nil ? file.size : nil }
    var compressedPosition: Int? { compressed?.compressedPosition }

    func hash(at position: Int) -> Int64? { compressed?.hash(at: position) }

    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(ReadError) -> Int? {
        if !ahead.isEmpty { return Self.take(&ahead, buffer) }
        // At a terminal, the end is read only once.
        return endsAhead ? 0 : try readContent(into: buffer)
    }

    /// Reads once, and keeps the bytes in `ahead` for the source.
    ///
    /// - Returns: false at the end, or if there are `most` bytes.
    mutating func readAhead(upTo most: Int) throws(ReadError) -> Bool {
        guard ahead.count < most, !endsAhead else { return false }
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: most - ahead.count, alignment: 16)
        defer { room.deallocate() }
        guard let count = try readContent(into: room) else { return true }
        ahead += room[..<count]
        endsAhead = count == 0
        return !endsAhead
    }

    private mutating func readContent(into buffer: UnsafeMutableRawBufferPointer) throws(ReadError) -> Int? {
        if let compressed { return try compressed.read(into: buffer) }
        if !head.isEmpty, isDecided { return Self.take(&head, buffer) }
        guard let count = try readFile(into: buffer) else { return nil }
        return isDecided ? count : try decide(buffer, count)
    }

    /// Decides, if the bytes that were just read suffice.
    private mutating func decide(_ buffer: UnsafeMutableRawBufferPointer, _ count: Int) throws(ReadError) -> Int? {
        let read = UnsafeRawBufferPointer(rebasing: buffer[..<count])
        if head.isEmpty, count > 0, Compression.evidence(read) == .other {
            isDecided = true
            return count
        }
        head += read
        if let compression = Compression(head: head, isWhole: count == 0) {
            try decompress(compression, skippingTo: 0)
            return nil
        }
        guard count == 0 || head.withUnsafeBytes({ Compression.evidence($0) == .other }) else { return nil }
        isDecided = true
        return head.isEmpty ? 0 : Self.take(&head, buffer)
    }

    private static func take(_ bytes: inout [UInt8], _ buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(bytes.count, buffer.count)
        buffer.copyBytes(from: bytes[..<count])
        bytes.removeFirst(count)
        return count
    }

    private mutating func decompress(_ compression: Compression, skippingTo position: Int) throws(ReadError) {
        var taken = FileDescriptor.none
        swap(&file, &taken)
        compressed = try DecompressedStream(
            taken, compression, head: head, skippingTo: position, checksMembers: checksMembers)
        isDecided = true
    }

    private mutating func readFile(into buffer: UnsafeMutableRawBufferPointer) throws(ReadError) -> Int? {
        try ReadError.asking { () throws(FileError) in try file.read(into: buffer) }
    }

    mutating func appendWithGap(_ count: Int, to batch: inout Batch, name: String) -> Int? {
        guard isDecided, compressed == nil, head.isEmpty, ahead.isEmpty, !endsAhead else { return nil }
        guard file.isRegularFile else { return nil }
        // Without another descriptor, the bytes are read as usual.
        guard let gaps = gaps ?? (try? FileGaps(file, name: name)) else { return nil }
        self.gaps = gaps
        return gaps.append(count, to: &batch)
    }

    mutating func skip(to position: Int) throws(ReadError) {
        if !isDecided, let compression = Compression(file) {
            try decompress(compression, skippingTo: position)
            return
        }
        isDecided = true
        try ReadError.asking { () throws(FileError) in try file.seek(to: position) }
    }
}

extension Compression {
    /// Bytes that are enough, as a whole file, to say that it is cut off inside of the first bytes of its form.
    private static let leastBytes = 4

    /// The form of a file that begins with these bytes; nil if it is not compressed, or if they are too few.
    ///
    /// - Parameter isWhole: whether these are all bytes of the file.
    init?(head: [UInt8], isWhole: Bool) {
        switch head.withUnsafeBytes({ Self.evidence($0) }) {
        case .compressed(let compression): self = compression
        case .skippable: self = .zstd
        case .undecided(let compression) where isWhole && head.count >= Self.leastBytes: self = compression
        case .undecided, .other: return nil
        }
    }

    /// The form of a regular file; nil if it is not compressed or cannot be read.
    init?(_ file: borrowing FileDescriptor) {
        guard file.isRegularFile else { return nil }
        var head = [UInt8](repeating: 0, count: Self.mostBytes)
        let count = head.withUnsafeMutableBytes { buffer in (try? file.read(into: buffer, at: 0)) ?? 0 }
        self.init(head: Array(head.prefix(count)), isWhole: count < head.count)
    }

    /// The form of a regular file; nil if it is not compressed or cannot be read.
    init?(path: String) {
        guard regularFileSize(path) != nil, let file = try? FileDescriptor.openForReading(path) else { return nil }
        self.init(file)
    }

    /// - Throws: `library` if its library is not installed.
    func checkLibrary() throws(ReadError) { _ = try makeDecoder() }
}

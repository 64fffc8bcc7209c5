import StreamEngine
import System

/// One content that the name of a followed file stands for, or stood for before it was rotated or truncated.
final class Generation {
    /// As `InputPosition.input`.
    let number: Int
    /// Where the file was found.
    var path: String
    var identity: FileIdentity
    var inodeGeneration: Int64
    var content: FollowedContent
    /// Whether the name of the followed file still stands for it.
    var isNamed: Bool
    /// The first bytes, while it waits to be read.
    var held = ContentProof()
    /// When the file was last written, microseconds since 1970.
    var written: Int64?
    /// How its file was when it was closed; nil while it is open.
    var closedAt: FileChange?
    /// When it was last seen to grow (steady clock).
    var lastGrowth: Int64

    /// - Parameter position: bytes of the content that are not read again.
    init(
        _ number: Int, _ file: consuming OpenedFile, at position: Int = 0, limit: Int? = nil, isNamed: Bool,
        checksMembers: Bool, now: Int64
    ) throws(ReadError) {
        self.number = number
        path = file.path
        identity = file.identity
        inodeGeneration = file.descriptor.inodeGeneration
        written = file.descriptor.changeTime
        self.isNamed = isNamed
        lastGrowth = now
        let compression = file.compression
        content = try FollowedContent(
            file.takeDescriptor(), compression, at: position, limit: limit, checksMembers: checksMembers)
    }

    /// Goes on with the same content in another file.
    func move(to file: consuming OpenedFile, checksMembers: Bool) throws(ReadError) {
        path = file.path
        identity = file.identity
        inodeGeneration = file.descriptor.inodeGeneration
        isNamed = false
        let compression = file.compression
        content = try FollowedContent(
            file.takeDescriptor(), compression, at: content.position, limit: content.limit,
            checksMembers: checksMembers)
    }

    /// Remembers the first bytes, by which a copy of the file can be recognized.
    func hold() throws(ReadError) {
        guard !content.isCompressed, held.position < PositionHash.reach, held.position < content.knownSize else {
            return
        }
        held = try ContentProof(content.file, min(content.knownSize, PositionHash.reach)) ?? held
    }
}

/// A regular file that was opened to see what it contains.
struct OpenedFile: ~Copyable {
    let path: String
    let identity: FileIdentity
    private(set) var descriptor: FileDescriptor
    /// Nil if it is not compressed.
    let compression: Compression?

    /// - Throws: `notRegular`, `ENOENT` and others.
    init(_ path: String, decompresses: Bool) throws(FileError) {
        self.path = path
        let opened = try FileDescriptor.openForReading(path)
        guard opened.isRegularFile, let identity = opened.identity else { throw .notRegular }
        self.identity = identity
        compression = decompresses ? Compression(opened) : nil
        descriptor = opened
    }

    /// The same file once more.
    init(_ generation: Generation) throws(FileError) {
        path = generation.path
        identity = generation.identity
        compression = nil
        descriptor = try generation.content.file.duplicated()
    }

    consuming func takeDescriptor() -> FileDescriptor {
        var taken = FileDescriptor.none
        swap(&descriptor, &taken)
        return taken
    }

    /// The end of its first `position` bytes of content; nil if it has fewer.
    ///
    /// - Throws: `interrupted` if a signal ends the reading, or an error of the file.
    func proof(at position: Int) throws(ReadError) -> ContentProof? {
        guard let compression else { return try ContentProof(descriptor, position) }
        let file: FileDescriptor
        do throws(FileError) { file = try .openForReading(path) } catch { throw .file(error) }
        // It may have been renamed since.
        guard file.identity == identity else { return nil }
        var reading = CompressedReading(Decompressor(file, compression, stop: .signals))
        var proof = ContentProof()
        while let bytes = try reading.read(upTo: position) { proof.add(bytes) }
        return proof.position == position ? proof : nil
    }
}

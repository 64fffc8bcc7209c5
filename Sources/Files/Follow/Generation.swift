import StreamEngine
import System

/// One content that the name of a followed file refers to, or referred to before it was rotated or truncated.
final class Generation {
    /// As `InputPosition.input`.
    var number: Int
    /// Where the file was found.
    var path: String
    var identity: FileIdentity
    var inodeGeneration: Int64
    var content: FollowedContent
    /// Whether the name of the followed file still refers to it.
    var isNamed: Bool { didSet { if isNamed { wasNamed = true } } }
    /// Whether it did at some time, so that it is not a copy.
    private(set) var wasNamed: Bool
    /// What had been seen of it at the last look, read or not.
    private(set) var held = ContentProof()
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
        wasNamed = isNamed
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

    /// Remembers the ends of what has been seen, by which a copy of the file can be recognized.
    func hold() throws(ReadError) {
        guard !content.isCompressed, content.isOpen, held.position < content.knownSize else { return }
        // If it has been truncated meanwhile, these may be bytes of another content; the next look tells.
        guard let proof = try ContentProof(content.file, content.knownSize), try content.isIntact else { return }
        held = proof
        content.see(proof)
    }

    /// Remembers what was found in the file, even if that has changed since.
    func hold(_ proof: ContentProof) {
        guard !content.isCompressed else { return }
        held = proof
        content.remember(proof)
    }

    /// The first bytes of its content, whatever its name refers to now.
    func head(_ most: Int) throws(ReadError) -> [UInt8] {
        guard content.isCompressed, let compression = Compression(content.file) else {
            return try content.file.bytes(at: 0, count: most)
        }
        var reading = try CompressedReading(content.file, compression)
        var head: [UInt8] = []
        while let bytes = try reading.read(upTo: most) { head += bytes }
        return head
    }

    /// Forgets what has been seen of a generation of which nothing was read.
    func forget() {
        held = ContentProof()
        content.remember(held)
    }

    /// Whether nothing is known of its content.
    var isUnknown: Bool { content.position == 0 && held.position == 0 && !content.isCompressed }
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

    /// The file of a generation that is not compressed.
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

    /// The end of its first `position` bytes of content, or of all if that is nil; nil if it has fewer.
    ///
    /// - Throws: `interrupted` if a signal ends the reading, or an error of the file.
    func proof(at position: Int?) throws(ReadError) -> ContentProof? {
        guard let compression else { return try ContentProof(descriptor, position ?? descriptor.size ?? 0) }
        var reading = try CompressedReading(descriptor, compression)
        var proof = ContentProof()
        while let bytes = try reading.read(upTo: position ?? Int.max) { proof.add(bytes) }
        return proof.position == position ?? proof.position ? proof : nil
    }

    /// Whether the file has nothing but the first bytes of another one, at least a line: a copy, perhaps not complete.
    func isCopy(of other: borrowing OpenedFile) -> Bool {
        // Asked before the bytes are compared: what a program writes before it closes the file is compared, too.
        isCopy(of: other, hasWriter: descriptor.hasWriter)
    }

    /// The same where the writer of the file is known.
    func isCopy(of other: borrowing OpenedFile, hasWriter: Bool?) -> Bool {
        other.compression == nil && isCopy(of: other.descriptor, hasWriter: hasWriter)
    }

    /// The same for a file that is not compressed.
    func isCopy(of other: borrowing FileDescriptor) -> Bool { isCopy(of: other, hasWriter: descriptor.hasWriter) }

    /// A file with a line alone may be a new log with its header: if a program has it open, more will be written to it.
    private func isCopy(of other: borrowing FileDescriptor, hasWriter: Bool?) -> Bool {
        guard compression == nil, let size = descriptor.size, let otherSize = other.size, size <= otherSize,
            let proof = try? ContentProof(descriptor, size), proof.isDistinctive,
            proof.hasTwoLines || hasWriter != true
        else { return false }
        return proof.isStart(of: other)
    }

    /// The same file once more.
    func again() throws(ReadError) -> OpenedFile { OpenedFile(path, identity, try descriptor.again(), compression) }

    private init(
        _ path: String, _ identity: FileIdentity, _ descriptor: consuming FileDescriptor, _ compression: Compression?
    ) {
        self.path = path
        self.identity = identity
        self.descriptor = descriptor
        self.compression = compression
    }
}

extension FileDescriptor {
    /// Another descriptor of the same open file.
    func again() throws(ReadError) -> FileDescriptor {
        do throws(FileError) { return try duplicated() } catch { throw .file(error) }
    }
}

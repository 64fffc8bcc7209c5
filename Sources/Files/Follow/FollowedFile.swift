import StreamEngine
import System

/// A name that is followed: one partition, made of the generations that the name refers to one after the other.
///
/// Unchecked: used by one thread at a time.
final class FollowedFile: @unchecked Sendable {
    /// As the user gave it, or as it matches a pattern.
    let name: String
    /// The number of its partition.
    let partition: Int
    /// The one that is being read, and those that came after it.
    var generations: [Generation] = []
    /// Generations that were read to their end, and are watched a little longer.
    var retired: [RetiredGeneration] = []
    var lines: LineReader
    /// The end of the last batch.
    var position: InputPosition
    /// What was read of the current generation up to there; nil if its end has to be looked up.
    var proof: ContentProof? = ContentProof()
    /// Whether the reader is in the first generation.
    var hasStarted = false
    /// Where a replay ends; nil without one.
    var replayEnd: InputPosition?
    /// Lines of the current generation before the next batch; counted only for `@line_number`.
    var linesBefore = 0
    /// How to read all generations; nil before the first one has shown it.
    var format: InputFormat?

    /// Files that were rotated away, and are generations already or were there before the first; nil before they are listed.
    var handled: HandledFiles?
    /// When they were listed, or the name was first followed, microseconds since 1970.
    var listed: Int64
    /// Another file in the same folder has changed, perhaps a copy of an unknown generation.
    var needsListing = false
    /// When to list rotated files again while no file has this name (steady clock).
    var nextListing: Int64 = 0

    /// There may be something to read.
    var isReady = true
    /// A batch has to report the position, or that there is nothing to wait for.
    var hasMoved = false
    /// A batch has reported that it is idle.
    var isIdle = false
    /// No file has this name.
    var isMissing = false
    /// When something was last delivered (steady clock).
    var lastActivity: Int64

    init(_ name: String, partition: Int, _ lines: consuming LineReader, at position: InputPosition, now: Int64) {
        self.name = name
        self.partition = partition
        self.lines = lines
        self.position = position
        lastActivity = now
        listed = wallClock()
    }

    /// Whether a rotated file is a generation already, or was there before the first.
    func hasHandled(_ file: RotatedFile) -> Bool {
        handled?.contains(file) ?? !isWrittenSince(file)
    }

    /// Whether a compressed file is one of them that was compressed since.
    func hasHandled(
        compressed file: RotatedFile, _ finder: GenerationFinder, in listing: RotatedListing
    ) throws(RunError) -> Bool {
        guard let handled else { return !isWrittenSince(file) }
        return try handled.compressed(file, finder, in: listing, written: isWrittenSince(file))
    }

    /// Whether a file was written after the others were listed. A clock may be wrong about that.
    private func isWrittenSince(_ file: RotatedFile) -> Bool { file.candidate.written > listed - Self.tick }

    /// The times of files are exact to this, microseconds.
    private static let tick: Int64 = 10_000

    /// Whether a replay has to wait here for other partitions.
    var isAtReplayEnd: Bool { replayEnd.map { position >= $0 } ?? true }

    /// Whether something will have to be decided about its files soon.
    var isInTransition: Bool { generations.count > 1 || isMissing || !retired.isEmpty }

    /// Whether nothing is known of the newest generation, so that a truncation would not be seen.
    var isUnknown: Bool { generations.last?.isUnknown ?? false }

    var identities: Set<FileIdentity> { Set(generations.map(\.identity)) }
}

/// A generation that was read to its end. A writer that still has it open may add to it, which would be lost.
final class RetiredGeneration {
    let path: String
    let identity: FileIdentity
    /// None for a compressed file, which no program adds to.
    let descriptor: FileDescriptor
    let size: Int
    let proof: ContentProof?
    /// Until when it is watched (steady clock).
    let end: Int64

    /// Microseconds.
    static let time: Int64 = 60_000_000

    init(_ generation: Generation, _ proof: ContentProof?, now: Int64) {
        descriptor = generation.content.isCompressed ? .none : (try? generation.content.file.duplicated()) ?? .none
        path = generation.path
        identity = generation.identity
        size = generation.content.position
        self.proof = proof
        end = now + Self.time
    }

    /// Bytes that were written to it since it was read.
    var growth: Int { (descriptor.size ?? 0) - size }
}

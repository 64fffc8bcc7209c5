/// The input part of a checkpoint: for each partition, the committed position and the position at which a resumed run
/// restarts.
package struct InputCheckpoint: Equatable, Sendable {
    /// Files, read sequentially, are one partition; a topic has many. Never empty.
    package var partitions = [PartitionCheckpoint()]
    /// The cluster of the topics; empty for files.
    package var cluster = ""
    /// Bytes of an incomplete last line after the committed position, left for the next run.
    package var heldBack = 0

    package init() {}

    /// For files that are read again from `restart`; nothing is printed before `committed`.
    package init(restart: InputPosition, committed: InputPosition) {
        files.restart = restart
        files.committed = committed
    }

    /// The only partition of files.
    package var files: PartitionCheckpoint {
        get { partitions.first ?? PartitionCheckpoint() }
        set { partitions = [newValue] }
    }
}

/// The part of a checkpoint for one partition of the input.
package struct PartitionCheckpoint: Equatable, Sendable {
    /// The end of the last batch whose rows have all been delivered.
    package var committed = InputPosition.start
    /// The latest event time of all records before the committed position, in microseconds since 1970. A replay rejects
    /// later event times as too far ahead of the wall clock, like the first run.
    package var latest = Int64.min
    /// The position at which a replay starts, and the state at that position.
    package var restart = InputPosition.start
    package var restartState = PartitionState()
    /// With `--dedup`: a replay has read the keys that are kept when it reaches this position, and open windows need no record
    /// before it. The first position if the replay starts there.
    package var windowStart = InputPosition.start
    /// Where a run without a job starts again: it repeats its rows, so that it must not go back further than windows need.
    package var rowStart: InputPosition { max(restart, windowStart) }
    package var committedChecksum = PositionChecksum()
    package var restartChecksum = PositionChecksum()
    /// For a followed file, what its name has referred to from the restart position to the committed one, in order.
    package var generations: [GenerationCheckpoint] = []

    package init() {}
}

/// One content that the name of a followed file has referred to. A later run finds it again by its bytes; the other
/// members say only where to look first.
package struct GenerationCheckpoint: Equatable, Sendable {
    /// As `InputPosition.input`; a later generation has a higher number.
    package var number = 0
    package var path = ""
    package var inode: Int64 = 0
    /// See `FileDescriptor.inodeGeneration`.
    package var inodeGeneration: Int64 = 0
    /// How much of it was read, in bytes of its content, and the hash of the bytes before that.
    package var end = 0
    package var hash: Int64 = 0
    /// Whether it ends there.
    package var isComplete = false
    /// How much of it was seen, if nothing was read, and the hash of the bytes before that.
    package var seenEnd = 0
    package var seenHash: Int64 = 0

    package init() {}
}

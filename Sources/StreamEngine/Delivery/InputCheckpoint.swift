/// The input part of a checkpoint: up to where each partition is complete, and from where a resumed run reads it again.
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

/// What a checkpoint keeps of one partition of the input.
package struct PartitionCheckpoint: Equatable, Sendable {
    /// The end of the last batch whose rows are all delivered.
    package var committed = InputPosition.start
    /// The latest event time of any record before the committed position, microseconds since 1970. A replay rejects a
    /// later one as too far ahead, as the first run did.
    package var latest = Int64.min
    /// Where a replay starts, and the state there.
    package var restart = InputPosition.start
    package var restartState = PartitionState()
    package var committedChecksum = PositionChecksum()
    package var restartChecksum = PositionChecksum()

    package init() {}
}

/// The committed positions of a checkpoint, where a replay ends.
package struct ReplayTarget: Sendable {
    package let checkpoint: Checkpoint
    private var isReached: [Bool]

    /// - Returns: nil if there is nothing to replay.
    package init?(_ checkpoint: Checkpoint) {
        self.checkpoint = checkpoint
        isReached = checkpoint.input.partitions.map { $0.restart >= $0.committed }
        if isDone { return nil }
    }

    /// The first partition that has not reached its committed position.
    package var firstUnreached: (partition: Int, position: InputPosition)? {
        isReached.firstIndex(of: false).map { ($0, checkpoint.input.partitions[$0].committed) }
    }

    package var isDone: Bool { isReached.allSatisfy { $0 } }

    /// Records that a partition has reached a position.
    ///
    /// - Returns: true once all partitions have reached their committed positions.
    package mutating func reach(_ position: InputPosition, of partition: Int) -> Bool {
        guard isReached.indices.contains(partition), position >= checkpoint.input.partitions[partition].committed else {
            return false
        }
        isReached[partition] = true
        return isDone
    }
}

extension Engine {
    /// Starts the replay that rebuilds the open windows of a checkpoint.
    package func beginReplay(from checkpoint: Checkpoint) {
        beginReplay(
            from: ReplayStart(
                watermark: checkpoint.time.restartWatermark,
                partitions: checkpoint.input.partitions.map(\.restartState),
                latestAccepted: checkpoint.input.partitions.map(\.latest)))
    }
}

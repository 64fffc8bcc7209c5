/// The places up to which earlier runs have come: there a replay ends.
package struct ReplayTarget: Sendable {
    package let checkpoint: Checkpoint
    private var isReached: [Bool]

    /// - Returns: nil when nothing has to be done again.
    package init?(_ checkpoint: Checkpoint) {
        self.checkpoint = checkpoint
        isReached = checkpoint.partitions.map { $0.low >= $0.at }
        if isDone { return nil }
    }

    package var isDone: Bool { isReached.allSatisfy { $0 } }

    /// A partition has come to a place.
    ///
    /// - Returns: true when all of them are where they were.
    package mutating func reach(_ place: InputPosition, of partition: Int) -> Bool {
        guard isReached.indices.contains(partition), place >= checkpoint.partitions[partition].at else { return false }
        isReached[partition] = true
        return isDone
    }
}

extension Engine {
    /// Begins the replay that rebuilds the open windows of a checkpoint.
    package func beginReplay(from checkpoint: Checkpoint) {
        beginReplay(
            from: ReplayStart(
                watermark: checkpoint.restartWatermark, partitions: checkpoint.partitions.map(\.restartState),
                latestAccepted: checkpoint.partitions.map(\.latest)))
    }
}

/// The committed positions of a checkpoint, where a replay ends.
package struct ReplayTarget: Sendable {
    package let checkpoint: Checkpoint
    private var isReached: [Bool]
    /// Where each partition is.
    private var positions: [InputPosition]

    /// - Returns: nil if there is nothing to replay.
    package init?(_ checkpoint: Checkpoint) {
        self.checkpoint = checkpoint
        isReached = checkpoint.input.partitions.map { $0.restart >= $0.committed }
        positions = checkpoint.input.partitions.map(\.restart)
        if isDone { return nil }
    }

    /// The first partition that has not reached its committed position.
    package var firstUnreached: (partition: Int, position: InputPosition)? {
        isReached.firstIndex(of: false).map { ($0, checkpoint.input.partitions[$0].committed) }
    }

    /// The share of what is read again that has been read, 0 to 1.
    package var share: Double {
        let partitions = checkpoint.input.partitions
        // Bytes or records; of several files, whose sizes are not known, their number.
        func distance(_ start: InputPosition, _ end: InputPosition, inInputs: Bool) -> Double {
            inInputs ? Double(end.input) - Double(start.input) : max(0, Double(end.position) - Double(start.position))
        }
        var (read, all) = (0.0, 0.0)
        for (partition, position) in zip(partitions, positions) where partition.restart < partition.committed {
            let inInputs = partition.restart.input != partition.committed.input
            all += distance(partition.restart, partition.committed, inInputs: inInputs)
            read += distance(partition.restart, min(position, partition.committed), inInputs: inInputs)
        }
        return all > 0 ? min(1, read / all) : 1
    }

    package var isDone: Bool { isReached.allSatisfy { $0 } }

    /// Records that a partition has reached a position.
    ///
    /// - Returns: true once all partitions have reached their committed positions.
    package mutating func reach(_ position: InputPosition, of partition: Int) -> Bool {
        guard isReached.indices.contains(partition) else { return false }
        positions[partition] = position
        guard position >= checkpoint.input.partitions[partition].committed else { return false }
        isReached[partition] = true
        return isDone
    }
}

extension Engine {
    /// Starts the replay that rebuilds the open windows of a checkpoint.
    package func beginReplay(from checkpoint: Checkpoint) {
        var start = ReplayStart(
            watermark: checkpoint.time.restartWatermark,
            partitions: checkpoint.input.partitions.map(\.restartState),
            latestAccepted: checkpoint.input.partitions.map(\.latest),
            windowStarts: checkpoint.input.partitions.map(\.windowStart))
        start.laterStages = checkpoint.stages
        beginReplay(from: start)
    }
}

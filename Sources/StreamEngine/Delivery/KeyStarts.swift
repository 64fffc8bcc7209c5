/// For `--dedup`: the batches at which a replay can start so that it knows the keys that are kept when it reaches the
/// position from which windows need the records. Each partition by itself, as the keys are.
struct KeyStarts: Sendable {
    private struct Start: Sendable {
        var batch: Int
        var position: InputPosition
        var state: PartitionState
        /// The batch at which a replay has to start to know the keys at this position; nil if none are kept.
        var needed: Int?
    }

    private struct Partition: Sendable {
        /// In order. The first one is where a replay starts.
        var starts: [Start] = []
        /// As `Start.needed`, at the end of the last batch.
        var needed: Int?
    }

    private static let limit = 1 << 14
    private var partitions: [Partition] = []
    /// Where the windows of a resumed run begin. A batch may begin before, with other batch ends than in the run before, but
    /// the keys are not known there.
    private let windowStarts: [InputPosition]
    /// Whether any keys were kept.
    private(set) var isUsed = false

    /// - Parameter checkpoint: the one from which the run resumes.
    init(resuming checkpoint: Checkpoint?) { windowStarts = checkpoint?.input.partitions.map(\.windowStart) ?? [] }

    /// - Parameter oldest: the batch at which the oldest chain of keys began, before this batch.
    mutating func begin(_ batch: borrowing Batch, _ state: PartitionState, oldest: Int?) {
        while partitions.count <= batch.partition { partitions.append(Partition()) }
        var partition = partitions[batch.partition]
        partitions[batch.partition] = Partition()
        if partition.starts.count >= Self.limit {
            // A replay may start earlier than necessary.
            partition.starts = stride(from: 0, to: partition.starts.count, by: 2).map { partition.starts[$0] }
        }
        partition.starts.append(
            Start(batch: batch.sequence, position: batch.start, state: state, needed: oldest))
        partitions[batch.partition] = partition
    }

    mutating func end(_ batch: borrowing Batch, oldest: Int?) {
        guard batch.partition < partitions.count else { return }
        if oldest != nil { isUsed = true }
        partitions[batch.partition].needed = oldest
    }

    /// Drops what no replay needs any more.
    ///
    /// - Parameter position: the first one that open windows need; nil if they need none before the end of the last batch.
    mutating func trim(_ number: Int, windowStart position: InputPosition?) {
        guard number < partitions.count else { return }
        let partition = partitions[number]
        let needed: Int?
        if let position, let start = partition.starts.last(where: { $0.position <= position }) {
            needed = start.needed ?? start.batch
        } else {
            needed = partition.needed
        }
        let kept = needed.flatMap { needed in partition.starts.lastIndex { $0.batch <= needed } }
        partitions[number].starts.removeFirst(kept ?? partition.starts.count)
    }

    /// How much earlier in event time, microseconds, a replay of the partition starts for the keys than for windows.
    ///
    /// - Parameter windows: the checkpoint without regard to the keys.
    func reach(_ windows: PartitionCheckpoint, _ number: Int) -> Int64 {
        guard number < partitions.count,
            // Before the first records of the input, there is no time.
            let start = partitions[number].starts.first(where: { $0.state.latest > Int64.min }),
            start.position < windows.restart, windows.restartState.latest > start.state.latest
        else { return 0 }
        return saturatingSubtract(windows.restartState.latest, start.state.latest)
    }

    /// Lets the replay of a partition start early enough.
    func extend(_ checkpoint: inout PartitionCheckpoint, _ number: Int) {
        let known = number < windowStarts.count ? windowStarts[number] : .start
        if known > checkpoint.restart { checkpoint.windowStart = min(known, checkpoint.committed) }
        guard number < partitions.count, let start = partitions[number].starts.first,
            start.position < checkpoint.restart
        else { return }
        checkpoint.windowStart = max(checkpoint.restart, checkpoint.windowStart)
        checkpoint.restart = start.position
        checkpoint.restartState = start.state
    }
}

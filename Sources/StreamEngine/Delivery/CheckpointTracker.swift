/// Tracks the positions up to which a run has read its input, and the positions from which it could be replayed.
///
/// Keeps the position and state at the start of every batch since the oldest batch that an open window needs. If there
/// are too many batches, adjacent batches are joined, so a replay may start earlier than necessary.
package struct CheckpointTracker: Sendable {
    /// One or more batches, with the position and state of each partition before its first batch among them.
    private struct Entry: Sendable {
        var batch: Int
        var watermark: Int64
        var starts: [Start]
        /// For each stage behind `--then`.
        var marks: [StageMark]
    }

    private struct Start: Sendable {
        var partition: Int
        var position: InputPosition
        var state: PartitionState
    }

    /// The current position and state of a partition.
    private struct End: Sendable {
        var position: InputPosition
        var state: PartitionState
        var checksum: PositionChecksum
        /// Whether the last batch ended later, inside a record.
        var isBehind = false
    }

    private static let limit = 1 << 16
    /// The batches since the oldest one that is needed, in order, starting at `first`.
    private var entries: [Entry] = []
    private var first = 0
    private var ends: [End]
    private var watermark: Int64
    /// Where replays start for the keys of `--dedup`.
    private var keys: KeyStarts
    /// How a replay from `first` starts the stages behind `--then`.
    private var stages: [StageStart]

    /// - Parameter checkpoint: the checkpoint from which the run resumes; nil for a new run.
    package init(resuming checkpoint: Checkpoint?) {
        let partitions = (checkpoint?.input ?? InputCheckpoint()).partitions
        ends = partitions.map { End(position: $0.restart, state: $0.restartState, checksum: $0.committedChecksum) }
        watermark = checkpoint?.time.restartWatermark ?? Int64.min
        keys = KeyStarts(resuming: checkpoint)
        stages = checkpoint?.stages ?? []
    }

    /// Call it before processing a batch.
    package mutating func begin(_ batch: borrowing Batch, _ engine: any Engine) {
        if entries.count - first >= Self.limit { join() }
        let state = engine.partitionState(of: batch.partition)
        while ends.count < batch.partitionCount {
            ends.append(End(position: .start, state: PartitionState(), checksum: PositionChecksum()))
        }
        let start = Start(partition: batch.partition, position: batch.start, state: state)
        keys.begin(batch, state, oldest: engine.oldestKeyBatch(of: batch.partition))
        entries.append(
            Entry(batch: batch.sequence, watermark: engine.watermark, starts: [start], marks: engine.stageMarks))
    }

    /// Call it after processing the batch.
    ///
    /// - Returns: false if a run cannot resume at the end of the batch.
    package mutating func end(_ batch: borrowing Batch, _ engine: any Engine) -> Bool {
        guard ends.indices.contains(batch.partition) else { return false }
        ends[batch.partition].isBehind = batch.endsInsideLine
        guard !batch.endsInsideLine else { return false }
        ends[batch.partition].position = batch.end
        ends[batch.partition].state = engine.partitionState(of: batch.partition)
        if let checksum = batch.checksum { ends[batch.partition].checksum = checksum }
        watermark = engine.watermark
        keys.end(batch, oldest: engine.oldestKeyBatch(of: batch.partition))
        return true
    }

    /// Call it when no records are left before the committed positions. The watermark may have advanced up to there
    /// without records.
    package mutating func skip(to checkpoint: Checkpoint) {
        watermark = max(watermark, checkpoint.time.watermark)
        for (number, partition) in checkpoint.input.partitions.enumerated() where number < ends.count {
            ends[number].position = partition.committed
        }
    }

    /// Call it when the watermark has advanced without records.
    package mutating func note(_ engine: any Engine) {
        watermark = engine.watermark
        for number in ends.indices {
            let (lines, input) = (ends[number].state.lines, ends[number].state.input)
            ends[number].state = engine.partitionState(of: number)
            guard ends[number].isBehind else { continue }
            (ends[number].state.lines, ends[number].state.input) = (lines, input)
        }
    }

    /// The checkpoint at the current positions.
    ///
    /// - Parameters:
    ///   - oldest: the number of the batch that opened the oldest window of the last stage that is still needed; nil if
    ///     there is none.
    ///   - marks: those of the stages behind `--then`, now.
    package mutating func checkpoint(oldest: Int?, _ marks: [StageMark] = []) -> Checkpoint {
        trim(toOldest: oldest, marks)
        return checkpoint()
    }

    /// Drops the batches that no replay needs: those before `oldest`, and before what the stages before the last one need
    /// to print the rows of its windows.
    package mutating func trim(toOldest oldest: Int?, _ marks: [StageMark] = []) {
        var entry = oldest.map { index(of: $0) }
        stages = []
        for number in marks.indices.reversed() {
            // None is known if nothing was read since the last call.
            let known = entry.flatMap { $0 < entries.count ? entries[$0].marks : nil } ?? marks
            let mark = known[number]
            stages.insert(mark.start, at: 0)
            if let needed = mark.oldest { entry = index(of: needed) }
        }
        forget(before: entry)
        guard keys.isUsed else { return }
        let starts = checkpointOfWindows().input.partitions
        for (number, end) in ends.enumerated() {
            let start = starts[number].restart
            keys.trim(number, windowStart: start == end.position ? nil : start)
        }
    }

    /// The checkpoint at the current positions, if windows may have closed since the last `trim`. A replay starts at
    /// the position that was needed at that time, which is early enough.
    package func checkpoint() -> Checkpoint {
        var checkpoint = checkpointOfWindows()
        if keys.isUsed {
            for partition in ends.indices { keys.extend(&checkpoint.input.partitions[partition], partition) }
        }
        return checkpoint
    }

    /// How much earlier in event time, microseconds, a replay starts for the keys of `--dedup` than for windows.
    package var keyReach: Int64 {
        guard keys.isUsed else { return 0 }
        let windows = checkpointOfWindows().input.partitions
        return windows.indices.reduce(0) { max($0, keys.reach(windows[$1], $1)) }
    }

    /// The checkpoint without regard to the keys of `--dedup`.
    private func checkpointOfWindows() -> Checkpoint {
        var checkpoint = Checkpoint()
        checkpoint.stages = stages
        checkpoint.time.watermark = watermark
        checkpoint.time.restartWatermark = first < entries.count ? entries[first].watermark : watermark
        checkpoint.input.partitions = ends.map { end in
            var partition = PartitionCheckpoint()
            partition.committed = end.position
            partition.latest = end.state.latest
            partition.committedChecksum = end.checksum
            // If no batch was read since, no batch must be read again.
            partition.restart = end.position
            partition.restartState = end.state
            return partition
        }
        var isMissing = Array(repeating: true, count: ends.count)
        var missing = ends.count
        for entry in entries[first...] where missing > 0 {
            for start in entry.starts where isMissing[start.partition] {
                isMissing[start.partition] = false
                missing -= 1
                guard start.position < ends[start.partition].position else { continue }
                checkpoint.input.partitions[start.partition].restart = start.position
                checkpoint.input.partitions[start.partition].restartState = start.state
            }
        }
        return checkpoint
    }

    /// The last entry that is not later than a batch.
    private func index(of batch: Int) -> Int {
        var (index, end) = (first, entries.count)
        while end &- index > 1 {
            let middle = index &+ (end &- index) / 2
            if entries[middle].batch <= batch { index = middle } else { end = middle }
        }
        return index
    }

    /// Drops the entries before this one; nil for all of them.
    private mutating func forget(before entry: Int?) {
        first = entry ?? entries.count
        if first > entries.count / 2 {
            entries.removeFirst(first)
            first = 0
        }
    }

    private mutating func join() {
        var joined: [Entry] = []
        for index in stride(from: first, to: entries.count, by: 2) {
            var entry = entries[index]
            for start in index + 1 < entries.count ? entries[index + 1].starts : []
            where !entry.starts.contains(where: { $0.partition == start.partition }) {
                entry.starts.append(start)
            }
            joined.append(entry)
        }
        entries = joined
        first = 0
    }
}

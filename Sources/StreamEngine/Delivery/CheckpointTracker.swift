/// How far a run has come in its input, and from where it could be begun again.
///
/// Keeps the place and the state at the start of every batch since the oldest one that an open window needs. Of very
/// many batches pairs are joined: a replay may begin earlier than it must.
package struct CheckpointTracker: Sendable {
    /// Batches that are looked at as one: where each partition stood before the first of its own among them.
    private struct Entry: Sendable {
        var batch: Int
        var watermark: Int64
        var starts: [Start]
    }

    private struct Start: Sendable {
        var partition: Int
        var place: InputPosition
        var state: PartitionState
    }

    /// Where a partition stands now.
    private struct End: Sendable {
        var place: InputPosition
        var state: PartitionState
        var proof: PositionChecksum
    }

    private static let limit = 1 << 16
    /// Batches since the oldest that is needed, in their order, from `first` on.
    private var entries: [Entry] = []
    private var first = 0
    private var ends: [End]
    private var watermark: Int64

    /// - Parameter checkpoint: where the run goes on; nil for one that begins.
    package init(resuming checkpoint: Checkpoint?) {
        let partitions = (checkpoint ?? Checkpoint()).partitions
        ends = partitions.map { End(place: $0.low, state: $0.restartState, proof: $0.committedChecksum) }
        watermark = checkpoint?.restartWatermark ?? Int64.min
    }

    /// A batch is about to be taken in.
    package mutating func begin(_ batch: borrowing Batch, _ engine: any Engine) {
        if entries.count - first >= Self.limit { join() }
        let state = engine.partitionState(of: batch.partition)
        while ends.count < batch.partitionCount {
            ends.append(End(place: .start, state: PartitionState(), proof: PositionChecksum()))
        }
        let start = Start(partition: batch.partition, place: batch.start, state: state)
        entries.append(Entry(batch: batch.sequence, watermark: engine.watermark, starts: [start]))
    }

    /// It has been taken in.
    ///
    /// - Returns: false when its end is no place to go on from.
    package mutating func end(_ batch: borrowing Batch, _ engine: any Engine) -> Bool {
        guard !batch.endsInsideLine, ends.indices.contains(batch.partition) else { return false }
        ends[batch.partition].place = batch.end
        ends[batch.partition].state = engine.partitionState(of: batch.partition)
        if let proof = batch.proof { ends[batch.partition].proof = proof }
        watermark = engine.watermark
        return true
    }

    /// What lies between is known to hold nothing. Time may have gone on there without records.
    package mutating func skip(to checkpoint: Checkpoint) {
        watermark = max(watermark, checkpoint.watermark)
        for (number, partition) in checkpoint.partitions.enumerated() where number < ends.count {
            ends[number].place = partition.at
        }
    }

    /// Time has gone on without records.
    package mutating func note(_ engine: any Engine) {
        watermark = engine.watermark
        for number in ends.indices { ends[number].state = engine.partitionState(of: number) }
    }

    /// The checkpoint of this place.
    ///
    /// - Parameter oldest: number of the batch that opened the oldest window that is still needed; nil when none is.
    package mutating func checkpoint(oldest: Int?) -> Checkpoint {
        trim(toOldest: oldest)
        return checkpoint()
    }

    /// A replay would begin with this batch; nil: with none of those that were read.
    package mutating func trim(toOldest oldest: Int?) { forget(before: oldest ?? Int.max) }

    /// The checkpoint of this place when windows may have closed since: a replay begins where it had to when somebody
    /// last looked, which is early enough.
    package func checkpoint() -> Checkpoint {
        var checkpoint = Checkpoint()
        checkpoint.watermark = watermark
        checkpoint.restartWatermark = first < entries.count ? entries[first].watermark : watermark
        checkpoint.partitions = ends.map { end in
            var partition = PartitionCheckpoint()
            partition.at = end.place
            partition.latest = end.state.latest
            partition.committedChecksum = end.proof
            // Where nothing was read since, nothing has to be read again.
            partition.low = end.place
            partition.restartState = end.state
            return partition
        }
        var isMissing = Array(repeating: true, count: ends.count)
        var missing = ends.count
        for entry in entries[first...] where missing > 0 {
            for start in entry.starts where isMissing[start.partition] {
                isMissing[start.partition] = false
                missing -= 1
                guard start.place < ends[start.partition].place else { continue }
                checkpoint.partitions[start.partition].low = start.place
                checkpoint.partitions[start.partition].restartState = start.state
            }
        }
        return checkpoint
    }

    /// Drops what lies before the last entry that is not later than `oldest`.
    private mutating func forget(before oldest: Int) {
        while first + 1 < entries.count, entries[first + 1].batch <= oldest { first += 1 }
        if oldest == Int.max { first = entries.count }
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

/// The step between admission and operator that drops duplicates (`--dedup`).
///
/// Without `--within`, every record of a key after the first accepted one is a duplicate. With it, a record is a duplicate if
/// an accepted record of its key has an event time at most D away; duplicates do not extend that. A record that is more than
/// D older than the watermark cannot be judged: it is late. What is kept of a key therefore has no influence any more
/// once the watermark is 2 D beyond its time.
///
/// The watermark here is that of the records of the partition alone (`Watermark.ofRecords`), and each partition has keys of
/// its own: so the decisions depend only on the bytes of a partition and their order, not on the clock and not on how the
/// partitions were read. A replay makes the same decisions.
///
/// A replay starts without keys. Which records of a key are accepted may depend on the first of a long chain of them, each
/// near the one before. So each key that is kept remembers the batch in which its chain began: in that batch none was
/// kept. A replay from the oldest of these batches on, over all kept keys, arrives at the same keys: other keys that it
/// wrongly accepts at first come from chains that had ended, and lose their influence when those did. For this, a key with a
/// duplicate up to D later is kept until the watermark is 3 D beyond its time.
struct Deduplicator: ~Copyable {
    enum Judgement { case unique, withoutKey, duplicate, late }

    /// The state of one partition.
    private struct Partition {
        var keys: SeenKeys
        var chains = ChainStarts()
        /// What the last sweep has seen of the watermark, and the part after it.
        var swept = Int64.min
        var nextPart = 0
    }

    let isActive: Bool
    let within: Int64?
    private let maxState: Int
    /// Those of partitions that had no batch yet, and that of the current one, are missing.
    private var partitions: [Partition?] = []
    private var current = 0
    /// The state of the current partition; nil before its first batch.
    private var own: Partition?
    /// The number of the current batch.
    private var batch = 0
    /// A batch that a replay needs for ever: if all of the input is searched, or if a chain is longer than batch numbers are
    /// kept for.
    private var floor: Int?
    private var touched: UInt64 = 0

    init(_ query: Query) {
        isActive = query.dedup != nil
        within = query.dedup?.within
        maxState = query.maxState ?? Int.max
        if isActive, query.dedup?.within == nil { floor = 0 }
    }

    deinit {
        own?.keys.free()
        for case let partition? in partitions { partition.keys.free() }
    }

    /// The memory that it takes.
    var memoryBytes: Int { partitions.reduce(own?.keys.memoryBytes ?? 0) { $0 &+ ($1?.keys.memoryBytes ?? 0) } }

    /// The batch at which a replay of the partition has to start so that the keys are the same afterwards; nil if none are
    /// kept.
    func oldestBatch(of partition: Int) -> Int? {
        guard isActive else { return nil }
        if let floor { return floor }
        if partition == current { return own?.chains.oldest }
        return partition < partitions.count ? partitions[partition]?.chains.oldest : nil
    }

    mutating func begin(_ batch: borrowing Batch) {
        guard isActive else { return }
        self.batch = batch.sequence
        if batch.partition != current { turn(to: batch.partition) }
        if own == nil { own = Partition(keys: SeenKeys(within: within)) }
    }

    @inline(never) private mutating func turn(to partition: Int) {
        while partitions.count <= max(partition, current) { partitions.append(nil) }
        partitions[current] = own
        current = partition
        own = partitions[partition]
        partitions[partition] = nil
    }

    /// Reads the memory for rows that will be judged next.
    @inline(never) mutating func touch(_ rows: Range<Int>, _ records: borrowing Records) {
        guard let fingerprints = records.fingerprints, let keys = own?.keys else { return }
        var sum: UInt64 = 0
        for row in rows { sum &+= keys.touch(fingerprints[row]) }
        // Keeps the compiler from removing the loads.
        touched = sum
    }

    /// Judges the record of a row, and keeps its key if it is accepted.
    ///
    /// - Parameter watermark: that of the records before it.
    mutating func judge(
        _ row: Int, _ records: borrowing Records, time: Int64, watermark: Int64
    ) throws(EngineError) -> Judgement {
        guard let key = records.fingerprints?[row], !key.isNone else { return .withoutKey }
        if let within, time < saturatingSubtract(watermark, within) { return .late }
        guard let keys = own?.keys else { return .unique }
        let part = keys.part(of: key)
        if keys.isFull(part) { try makeRoom(part, watermark) }
        let number = UInt32(truncatingIfNeeded: batch) & ~SeenKeys.hadDuplicate
        guard case .free(let place, let chain) = keys.find(key, time, in: part) else {
            return .duplicate
        }
        let start = chain ?? number
        let replaced = keys.put(key, time, chain: start, at: place, in: part)
        if floor == nil {
            own?.chains.add(batch &- Int(SeenKeys.age(start, number)))
            if let replaced { release(replaced) }
        }
        return .unique
    }

    private mutating func release(_ chain: UInt32) {
        guard floor == nil else { return }
        let number = UInt32(truncatingIfNeeded: batch) & ~SeenKeys.hadDuplicate
        own?.chains.remove(batch &- Int(SeenKeys.age(chain, number)))
    }

    @inline(never) private mutating func makeRoom(
        _ part: UnsafeMutablePointer<SeenKeys.Part>, _ watermark: Int64
    ) throws(EngineError) {
        own?.keys.advance(to: watermark)
        guard let keys = own?.keys else { return }
        keys.sweep(part) { release($0) }
        if keys.isFull(part) { keys.makeRoom(part) }
        try checkSize()
    }

    private func checkSize() throws(EngineError) {
        guard StateMemory.bytes > maxState else { return }
        throw .stateTooLarge(StateSize(limit: maxState, parts: [(.keys, memoryBytes)]))
    }

    /// Called after the whole batch has been processed. Sweeps a share of the keys, so that all are swept while the watermark
    /// advances by a quarter of D.
    mutating func endBatch(watermark: Int64) throws(EngineError) {
        try checkSize()
        guard let within, watermark > Int64.min else { return }
        own?.keys.advance(to: watermark)
        guard let state = own else { return }
        let swept = state.swept == Int64.min ? watermark : state.swept
        let step = max(1, within / Int64(4 &* SeenKeys.partCount))
        let due = saturatingSubtract(watermark, swept) / step
        let count = Int(min(due, Int64(SeenKeys.partCount)))
        for number in 0..<count {
            let part = (state.nextPart &+ number) % SeenKeys.partCount
            state.keys.sweep(state.keys.parts + part) { release($0) }
        }
        own?.swept = due > Int64(count) ? watermark : swept &+ due &* step
        own?.nextPart = (state.nextPart &+ count) % SeenKeys.partCount
        if let oldest = own?.chains.oldest, batch &- oldest > 1 << 30 { floor = floor ?? oldest }
    }
}

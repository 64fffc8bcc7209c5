/// What is known of the partitions of the input, and which of them the watermark waits for. There is at least one.
struct PartitionStates {
    private var states: [PartitionState]
    private var waits: [Bool]
    /// Those that bring nothing more.
    private var ended: Set<Int> = []
    /// In a replay all are waited for, and windows that nobody has delivered stay open: those of which nothing more is
    /// expected are kept here until it is over.
    private var silent: [Int]?

    init() {
        states = [PartitionState()]
        waits = [true]
    }

    /// That of a replay, where it begins.
    init(replaying states: [PartitionState]) {
        self.states = states.isEmpty ? [PartitionState()] : states
        waits = self.states.map { _ in true }
        silent = []
    }

    var count: Int { states.count }

    subscript(partition: Int) -> PartitionState {
        get { states[partition] }
        set { states[partition] = newValue }
    }

    /// Partitions may be added, and each holds the watermark back until it has brought records.
    mutating func grow(to count: Int) {
        while states.count < count {
            states.append(PartitionState())
            waits.append(true)
        }
    }

    func isWaitedFor(_ partition: Int) -> Bool { waits[partition] }

    /// The partition brings records.
    mutating func waitFor(_ partition: Int) {
        waits[partition] = true
        silent?.removeAll { $0 == partition }
    }

    /// Nothing is expected of the partition for now.
    ///
    /// - Returns: false in a replay, where it is waited for all the same.
    mutating func forgo(_ partition: Int, isEnded: Bool) -> Bool {
        if isEnded { ended.insert(partition) }
        silent?.append(partition)
        if silent == nil { waits[partition] = false }
        return silent == nil
    }

    mutating func endReplay() {
        for partition in silent ?? [] { waits[partition] = false }
        silent = nil
    }

    /// The highest watermark of the partitions that may go on, for the present one this; `Int64.min` when there are none.
    func highest(present: Int, watermark: Int64) -> Int64 {
        states.indices.reduce(Int64.min) { highest, partition in
            if ended.contains(partition) { return highest }
            return max(highest, partition == present ? watermark : states[partition].watermark)
        }
    }

    /// The lowest watermark of the partitions that are waited for, but for this one; `Int64.max` when there are none.
    func lowest(without partition: Int) -> Int64 {
        var lowest = Int64.max
        for other in states.indices where other != partition && waits[other] {
            lowest = min(lowest, states[other].watermark)
        }
        return lowest
    }
}

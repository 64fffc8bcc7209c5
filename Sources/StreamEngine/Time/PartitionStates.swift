/// The state of each partition of the input, and whether it is active. There is at least one partition.
struct PartitionStates {
    private var states: [PartitionState]
    private var active: [Bool]
    /// Partitions that were read to their end.
    private var ended: Set<Int> = []
    /// During a replay, all partitions count as active, so that undelivered windows stay open; those that become idle
    /// are kept here until it ends. nil outside a replay.
    private var idle: [Int]?

    init() {
        states = [PartitionState()]
        active = [true]
    }

    /// The states at the start of a replay.
    init(replaying states: [PartitionState]) {
        self.states = states.isEmpty ? [PartitionState()] : states
        active = self.states.map { _ in true }
        idle = []
    }

    var count: Int { states.count }

    subscript(partition: Int) -> PartitionState {
        get { states[partition] }
        set { states[partition] = newValue }
    }

    /// Adds partitions; each holds the watermark back until it has records.
    mutating func grow(to count: Int) {
        while states.count < count {
            states.append(PartitionState())
            active.append(true)
        }
    }

    func isActive(_ partition: Int) -> Bool { active[partition] }

    /// Called when the partition has records.
    mutating func activate(_ partition: Int) {
        active[partition] = true
        idle?.removeAll { $0 == partition }
    }

    /// Called when the partition is idle or has ended.
    ///
    /// - Returns: false during a replay, when it stays active.
    mutating func deactivate(_ partition: Int, isEnded: Bool) -> Bool {
        if isEnded { ended.insert(partition) }
        idle?.append(partition)
        if idle == nil { active[partition] = false }
        return idle == nil
    }

    mutating func endReplay() {
        for partition in idle ?? [] { active[partition] = false }
        idle = nil
    }

    /// The highest watermark of the partitions that have not ended, with `watermark` as that of `current`; `Int64.min`
    /// if there are none.
    func highest(current: Int, watermark: Int64) -> Int64 {
        states.indices.reduce(Int64.min) { highest, partition in
            if ended.contains(partition) { return highest }
            return max(highest, partition == current ? watermark : states[partition].watermark)
        }
    }

    /// The lowest watermark of the active partitions except this one; `Int64.max` if there are none.
    func lowest(without partition: Int) -> Int64 {
        var lowest = Int64.max
        for other in states.indices where other != partition && active[other] {
            lowest = min(lowest, states[other].watermark)
        }
        return lowest
    }
}

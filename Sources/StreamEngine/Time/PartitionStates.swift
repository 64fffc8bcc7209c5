/// What is known of the partitions of the input, and which of them the watermark waits for. There is at least one.
struct PartitionStates {
    private var states: [IntakeState]
    private var isWaitedFor: [Bool]

    init(_ states: [IntakeState] = [IntakeState()]) {
        self.states = states.isEmpty ? [IntakeState()] : states
        isWaitedFor = self.states.map { _ in true }
    }

    var count: Int { states.count }

    subscript(partition: Int) -> IntakeState {
        get { states[partition] }
        set { states[partition] = newValue }
    }

    /// Partitions may be added, and each holds the watermark back until it has brought records.
    mutating func grow(to count: Int) {
        while states.count < count {
            states.append(IntakeState())
            isWaitedFor.append(true)
        }
    }

    mutating func setWaitedFor(_ partition: Int, _ waits: Bool) { isWaitedFor[partition] = waits }

    /// The lowest watermark of the partitions that are waited for, but for this one; `Int64.max` when there are none.
    func lowest(without partition: Int) -> Int64 {
        var lowest = Int64.max
        for other in states.indices where other != partition && isWaitedFor[other] {
            lowest = min(lowest, states[other].watermark)
        }
        return lowest
    }
}

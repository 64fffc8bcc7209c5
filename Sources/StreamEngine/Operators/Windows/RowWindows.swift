/// Windows that count records: after every `every` records of a group, prints a row over its last `count` records.
///
/// Like hopping windows, they share slices of records. A slice starts at each multiple of `every`, and where a window
/// starts between two multiples. At the end of the input, a group that has had records since its last row gets one more
/// row.
struct RowWindows: WindowOperator, ~Copyable {
    private struct Group {
        /// The number of records so far.
        var count = 0
        /// Oldest and newest slice, by state number.
        var first = GroupTable.none
        var last = GroupTable.none
    }

    private struct Slice {
        /// Number of its first record in the group, from 0.
        var start: Int
        var next: UInt32
    }

    var context: WindowContext
    private let count: Int
    private let every: Int
    /// The offset within each step of `every` records at which a window starts; 0 if windows start at multiples of
    /// `every`.
    private let cut: Int
    private var panes = Panes()
    private let pane: UInt32
    /// The groups, indexed by slot.
    private var groups: [Group] = []
    /// The slices, indexed by state number.
    private var slices: [Slice] = []
    private var complete: [UInt32] = []
    private(set) var nextDue = Int64.max
    var batch = 0
    /// Records are counted from the first record of a group, so a replay needs the whole input.
    var oldestBatch: Int? { 0 }
    var tableBytes: Int { groups.memoryBytes + slices.memoryBytes + complete.memoryBytes }

    init(count: Int, every: Int, _ context: consuming WindowContext) {
        self.context = context
        self.count = count
        self.every = every
        cut = (every - count % every) % every
        pane = panes.make(start: 0, end: 0, lastEnd: 0)
    }

    mutating func add(_ record: Record, watermark: Int64) throws(EngineError)
        -> Placement
    {
        let slot = try panes.slot(pane, record.key, context: &context)
        while groups.count <= Int(slot) { groups.append(Group()) }
        let number = groups[Int(slot)].count
        let place = number % every
        groups[Int(slot)].count = number &+ 1
        // If steps are longer than windows, records before the cut are in no window.
        if count < every, place < cut { return .inNoWindow }
        if place == 0 || place == cut || groups[Int(slot)].last == GroupTable.none { begin(slot, number) }
        context.states.add(groups[Int(slot)].last, row: record.row)
        if place &+ 1 == every {
            complete.append(slot)
            nextDue = Int64.min
        }
        return .inWindow
    }

    private mutating func begin(_ slot: UInt32, _ start: Int) {
        let state = context.states.allocate()
        while slices.count <= Int(state) { slices.append(Slice(start: 0, next: GroupTable.none)) }
        slices[Int(state)] = Slice(start: start, next: GroupTable.none)
        if groups[Int(slot)].last == GroupTable.none {
            groups[Int(slot)].first = state
        } else {
            slices[Int(groups[Int(slot)].last)].next = state
        }
        groups[Int(slot)].last = state
    }

    mutating func close(upTo watermark: Int64) throws(EngineError) {
        for slot in complete {
            try print(CollectionOfOne(slot), isFinal: true)
            dropSlices(of: slot, before: groups[Int(slot)].count &+ every &- count)
        }
        complete.removeAll(keepingCapacity: true)
        nextDue = Int64.max
        if watermark == Int64.max { try print(unfinished(), isFinal: true) }
    }

    mutating func printOpen() throws(EngineError) {
        try print(unfinished(), isFinal: false)
    }

    /// The groups that have had records since their last row.
    private func unfinished() -> [UInt32] {
        var slots: [UInt32] = []
        var slot = panes[pane].firstSlot
        while slot != GroupTable.none {
            if groups[Int(slot)].count % every != 0, groups[Int(slot)].last != GroupTable.none { slots.append(slot) }
            slot = context.groups.slots[Int(slot)].next
        }
        return slots
    }

    /// Prints one row for each group, over its last `count` records.
    private mutating func print(
        _ slots: some Collection<UInt32>, isFinal: Bool
    ) throws(EngineError) {
        var merged: [UInt32] = []
        for slot in slots {
            // The window ends at the next multiple of `every`, even if it is not full.
            let whole = (groups[Int(slot)].count &+ every &- 1) / every
            let oldest = whole &* every &- count
            var state = groups[Int(slot)].first
            if slices[Int(state)].next != GroupTable.none || slices[Int(state)].start < oldest {
                let target = context.states.allocate()
                merged.append(target)
                while state != GroupTable.none {
                    if slices[Int(state)].start >= oldest { context.states.merge(state, into: target) }
                    state = slices[Int(state)].next
                }
                state = target
            }
            context.emitter.add(key: slot, state: state, WindowBounds(start: 0, end: 0), context.groups)
        }
        try context.print(isFinal: isFinal)
        for state in merged { context.states.release(state) }
    }

    private mutating func dropSlices(of slot: UInt32, before start: Int) {
        while groups[Int(slot)].first != GroupTable.none, slices[Int(groups[Int(slot)].first)].start < start {
            let first = groups[Int(slot)].first
            groups[Int(slot)].first = slices[Int(first)].next
            context.states.release(first)
        }
        if groups[Int(slot)].first == GroupTable.none { groups[Int(slot)].last = GroupTable.none }
    }

    func bounds(after watermark: Int64) -> [Int64?] { [nil, nil] }
}

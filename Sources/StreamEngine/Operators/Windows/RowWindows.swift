/// Windows that count records: after every `every` records of a group, prints a row over its last `count` records.
///
/// Like hopping windows, they share slices of records. A slice starts at each multiple of `every`, and where a window
/// starts between two multiples. If windows have many slices, they share blocks of 16, 256 and more slices too, each of
/// them merged once. At the end of the input, a group that has had records since its last row gets one more row.
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
        /// The largest whole block that begins with this slice: its merged state, and its last slice.
        var block = GroupTable.none
        var lastOfBlock = GroupTable.none
    }

    /// The blocks of a group.
    private struct Blocks {
        /// The number of slices that have been dropped, and of those that are in blocks, if they are.
        var dropped = 0
        var noted = 0
        var lastNoted = GroupTable.none
        /// For each level, the first slice of the current block.
        var heads = SIMD4<UInt32>(repeating: GroupTable.none)
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
    /// The blocks of the groups, indexed by slot; empty if windows do not share blocks.
    private var blocks: [Blocks] = []
    private let sharesBlocks: Bool
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
        // With fewer slices, a window is merged as fast without blocks.
        sharesBlocks = count / every >= 32
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
            if sharesBlocks { mergeBlocks(of: slot) }
            try print(CollectionOfOne(slot), isFinal: true)
            // The next window ends `every` records later.
            dropSlices(of: slot, before: oldestRecord(groups[Int(slot)]) &+ every)
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

    /// The number of the first record in the window of a group that ends at the next multiple of `every`, even if the
    /// window is not full. Negative if the window would have started before the first record.
    private func oldestRecord(_ group: Group) -> Int {
        let rest = group.count % every
        // The end is `every`, or at most twice the number of records, so that no limit is too large for it.
        return group.count &+ (rest == 0 ? 0 : every &- rest) &- count
    }

    /// Prints one row for each group, over its last `count` records.
    private mutating func print(
        _ slots: some Collection<UInt32>, isFinal: Bool
    ) throws(EngineError) {
        var temporary: [UInt32] = []
        for slot in slots {
            let oldest = oldestRecord(groups[Int(slot)])
            var state = groups[Int(slot)].first
            if slices[Int(state)].next != GroupTable.none || slices[Int(state)].start < oldest {
                let target = context.states.allocate()
                temporary.append(target)
                while state != GroupTable.none {
                    let isInside = slices[Int(state)].start >= oldest
                    if isInside { context.states.merge(merged(at: state), into: target) }
                    state = isInside ? following(state) : slices[Int(state)].next
                }
                state = target
            }
            context.emitter.add(key: slot, state: state, WindowBounds(start: 0, end: 0), context.groups)
        }
        try context.print(isFinal: isFinal)
        for state in temporary { context.states.release(state) }
    }

    // MARK: Blocks

    /// The state of the largest block that begins with a slice, or of the slice.
    private func merged(at slice: UInt32) -> UInt32 {
        let block = slices[Int(slice)].block
        return block == GroupTable.none ? slice : block
    }

    /// The slice after that block.
    private func following(_ slice: UInt32) -> UInt32 {
        let last = slices[Int(slice)].lastOfBlock
        return slices[Int(last == GroupTable.none ? slice : last)].next
    }

    /// Merges the blocks that have become whole. All slices of the group are complete.
    private mutating func mergeBlocks(of slot: UInt32) {
        while blocks.count <= Int(slot) { blocks.append(Blocks()) }
        var own = blocks[Int(slot)]
        // State numbers of dropped slices are used again.
        let isKept = own.noted > own.dropped
        var slice = isKept ? slices[Int(own.lastNoted)].next : groups[Int(slot)].first
        while slice != GroupTable.none {
            let number = own.noted
            own.noted &+= 1
            own.lastNoted = slice
            var length = 16
            for level in 0..<4 {
                if number % length == 0 { own.heads[level] = slice }
                // A block of which a slice has been dropped will not be whole.
                if own.noted % length == 0, own.noted &- length >= own.dropped {
                    mergeBlock(from: own.heads[level], through: slice)
                }
                length &*= 16
            }
            slice = slices[Int(slice)].next
        }
        blocks[Int(slot)] = own
    }

    /// Merges a block from the smaller blocks, or slices, in it.
    private mutating func mergeBlock(from head: UInt32, through last: UInt32) {
        let state = context.states.allocate()
        let end = slices[Int(last)].next
        var part = head
        while part != end {
            context.states.merge(merged(at: part), into: state)
            part = following(part)
        }
        while slices.count <= Int(state) { slices.append(Slice(start: 0, next: GroupTable.none)) }
        let smaller = slices[Int(head)].block
        if smaller != GroupTable.none { context.states.release(smaller) }
        slices[Int(head)].block = state
        slices[Int(head)].lastOfBlock = last
    }

    private mutating func dropSlices(of slot: UInt32, before start: Int) {
        while groups[Int(slot)].first != GroupTable.none, slices[Int(groups[Int(slot)].first)].start < start {
            let first = groups[Int(slot)].first
            groups[Int(slot)].first = slices[Int(first)].next
            if sharesBlocks {
                blocks[Int(slot)].dropped &+= 1
                if slices[Int(first)].block != GroupTable.none { context.states.release(slices[Int(first)].block) }
            }
            context.states.release(first)
        }
        if groups[Int(slot)].first == GroupTable.none { groups[Int(slot)].last = GroupTable.none }
    }

    func bounds(after watermark: Int64) -> [Int64?] { [nil, nil] }
}

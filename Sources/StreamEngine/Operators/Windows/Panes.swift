/// The open slices and windows, each with the list of its groups' slots.
struct Panes: ~Copyable {
    struct Pane {
        var start: Int64
        var end: Int64
        /// End of the last window that covers it.
        var lastEnd: Int64
        fileprivate(set) var firstSlot = GroupTable.none
        fileprivate(set) var slotCount = 0
        /// The first batch that a replay needs to rebuild the pane; nil if the pane is free.
        fileprivate(set) var batch: Int?

        var bounds: WindowBounds { WindowBounds(start: start, end: end) }
    }

    private var panes: [Pane] = []
    private var free: [UInt32] = []
    /// Number of the current batch.
    var batch = 0

    var memoryBytes: Int { panes.memoryBytes + free.memoryBytes }

    /// The first batch that a replay needs to rebuild all panes.
    var oldestBatch: Int? { panes.lazy.compactMap(\.batch).min() }

    subscript(pane: UInt32) -> Pane { panes[Int(pane)] }

    /// The number of groups of several panes.
    func slotCount(of several: [UInt32]) -> Int { several.reduce(0) { $0 + self[$1].slotCount } }

    mutating func make(start: Int64, end: Int64, lastEnd: Int64) -> UInt32 {
        let pane = Pane(start: start, end: end, lastEnd: lastEnd, batch: batch)
        if let number = free.popLast() {
            panes[Int(number)] = pane
            return number
        }
        panes.append(pane)
        return UInt32(truncatingIfNeeded: panes.count &- 1)
    }

    /// Records that `pane` includes the contents of `source`.
    mutating func note(_ source: UInt32, in pane: UInt32) {
        guard let batch = panes[Int(source)].batch else { return }
        panes[Int(pane)].batch = min(panes[Int(pane)].batch ?? batch, batch)
    }

    /// The slot of a key. A new one gets an empty state and is inserted at the head of its pane's list.
    @inline(__always) mutating func slot(
        _ pane: UInt32, _ key: GroupKey, context: inout WindowContext
    ) throws(EngineError) -> UInt32 {
        let (slot, isNew) = context.groups.slot(pane: pane, key)
        if isNew { try adopt(slot, pane, context: &context) }
        return slot
    }

    /// Adds the rows from `row` up to `end` to the groups of their keys. Sets `row` to the row after them, or to the
    /// row that failed.
    mutating func addRun(
        _ pane: UInt32, _ keys: UnsafePointer<GroupKey>, from row: inout Int, to end: Int, context: inout WindowContext
    ) throws(EngineError) {
        if context.lanes.isDeferring {
            context.lanes.add(pane, rows: row..<end)
            row = end
            return
        }
        while row < end {
            let count = min(Self.lookAhead, end &- row)
            if context.groups.isLarge { context.groups.touch(pane: pane, keys + row, count) }
            let stop = row &+ count
            while row < stop {
                let room = context.states.room(for: stop &- row)
                let found = context.groups.find(pane: pane, keys + row, stop &- row, into: room)
                context.states.addRun(found, from: row)
                row &+= found
                if row < stop {
                    context.states.add(try slot(pane, keys[row], context: &context), row: row)
                    row &+= 1
                }
            }
        }
    }

    /// The number of keys that are prefetched together before they are looked up.
    private static var lookAhead: Int { 64 }

    @inline(never) private mutating func adopt(_ slot: UInt32, _ pane: UInt32, context: inout WindowContext)
        throws(EngineError)
    {
        guard context.isMerging || context.groups.count - context.derivedGroups <= context.maxGroups else {
            throw .tooManyGroups(context.maxGroups)
        }
        context.states.reserve(context.groups.slotLimit)
        try context.checkSize()
        context.groups.slots[Int(slot)].next = panes[Int(pane)].firstSlot
        panes[Int(pane)].firstSlot = slot
        panes[Int(pane)].slotCount &+= 1
    }

    /// Calls `body` with every slot of a pane.
    @inline(__always) func forEachSlot<E: Error>(
        of pane: UInt32, _ context: inout WindowContext, _ body: (UInt32, inout WindowContext) throws(E) -> Void
    ) throws(E) {
        var slot = panes[Int(pane)].firstSlot
        while slot != GroupTable.none {
            let next = context.groups.slots[Int(slot)].next
            try body(slot, &context)
            slot = next
        }
    }

    /// Adds a row for each group of a pane.
    func addRows(of pane: UInt32, as window: WindowBounds, _ context: inout WindowContext) {
        let count = panes[Int(pane)].slotCount
        // Where nearly all groups are of the pane, threads find them.
        if count > 1 << 16, count > context.groups.slotLimit / 8 * 7, !context.emitter.hasRows {
            return context.emitter.addAll(of: pane, window, context.groups)
        }
        forEachSlot(of: pane, &context) { slot, context in
            context.emitter.add(key: slot, state: slot, window, context.groups)
        }
    }

    // MARK: Lanes

    /// Decides whether the groups of a batch are left to lanes, and makes room for them.
    mutating func begin(_ records: borrowing Records, context: inout WindowContext) {
        context.lanes.begin(records.laneRows)
        decide(records.count, context: &context)
        if !context.lanes.isDeferring { context.lanes.layOutKeys() }
    }

    private mutating func decide(_ count: Int, context: inout WindowContext) {
        guard context.lanes.areUsed, context.lanes.division.isOn else { return }
        context.groups.divide()
        noteDone(&context)
        let limit = context.maxGroups &+ context.derivedGroups
        if context.isNearLimit(tables: memoryBytes) {
            settle(&context)
            return context.lanes.endDeferring()
        }
        guard context.lanes.begin(count, most: limit, context.groups, context.states) != nil else {
            return
        }
        settle(&context)
        guard let slots = context.lanes.begin(count, most: limit, context.groups, context.states) else {
            return
        }
        context.groups.reserve(slots)
        context.states.reserve(slots)
        _ = context.lanes.begin(count, most: limit, context.groups, context.states)
    }

    /// Waits until the lanes have done everything. What follows may use all groups and states.
    @inline(__always) mutating func settle(_ context: inout WindowContext) {
        if context.lanes.hasPosted { waitForLanes(&context) }
    }

    @inline(never) private mutating func waitForLanes(_ context: inout WindowContext) {
        context.lanes.wait()
        noteDone(&context)
    }

    /// Notes the groups that lanes have inserted.
    private mutating func noteDone(_ context: inout WindowContext) {
        while let updates = context.lanes.nextDone() {
            updates.takeChains { chain in
                let pane = Int(chain.pane)
                context.groups.slots[Int(chain.last)].next = panes[pane].firstSlot
                panes[pane].firstSlot = chain.first
                panes[pane].slotCount &+= chain.count
                context.groups.noteInserted(chain.count)
            }
            context.states.note(updates.columns)
        }
    }

    /// Drops a pane, its groups and their states.
    mutating func remove(_ pane: UInt32, context: inout WindowContext) {
        let (first, count) = (panes[Int(pane)].firstSlot, panes[Int(pane)].slotCount)
        let isRemade = context.groups.isWorthRemaking(without: count)
        if isRemade, count == context.groups.count {
            context.states.clearAll(below: context.groups.slotLimit)
            context.emitter.forgetRevisions()
        } else {
            clear(first, context: &context)
        }
        if isRemade {
            context.groups.removeAll(of: pane, removed: count)
        } else {
            var slot = first
            while slot != GroupTable.none {
                let next = context.groups.slots[Int(slot)].next
                context.groups.remove(slot)
                slot = next
            }
        }
        empty(pane)
        free.append(pane)
    }

    /// Drops a pane at the end of a run. Its groups and states stay as they are, and neither their slots nor the number of the
    /// pane are used again.
    mutating func leave(_ pane: UInt32, context: inout WindowContext) {
        context.groups.forget(panes[Int(pane)].slotCount)
        empty(pane)
    }

    private mutating func empty(_ pane: UInt32) {
        panes[Int(pane)].firstSlot = GroupTable.none
        panes[Int(pane)].slotCount = 0
        panes[Int(pane)].batch = nil
    }

    /// Clears the states of a list of slots.
    private func clear(_ first: UInt32, context: inout WindowContext) {
        var slot = first
        while slot != GroupTable.none {
            context.states.clearLater(slot)
            context.emitter.forgetRevision(of: slot)
            slot = context.groups.slots[Int(slot)].next
        }
        context.states.clearNoted()
    }
}

/// The owners of groups: slices and windows that are open, each with the list of its slots.
struct Owners: ~Copyable {
    struct Owner {
        var start: Int64
        var end: Int64
        /// End of the last window that covers it.
        var lastEnd: Int64
        fileprivate(set) var firstSlot = GroupTable.none
        fileprivate var slotCount = 0
        /// The batch that it needs first in a replay; none when it is free.
        fileprivate(set) var batch: Int?

        var bounds: WindowBounds { WindowBounds(start: start, end: end) }
    }

    private var owners: [Owner] = []
    private var free: [UInt32] = []
    /// Number of the present batch.
    var batch = 0

    /// The batch that the oldest of them needs first.
    var oldestBatch: Int? { owners.lazy.compactMap(\.batch).min() }

    subscript(owner: UInt32) -> Owner { owners[Int(owner)] }

    mutating func make(start: Int64, end: Int64, lastEnd: Int64) -> UInt32 {
        let owner = Owner(start: start, end: end, lastEnd: lastEnd, batch: batch)
        if let number = free.popLast() {
            owners[Int(number)] = owner
            return number
        }
        owners.append(owner)
        return UInt32(truncatingIfNeeded: owners.count &- 1)
    }

    /// What `owner` holds came from `source` as well.
    mutating func note(_ source: UInt32, in owner: UInt32) {
        guard let batch = owners[Int(source)].batch else { return }
        owners[Int(owner)].batch = min(owners[Int(owner)].batch ?? batch, batch)
    }

    /// The slot of a key; a new one gets an empty state and goes to the head of its owner's list.
    @inline(__always) mutating func slot(
        _ owner: UInt32, _ key: GroupKey, core: inout Core
    ) throws(EngineError) -> UInt32 {
        let (slot, isNew) = core.groups.slot(owner: owner, key)
        if isNew { try adopt(slot, owner, core: &core) }
        return slot
    }

    /// Notes the rows from `row` up to `end` for the groups of their keys; leaves `row` behind them, or at the one that it
    /// failed on.
    mutating func addRun(
        _ owner: UInt32, _ keys: UnsafePointer<GroupKey>, from row: inout Int, to end: Int, core: inout Core
    ) throws(EngineError) {
        while row < end {
            let count = min(Self.lookAhead, end &- row)
            if core.groups.isLarge { core.groups.touch(owner: owner, keys + row, count) }
            let stop = row &+ count
            while row < stop {
                let room = core.states.room(for: stop &- row)
                let found = core.groups.find(owner: owner, keys + row, stop &- row, into: room)
                core.states.addRun(found, from: row)
                row &+= found
                if row < stop {
                    core.states.add(try slot(owner, keys[row], core: &core), row: row)
                    row &+= 1
                }
            }
        }
    }

    /// Keys that are touched together before they are looked up.
    private static var lookAhead: Int { 64 }

    @inline(never) private mutating func adopt(_ slot: UInt32, _ owner: UInt32, core: inout Core) throws(EngineError) {
        guard core.isMerging || core.groups.count - core.fillerGroups <= core.maxGroups else {
            throw .tooManyGroups(core.maxGroups)
        }
        core.states.reserve(core.groups.slotLimit)
        core.groups.slots[Int(slot)].next = owners[Int(owner)].firstSlot
        owners[Int(owner)].firstSlot = slot
        owners[Int(owner)].slotCount &+= 1
    }

    /// Calls `body` with every slot of an owner.
    @inline(__always) func forEachSlot<E: Error>(
        of owner: UInt32, _ core: inout Core, _ body: (UInt32, inout Core) throws(E) -> Void
    ) throws(E) {
        var slot = owners[Int(owner)].firstSlot
        while slot != GroupTable.none {
            let next = core.groups.slots[Int(slot)].next
            try body(slot, &core)
            slot = next
        }
    }

    /// Drops an owner, its groups and their states.
    mutating func remove(_ owner: UInt32, core: inout Core) {
        let (first, count) = (owners[Int(owner)].firstSlot, owners[Int(owner)].slotCount)
        let isRemade = core.groups.isWorthRemaking(without: count)
        if isRemade, count == core.groups.count {
            core.states.clearAll(below: core.groups.slotLimit)
            core.emitter.forgetRevisions()
        } else {
            clear(first, core: &core)
        }
        if isRemade {
            core.groups.removeAll(of: owner, removed: count)
        } else {
            var slot = first
            while slot != GroupTable.none {
                let next = core.groups.slots[Int(slot)].next
                core.groups.remove(slot)
                slot = next
            }
        }
        owners[Int(owner)].firstSlot = GroupTable.none
        owners[Int(owner)].slotCount = 0
        owners[Int(owner)].batch = nil
        free.append(owner)
    }

    /// Empties the states of a list of slots.
    private func clear(_ first: UInt32, core: inout Core) {
        var slot = first
        while slot != GroupTable.none {
            core.states.clearLater(slot)
            core.emitter.forgetRevision(of: slot)
            slot = core.groups.slots[Int(slot)].next
        }
        core.states.clearNoted()
    }
}

/// What all window stores work on: the groups, their states and the rows to print.
struct Core: ~Copyable {
    var groups: GroupTable
    var states: States
    var emitter: Emitter
    var accounts = Accounts()
    let maxGroups: Int
    /// Groups that `--fill` remembers; they are not those of open windows.
    var fillerGroups = 0
    /// Slices are being merged: what that adds is gone again soon.
    var isMerging = false
    /// Arrival number of row 0 of the present batch.
    var order: Int64 = 0

    /// Prints the results of no records at all.
    mutating func printEmptyRow() throws(EngineError) {
        let slot = groups.slot(owner: GroupTable.none, groups.emptyKey).slot
        states.reserve(groups.slotLimit)
        emitter.add(key: slot, state: slot, WindowBounds(start: 0, end: 0), groups)
        try print()
    }

    /// Sorts and prints the rows that were added to the emitter.
    mutating func print(isFinal: Bool = true) throws(EngineError) {
        try emitter.print(isFinal: isFinal, groups, states, &accounts)
    }
}

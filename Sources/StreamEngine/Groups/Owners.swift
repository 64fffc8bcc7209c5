/// The owners of groups: slices and windows that are open, each with the list of its slots.
struct Owners: ~Copyable {
    struct Owner {
        var start: Int64
        var end: Int64
        /// End of the last window that covers it.
        var lastEnd: Int64
        fileprivate(set) var firstSlot = GroupTable.none

        var bounds: WindowBounds { WindowBounds(start: start, end: end) }
    }

    private var owners: [Owner] = []
    private var free: [UInt32] = []

    subscript(owner: UInt32) -> Owner { owners[Int(owner)] }

    mutating func make(start: Int64, end: Int64, lastEnd: Int64) -> UInt32 {
        let owner = Owner(start: start, end: end, lastEnd: lastEnd)
        if let number = free.popLast() {
            owners[Int(number)] = owner
            return number
        }
        owners.append(owner)
        return UInt32(truncatingIfNeeded: owners.count &- 1)
    }

    /// The slot of a key; a new one gets an empty state and goes to the head of its owner's list.
    @inline(__always) mutating func slot(
        _ owner: UInt32, _ key: GroupKey, core: inout Core
    ) throws(EngineError) -> UInt32 {
        let (slot, isNew) = core.groups.slot(owner: owner, key)
        if isNew { try adopt(slot, owner, core: &core) }
        return slot
    }

    @inline(never) private mutating func adopt(_ slot: UInt32, _ owner: UInt32, core: inout Core) throws(EngineError) {
        guard core.isMerging || core.groups.count - core.fillerGroups <= core.maxGroups else {
            throw .tooManyGroups(core.maxGroups)
        }
        core.states.reserve(core.groups.slotLimit)
        core.groups.slots[Int(slot)].next = owners[Int(owner)].firstSlot
        owners[Int(owner)].firstSlot = slot
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
        var slot = owners[Int(owner)].firstSlot
        while slot != GroupTable.none {
            let next = core.groups.slots[Int(slot)].next
            core.states.clear(slot)
            core.groups.remove(slot)
            core.emitter.forgetRevision(of: slot)
            slot = next
        }
        owners[Int(owner)].firstSlot = GroupTable.none
        free.append(owner)
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

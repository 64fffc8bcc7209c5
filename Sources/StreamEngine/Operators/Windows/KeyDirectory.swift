/// A key of a directory.
struct KeyEntry {
    /// The group of the key, and its state.
    var slot: UInt32
    /// The number of slices and blocks that have the key; 0 if the number is free.
    var uses: UInt32
    /// The last window that has the key, of those that were merged on their own.
    var window: UInt32 = 0
    /// The place among the keys in order, as it was noted last.
    var place: UInt32 = 0
}

/// The keys of the slices that overlapping windows merge. Each has a number and a state while some slice has it.
///
/// That state belongs to the window that is merged. What each group of a slice is merged into is found once (`SliceKeys`), so
/// that the windows over the slice look up no keys; and the keys are sorted only when new ones have come.
struct KeyDirectory: ~Copyable {
    /// The pane of its groups, which no window or slice has.
    private static let pane = GroupTable.none - 1
    /// The number of merges between two checks of the memory that they take.
    private static let stretch = 1 << 13
    /// The most states of windows that are merged together.
    private static let statesTogether = 1 << 17
    /// The number of groups that are added to lists between two checks.
    private static let additionsAtOnce = 1 << 16

    private var entries = StateArray<KeyEntry>()
    private var free = StateArray<UInt32>()
    /// The groups of each slice and block, by pane.
    private var lists: [SliceKeys?] = []
    /// The keys in order. The state of each row is the number of its key, which may have lost it.
    private var order = StateArray<PendingRows.Row>()
    private var isSorted = true
    /// How often the keys were sorted, and that number when their places were last noted.
    private var sorted = 0
    private var placed = 0
    /// The number of the last window that was merged on its own.
    private var window: UInt32 = 0
    /// The states of windows that close together.
    private var merged: States
    private var rows = PendingRows()
    private var key = ByteBuffer(capacity: 256)

    /// - Parameter merged: empty states of the query.
    init(merged: consuming States) { self.merged = merged }

    /// The memory of its tables that `StateMemory` does not count.
    var tableBytes: Int { lists.memoryBytes }

    /// A window to close, and the panes of its slices and blocks.
    struct Window {
        let bounds: WindowBounds
        let sources: [UInt32]
    }

    /// Merges the slices and blocks of a window, and adds its rows, sorted by key. `clear` must follow when they are printed.
    mutating func merge(
        _ closing: Window, _ panes: borrowing Panes, context: inout WindowContext
    ) throws(EngineError) {
        context.states.settle()
        try complete(closing.sources, panes, context: &context)
        let lists = sliceKeys(of: closing.sources)
        if !isSorted { sort(context) }
        window &+= 1
        if context.states.sharesMerges(of: lists.reduce(0) { $0 + $1.count }) {
            let ranges = KeyRanges(count: context.width, keyCount: order.count)
            divide(lists, among: ranges, context)
            mergeTogether(lists, ranges, context)
            try context.checkSize()
        } else {
            for list in lists { try merge(list, context: &context) }
        }
        forEachKey { slot in context.emitter.add(key: slot, state: slot, closing.bounds, context.groups) }
    }

    private mutating func merge(_ list: SliceKeys, context: inout WindowContext) throws(EngineError) {
        let window = window
        entries.withMutableElements { entries in
            list.forEachNumber { entries[Int($0)].window = window }
        }
        for start in stride(from: 0, to: list.count, by: Self.stretch) {
            list.merge(start..<min(list.count, start &+ Self.stretch), in: context.states)
            try context.checkSize()
        }
    }

    /// Several threads merge, each the groups of a range of keys.
    private mutating func mergeTogether(
        _ lists: [SliceKeys], _ ranges: KeyRanges, _ context: borrowing WindowContext
    ) {
        let window = window
        entries.withMutableElements { entries in
            withUnsafePointer(to: context.states) { states in
                context.run(ranges.count) { range in
                    for list in lists {
                        let groups = list.groups(of: range, among: ranges)
                        list.forEachNumber(in: groups) { entries[Int($0)].window = window }
                        list.merge(groups, in: states.pointee)
                    }
                }
            }
        }
    }

    /// Prints several windows, which are merged together as far as they slide (`SlidingRun`).
    ///
    /// - Parameter ranges: the number of threads that can do so, each for a range of the keys; less than 2 if one thread prints.
    mutating func print(
        _ closing: [Window], ranges: Int, _ panes: borrowing Panes, context: inout WindowContext
    ) throws(EngineError) {
        context.states.settle()
        let sources = Set(closing.flatMap(\.sources)).sorted()
        try complete(sources, panes, context: &context)
        if !isSorted { sort(context) }
        let keyRanges = KeyRanges(count: max(1, ranges), keyCount: order.count)
        divide(sliceKeys(of: sources), among: keyRanges, context)
        let most = context.hasSmallStates ? max(1, Self.statesTogether / max(1, order.count)) : 1
        let runs = SlidingRun.runs(of: closing.map(\.sources), most: most)
        let bounds = closing.map(\.bounds)
        let work = WindowMerger.Work(runs, runs.map { sliceKeys(of: $0.parts) }, bounds, keyRanges)
        merged.reserve(work.sets &* order.count)
        try context.checkSize()
        let mergers = (0..<keyRanges.count).map { WindowMerger(work, range: $0) }
        if ranges > 1 {
            encode(mergers, windows: closing.count, context)
            try context.writeEncoded(bounds, ranges: ranges)
        } else {
            for _ in closing { try printNext(mergers[0], context: &context) }
        }
        for merger in mergers { merger.clear(merged) }
    }

    /// Prints the next window of a merger of all keys.
    private mutating func printNext(_ merger: WindowMerger, context: inout WindowContext) throws(EngineError) {
        entries.withElements { entries in
            order.withElements { order in
                merger.addRows(to: &rows, WindowMerger.Keys(entries: entries, order: order), context.states, merged)
            }
        }
        try context.print(&rows, of: merged)
    }

    /// Each thread merges and encodes the windows for the range of a merger.
    private func encode(_ mergers: [WindowMerger], windows: Int, _ context: borrowing WindowContext) {
        entries.withElements { entries in
            order.withElements { order in
                let keys = WindowMerger.Keys(entries: entries, order: order)
                withUnsafePointer(to: context.states) { states in
                    context.encode(windows: windows, ranges: mergers.count, merged) { range, rows, merged in
                        mergers[range].addRows(to: &rows, keys, states.pointee, merged)
                    }
                }
            }
        }
    }

    // MARK: Ranges of keys

    /// Notes the places of the keys in their order.
    private mutating func notePlaces() {
        guard placed != sorted else { return }
        placed = sorted
        order.withElements { order in
            entries.withMutableElements { entries in
                for (place, row) in order.enumerated() {
                    entries[Int(row.state)].place = UInt32(truncatingIfNeeded: place)
                }
            }
        }
    }

    /// Divides the groups of lists, each of which is there once, by the ranges of their keys.
    private mutating func divide(_ lists: [SliceKeys], among ranges: KeyRanges, _ context: borrowing WindowContext) {
        notePlaces()
        guard ranges.count > 1 else { return }
        let sorted = sorted
        entries.withElements { entries in
            context.run(lists.count) { number in
                lists[number].divide(sorted, among: ranges) { entries[Int($0)].place }
            }
        }
    }

    // MARK: Keys

    private func sliceKeys(of panes: [UInt32]) -> [SliceKeys] { panes.compactMap { lists[Int($0)] } }

    /// Finds what the groups of panes are merged into, as far as that is not known: of many at once, by several threads.
    private mutating func complete(
        _ sources: [UInt32], _ panes: borrowing Panes, context: inout WindowContext
    ) throws(EngineError) {
        var added = AddedGroups()
        for pane in sources {
            while lists.count <= Int(pane) { lists.append(nil) }
            let list = lists[Int(pane)] ?? SliceKeys()
            lists[Int(pane)] = list
            let first = panes[pane].firstSlot
            guard list.head != first else { continue }
            // New groups are at the head of the pane.
            list.head = first
            var (slot, left) = (first, panes[pane].slotCount - list.count)
            while left > 0 {
                let count = min(left, Self.additionsAtOnce - added.count)
                added.append(to: list, from: slot, count)
                left -= count
                guard added.count == Self.additionsAtOnce else { break }
                slot = try add(&added, context: &context)
            }
        }
        _ = try add(&added, context: &context)
    }

    /// Adds groups to the lists of their panes. Returns the slot after the last one of them.
    private mutating func add(_ added: inout AddedGroups, context: inout WindowContext) throws(EngineError) -> UInt32 {
        defer { added = AddedGroups() }
        guard added.count > 0 else { return GroupTable.none }
        added.collect(context)
        var states = context.findSame(as: added.slots, in: Self.pane)
        if states.contains(GroupTable.none) {
            try insertKeys(of: added, &states, context: &context)
            states = context.findSame(as: added.slots, in: Self.pane)
        }
        added.store(states, context)
        entries.withMutableElements { entries in
            added.forEachNumber { entries[Int($0)].uses &+= 1 }
        }
        try context.checkSize()
        return added.nextSlot
    }

    /// Gives numbers to the keys of groups that have none.
    ///
    /// - Parameter states: what was found of the groups; afterwards, it may lack those of the new keys.
    private mutating func insertKeys(
        of added: AddedGroups, _ states: inout [UInt32], context: inout WindowContext
    ) throws(EngineError) {
        var looksAhead = true
        for places in added.places {
            var unknown = Self.unknown(added.slots[places], states[places])
            guard !unknown.isEmpty else { continue }
            if !looksAhead {
                // The panes before may have had the same keys.
                unknown = Self.unknown(unknown[...], context.findSame(as: unknown, in: Self.pane)[...])
            }
            for slot in inOrder(unknown, context) { try insert(slot, context: &context) }
            guard looksAhead, places.upperBound < added.count else { continue }
            // Most panes have the same keys: as long as that is so, all the others are looked up again.
            let rest = places.upperBound..<added.count
            let lacked = states[rest].count { $0 == GroupTable.none }
            states.replaceSubrange(rest, with: context.findSame(as: Array(added.slots[rest]), in: Self.pane))
            looksAhead = states[rest].count { $0 == GroupTable.none } <= lacked / 2
        }
    }

    /// The slots for which no state was found.
    private static func unknown(_ slots: ArraySlice<UInt32>, _ states: ArraySlice<UInt32>) -> [UInt32] {
        zip(slots, states).filter { $0.1 == GroupTable.none }.map(\.0)
    }

    /// The slots of new keys in the order of the keys: so the states and numbers of a range of keys are next to each other, and
    /// threads that merge different ranges do not write to the same cache lines.
    private func inOrder(_ slots: [UInt32], _ context: borrowing WindowContext) -> [UInt32] {
        var rows = slots.map { PendingRows.Row(slot: $0, state: $0) }
        rows.withUnsafeMutableBufferPointer { rows in
            if let first = rows.baseAddress { context.sort(first, rows.count) }
        }
        return rows.map(\.slot)
    }

    /// Gives a number to the key of a group.
    private mutating func insert(_ slot: UInt32, context: inout WindowContext) throws(EngineError) {
        // Copy the key, because a new slot may move the table.
        let copy = context.groups.copyKey(slot, into: &key)
        let state = context.groups.slot(pane: Self.pane, copy).slot
        // The copy of a long key is in it.
        extendLifetime(key)
        context.states.reserve(context.groups.slotLimit)
        context.derivedGroups += 1
        context.listedKeys += 1
        try context.checkSize()
        let entry = KeyEntry(slot: state, uses: 0)
        if let number = free.popLast() {
            entries.withMutableElements { $0[Int(number)] = entry }
            context.groups.slots[Int(state)].next = number
        } else {
            context.groups.slots[Int(state)].next = UInt32(truncatingIfNeeded: entries.count)
            entries.append(entry)
        }
        isSorted = false
    }

    private mutating func sort(_ context: borrowing WindowContext) {
        order.removeAll()
        if let room = order.room(entries.count) {
            let count = entries.withElements { entries in
                var count = 0
                for (number, entry) in entries.enumerated() where entry.uses > 0 {
                    (room + count).initialize(
                        to: PendingRows.Row(slot: entry.slot, state: UInt32(truncatingIfNeeded: number)))
                    count &+= 1
                }
                return count
            }
            order.advance(count)
            context.sort(room, count)
        }
        isSorted = true
        sorted += 1
    }

    /// Clears the states of the window, whose rows have been printed.
    func clear(_ context: inout WindowContext) {
        forEachKey { slot in context.states.clearLater(slot) }
        context.states.clearNoted()
    }

    /// Calls `body` with the groups of the keys that the window has, in the order of their keys.
    @inline(__always) private func forEachKey(_ body: (UInt32) -> Void) {
        let window = window
        entries.withElements { entries in
            order.withElements { order in
                for row in order where entries[Int(row.state)].window == window { body(row.slot) }
            }
        }
    }

    /// Forgets a slice or block. Keys that no other one has lose their numbers.
    mutating func remove(_ pane: UInt32, context: inout WindowContext) {
        guard Int(pane) < lists.count, let list = lists[Int(pane)] else { return }
        lists[Int(pane)] = nil
        var unused: [UInt32] = []
        entries.withMutableElements { entries in
            list.forEachNumber { number in
                let entry = entries.baseAddress.map { $0 + Int(number) }
                entry?.pointee.uses &-= 1
                if entry?.pointee.uses == 0 { unused.append(number) }
            }
        }
        for number in unused {
            context.groups.remove(entries.withElements { $0[Int(number)].slot })
            free.append(number)
        }
        context.derivedGroups -= unused.count
        context.listedKeys -= unused.count
    }
}

/// New groups of slices and blocks that are added to the lists of their panes together, by several threads.
struct AddedGroups {
    /// Those of one pane, from the first one of the pane on.
    private struct Part {
        let list: SliceKeys
        let firstSlot: UInt32
        /// Their places among all added groups.
        let places: Range<Int>
    }

    private var parts: [Part] = []
    private(set) var count = 0
    /// The slots of all groups, part by part, once they are collected.
    private(set) var slots: [UInt32] = []
    /// The slot after the last one that was collected.
    private(set) var nextSlot = GroupTable.none

    /// The places of the groups of each pane.
    var places: [Range<Int>] { parts.map(\.places) }

    /// Adds groups of a pane, which is not among the others.
    ///
    /// - Parameter slot: the first one, from which the list of the pane leads to the others.
    mutating func append(to list: SliceKeys, from slot: UInt32, _ added: Int) {
        parts.append(Part(list: list, firstSlot: slot, places: count..<count + added))
        count += added
    }

    /// Follows the lists of slots.
    mutating func collect(_ context: borrowing WindowContext) {
        let parts = parts
        var ends = [UInt32](repeating: GroupTable.none, count: parts.count)
        slots = [UInt32](repeating: GroupTable.none, count: count)
        slots.withUnsafeMutableBufferPointer { slots in
            ends.withUnsafeMutableBufferPointer { ends in
                guard let slots = slots.baseAddress, let ends = ends.baseAddress else { return }
                withUnsafePointer(to: context.groups) { groups in
                    context.run(parts.count) { number in
                        var slot = parts[number].firstSlot
                        for place in parts[number].places where slot != GroupTable.none {
                            slots[place] = slot
                            slot = groups.pointee.slots[Int(slot)].next
                        }
                        ends[number] = slot
                    }
                }
            }
        }
        nextSlot = ends.last ?? GroupTable.none
    }

    /// Adds the groups to the lists.
    ///
    /// - Parameter states: for each group the one that it is merged into; its `next` is the number of the key.
    func store(_ states: [UInt32], _ context: borrowing WindowContext) {
        let (parts, slots) = (parts, slots)
        withUnsafePointer(to: context.groups) { groups in
            context.run(parts.count) { number in
                let places = parts[number].places
                parts[number].list.append(slots[places], into: states[places]) { state in
                    groups.pointee.slots[Int(state)].next
                }
            }
        }
    }

    /// Calls `body` with the number of the key of each group that was stored.
    func forEachNumber(_ body: (UInt32) -> Void) {
        for part in parts {
            let count = part.list.count
            part.list.forEachNumber(in: count - part.places.count..<count, body)
        }
    }
}

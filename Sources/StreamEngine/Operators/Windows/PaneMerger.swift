/// Merges the groups of several panes into those of another.
struct PaneMerger: ~Copyable {
    private var key = ByteBuffer(capacity: 256)
    /// The number of groups that threads merge at a time.
    private static let stretch = 1 << 13

    mutating func merge(
        _ sources: [UInt32], into merged: UInt32, _ panes: inout Panes, _ context: inout WindowContext
    ) throws(EngineError) {
        if context.states.sharesMerges(of: panes.slotCount(of: sources)) {
            return try mergeTogether(sources, into: merged, &panes, &context)
        }
        for pane in sources {
            panes.note(pane, in: merged)
            var source = panes[pane].firstSlot
            while source != GroupTable.none {
                let target = try slot(of: source, in: merged, &panes, &context)
                context.states.mergeLater(source, into: target)
                if context.states.hasManyMerges {
                    context.states.mergeScheduled(areApart: true)
                    try context.checkSize()
                }
                source = context.groups.slots[Int(source)].next
            }
            // A pane has each group once, so that no target occurs twice.
            context.states.mergeScheduled(areApart: true)
        }
    }

    /// The same by several threads, thousands of groups at a time: only new groups are inserted by one.
    private mutating func mergeTogether(
        _ sources: [UInt32], into merged: UInt32, _ panes: inout Panes, _ context: inout WindowContext
    ) throws(EngineError) {
        var slots: [UInt32] = []
        // The largest one first: most groups of the others are in it.
        for pane in sources.sorted(by: { panes[$0].slotCount > panes[$1].slotCount }) {
            panes.note(pane, in: merged)
            let isFirst = panes[merged].slotCount == 0
            var source = panes[pane].firstSlot
            while source != GroupTable.none {
                let next = context.groups.slots[Int(source)].next
                slots.append(source)
                if slots.count == Self.stretch { try merge(&slots, into: merged, &panes, &context) }
                source = next
            }
            if isFirst { try merge(&slots, into: merged, &panes, &context) }
        }
        try merge(&slots, into: merged, &panes, &context)
    }

    private mutating func merge(
        _ slots: inout [UInt32], into merged: UInt32, _ panes: inout Panes, _ context: inout WindowContext
    ) throws(EngineError) {
        let targets = context.findSame(as: slots, in: merged)
        for (source, known) in zip(slots, targets) {
            let target = known == GroupTable.none ? try slot(of: source, in: merged, &panes, &context) : known
            context.states.mergeLater(source, into: target)
        }
        context.states.mergeScheduledByTarget()
        try context.checkSize()
        slots.removeAll(keepingCapacity: true)
    }

    /// The slot of a group's key in another pane.
    private mutating func slot(
        of source: UInt32, in merged: UInt32, _ panes: inout Panes, _ context: inout WindowContext
    ) throws(EngineError) -> UInt32 {
        // Copy the key, because a new slot may move the table.
        let copy = context.groups.copyKey(source, into: &key)
        let slot = try panes.slot(merged, copy, context: &context)
        // The copy of a long key is in it.
        extendLifetime(key)
        return slot
    }
}

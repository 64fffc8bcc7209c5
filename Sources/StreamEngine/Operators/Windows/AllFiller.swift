/// `--fill-all`: the groups that every window has a row for, and the windows that have been printed.
///
/// A group is seen when a row of it is printed. From then on, each window that closes gets an empty state for every seen
/// group without records, so that late records correct its row like any other.
struct AllFiller: ~Copyable {
    /// The pane number of groups that have been seen. Real panes are numbered from 0.
    private static let pane = UInt32.max - 1

    private let slicing: Slicing
    /// The slots of the seen groups.
    private var seen: [UInt32] = []
    /// The end of the last window that was printed or left out; nil before the first.
    private var printed: Int64?
    /// The number of empty windows since the last one with records, and the end of that one.
    private var emptyCount = 0
    private var lastFull = Int64.min
    private var key = ByteBuffer(capacity: 256)

    init(_ slicing: Slicing) { self.slicing = slicing }

    /// The watermark at which the next empty window is due.
    var nextDue: Int64 {
        guard let printed, emptyCount < GapFiller.longestGap else { return Int64.max }
        return slicing.next(after: printed)?.end ?? Int64.max
    }

    /// Adds a group whose row is printed.
    mutating func see(_ slot: UInt32, context: inout WindowContext) {
        let (found, isNew) = context.groups.slot(pane: Self.pane, context.groups.copyKey(slot, into: &key))
        context.states.reserve(context.groups.slotLimit)
        guard isNew else { return }
        context.derivedGroups += 1
        seen.append(found)
    }

    /// Adds the groups of a pane, and gives it an empty state for every other group that has been seen.
    mutating func complete(
        _ pane: UInt32, _ panes: inout Panes, context: inout WindowContext
    ) throws(EngineError) {
        panes.forEachSlot(of: pane, &context) { slot, context in see(slot, context: &context) }
        // The limit is for groups of records.
        context.isMerging = true
        defer { context.isMerging = false }
        for slot in seen { _ = try panes.slot(pane, context.groups.copyKey(slot, into: &key), context: &context) }
    }

    /// The next empty window that starts before `full`, the next window with records, and ends by `watermark`; nil if
    /// there is none, or if there are too many of them in a row.
    ///
    /// - Parameter full: nil if no window with records is due.
    mutating func nextEmpty(before full: Int64?, watermark: Int64) -> WindowBounds? {
        guard let printed, full != nil || watermark < Int64.max else { return nil }
        guard let next = slicing.next(after: printed), full.map({ next.start < $0 }) ?? (next.end <= watermark) else {
            return nil
        }
        guard emptyCount < GapFiller.longestGap,
            !slicing.exceeds(GapFiller.longestGap &- emptyCount, from: printed, to: full ?? watermark)
        else {
            emptyCount = Int.max
            return nil
        }
        emptyCount += 1
        self.printed = next.end
        return WindowBounds(start: next.start, end: next.end)
    }

    /// Notes that a window with records is printed.
    mutating func print(_ window: WindowBounds, context: inout WindowContext) {
        if emptyCount == Int.max { context.leaveOut(WindowBounds(start: printed ?? lastFull, end: window.start)) }
        emptyCount = 0
        printed = window.end
        lastFull = window.end
    }
}

/// `--fill`: prints rows for the empty windows between two rows of a group. A gap of too many windows is left out.
struct GapFiller: ~Copyable {
    /// A longer gap is almost certainly due to a wrong time.
    static let longestGap = 100_000
    private static let manyRows = 4096
    /// The pane number of groups that have had a row. Real panes are numbered from 0.
    private static let pane = UInt32.max - 1

    /// The empty windows between two rows of a group.
    private struct Gap: Comparable {
        var next: WindowBounds
        /// The start of the window that follows the gap.
        var end: Int64
        var slot: UInt32
        static func < (left: Gap, right: Gap) -> Bool { left.next < right.next }
    }

    private let slicing: Slicing
    /// For each slot in this pane, the window end of the last row of the group.
    private var lastEnd: [UInt32: Int64] = [:]
    /// The gaps between the rows that are about to be printed.
    private var gaps = Heap<Gap>()
    /// The window of the last row that was added.
    private var lastAdded = WindowBounds(start: .min, end: .min)
    private var key = ByteBuffer(capacity: 256)

    init(_ slicing: Slicing) { self.slicing = slicing }

    /// Notes the gap between the group's last row and the one of `window`.
    mutating func note(_ slot: UInt32, in window: WindowBounds, context: inout WindowContext) {
        let (empty, isNew) = context.groups.slot(pane: Self.pane, context.groups.copyKey(slot, into: &key))
        context.states.reserve(context.groups.slotLimit)
        if isNew { context.derivedGroups += 1 }
        defer { lastEnd[empty] = window.end }
        guard !isNew, let end = lastEnd[empty], end < window.start, let next = slicing.next(after: end) else { return }
        if slicing.exceeds(Self.longestGap, from: end, to: window.start) {
            return context.leaveOut(WindowBounds(start: end, end: window.start))
        }
        gaps.insert(Gap(next: WindowBounds(start: next.start, end: next.end), end: window.start, slot: empty))
    }

    /// Adds the rows of the empty windows up to `window`, and prints all before it that have become many: the number of
    /// empty windows does not depend on that of the records.
    ///
    /// - Returns: whether all rows that were added before have been printed.
    mutating func fill(upTo window: WindowBounds, context: inout WindowContext) throws(EngineError) -> Bool {
        var hasPrinted = false
        while let gap = gaps.first, gap.next <= window {
            if try advance(to: gap.next, context: &context) { hasPrinted = true }
            _ = gaps.removeFirst()
            context.emitter.add(key: gap.slot, state: gap.slot, gap.next, context.groups)
            guard let next = slicing.next(after: gap.next.end), next.start < gap.end else { continue }
            gaps.insert(Gap(next: WindowBounds(start: next.start, end: next.end), end: gap.end, slot: gap.slot))
        }
        if try advance(to: window, context: &context) { hasPrinted = true }
        return hasPrinted
    }

    /// Prints the rows that were added if they are many. Those of one window are sorted together, so not within one.
    ///
    /// - Parameter window: the window of the next row.
    private mutating func advance(to window: WindowBounds, context: inout WindowContext) throws(EngineError) -> Bool {
        let isDue = window > lastAdded && context.emitter.rowCount >= Self.manyRows
        if isDue { try context.print() }
        lastAdded = window
        return isDue
    }
}

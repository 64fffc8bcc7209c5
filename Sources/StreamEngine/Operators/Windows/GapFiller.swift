/// `--fill`: prints rows for the empty windows between two rows of a group. A gap of too many windows is left out.
struct GapFiller: ~Copyable {
    /// A longer gap is almost certainly due to a wrong time.
    static let longestGap = 100_000
    /// More rows than this at once are almost certainly a mistake.
    private static let rowLimit = 20_000_000
    /// The pane number of groups that have had a row. Real panes are numbered from 0.
    private static let pane = UInt32.max - 1

    private let slicing: Slicing
    /// For each slot in this pane, the window end of the last row of the group.
    private var lastEnd: [UInt32: Int64] = [:]
    private var key = ByteBuffer(capacity: 256)

    init(_ slicing: Slicing) { self.slicing = slicing }

    /// Adds the rows between the group's last row and the one of `window`.
    mutating func fill(upTo window: WindowBounds, _ slot: UInt32, context: inout WindowContext) throws(EngineError) {
        let (empty, isNew) = context.groups.slot(pane: Self.pane, context.groups.copyKey(slot, into: &key))
        context.states.reserve(context.groups.slotLimit)
        if isNew { context.fillerGroups += 1 }
        defer { lastEnd[empty] = window.end }
        guard !isNew, var end = lastEnd[empty] else { return }
        if slicing.exceeds(Self.longestGap, from: end, to: window.start) {
            context.leaveOut(WindowBounds(start: end, end: window.start))
            return
        }
        while let next = slicing.next(after: end), next.start < window.start {
            guard context.emitter.rowCount < Self.rowLimit else { throw .tooManyGapRows(Self.rowLimit) }
            context.emitter.add(
                key: empty, state: empty, WindowBounds(start: next.start, end: next.end), context.groups)
            end = next.end
        }
    }
}

/// The rows, each in a pane, that the lanes of a crew look up and apply (see `GroupUpdates`), and the batches of which they
/// have not done so yet.
struct GroupLanes: ~Copyable {
    private let crew: any Crew
    let division: LaneDivision
    /// Whether there are lanes that can look up groups.
    let areUsed: Bool
    /// Whether the groups of the current batch are left to the lanes.
    private(set) var isDeferring = false
    /// The panes of the rows from `first` on; `GroupTable.none` for a row that is in none.
    private var panes: UnsafeMutablePointer<UInt32>
    /// Whether all rows follow each other and are in the first one of these, and the others are not written.
    private var isOnePane = false
    private var first = 0
    private var covered = 0
    private var room = 4096
    /// The number of rows that are in a pane.
    private(set) var pending = 0
    /// The rows of the current batch.
    private var rows: LaneRows?
    /// The updates that the lanes have not finished, or that have not been noted yet, in order; and those to reuse.
    private var posted: [GroupUpdates] = []
    private var spare: [GroupUpdates] = []
    /// The rows of the posted ones: as many groups may be new.
    private var postedRows = 0

    init(_ crew: any Crew, areUsed: Bool) {
        self.crew = crew
        division = LaneDivision(crew.laneCount)
        self.areUsed = areUsed && crew.laneCount > 0
        panes = .allocate(capacity: room)
    }

    deinit { panes.deallocate() }

    @inline(__always) var hasPosted: Bool { !posted.isEmpty }

    /// Leaves a row, after those before it, to the lanes.
    @inline(__always) mutating func add(_ pane: UInt32, row: Int) {
        if goesOn(pane, row) { return extend(pane, row, 1) }
        if isOnePane { writePanes() }
        let place = row &- first
        if place >= room { grow(to: place &+ 1) }
        while covered < place {
            panes[covered] = GroupTable.none
            covered &+= 1
        }
        panes[place] = pane
        covered = place &+ 1
        pending &+= 1
    }

    /// Leaves consecutive rows, after those before them, to the lanes.
    mutating func add(_ pane: UInt32, rows range: Range<Int>) {
        guard let row = range.first else { return }
        if goesOn(pane, row) { return extend(pane, row, range.count) }
        add(pane, row: row)
        let rest = range.count &- 1
        if covered &+ rest > room { grow(to: covered &+ rest) }
        (panes + covered).update(repeating: pane, count: rest)
        covered &+= rest
        pending &+= rest
    }

    /// Whether a row is the first one, or the next one in the pane of all before it.
    @inline(__always) private func goesOn(_ pane: UInt32, _ row: Int) -> Bool {
        pending == 0 || isOnePane && panes[0] == pane && row == first &+ covered
    }

    /// Adds rows of which `goesOn` is true.
    @inline(__always) private mutating func extend(_ pane: UInt32, _ row: Int, _ count: Int) {
        if pending == 0 {
            first = row
            panes[0] = pane
            isOnePane = true
        }
        covered &+= count
        pending = covered
    }

    @inline(never) private mutating func writePanes() {
        isOnePane = false
        if covered > room { grow(to: covered) }
        panes.update(repeating: panes[0], count: covered)
    }

    @inline(never) private mutating func grow(to count: Int) {
        let larger = max(count, 2 * room)
        let more = UnsafeMutablePointer<UInt32>.allocate(capacity: larger)
        more.update(from: panes, count: min(room, covered))
        panes.deallocate()
        (panes, room) = (more, larger)
    }

    /// Has the lanes apply the pending rows. The records must stay until they have.
    mutating func apply(
        _ records: borrowing Records, order: Int64, _ positions: RecordPositions?,
        _ groups: borrowing GroupTable,
        _ states: borrowing States
    ) {
        guard pending > 0 else { return }
        if covered > room { grow(to: covered) }
        let updates = spare.popLast() ?? GroupUpdates(lanes: crew.laneCount, room: room)
        // They may have been scanned before the lanes began.
        if records.laneRows.shares.isEmpty {
            records.laneRows.divide(records.count, records.keys, among: crew.laneCount)
        }
        let table = GroupUpdates.Table(
            shards: groups.shards, chunks: groups.slots.chunks, blocks: groups.blocks,
            shares: records.laneRows.shares, isLarge: groups.isLarge)
        updates.begin(&panes, first..<first + covered, pending, isOnePane: isOnePane, room: &room, table)
        states.addColumns(to: updates.columns, records, order: order, positions)
        postedRows &+= pending
        if pending >= crew.piece / 4 {
            updates.task = crew.post { lane in updates.run(lane) }
        } else {
            // Not worth a thread.
            wait()
            for lane in 0..<crew.laneCount { updates.run(lane) }
            updates.task = posted.last?.task ?? 0
        }
        posted.append(updates)
        (pending, covered, isOnePane) = (0, 0, false)
    }

    /// Waits until the lanes have applied everything that was posted.
    func wait() {
        if let last = posted.last { crew.wait(for: last.task) }
    }

    /// The same, and notes what they have skipped, before the ordered part updates states itself.
    func waitAndNote(in states: inout States) {
        wait()
        for updates in posted { states.note(updates.columns) }
    }

    /// The next updates to note: the lanes are done with them.
    mutating func nextDone() -> GroupUpdates? {
        guard let first = posted.first, crew.isDone(first.task) else { return nil }
        posted.removeFirst()
        postedRows &-= first.count
        spare.append(first)
        return first
    }

    /// Starts with the records of a batch. Unless their groups are left to the lanes, their keys are in order.
    mutating func begin(_ rows: LaneRows) { self.rows = rows }

    /// Puts the keys of the current batch in order: before the ordered part reads one of a batch that is left to the lanes.
    func layOutKeys() { rows?.layOutKeys() }

    /// Decides about the groups of a batch of `count` records: they are left to the lanes if neither memory nor the number
    /// of groups can become a problem.
    ///
    /// - Parameter groups: the number that there may be.
    /// - Returns: nil if that is so. Otherwise the number of slots that are needed first, once the lanes have settled.
    mutating func begin(
        _ count: Int, most groupLimit: Int, _ groups: borrowing GroupTable, _ states: borrowing States
    )
        -> Int?
    {
        let possible = postedRows &+ count
        let slots = groups.slotLimit &+ possible &+ crew.laneCount &* SlotBlocks.size
        isDeferring = groups.count &+ possible <= groupLimit && slots <= room(groups, states)
        return isDeferring ? nil : slots &+ min(max(7 &* count, groups.slotLimit / 8), 1 << 17)
    }

    private func room(_ groups: borrowing GroupTable, _ states: borrowing States) -> Int {
        min(states.stateLimit, groups.slots.capacity)
    }

    /// The number of slots that the pending rows may need, if there are fewer: the ordered part may have used some since
    /// `begin`.
    func lackingSlots(_ groups: borrowing GroupTable, _ states: borrowing States) -> Int? {
        guard pending > 0 else { return nil }
        let slots = groups.slotLimit &+ postedRows &+ pending &+ crew.laneCount &* SlotBlocks.size
        return slots > room(groups, states) ? slots : nil
    }

    /// The groups of the current batch are looked up by the ordered part.
    mutating func endDeferring() { isDeferring = false }
}

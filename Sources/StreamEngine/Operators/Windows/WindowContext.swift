/// The data of every kind of window: the groups, their states and the rows to print.
struct WindowContext: ~Copyable {
    var groups: GroupTable
    var states: States
    var lanes: GroupLanes
    var emitter: Emitter
    private let crew: any Crew
    private var counts = ResultCounts()
    private let query: Query
    private let layout: ColumnLayout
    let maxGroups: Int
    /// The number of groups that are kept in addition to those of open windows: by `--fill`, and in merged blocks.
    var derivedGroups = 0
    /// How many of these are for the keys of windows that are merged (`KeyDirectory`).
    var listedKeys = 0
    private let maxState: Int
    /// Whether the user has set a limit: memory is then compared with it wherever something is added.
    private let limitsState: Bool
    /// Whether slices are being merged, which adds temporary groups.
    var isMerging = false
    /// The arrival number of row 0 of the current batch.
    var order: Int64 = 0
    /// The origins of the records of the current batch; nil between two batches.
    var positions: RecordPositions?
    /// Whether to print a row even without records: for a single window over the whole input, without group keys.
    var printsEmptyRow: Bool

    /// - Parameter sharesGroups: whether lanes of the crew may look up groups, not just update states.
    /// - Throws: if an expression over the rows cannot be compiled.
    init(
        _ query: Query, _ layout: ColumnLayout, _ options: EngineOptions, _ writer: any RowWriter,
        sharesGroups: Bool
    ) throws(ExpressionError) {
        // The record whose state is too large must not depend on when a lane came to it.
        let crew: any Crew = options.limitsState ? CrewWithoutLanes(crew: options.crew) : options.crew
        self.crew = crew
        self.query = query
        self.layout = layout
        let lanes = sharesGroups ? crew.laneCount : 0
        groups = GroupTable(seed: layout.seed, lanes: lanes)
        states = States(query, layout, crew, usesLanes: lanes == 0)
        self.lanes = GroupLanes(crew, areUsed: lanes > 0)
        emitter = try Emitter(query, writer, options)
        maxGroups = query.maxGroups
        maxState = query.maxState ?? Int.max
        limitsState = options.limitsState
        printsEmptyRow = query.window == .all && query.groupKeys.isEmpty
    }

    mutating func takeCounts() -> ResultCounts {
        defer { counts = ResultCounts() }
        for (aggregates, count) in states.takeSkipped() { counts.skip(count, in: aggregates) }
        return counts
    }

    /// Whether windows that close now are the last ones, and their states may stay as they are: the watermark passes all times at
    /// the end of the input only. With a limit, a later stage may need their memory.
    func isEnding(_ watermark: Int64, lateness: Int64) -> Bool {
        watermark == Int64.max && lateness == 0 && !limitsState
    }

    /// Counts a gap that `--fill` does not fill.
    mutating func leaveOut(_ gap: WindowBounds) { counts.leaveOut(gap) }

    /// Applies the pending updates of rows of the batch.
    mutating func apply(_ records: borrowing Records) {
        if let slots = lanes.lackingSlots(groups, states) {
            lanes.wait()
            groups.reserve(slots)
            states.reserve(slots)
        }
        lanes.apply(records, order: order, positions, groups, states)
        if states.pending > 0 { lanes.waitAndNote(in: &states) }
        states.apply(records, order: order, positions)
    }

    /// Finds the groups of a pane that have the keys of these slots; `GroupTable.none` where there is none.
    func findSame(as slots: [UInt32], in pane: UInt32) -> [UInt32] {
        var found = [UInt32](repeating: GroupTable.none, count: slots.count)
        slots.withUnsafeBufferPointer { slots in
            found.withUnsafeMutableBufferPointer { found in
                guard let from = slots.baseAddress, let to = found.baseAddress else { return }
                withUnsafePointer(to: groups) { groups in
                    crew.run(over: slots.count, least: crew.piece / 4) { range in
                        groups.pointee.findSame(
                            as: from + range.lowerBound, range.count, in: pane, into: to + range.lowerBound)
                    }
                }
            }
        }
        return found
    }

    /// Ends the run if the counted memory is more than `--max-state`. Called for each new group, and before rows are
    /// printed.
    @inline(__always) mutating func checkSize() throws(EngineError) {
        if StateMemory.bytes > maxState { throw tooLarge(0) }
    }

    /// The same with the tables that are not counted, for each batch.
    ///
    /// - Parameter tables: bytes of the operator's own tables.
    mutating func checkSize(tables: Int) throws(EngineError) {
        if StateMemory.bytes &+ emitter.tableBytes &+ tables > maxState { throw tooLarge(tables) }
    }

    /// Whether what the lanes allocate must count at once, because it may soon be too much.
    func isNearLimit(tables: Int) -> Bool {
        (StateMemory.bytes &+ emitter.tableBytes &+ tables) &* 2 > maxState
    }

    @inline(never) private mutating func tooLarge(_ tables: Int) -> EngineError {
        var parts: [(StateSize.Part, Int)] = [(.windows, tables), (.rows, emitter.rowBytes)]
        // Aggregates that need little count as the memory of their groups.
        var small = groups.memoryBytes + states.tableBytes
        for (aggregates, bytes) in states.memory {
            if bytes > maxState / 20 { parts.append((.aggregates(aggregates), bytes)) } else { small += bytes }
        }
        parts.append((.groups, small))
        return .stateTooLarge(StateSize(limit: maxState, parts: parts))
    }

    /// Prints a row with the results of empty states.
    mutating func printEmptyRow() throws(EngineError) {
        let slot = groups.slot(pane: GroupTable.none, groups.emptyKey).slot
        states.reserve(groups.slotLimit)
        emitter.add(key: slot, state: slot, WindowBounds(start: 0, end: 0), groups)
        try print()
    }

    /// See `Emitter.addChanged`.
    mutating func addChanged(_ group: UInt32, in window: WindowBounds) -> Bool {
        states.settle()
        return emitter.addChanged(group, in: window, groups, states)
    }

    /// Sorts and prints the rows that were added to the emitter.
    ///
    /// - Parameter areSorted: whether they are sorted by key, and of one window.
    mutating func print(isFinal: Bool = true, areSorted: Bool = false) throws(EngineError) {
        states.settle()
        try checkSize()
        try emitter.print(isFinal: isFinal, areSorted: areSorted, groups, states, &counts)
    }

    /// The number of parts in which threads can print several windows; 0 if they cannot. The first call makes what they need.
    mutating func partCount() -> Int { limitsState ? 0 : emitter.partCount() }

    /// The number of ranges of keys whose rows threads can print for several windows; 0 if they cannot.
    mutating func rangeCount() -> Int { min(partCount(), width) }

    /// Encodes the rows of several windows: each thread does so for a range of the keys.
    ///
    /// - Parameters:
    ///   - merged: the states of the rows.
    ///   - add: adds the rows of a range in the next window, sorted by key.
    func encode(
        windows: Int, ranges: Int, _ merged: borrowing States,
        add: @escaping (_ range: Int, inout PendingRows, borrowing States) -> Void
    ) {
        emitter.encode(windows: Array(repeating: windows, count: ranges), joined: false, groups, merged) {
            range, _, rows, _, merged in
            add(range, &rows, merged)
        }
    }

    /// Writes the rows of several windows that were encoded by ranges of keys.
    mutating func writeEncoded(_ windows: [WindowBounds], ranges: Int) throws(EngineError) {
        for (number, bounds) in windows.enumerated() {
            for range in 0..<ranges { try emitter.writeEncoded(number, of: range, bounds, &counts) }
        }
    }

    /// Groups of a window that closes, as a list of slots.
    struct ClosingPane {
        let bounds: WindowBounds
        let firstSlot: UInt32
        let count: Int
    }

    /// Prints small windows: each thread sorts and encodes the rows of some of them.
    ///
    /// - Parameter parts: at most `partCount`.
    mutating func print(_ windows: [ClosingPane], parts: Int) throws(EngineError) {
        states.settle()
        try checkSize()
        let shares = Self.shares(of: windows, parts: parts)
        let fields = emitter.keyCount
        emitter.encode(windows: shares.map(\.count), joined: true, groups, states) { part, number, rows, groups, _ in
            let window = windows[shares[part].lowerBound + number]
            var slot = window.firstSlot
            while slot != GroupTable.none {
                rows.add(key: slot, state: slot, window.bounds, expected: window.count)
                slot = groups.slots[Int(slot)].next
            }
            rows.sort(groups, fields: fields, SingleCrew())
        }
        for (part, share) in shares.enumerated() {
            guard let first = windows[share].first, let last = windows[share].last else { continue }
            try emitter.writeEncoded(
                0, of: part, WindowBounds(start: first.bounds.start, end: last.bounds.end), &counts)
        }
    }

    /// Divides windows so that all parts have about as many groups.
    private static func shares(of windows: [ClosingPane], parts: Int) -> [Range<Int>] {
        let total = windows.reduce(0) { $0 + $1.count }
        var shares: [Range<Int>] = []
        var (start, end, count) = (0, 0, 0)
        for part in 1...parts {
            while end < windows.count, count < total * part / parts {
                count += windows[end].count
                end += 1
            }
            shares.append(start..<end)
            start = end
        }
        return shares
    }

    /// Prints rows of one window, sorted by key, whose states are those of `merged`.
    mutating func print(_ rows: inout PendingRows, of merged: borrowing States) throws(EngineError) {
        try checkSize()
        emitter.swap(&rows)
        try emitter.print(isFinal: true, areSorted: true, groups, merged, &counts)
    }

    /// Empty states like those of the groups.
    func makeStates() -> States { States(query, layout, crew, usesLanes: false) }

    /// Whether windows that close together are merged together: not with a limit of memory, which is then compared at each window.
    var mergesTogether: Bool { !limitsState }
    /// Whether there is memory for the states of several windows at a time.
    var hasSmallStates: Bool { StateMemory.bytes < 1 << 20 &+ 512 &* groups.count }

    /// The number of parts that threads take at the same time.
    var width: Int { crew.width }

    func run(_ parts: Int, _ body: @escaping (Int) -> Void) { crew.run(parts, body) }

    /// Sorts rows of one window by their keys.
    func sort(_ rows: KeySort.Rows, _ count: Int) {
        KeySort.sort(rows, count, groups, fields: emitter.keyCount, crew)
    }
}

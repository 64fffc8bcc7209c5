/// The data of every kind of window: the groups, their states and the rows to print.
struct WindowContext: ~Copyable {
    var groups: GroupTable
    var states: States
    var lanes: GroupLanes
    var emitter: Emitter
    private let crew: any Crew
    private var counts = ResultCounts()
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

    /// The number of ranges of keys whose rows threads can print for several windows; 0 if they cannot.
    mutating func rangeCount() -> Int { limitsState ? 0 : emitter.rangeCount() }

    /// Encodes the rows of several windows and clears their states: each thread does so for a range of the keys.
    ///
    /// - Parameter add: adds the rows of a range in a window, sorted by key.
    func encode(
        windows: Int, ranges: Int,
        add: @escaping (_ range: Int, _ window: Int, inout PendingRows, borrowing States) -> Void
    ) {
        emitter.encode(windows: windows, ranges: ranges, groups, states, add: add)
    }

    mutating func writeEncoded(_ windows: [WindowBounds], ranges: Int) throws(EngineError) {
        try emitter.writeEncoded(windows, ranges: ranges, &counts)
    }

    /// The number of parts that threads take at the same time.
    var width: Int { crew.width }

    func run(_ parts: Int, _ body: @escaping (Int) -> Void) { crew.run(parts, body) }

    /// Sorts rows of one window by their keys.
    func sort(_ rows: KeySort.Rows, _ count: Int) {
        KeySort.sort(rows, count, groups, fields: emitter.keyCount, crew)
    }
}

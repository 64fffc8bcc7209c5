/// An operator that assigns records to windows and prints their aggregates when the watermark has passed them.
///
/// Default bodies for all kinds of windows are here; the compiler specialises them for each conforming type.
protocol WindowOperator: Operator, ~Copyable {
    var context: WindowContext { get set }
    /// Whether empty windows are printed up to the last watermark.
    var fillsToTheEnd: Bool { get }
    /// The sequence number of the batch that contains the next records.
    var batch: Int { get set }
    /// The memory of its own tables.
    var tableBytes: Int { get }
    /// The number of windows that have not closed; nil if windows belong to groups.
    var openWindows: Int? { get }
    /// Waits until the lanes of the crew have done everything. What follows may use all groups and states.
    mutating func settleLanes()
    /// Decides which part of the run looks up the groups of the next batch.
    mutating func beginLanes(_ records: borrowing Records)
    /// Adds the rows of a window that has closed to the emitter.
    mutating func addGroups(of window: WindowBounds)
    /// Adds one record to its windows.
    mutating func add(_ record: Record, watermark: Int64) throws(EngineError) -> Placement
}

/// One record to assign to windows.
struct Record {
    /// Its row in the batch.
    var row: Int
    /// Event time; 0 if it has none.
    var time: Int64
    /// The keys of the batch.
    var keys: UnsafePointer<GroupKey>

    /// Its key. If the lanes of a crew look up the groups of the batch, call `GroupLanes.layOutKeys` first.
    @inline(__always) var key: GroupKey { keys[row] }
}

extension WindowOperator where Self: ~Copyable {
    var fillsToTheEnd: Bool { false }
    var openWindows: Int? { nil }

    var laneDivision: LaneDivision? { context.lanes.areUsed ? context.lanes.division : nil }
    mutating func settleLanes() { context.states.settle() }
    mutating func beginLanes(_ records: borrowing Records) {}
    mutating func addGroups(of window: WindowBounds) {}

    var openState: OpenState {
        mutating get {
            settleLanes()
            var state = OpenState()
            state.windows = openWindows
            state.groups = context.groups.count &- context.listedKeys
            state.bytes = StateMemory.bytes &+ context.emitter.tableBytes &+ tableBytes
            return state
        }
    }

    mutating func takeCounts() -> ResultCounts {
        settleLanes()
        return context.takeCounts()
    }
    mutating func takeSkippedValues() -> [SkippedValue] {
        context.states.hasExamples ? context.states.takeExamples() : []
    }

    var output: RowOutput {
        _read { yield context.emitter.output }
        _modify { yield &context.emitter.output }
    }

    mutating func begin(_ batch: borrowing Batch, _ records: borrowing Records, _ positions: RecordPositions) {
        self.batch = batch.sequence
        context.positions = positions
        beginLanes(records)
    }

    @inline(__always)
    mutating func take(
        _ row: Int, _ records: borrowing Records, time: Int64, watermark: Int64
    ) throws(EngineError) -> Placement {
        let placement = try add(Record(row: row, time: time, keys: records.keys), watermark: watermark)
        if context.emitter.hasRows { try printCorrections(records) }
        return placement
    }

    @inline(never)
    private mutating func printCorrections(_ records: borrowing Records) throws(EngineError) {
        context.apply(records)
        settleLanes()
        guard context.emitter.ranksWindows else { return try context.print() }
        for change in context.emitter.takeChanges() {
            if !context.addChanged(change.group, in: change.window) { addGroups(of: change.window) }
            try context.print()
        }
    }

    mutating func settle(_ records: borrowing Records, through row: Int) throws(EngineError) {
        context.apply(records)
    }

    mutating func endBatch(_ records: borrowing Records) throws(EngineError) {
        // Arrival numbers count rows, as within a batch, so rejected records and control lines have numbers too.
        context.order &+= Int64(records.count)
        context.positions = nil
        if context.isNearLimit(tables: tableBytes) { settleLanes() }
        try context.checkSize(tables: tableBytes)
    }

    mutating func endReplay(hadRecords: Bool) {
        if hadRecords { context.printsEmptyRow = false }
    }

    mutating func finish(hadRecords: Bool, reached: Int64) throws(EngineError) {
        if fillsToTheEnd { try close(upTo: reached) }
        try close(upTo: Int64.max)
        if context.printsEmptyRow, !hadRecords { try context.printEmptyRow() }
    }
}

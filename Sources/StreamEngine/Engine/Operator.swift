/// Processes the admitted records of a run, in order: assigns them to windows, or passes them through.
///
/// Conforming types are non-generic structs, and `process` is a requirement. The compiler then specialises the loop for
/// each of them, so that no call per record is dynamic. It would not do so for a method of a generic type called
/// through an existential. A test inspects the machine code.
protocol Operator: ~Copyable {
    /// Returns and resets the counts of rows printed and values skipped.
    mutating func takeCounts() -> ResultCounts
    /// Returns values that aggregates have skipped: the first one of each aggregate, once it is known.
    mutating func takeSkippedValues() -> [SkippedValue]
    var output: RowOutput { get set }
    /// The earliest watermark at which `close` has work to do.
    var nextDue: Int64 { get }
    /// The batch that opened the oldest state that is still needed; nil if there is none.
    var oldestBatch: Int? { get }
    /// See `Engine.openState`.
    var openState: OpenState { mutating get }

    /// See `Engine.makeRowsAhead`.
    func makeRowsAhead() -> RowsAhead?
    /// See `Engine.take`.
    mutating func take(_ ahead: RowsAhead)
    /// See `Engine.laneDivision`.
    var laneDivision: LaneDivision? { get }

    /// Switches to the next batch.
    mutating func begin(_ batch: borrowing Batch, _ records: borrowing Records, _ positions: RecordPositions)
    /// Processes one record.
    ///
    /// - Parameters:
    ///   - time: its event time, microseconds since 1970; 0 if it has none.
    ///   - watermark: its value before this record.
    mutating func take(
        _ row: Int, _ records: borrowing Records, time: Int64, watermark: Int64
    ) throws(EngineError) -> Placement
    /// Whether `takeRun` leaves out filtered records. Where it does not, they end a run.
    static var skipsFiltered: Bool { get }
    /// Processes records from `row` up to `end`, as long as each is in an open window that stays open while the watermark
    /// is at most `reached`. Sets `row` to the one after the last of them, or to the one that failed.
    mutating func takeRun(
        _ records: borrowing Records, from row: inout Int, to end: Int, reached: Int64
    ) throws(EngineError)
    /// Forwards a control line that this run does not use.
    mutating func handOn(controlLine row: Int, _ records: borrowing Records) throws(EngineError)
    /// Completes the pending work of the records up to and including `row`.
    mutating func settle(_ records: borrowing Records, through row: Int) throws(EngineError)
    /// Called after all records of the batch have been processed.
    mutating func endBatch(_ records: borrowing Records) throws(EngineError)

    /// Closes the windows that the watermark has passed: prints their rows and drops their states.
    mutating func close(upTo watermark: Int64) throws(EngineError)
    /// Prints the rows of open windows without closing them.
    mutating func printOpen() throws(EngineError)
    /// For each time column of the rows, the value below which no row will follow; nil if there is no such bound.
    func bounds(after watermark: Int64) -> [Int64?]
    /// Called when the replay has reached the committed positions.
    ///
    /// - Parameter hadRecords: whether any of the replayed records were in windows.
    mutating func endReplay(hadRecords: Bool)
    /// Called at the end of the input: closes all windows and prints their rows.
    ///
    /// - Parameter reached: the watermark at the end, in whatever order the partitions were read.
    mutating func finish(hadRecords: Bool, reached: Int64) throws(EngineError)

    /// The loop over the records of a batch.
    static func process(_ run: inout OrderedRun<Self>, _ records: borrowing Records) throws(EngineError)
}

extension Operator where Self: ~Copyable {
    static var skipsFiltered: Bool { false }
    var laneDivision: LaneDivision? { nil }
    func makeRowsAhead() -> RowsAhead? { nil }
    mutating func take(_ ahead: RowsAhead) {}
}

/// The outcome of passing a record to an operator.
enum Placement {
    case inWindow
    /// In at least one window, but `missed` windows that cover it had already closed.
    case inSomeWindows(missed: Int)
    case inNoWindow
    /// All of its windows had closed; `lastEnd` is the end of the last one.
    case late(lastEnd: Int64)
}

extension Operator where Self: ~Copyable {
    mutating func takeSkippedValues() -> [SkippedValue] { [] }

    var openState: OpenState { OpenState() }

    mutating func takeRun(
        _ records: borrowing Records, from row: inout Int, to end: Int, reached: Int64
    ) throws(EngineError) {}

    mutating func handOn(controlLine row: Int, _ records: borrowing Records) throws(EngineError) {}

    static func process(_ run: inout OrderedRun<Self>, _ records: borrowing Records) throws(EngineError) {
        if run.dedup.isActive {
            try run.takeUnique(records)
            return try run.op.settle(records, through: records.count &- 1)
        }
        var row = 0
        if let latest = run.admission.settle(records, orFiltered: skipsFiltered) {
            while row < records.count {
                try run.takeRun(from: &row, records, latest: latest)
                // The run ended because a window closes, a control line is due or a record is late: process the next
                // rows one by one.
                try run.takeEach(from: &row, to: min(row &+ run.shortRun, records.count), records)
            }
        } else {
            try run.takeEach(from: &row, to: records.count, records)
        }
        try run.op.settle(records, through: records.count &- 1)
    }
}

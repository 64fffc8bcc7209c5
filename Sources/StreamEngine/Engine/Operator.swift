/// What a run does with admitted records, in order: windows, or passing them through.
///
/// Conformers are concrete structs without type parameters, and `process` is a requirement: the compiler then specialises
/// the loop for each of them, and no call per record is dynamic. It does not do so for a method of a generic type behind
/// an existential. A test inspects the machine code.
protocol Operator: ~Copyable {
    /// Takes the counts of rows printed and values skipped since the last call.
    mutating func takeCounts() -> ResultCounts
    var output: RowOutput { get set }
    /// The earliest watermark at which `close` has something to do.
    var nextDue: Int64 { get }
    /// The batch that opened the oldest state that is still needed; nil when there is none.
    var oldestBatch: Int? { get }

    /// Switches to the next batch.
    mutating func begin(_ batch: borrowing Batch, _ records: borrowing Records)
    /// Takes one record.
    ///
    /// - Parameters:
    ///   - time: its event time, microseconds since 1970; 0 where there is none.
    ///   - watermark: its value before this record.
    mutating func take(
        _ row: Int, _ records: borrowing Records, time: Int64, watermark: Int64
    ) throws(EngineError) -> Placement
    /// Takes the records from `row` on, as long as each is in a window that is open and stays open while the watermark is
    /// at most `reached`; leaves `row` after the last of them, or at the one that it failed on.
    mutating func takeRun(
        _ records: borrowing Records, from row: inout Int, reached: Int64
    ) throws(EngineError)
    /// Passes on a control line that this run does not use.
    mutating func handOn(controlLine row: Int, _ records: borrowing Records) throws(EngineError)
    /// Completes the pending work of the records up to and including `row`.
    mutating func settle(_ records: borrowing Records, through row: Int) throws(EngineError)
    /// All records of the batch were processed.
    mutating func endBatch(_ records: borrowing Records) throws(EngineError)

    /// Closes what the watermark has passed: prints its rows and drops its state.
    mutating func close(upTo watermark: Int64) throws(EngineError)
    /// Prints the open state, and keeps it.
    mutating func printOpen() throws(EngineError)
    /// For each time column of the rows, the value below which no row will follow; nil where there is no such bound.
    func bounds(after watermark: Int64) -> [Int64?]
    /// The replay has reached the committed positions.
    ///
    /// - Parameter hadRecords: some of the replayed records were in windows.
    mutating func endReplay(hadRecords: Bool)
    /// The end of the input: prints the open state.
    mutating func finish(hadRecords: Bool) throws(EngineError)

    /// The loop over the records of a batch.
    static func process(_ run: inout OrderedRun<Self>, _ records: borrowing Records) throws(EngineError)
}

/// What became of a record that was offered to an operator.
enum Placement {
    case inWindow
    /// In at least one window, but others that cover it had closed before.
    case inSomeWindows(missed: Int)
    case inNoWindow
    /// Every window of it had closed; `lastEnd` is the end of the last of them.
    case late(lastEnd: Int64)
}

extension Operator where Self: ~Copyable {
    mutating func takeRun(
        _ records: borrowing Records, from row: inout Int, reached: Int64
    ) throws(EngineError) {}

    mutating func handOn(controlLine row: Int, _ records: borrowing Records) throws(EngineError) {}

    static func process(_ run: inout OrderedRun<Self>, _ records: borrowing Records) throws(EngineError) {
        var row = 0
        if run.punctuation == nil, let latest = run.admission.settle(records) {
            while row < records.count {
                try run.takeRun(from: &row, records, latest: latest)
                // The run ended because a window closes or a record is late: one by one for a while.
                try run.takeEach(from: &row, to: min(row &+ run.shortRun, records.count), records)
            }
        } else {
            try run.takeEach(from: &row, to: records.count, records)
        }
        try run.op.settle(records, through: records.count &- 1)
    }
}

/// The open windows of one kind: takes records in, and closes windows when the watermark has passed them.
///
/// The engine is specialised for each store, so that no call per record is dynamic.
protocol WindowStore: ~Copyable {
    /// Number of the batch that the next records come from.
    var batch: Int { get set }
    /// The batch that opened the oldest window that is still needed; nil when there is none.
    var oldestBatch: Int? { get }
    /// Puts one record into its windows.
    mutating func add(
        _ record: Record, watermark: Int64, into context: inout WindowContext
    ) throws(EngineError) -> Placement
    /// Puts the records from `row` on into their windows, as long as each has one window that is open and stays so while
    /// the watermark is at most `reached`; leaves `row` behind the last of them, or at the one that it failed on.
    mutating func addRun(
        _ records: borrowing Records, from row: inout Int, reached: Int64, into context: inout WindowContext
    ) throws(EngineError)
    /// The earliest watermark at which `close` has something to do.
    var nextDue: Int64 { get }
    /// Closes what is due: rows are printed, state is dropped. All noted updates have been applied before.
    mutating func close(upTo watermark: Int64, context: inout WindowContext) throws(EngineError)
    /// Prints the windows that are open, and keeps them.
    mutating func printOpen(context: inout WindowContext) throws(EngineError)
    /// The start and end that no later row will have smaller values than; nil where nothing can be said.
    func bounds(after watermark: Int64) -> (start: Int64?, end: Int64?)
}

extension WindowStore where Self: ~Copyable {
    mutating func addRun(
        _ records: borrowing Records, from row: inout Int, reached: Int64, into context: inout WindowContext
    ) throws(EngineError) {}
}

/// One record on its way to its windows.
struct Record {
    /// Its row in the batch.
    var row: Int
    /// Event time; 0 where there is none.
    var time: Int64
    var key: GroupKey
}

/// What became of a record that was offered to the windows.
enum Placement {
    case inWindow
    /// In at least one window, but others that cover it had closed before.
    case inSomeWindows(missed: Int)
    case inNoWindow
    /// Every window of it had closed; `lastEnd` is the end of the last of them.
    case late(lastEnd: Int64)
}

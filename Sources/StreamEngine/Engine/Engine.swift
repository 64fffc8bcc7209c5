/// The ordered part of a run: takes scanned batches one after the other, in the order of their sequence numbers.
///
/// Its output is a function of the bytes of the input and the query alone, however they were cut into batches. The wall
/// clock enters only where the query says so (idle, early, max-ahead, arrival times).
package protocol Engine: AnyObject {
    /// Takes in a batch and what was scanned from it.
    func process(_ records: borrowing Records, of batch: borrowing Batch) throws(EngineError)
    /// Nothing arrived; `now` is the wall clock, microseconds since 1970.
    func tick(_ now: Int64) throws(EngineError)
    /// The end of the input: closes and prints every window.
    func finish() throws(EngineError)
    /// `--max-records` was reached.
    var isDone: Bool { get }
    /// What is known of a partition between two batches besides the windows.
    func partitionState(of partition: Int) -> PartitionState
    /// How far event time has come, microseconds since 1970.
    var watermark: Int64 { get }
    /// The batch that opened the oldest window that is still needed; nil when none is open.
    var oldestBatch: Int? { get }
    /// From here on what earlier runs have done is only done again: nothing is printed, rejected or counted.
    func beginReplay(from checkpoint: Checkpoint)
    /// The replay is where the earlier runs had come.
    ///
    /// - Parameters:
    ///   - watermark: where it stood there.
    ///   - rows: this many rows to come were printed before.
    func endReplay(watermark: Int64, skipping rows: Int) throws(EngineError)
    /// Rows to come were printed before.
    var isSkipping: Bool { get }
    /// Lends what became of the records so far.
    func withCounts(_ body: (borrowing RunCounts) -> Void)
    /// Lends the lines for the rejects file and forgets them.
    func takeRejects(_ body: (UnsafeRawBufferPointer) -> Void)
}

/// The engine for a query.
///
/// - Throws: an expression over the rows (`--having`, `--select`) that cannot be compiled.
package func makeEngine(
    _ query: Query, _ layout: ColumnLayout, _ options: EngineOptions, _ writer: any RowWriter
) throws(ExpressionError) -> any Engine {
    if query.passesThrough { return PassThrough(query, layout, options, writer) }
    switch query.window {
    case .session(let gap):
        return try WindowEngine(SessionWindows(gap: gap, lateness: query.lateness), query, layout, options, writer)
    case .rows(let count, let every):
        return try WindowEngine(RowWindows(count: count, every: every), query, layout, options, writer)
    default:
        guard let slicing = Slicing(query.window, zone: query.zone), !slicing.isSingle else {
            let slicing = Slicing(query.window, zone: query.zone) ?? Slicing.whole
            let store = AlignedWindows(slicing, lateness: query.lateness, fill: query.fill)
            return try WindowEngine(store, query, layout, options, writer)
        }
        return try WindowEngine(
            OverlappingWindows(slicing, lateness: query.lateness), query, layout, options, writer)
    }
}

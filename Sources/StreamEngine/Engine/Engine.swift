/// The ordered part of a run: processes scanned batches in the order of their sequence numbers.
///
/// Its output depends only on the bytes of the input and the query, not on how the input was divided into batches. The
/// wall clock matters only where the query uses it (idle, early, max-ahead, arrival times).
package protocol Engine: AnyObject {
    /// Processes a batch and the records scanned from it.
    func process(_ records: borrowing Records, of batch: borrowing Batch) throws(EngineError)
    /// Called when nothing has arrived; `now` is the wall clock, microseconds since 1970.
    func tick(_ now: Int64) throws(EngineError)
    /// The end of the input: closes and prints every window.
    func finish() throws(EngineError)
    /// `--max-records` was reached.
    var isDone: Bool { get }
    /// The state of a partition between two batches, apart from its windows.
    func partitionState(of partition: Int) -> PartitionState
    /// The watermark of the run, microseconds since 1970.
    var watermark: Int64 { get }
    /// The batch that opened the oldest window that is still needed; nil if none is open.
    var oldestBatch: Int? { get }
    /// Starts to repeat the work of earlier runs: nothing is printed, rejected or counted.
    func beginReplay(from start: ReplayStart)
    /// Ends a replay, which has reached the end of the earlier runs.
    ///
    /// - Parameters:
    ///   - watermark: its value there.
    ///   - rows: the number of rows to skip because they were printed before.
    func endReplay(watermark: Int64, skipping rows: Int) throws(EngineError)
    /// Whether the next rows were printed before.
    var isSkipping: Bool { get }
    /// Lends the counts of the records so far.
    func withCounts(_ body: (borrowing RunCounts) -> Void)
    /// Lends the lines for the rejects file and discards them.
    func takeRejects(_ body: (UnsafeRawBufferPointer) -> Void)
}

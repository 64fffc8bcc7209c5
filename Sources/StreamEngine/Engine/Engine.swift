/// The ordered part of a run: takes scanned batches one after the other, in the order of their sequence numbers.
///
/// Its output is a function of the bytes of the input and the query alone, however they were cut into batches. The wall
/// clock enters only where the query says so (idle, early, max-ahead, arrival times).
package protocol Engine: AnyObject {
    /// Processes a batch and what was scanned from it.
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
    /// From here on the work of earlier runs is repeated: nothing is printed, rejected or counted.
    func beginReplay(from start: ReplayStart)
    /// The replay has reached the end of the earlier runs.
    ///
    /// - Parameters:
    ///   - watermark: its value there.
    ///   - rows: this many of the next rows were printed before.
    func endReplay(watermark: Int64, skipping rows: Int) throws(EngineError)
    /// The next rows were printed before.
    var isSkipping: Bool { get }
    /// Lends what became of the records so far.
    func withCounts(_ body: (borrowing RunCounts) -> Void)
    /// Lends the lines for the rejects file and forgets them.
    func takeRejects(_ body: (UnsafeRawBufferPointer) -> Void)
}

/// The ordered part of a run: processes scanned batches in the order of their sequence numbers.
///
/// Its output depends only on the bytes of the input and the query, not on how the input was divided into batches. The
/// wall clock matters only where the query uses it (idle, early, max-ahead, arrival times).
package protocol Engine: AnyObject {
    /// Processes a batch and the records scanned from it.
    func process(_ records: borrowing Records, of batch: borrowing Batch) throws(EngineError)
    /// Called when no records have arrived; `now` is the wall-clock time in microseconds since 1970.
    func tick(_ now: Int64) throws(EngineError)
    /// Called at the end of the input: closes and prints all windows.
    func finish() throws(EngineError)
    /// `--max-records` was reached.
    var isDone: Bool { get }
    /// The state of a partition between two batches, apart from its windows.
    func partitionState(of partition: Int) -> PartitionState
    /// Whether a partition does not hold the watermark back, because it has ended or has no records for now.
    func isIdle(_ partition: Int) -> Bool
    /// The watermark of the run, microseconds since 1970.
    var watermark: Int64 { get }
    /// The batch that opened the oldest window that is still needed; nil if none is open.
    var oldestBatch: Int? { get }
    /// The batch in a partition at which a replay has to start so that it knows the keys of `--dedup` that are kept; nil if
    /// there are none.
    func oldestKeyBatch(of partition: Int) -> Int?
    /// Starts a replay, which repeats the work of earlier runs without printing, rejecting or counting anything.
    func beginReplay(from start: ReplayStart)
    /// Ends a replay at the position where the earlier runs stopped.
    ///
    /// - Parameters:
    ///   - watermark: its value at that position.
    ///   - rows: the number of rows to skip because an earlier run has printed them.
    func endReplay(watermark: Int64, skipping rows: Int) throws(EngineError)
    /// Whether the next rows are skipped because an earlier run has printed them.
    var isSkipping: Bool { get }
    /// What the open windows hold now. Not cheap enough for each batch.
    var openState: OpenState { get }
    /// The first rows of the open windows, in their order. Their cost grows with the state.
    func openRows(limit: Int) throws(EngineError) -> OpenRows
    /// Calls `body` with the counts so far.
    func withCounts(_ body: (borrowing RunCounts) -> Void)
    /// What the records have shown about the input, for messages.
    var survey: InputSurvey { get }
    /// The latest event time of the last partition read, microseconds since 1970; `Int64.min` if there is none.
    var latestEventTime: Int64 { get }
    /// Calls `body` with the lines for the rejects file, then discards them.
    func takeRejects(_ body: (UnsafeRawBufferPointer) -> Void)
    /// The engines of the stages of `--then`, in order; without it, just this one. The counts, the survey and the watermark
    /// of an engine with several stages are those of the first one.
    var stages: [any Engine] { get }
    /// For each stage behind `--then`, how a replay that starts now would start it.
    var stageMarks: [StageMark] { get }
    /// What workers need to encode the rows of batches, one for each batch in flight; nil if rows depend on those before.
    func makeRowsAhead() -> RowsAhead?
    /// Supplies the rows of the next batch to be processed.
    func take(_ ahead: RowsAhead)
    /// The lanes of the crew that can look up the groups of records; nil if there are none.
    var laneDivision: LaneDivision? { get }
    /// The watermark beyond which rows will reach the next stage; nil if they do.
    var pendingGate: Int64? { get }
}

extension Engine {
    package func oldestKeyBatch(of partition: Int) -> Int? { nil }
    package var stages: [any Engine] { [self] }
    package var stageMarks: [StageMark] { [] }
    package var laneDivision: LaneDivision? { nil }
    package func makeRowsAhead() -> RowsAhead? { nil }
    package func take(_ ahead: RowsAhead) {}
    package var pendingGate: Int64? { nil }
    /// The rows that the last stage has printed.
    package var rows: Int {
        var rows = 0
        stages.last?.withCounts { rows = $0.rows }
        return rows
    }
}

/// The size of the windows that are open.
package struct OpenState: Sendable, Equatable {
    /// Windows that have not closed; nil if each group has windows of its own, or if there are none.
    package var windows: Int?
    /// Groups, counted in each window or slice of windows that has them.
    package var groups = 0
    /// The memory of groups, windows and the values of aggregates.
    package var bytes = 0

    package init() {}
}

import StreamEngine

/// Where the rows of a run go, and the records that did not become rows. Used by one worker at a time, the one that
/// serves the engine.
protocol RunOutput: RowWriter {
    /// Standard output, whose reader may go away; -1 for anything else.
    var watchedDescriptor: Int32 { get }
    /// It has something to do even when no records come.
    var needsTicks: Bool { get }
    /// Lines for the rejects file.
    func reject(_ lines: UnsafeRawBufferPointer) throws(RunError)
    /// The engine is about to take in a batch; has taken it in, and all its rows were written.
    func beginBatch(_ batch: borrowing Batch, _ engine: any Engine)
    func endBatch(_ batch: borrowing Batch, _ engine: any Engine) throws(RunError)
    /// A good moment to commit: all rows so far were written.
    func commitIfDue(_ engine: any Engine) throws(RunError)
    /// What the checkpoint says was delivered has been computed again; rows are new from here on.
    func endReplay(_ checkpoint: Checkpoint)
    /// The input ends with the beginning of a line.
    ///
    /// - Returns: true when it is left to a later run.
    func holdBack(_ batch: borrowing Batch) -> Bool
    /// Some time went by without records.
    func tick(_ engine: any Engine) throws(RunError)
    /// The input has ended; the rows that follow come from that.
    func beginClosing(_ engine: any Engine)
    /// Everything is to be on its way when this returns.
    ///
    /// - Parameter isFinished: the input was read to its end, and the rows of the end were written.
    func close(_ engine: any Engine, isFinished: Bool) throws(RunError)
    /// The run has failed: what waits is given up.
    func abandon()
    /// Rows that the table did not take.
    var refusals: RefusedRows { get }
}

extension RunOutput {
    var needsTicks: Bool { false }
    func beginBatch(_ batch: borrowing Batch, _ engine: any Engine) {}
    func endBatch(_ batch: borrowing Batch, _ engine: any Engine) throws(RunError) {}
    func commitIfDue(_ engine: any Engine) throws(RunError) {}
    func endReplay(_ checkpoint: Checkpoint) {}
    func holdBack(_ batch: borrowing Batch) -> Bool { false }
    func tick(_ engine: any Engine) throws(RunError) {}
    func beginClosing(_ engine: any Engine) {}
    func abandon() {}
    var refusals: RefusedRows { RefusedRows() }
}

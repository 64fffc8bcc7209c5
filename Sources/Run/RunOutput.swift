import StreamEngine

/// Takes the rows of a run and its rejected records. Used by one worker at a time, the one that serves the engine.
protocol RunOutput: RowWriter {
    /// The descriptor of standard output, whose reader may close it; -1 for any other output.
    var watchedDescriptor: Int32 { get }
    /// The output needs `tick` while no records arrive.
    var needsTicks: Bool { get }
    /// Lines for the rejects file.
    func reject(_ lines: UnsafeRawBufferPointer) throws(RunError)
    /// The engine is about to process a batch.
    func beginBatch(_ batch: borrowing Batch, _ engine: any Engine)
    /// The engine has processed the batch, and all its rows were written.
    func endBatch(_ batch: borrowing Batch, _ engine: any Engine) throws(RunError)
    /// Commits if it is time to. Called after `endBatch`, when all rows so far were written.
    func commitIfDue(_ engine: any Engine) throws(RunError)
    /// Called when the replay has reached the committed positions: all later rows are new.
    func endReplay(_ checkpoint: Checkpoint)
    /// The last line of an input is incomplete.
    ///
    /// - Returns: true to leave it to a later run.
    func holdBack(_ batch: borrowing Batch) -> Bool
    /// Time has passed without records; called after the tick of the engine.
    func tick(_ engine: any Engine) throws(RunError)
    /// The input has ended; the rows that follow are those of the windows that are still open.
    func beginClosing(_ engine: any Engine)
    /// Sends or commits everything.
    ///
    /// - Parameter isFinished: the input was read to its end, and the rows of all windows were written.
    func close(_ engine: any Engine, isFinished: Bool) throws(RunError)
    /// Drops rows that have not been sent yet: the output has failed, or its reader has closed it.
    func abandon()
    /// Rows that the output did not accept.
    var refusals: RefusedRows { get }
    /// How long rows took to it.
    var delivery: DeliveryStatistics { get }
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
    var delivery: DeliveryStatistics { DeliveryStatistics() }
}

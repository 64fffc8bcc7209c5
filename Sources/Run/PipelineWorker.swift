import StreamEngine

/// Room for a batch in flight.
final class PipelineSlot {
    var batch = Batch()
    var records: Records
    /// How to read the records of the batch.
    var format = InputFormat.json
    var event = SourceEvent.quiet
    /// Why the bytes of the batch cannot be read.
    var failure: RunError?
    /// The number of the worker that has filled it.
    var worker = 0
    /// Scanned, and not yet processed by the engine.
    var isReady = false
    /// The task after which the lanes of the crew read nothing of it any more.
    var task = 0

    /// Its rows, if workers can encode them.
    let ahead: RowsAhead?

    /// - Parameter isShared: several workers read.
    init(_ layout: ColumnLayout, isShared: Bool, _ ahead: RowsAhead?) {
        records = Records(columnCount: layout.columnCount)
        batch.mayHaveGap = isShared
        self.ahead = ahead
    }
}

/// The state of one worker thread.
final class PipelineWorker {
    private var stage: ScanStage
    let number: Int
    /// The first worker.
    var isServer: Bool { number == 0 }

    init(_ stage: consuming ScanStage, number: Int) {
        self.stage = stage
        self.number = number
    }

    /// See `ScanStage.noteTables`.
    func noteTables(in slot: PipelineSlot) { stage.noteTables(in: &slot.records) }

    /// Reads what the source has left out of a batch, scans it, and encodes its rows.
    func scan(_ slot: PipelineSlot) {
        do throws(RunError) {
            try slot.batch.fillGap()
            stage.run(&slot.batch, as: slot.format, into: &slot.records)
            slot.ahead?.encode(slot.records)
        } catch {
            slot.failure = error
        }
    }
}

/// Hands the rows of a stage to the next one, as if they had gone through a pipe: encoded as JSON lines, with the control
/// lines of `--punctuate` between them.
///
/// Each piece of rows is processed at once, so that rows take no more memory than one piece.
final class StageLink: RowWriter {
    /// The next stage.
    let engine: any Engine
    private var stage: ScanStage
    private var records: Records
    private var batch = Batch(capacity: 64 * 1024)
    /// What stopped the next stage; nil if nothing has, or if that was its own output.
    private(set) var failure: EngineError?

    init(_ engine: any Engine, _ stage: consuming ScanStage, _ layout: ColumnLayout) {
        self.engine = engine
        self.stage = stage
        records = Records(columnCount: layout.columnCount)
        self.stage.countsControlLines = false
    }

    /// The following rows come from this batch of the input.
    func begin(_ input: borrowing Batch) {
        batch.sequence = input.sequence
        batch.arrival = input.arrival
    }

    func makeEncoder(_ schema: RowSchema) -> any RowEncoder { TextEncoder(schema) }

    func write(_ rows: borrowing EncodedRows, count: Int) throws(RunError) {
        rows.withBytes { batch.append($0) }
        guard batch.count > 0 else { return }
        defer {
            batch.position += batch.count
            batch.removeAll()
        }
        batch.seal()
        batch.linesBefore = engine.partitionState(of: 0).lines
        stage.noteTables(in: &records)
        stage.run(&batch, into: &records)
        do throws(EngineError) {
            try engine.process(records, of: batch)
        } catch {
            if case .sink(let error) = error { throw error }
            failure = error
            throw RunError(.badData, "a later stage has failed")
        }
    }

    func flush() throws(RunError) {}
}

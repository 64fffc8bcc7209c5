/// Computes a column: a `--let`, or an expression that is used elsewhere.
final class ComputeStep: ColumnStep {
    private var program: Program
    private let column: Int

    /// - Parameter column: the column for the values.
    init(_ program: consuming Program, into column: Int) {
        self.program = program
        self.column = column
    }

    func apply(to records: inout Records, of batch: borrowing Batch) {
        program.setTimes(written: batch.written ?? batch.arrival, read: batch.arrival)
        program.evaluate(over: &records.columns, rows: records.count, into: column, arena: &records.arena)
        program.takeBad(into: &records.badValues)
    }
}

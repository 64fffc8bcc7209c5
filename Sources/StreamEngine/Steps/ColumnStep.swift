extension Records {
    /// Counts the non-numeric values that a program has skipped in this batch.
    ///
    /// - Parameter before: their number before this batch.
    mutating func note(_ program: inout Program, _ before: Int) {
        badValues &+= program.badValues &- before
        let first = program.takeFirstBad()
        if firstBad == nil, let first {
            firstBad = BadValue(row: first.row, value: first.value, expression: program.text)
        }
    }
}

/// A step over the columns of a batch, executed by the worker that scanned it. It keeps no state between batches.
protocol ColumnStep: AnyObject {
    /// Called once per batch; contains the loop over the records.
    func apply(to records: inout Records, of batch: borrowing Batch)
}

/// A step over the columns of a batch, executed by the worker that scanned it. It keeps no state between batches.
protocol ColumnStep: AnyObject {
    /// Called once per batch; contains the loop over the records.
    func apply(to records: inout Records, of batch: borrowing Batch)
}

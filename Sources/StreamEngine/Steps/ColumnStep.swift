/// A step over the columns of a batch, done by the worker that read it. It keeps nothing of one batch for the next.
protocol ColumnStep: AnyObject {
    /// Called once a batch; the loop over its records is in it.
    func apply(to records: inout Records, of batch: borrowing Batch)
}

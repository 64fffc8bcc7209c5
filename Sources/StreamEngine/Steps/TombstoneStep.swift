/// Makes deletions of messages without a value, where the message key says which row they delete.
///
/// They have no fields, so that `--where` and `--time` do not apply to them.
final class TombstoneStep: ColumnStep {
    private let column: Int
    /// Whether an expression has filled the column for the other records.
    private let isFilled: Bool

    /// - Parameter column: the column that is true for a deletion.
    init(_ column: Int, isFilled: Bool) {
        self.column = column
        self.isFilled = isFilled
    }

    func apply(to records: inout Records, of batch: borrowing Batch) {
        let cells = records.columns[column]
        if !isFilled { cells.update(repeating: .null, count: records.count) }
        guard !batch.sourceColumns.absent.isEmpty else { return }
        records.acceptTombstones(batch.sourceColumns) { cells[$0] = Value(kind: .true) }
    }
}

extension Records {
    /// Accepts the messages without a value, with the time at which they were stored.
    ///
    /// - Parameter mark: called with the row of each of them.
    mutating func acceptTombstones(_ source: SourceColumns, _ mark: (Int) -> Void) {
        for row in 0..<count where places[row].status == .noValue {
            places[row].status = .accepted
            unusualRows &-= 1
            let time = source.time(of: Int(places[row].line))
            times[row] = time
            timeKinds[row] = time == Int64.min ? .none : .known
            mark(row)
        }
        timeSpan = nil
    }
}

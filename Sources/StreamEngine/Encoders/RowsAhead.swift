/// The rows that `--select` makes of a batch of records that pass through, as a worker has encoded them beside other workers:
/// the ordered part writes them if it takes all accepted records of the batch, and encodes the rows itself if it does not.
package final class RowsAhead {
    private let encoder: any RowEncoder
    private var rows = EncodedRows(capacity: 64 * 1024)
    private var count = 0
    private var isAccepted: [Bool] = []

    /// - Parameter encoder: makes rows that follow others, and does not fail.
    init(_ encoder: any RowEncoder) { self.encoder = encoder }

    /// Encodes the accepted records in place of those before.
    package func encode(_ records: borrowing Records) {
        rows.removeAll()
        isAccepted = records.areAccepted
        count = isAccepted.reduce(0) { $0 &+ ($1 ? 1 : 0) }
        isAccepted.withUnsafeBufferPointer { flags in
            guard count > 0, let keep = flags.baseAddress else { return }
            try? encoder.encode(records.columns, rows: 0..<flags.count, keep: keep, into: &rows)
        }
    }

    /// Writes the rows, if they are those of exactly these records.
    ///
    /// - Parameter keep: for all records of the batch, whether they are taken.
    /// - Returns: the number of rows; nil if they were not written.
    func write(to output: inout RowOutput, ifOf keep: UnsafeBufferPointer<Bool>) throws(EngineError) -> Int? {
        guard output.takesEncodedRows, isAccepted.elementsEqual(keep) else { return nil }
        try output.append(rows, count: count)
        return count
    }
}

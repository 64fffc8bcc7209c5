/// The rows of a batch of records that pass through, as a worker has encoded them beside other workers: the ordered part
/// writes them if it takes all accepted records of the batch, and encodes the rows itself if it does not.
package final class RowsAhead {
    /// Makes the rows of `--select`; nil where rows are the lines of the records.
    private let encoder: (any RowEncoder)?
    private var rows = EncodedRows(capacity: 64 * 1024)
    private var count = 0
    private var isAccepted: [Bool] = []
    /// Whether the rows are those of all accepted records.
    private var isWhole = false

    /// - Parameter encoder: makes rows that follow others, and does not fail.
    init(_ encoder: any RowEncoder) { self.encoder = encoder }

    /// Rows that are the lines of the records.
    init() { encoder = nil }

    /// Encodes the accepted records in place of those before.
    package func encode(_ records: borrowing Records) {
        rows.removeAll()
        isWhole = false
        if let encoder {
            encode(records, encoder)
        } else if let copied = Self.copyLines(records, to: &rows) {
            count = copied
            isWhole = true
        }
    }

    private func encode(_ records: borrowing Records, _ encoder: any RowEncoder) {
        isAccepted = records.areAccepted
        count = isAccepted.reduce(0) { $0 &+ ($1 ? 1 : 0) }
        isAccepted.withUnsafeBufferPointer { flags in
            guard count > 0, let keep = flags.baseAddress else { return }
            try? encoder.encode(records.columns, rows: 0..<flags.count, keep: keep, into: &rows)
        }
        isWhole = true
    }

    /// Copies the lines of accepted records; of those one after the other in the batch at once.
    ///
    /// Static: with the rows as a property, each line would check that nothing else has access to them.
    ///
    /// - Returns: the number of lines; nil if some records need a closer look.
    private static func copyLines(_ records: borrowing Records, to rows: inout EncodedRows) -> Int? {
        guard records.areAcceptedOrFiltered, !records.holdsLineBreaks, !records.isTornLine else { return nil }
        let bytes = records.batchBytes
        let newline = UInt8(ascii: "\n")
        var stretch = 0..<0
        var count = 0
        for row in 0..<records.count where records.isAccepted(row) {
            count &+= 1
            let start = Int(records.places[row].start)
            let end = start &+ Int(records.places[row].length)
            guard end <= bytes.count else { return nil }
            if stretch.upperBound != start {
                rows.buffer.append(UnsafeRawBufferPointer(rebasing: bytes[stretch]))
                stretch = start..<start
            }
            if end < bytes.count, bytes[end] == newline {
                stretch = stretch.lowerBound..<end &+ 1
            } else {
                // A carriage return, or no line end at all.
                rows.buffer.append(UnsafeRawBufferPointer(rebasing: bytes[stretch.lowerBound..<end]))
                rows.buffer.append(newline)
                stretch = end..<end
            }
        }
        rows.buffer.append(UnsafeRawBufferPointer(rebasing: bytes[stretch]))
        return count
    }

    /// Writes the rows, if they are those of all accepted records of the batch.
    ///
    /// - Returns: the number of rows; nil if they were not written.
    func write(to output: inout RowOutput) throws(EngineError) -> Int? {
        guard output.takesEncodedRows, isWhole else { return nil }
        try output.append(rows, count: count)
        return count
    }

    /// The same, if exactly these records are taken of all those of the batch.
    func write(to output: inout RowOutput, ifOf taken: UnsafeBufferPointer<Bool>) throws(EngineError) -> Int? {
        isAccepted.elementsEqual(taken) ? try write(to: &output) : nil
    }
}

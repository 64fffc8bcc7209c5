/// What one thread needs to compute and encode a piece of the rows of a window.
final class RowSeat {
    private var block: RowBlock
    private let encoder: any RowEncoder
    private(set) var encoded = EncodedRows(capacity: 64 * 1024)
    /// The number of encoded rows.
    private(set) var count = 0

    init(_ block: consuming RowBlock, _ encoder: any RowEncoder) {
        self.block = block
        self.encoder = encoder
    }

    /// Encodes rows `start ..< start + count` in place of those before.
    func encode(
        _ start: Int, _ count: Int, of rows: borrowing PendingRows, _ groups: borrowing GroupTable,
        _ states: borrowing States, _ results: [Int], chooses: Bool
    ) {
        encoded.removeAll()
        block.fill(start, count, of: rows, groups, states, results)
        block.compute(count, chooses: chooses)
        self.count = 0
        for row in 0..<count where block.keep[row] { self.count &+= 1 }
        // An encoder that can follow another one does not fail.
        try? encoder.encode(block.columns, rows: 0..<count, keep: block.keep, into: &encoded)
        block.clear(count)
    }
}

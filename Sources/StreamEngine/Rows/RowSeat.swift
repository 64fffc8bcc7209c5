/// What one thread needs to compute and encode a piece of the rows of a window.
final class RowSeat {
    private var block: RowBlock
    private let encoder: any RowEncoder
    let piece = EncodedPiece(capacity: 64 * 1024)

    init(_ block: consuming RowBlock, _ encoder: any RowEncoder) {
        self.block = block
        self.encoder = encoder
    }

    /// Encodes rows `start ..< start + count` in place of those before.
    func encode(
        _ start: Int, _ count: Int, of rows: borrowing PendingRows, _ groups: borrowing GroupTable,
        _ states: borrowing States, _ results: [Int], chooses: Bool
    ) {
        piece.removeAll()
        let step = RowBlock.size(for: rows.count)
        for first in stride(from: start, to: start + count, by: step) {
            let count = min(step, start + count - first)
            append(first, count, of: rows, groups, states, results, chooses: chooses, to: piece)
            block.clear(count)
        }
    }

    private func append(
        _ start: Int, _ count: Int, of rows: borrowing PendingRows, _ groups: borrowing GroupTable,
        _ states: borrowing States, _ results: [Int], chooses: Bool, to piece: EncodedPiece
    ) {
        block.fill(start, count, of: rows, groups, states, results)
        block.compute(count, chooses: chooses)
        for row in 0..<count where block.keep[row] { piece.count &+= 1 }
        // An encoder that can follow another one does not fail.
        try? encoder.encode(block.columns, rows: 0..<count, keep: block.keep, into: &piece.encoded)
    }

    // MARK: Several windows

    /// The rows of each window that were encoded last, or all of them in the first one.
    private(set) var pieces: [EncodedPiece] = []
    private var rows = PendingRows()

    /// Encodes the rows of several windows in place of those before, one window after the other.
    ///
    /// - Parameters:
    ///   - joined: whether all rows are written one after the other, and need one piece.
    ///   - add: adds the rows of a window.
    func encode(
        windows: Int, joined: Bool, _ groups: borrowing GroupTable, _ states: borrowing States, _ results: [Int],
        add: (Int, inout PendingRows) -> Void
    ) {
        while pieces.count < (joined ? 1 : windows) { pieces.append(EncodedPiece(capacity: 4096)) }
        for window in 0..<windows {
            let piece = pieces[joined ? 0 : window]
            if !joined || window == 0 { piece.removeAll() }
            add(window, &rows)
            for start in stride(from: 0, to: rows.count, by: RowBlock.capacity) {
                let count = min(RowBlock.capacity, rows.count - start)
                append(start, count, of: rows, groups, states, results, chooses: true, to: piece)
                block.clear(count)
            }
            rows.removeAll()
        }
    }
}

/// Encoded rows and their number.
final class EncodedPiece {
    var encoded: EncodedRows
    var count = 0

    init(capacity: Int) { encoded = EncodedRows(capacity: capacity) }

    func removeAll() {
        encoded.removeAll()
        count = 0
    }
}

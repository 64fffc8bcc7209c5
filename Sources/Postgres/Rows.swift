import StreamEngine

/// The rows of one commit, and which of them are still to be written.
struct Rows {
    let bytes: UnsafeRawBufferPointer
    private let rows: [EncodedRow]
    /// The rows to write, by their numbers in the commit, in order.
    private(set) var pending: [Int]
    /// Rows left out because a later one has the same key.
    private(set) var replacedCount = 0

    /// - Parameter bytes: the bytes of all rows, valid while these rows are in use.
    init(_ rows: [EncodedRow], in bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        self.rows = rows
        pending = Array(rows.indices)
    }

    /// Keeps the last row of each key: an upsert must not meet a key twice.
    ///
    /// - Parameter seed: secret, so that keys cannot be chosen to collide.
    mutating func keepLast(seed: UInt64) {
        guard pending.count > 1 else { return }
        let hash = KeyHash(seed: seed)
        var keys = ByteDictionary()
        // By key number: the last row so far.
        var last: [Int] = []
        var isReplaced = [Bool](repeating: false, count: rows.count)
        for number in pending {
            let key = UnsafeRawBufferPointer(rebasing: bytes[rows[number].key ?? 0..<0])
            let index = keys.index(of: key, hash: hash(key))
            if index < last.count {
                isReplaced[last[index]] = true
                last[index] = number
            } else {
                last.append(number)
            }
        }
        guard last.count < pending.count else { return }
        replacedCount += pending.count - last.count
        pending.removeAll { isReplaced[$0] }
    }

    /// Removes rows, by their numbers in the commit.
    mutating func remove(_ numbers: Set<Int>) { pending.removeAll { numbers.contains($0) } }

    /// The size of some of the pending rows, bytes.
    func byteCount(_ range: Range<Int>) -> Int { range.reduce(0) { $0 + rows[pending[$1]].lineWithEnd.count } }

    /// Passes the bytes of some of the pending rows on in pieces of at most `limit` bytes; a piece may end within a
    /// row.
    func pieces(
        _ range: Range<Int>, limit: Int = 64 * 1024,
        _ body: (UnsafeRawBufferPointer) throws(AttemptError) -> Void
    ) throws(AttemptError) {
        var i = range.lowerBound
        while i < range.upperBound {
            // Merge adjacent rows.
            var (start, end) = (rows[pending[i]].lineWithEnd.lowerBound, rows[pending[i]].lineWithEnd.upperBound)
            i += 1
            while i < range.upperBound, rows[pending[i]].lineWithEnd.lowerBound == end {
                end = rows[pending[i]].lineWithEnd.upperBound
                i += 1
            }
            while start < end {
                let next = min(end, start + limit)
                try body(UnsafeRawBufferPointer(rebasing: bytes[start..<next]))
                start = next
            }
        }
    }
}

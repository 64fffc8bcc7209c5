import StreamEngine

/// The rows of one commit, and which of them are still to be written.
struct Rows {
    let bytes: UnsafeRawBufferPointer
    private let rows: [EncodedRow]
    /// The rows to write next, by their numbers in the commit, in order.
    var pending: [Int]
    /// Rows that the server refused.
    private var refused: Set<Int> = []
    /// By row: the row before it with the same key, which it replaces; -1 for none. Known once it is asked for.
    private var replaced: [Int] = []
    private var seed: UInt64 = 0

    /// - Parameter bytes: the bytes of all rows, valid while these rows are in use.
    init(_ rows: [EncodedRow], in bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        self.rows = rows
        pending = Array(rows.indices)
    }

    private func key(_ number: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[rows[number].key ?? 0..<0])
    }

    /// All rows that were not refused are to be written.
    mutating func keepAll() {
        pending = rows.indices.filter { !refused.contains($0) }
    }

    /// Keeps the last row of each key: an upsert must not meet a key twice.
    ///
    /// - Parameter seed: secret, so that keys cannot be chosen to collide.
    mutating func keepLast(seed: UInt64) {
        self.seed = seed
        replaced = []
        let hash = KeyHash(seed: seed)
        var keys = ByteDictionary()
        var last: [Int] = []
        // Backwards, the last row of a key comes first, and the others need no more than a look.
        for number in rows.indices.reversed() where refused.isEmpty || !refused.contains(number) {
            let key = key(number)
            if keys.index(of: key, hash: hash(key)) == last.count { last.append(number) }
        }
        pending = last.reversed()
    }

    /// The rows that refused ones had replaced, and which therefore count after all.
    mutating func replaced(by numbers: [Int]) -> [Int] {
        guard !numbers.isEmpty else { return [] }
        if replaced.isEmpty { replaced = predecessors() }
        return numbers.map { replaced[$0] }.filter { $0 >= 0 }.sorted()
    }

    /// By row: the row before it with the same key; -1 for none.
    private func predecessors() -> [Int] {
        let hash = KeyHash(seed: seed)
        var keys = ByteDictionary()
        // By key number: the last row so far.
        var last: [Int] = []
        var before = [Int](repeating: -1, count: rows.count)
        for number in rows.indices where !refused.contains(number) {
            let key = key(number)
            let index = keys.index(of: key, hash: hash(key))
            if index < last.count {
                before[number] = last[index]
                last[index] = number
            } else {
                last.append(number)
            }
        }
        return before
    }

    /// Divides changes into rounds, so that a key has only rows or only deletions in each of them.
    ///
    /// - Parameter seed: secret, so that keys cannot be chosen to collide; nil if equal keys can have different bytes,
    ///   so that any two may be equal.
    func rounds(seed: UInt64?) -> [[Int]] {
        let hash = KeyHash(seed: seed ?? 0)
        var keys = ByteDictionary()
        // By key number: its last round, and whether that one deletes.
        var last: [(round: Int, deletes: Bool)] = []
        var rounds: [[Int]] = []
        for number in rows.indices where !refused.contains(number) {
            let key = seed == nil ? UnsafeRawBufferPointer(rebasing: bytes[0..<0]) : key(number)
            let index = keys.index(of: key, hash: hash(key))
            let deletes = isDeletion(number)
            if index == last.count {
                last.append((0, deletes))
            } else if last[index].deletes != deletes {
                last[index] = (last[index].round + 1, deletes)
            }
            let round = last[index].round
            if round == rounds.count { rounds.append([]) }
            rounds[round].append(number)
        }
        return rounds
    }

    /// The pending rows without those that another one with the same key makes needless: one with a higher version, or
    /// with the same and later. A deletion without a version counts as the highest.
    ///
    /// - Parameters:
    ///   - column: the number of the value that is the version, an integer.
    ///   - seed: secret, so that keys cannot be chosen to collide.
    /// - Returns: nil if a version is not known to be an integer.
    func newest(version column: Int, seed: UInt64) -> [Int]? {
        let hash = KeyHash(seed: seed)
        var keys = ByteDictionary()
        // By key number: the newest row so far, and its version.
        var newest: [(row: Int, version: Int64)] = []
        for number in pending {
            let key = key(number)
            guard let version = version(column, of: number) else { return nil }
            let index = keys.index(of: key, hash: hash(key))
            if index == newest.count {
                newest.append((number, version))
            } else if newest[index].version <= version {
                newest[index] = (number, version)
            }
        }
        return newest.map(\.row).sorted()
    }

    private func version(_ column: Int, of number: Int) -> Int64? {
        var rest = UnsafeRawBufferPointer(rebasing: bytes[rows[number].line])[...]
        for _ in 0..<column {
            guard let tab = rest.firstIndex(of: UInt8(ascii: "\t")) else { return nil }
            rest = rest[(tab + 1)...]
        }
        let text = rest.prefix { $0 != UInt8(ascii: "\t") }
        if text.elementsEqual("\\N".utf8) { return Int64.max }
        let isNegative = text.first == UInt8(ascii: "-")
        let digits = isNegative ? text.dropFirst() : text
        // More of them may be too many for the type.
        guard !digits.isEmpty, digits.count <= 18 else { return nil }
        var value: Int64 = 0
        for byte in digits {
            guard byte &- UInt8(ascii: "0") < 10 else { return nil }
            value = value &* 10 &+ Int64(byte &- UInt8(ascii: "0"))
        }
        return isNegative ? -value : value
    }

    /// Whether a change is a deletion: its last value, the number of the change, is negative.
    private func isDeletion(_ number: Int) -> Bool {
        let line = UnsafeRawBufferPointer(rebasing: bytes[rows[number].line])
        guard let tab = line.lastIndex(of: UInt8(ascii: "\t")), tab + 1 < line.count else { return false }
        return line[tab + 1] == UInt8(ascii: "-")
    }

    /// Leaves out rows that were refused, by their numbers in the commit.
    mutating func remove(_ numbers: some Sequence<Int>) {
        refused.formUnion(numbers)
        pending.removeAll { refused.contains($0) }
    }

    /// Whether all rows were refused, or the commit has none.
    var isEmpty: Bool { refused.count == rows.count }

    /// The size of some of the pending rows, bytes.
    func byteCount(_ range: Range<Int>) -> Int { range.reduce(0) { $0 + rows[pending[$1]].lineWithEnd.count } }

    /// Passes the bytes of some of the pending rows on in pieces of `limit` bytes, of which the last may be shorter: each
    /// is sent on its own. A piece may end within a row.
    func pieces(
        _ range: Range<Int>, limit: Int = 64 * 1024,
        _ body: (UnsafeRawBufferPointer) throws(AttemptError) -> Void
    ) throws(AttemptError) {
        let limit = max(1, limit)
        var piece = ByteBuffer(capacity: limit)
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
                let next = min(end, start + limit - piece.count)
                piece.append(UnsafeRawBufferPointer(rebasing: bytes[start..<next]))
                start = next
                guard piece.count == limit else { continue }
                try piece.withBytes { bytes throws(AttemptError) in try body(bytes) }
                piece.removeAll()
            }
        }
        if piece.count > 0 { try piece.withBytes { bytes throws(AttemptError) in try body(bytes) } }
    }
}

/// Writes the values of the wanted fields to the columns of a row.
struct FieldWriter: ~Copyable {
    let trie: FieldTrie
    /// Columns for which at least one record had a value.
    private(set) var filled: [Int] = []
    /// The number of rows in all previous batches, plus one.
    var rowsBefore: UInt64 = 1
    /// Whether the current record has a `$watermark` member.
    var hasControl = false
    private(set) var control = Value.missing
    /// Column of that member.
    private let controlColumn: Int32
    /// For every column with several routes, the best one of the last row in which a key with dots was seen.
    private let best: UnsafeMutablePointer<BestRoute>
    /// The last row in which any column has such a route.
    private var rankedRow: UInt64 = 0

    /// Routes of a smaller rank are hidden in this row. In any other row, none is.
    private struct BestRoute {
        var row: UInt64 = 0
        var rank: Int32 = 0
    }

    /// The destination of the values of the current record.
    struct Row {
        fileprivate let cells: UnsafeMutablePointer<Value>
        fileprivate let stride: Int
        fileprivate let number: UInt64
    }

    /// - Parameter fields: one column each, starting at column 0; the last one is the `$watermark` member.
    init(_ fields: [FieldPath]) {
        trie = FieldTrie(fields)
        controlColumn = Int32(fields.count) - 1
        best = .allocate(capacity: max(1, fields.count))
        best.initialize(repeating: BestRoute(), count: max(1, fields.count))
    }

    deinit { best.deallocate() }

    @inline(__always) func row(_ rows: UnsafeMutablePointer<RowCursor>) -> Row {
        Row(
            cells: rows.pointee.cells, stride: rows.pointee.stride,
            number: rowsBefore &+ UInt64(truncatingIfNeeded: rows.pointee.row))
    }

    /// Stores the value after a literal, which is made only if it is wanted.
    @inline(__always) mutating func put(
        _ value: @autoclosure () -> Value, _ source: UnsafeMutablePointer<LayoutCache.Entry>,
        _ rows: UnsafeMutablePointer<RowCursor>
    ) {
        let column = source.pointee.target.column
        if column >= 0 {
            rows.pointee.cells[Int(column) &* rows.pointee.stride] = value()
        } else if column < FieldTarget.manyColumns {
            putOnTop(value(), source.pointee.target, row(rows))
        } else if column == FieldTarget.manyColumns {
            putInMany(value(), source.pointee.target.node, row(rows))
        }
    }

    /// As `store` does it for a value that no other route hides.
    @inline(__always) private mutating func putOnTop(_ value: Value, _ target: FieldTarget, _ row: Row) {
        best[target.topColumn] = BestRoute(row: row.number, rank: trie.nodes[Int(target.node)].rank)
        rankedRow = row.number
        row.cells[target.topColumn &* row.stride] = value
    }

    @inline(never) private mutating func putInMany(_ value: Value, _ node: Int32, _ row: Row) {
        forget(below: node, row)
        store(value, at: node, row)
    }

    /// The target of the value at a node. The member `$watermark` takes the slow path, which detects it.
    mutating func target(_ node: Int32) -> FieldTarget {
        var target = trie.target(node)
        if target.column == controlColumn { target.column = FieldTarget.manyColumns }
        var leaf = node
        while leaf >= 0 {
            let column = Int(trie.nodes[Int(leaf)].column)
            if column >= 0, !filled.contains(column) { filled.append(column) }
            leaf = trie.nodes[Int(leaf)].twin
        }
        return target
    }

    /// Whether it is the column of the member `$watermark`.
    func isControl(_ column: Int) -> Bool { column == Int(controlColumn) }

    /// The node of a member of the record that is not read from it like any other; -1 if it is not wanted.
    mutating func node(_ name: String) -> Int32 {
        let bytes = Array(name.utf8)
        // The look-up reads eight bytes.
        let node = (bytes + [UInt8](repeating: 0, count: 8)).withUnsafeBytes { buffer in
            buffer.baseAddress.map { trie.child(of: 0, key: $0, length: bytes.count) } ?? -1
        }
        _ = target(node)
        return node
    }

    /// Stores a value in all columns of its node.
    mutating func store(_ value: Value, at node: Int32, _ row: Row) {
        var leaf = node
        while leaf >= 0 {
            let entry = trie.nodes[Int(leaf)]
            leaf = entry.twin
            let column = Int(entry.column)
            guard column >= 0 else { return }
            if entry.isRanked {
                if best[column].row == row.number, best[column].rank > entry.rank { continue }
                if entry.rank > 0 {
                    best[column] = BestRoute(row: row.number, rank: entry.rank)
                    rankedRow = row.number
                }
            }
            if column == Int(controlColumn) {
                hasControl = true
                control = value
            }
            row.cells[column &* row.stride] = value
        }
    }

    /// Whether the `$watermark` member is an object and the only member of the record at `start..<end`.
    @inline(never)
    func isControlAlone(_ base: UnsafeRawPointer, _ start: Int, _ end: Int, _ space: WhiteSpace) -> Bool {
        guard control.kind == .json, control.bytes.first == UInt8(ascii: "{"), let text = control.bytes.baseAddress
        else { return false }
        let key = JSONString.scan(base, from: space.skip(base, space.skip(base, start) &+ 1) &+ 1)
        return base + space.skip(base, space.skip(base, key.end &+ 1) &+ 1) == text
            && space.skip(base, text - base &+ control.bytes.count) == end &- 1
    }

    /// Clears the values below a key, which hides routes with shorter keys, and may be repeated: the last occurrence
    /// wins.
    mutating func forget(below node: Int32, _ row: Row) {
        let entry = trie.nodes[Int(node)]
        guard entry.childCount > 0 else { return }
        let places = trie.firstBelow[Int(node)]..<trie.firstBelow[Int(node) &+ 1]
        // The usual record has no keys with dots.
        guard entry.hides || rankedRow == row.number else {
            for place in places { row.cells[trie.below[place].column &* row.stride] = .missing }
            return
        }
        for place in places {
            let leaf = trie.below[place]
            if best[leaf.column].row == row.number {
                if best[leaf.column].rank > leaf.highest { continue }
                best[leaf.column].rank = leaf.lowest
            } else if leaf.lowest > 0 {
                best[leaf.column] = BestRoute(row: row.number, rank: leaf.lowest)
                rankedRow = row.number
            }
            row.cells[leaf.column &* row.stride] = .missing
        }
    }
}

/// A fixed number of columns of equal length that grow together: the scanned fields of a batch, or the results of an
/// emission.
package struct ColumnSet: ~Copyable {
    package let columnCount: Int
    /// Rows that fit each column.
    package private(set) var capacity: Int
    private var cells: UnsafeMutablePointer<Value>

    package init(columnCount: Int, capacity: Int = 1024) {
        self.columnCount = columnCount
        self.capacity = capacity
        cells = .allocate(capacity: max(1, columnCount * capacity))
    }

    deinit { cells.deallocate() }

    /// One column; valid until the set grows.
    @inline(__always) package subscript(column: Int) -> UnsafeMutablePointer<Value> { cells + column &* capacity }

    /// Extends the columns to `rows` rows and keeps the first `used` rows of each.
    package mutating func reserve(_ rows: Int, keeping used: Int) {
        guard rows > capacity else { return }
        let larger = max(rows, capacity * 2)
        let moved = UnsafeMutablePointer<Value>.allocate(capacity: max(1, columnCount * larger))
        for column in 0..<columnCount where used > 0 {
            (moved + column * larger).update(from: cells + column * capacity, count: used)
        }
        cells.deallocate()
        cells = moved
        capacity = larger
    }
}

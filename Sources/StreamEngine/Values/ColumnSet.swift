/// A fixed number of columns of equal length that grow together: the scanned fields of a batch, or the results of an
/// emission.
package struct ColumnSet: ~Copyable {
    package let columnCount: Int
    /// Rows that fit each column.
    package private(set) var capacity: Int
    private var cells: UnsafeMutablePointer<Value>
    /// The bytes that the values were read from; followed by padding. Empty if they were not read from a batch.
    var source = UnsafeRawBufferPointer(start: nil, count: 0)

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

    /// The value with the digits that it was read from: a double that was read as 1.10 becomes these digits.
    @inline(__always) func asRead(_ value: Value) -> Value {
        value.kind == .double && value.length > 0 ? withDigits(value) : value
    }

    /// Reads the number again where it should be: a computed double has no place, but nothing else vouches for it.
    @inline(never) private func withDigits(_ value: Value) -> Value {
        let start = Int(value.length)
        guard start < source.count, let base = source.baseAddress else { return value }
        let found = JSONNumber.parse(base, from: start)
        guard found.end >= 0, found.value.kind == .double, found.value.bits == value.bits else { return value }
        return Value(UnsafeRawBufferPointer(rebasing: source[start..<found.end]), kind: .digits)
    }
}

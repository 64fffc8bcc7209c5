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
        guard value.kind == .double, value.length > 0 else { return value }
        let end = endOfDigits(value)
        return end > 0 ? Value(UnsafeRawBufferPointer(rebasing: source[Int(value.length)..<end]), kind: .digits) : value
    }

    /// Where the digits of a double end that begin at its `length` in `source`; 0 if they are not there.
    ///
    /// Reads the number again: a computed double has no place, but nothing else vouches for it.
    @inline(never) private func endOfDigits(_ value: Value) -> Int {
        let start = Int(value.length)
        guard start < source.count, let base = source.baseAddress else { return 0 }
        let found = JSONNumber.parse(base, from: start)
        return found.value.bits == value.bits && found.value.kind == .double ? found.end : 0
    }

    /// Appends a value as JSON, a double with the digits that it was read from.
    @inline(__always) func append(_ value: Value, to buffer: inout ByteBuffer) {
        if value.kind == .double, value.length > 0, let base = source.baseAddress {
            let end = endOfDigits(value), start = Int(value.length)
            // The source has padding.
            if end > 0 { return buffer.append(padded: base + start, end &- start) }
        }
        buffer.append(json: value)
    }
}

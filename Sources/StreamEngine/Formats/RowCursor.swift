/// The row of `Records` that a format fills, and the record that it is read from.
struct RowCursor {
    /// The cell of the row in column 0; those of the other columns are `stride` cells apart.
    private(set) var cells: UnsafeMutablePointer<Value>
    private(set) var stride: Int
    private(set) var row = 0
    /// The first row that `takeOneOfMany` does not go to.
    private var limit: Int
    /// The first row that may hold values of earlier batches.
    private var clearEnd = 0
    /// Number of the line in the batch, or of the record if the source supplies the ends of records.
    private(set) var line = 0
    /// Index of the first byte of the record.
    private(set) var start: Int
    private var place: UnsafeMutablePointer<RecordSlice>
    private let maxLine: Int

    init(_ records: inout Records, from start: Int, maxLine: Int) {
        cells = records.columns[0]
        stride = records.columns.capacity
        limit = stride
        place = records.places
        self.start = start
        self.maxLine = maxLine
    }

    /// Moves to the record at `start`. Grows the columns if there is no memory for its row, which is clear.
    mutating func begin(_ start: Int, _ records: inout Records) {
        move(to: start, &records)
        clear(records)
    }

    /// Clears the row, so that only wanted values that are there need to be written.
    mutating func clear(_ records: borrowing Records) {
        if row >= clearEnd { clearEnd = records.clear(from: row) }
        limit = clearEnd
    }

    /// Clears the columns of rows that a shape does not fill, from `first` to the one before this.
    func clear(_ records: borrowing Records, from first: Int, except shape: borrowing RecordShape) {
        guard row > max(first, clearEnd) else { return }
        for column in records.filled where !shape.fills(column) {
            records.clear(max(first, clearEnd)..<row, ofColumn: column)
        }
    }

    /// Like `begin`, but the row may hold values of earlier batches.
    mutating func move(to start: Int, _ records: inout Records) {
        self.start = start
        records.reserve(row, of: start)
        cells = records.columns[0] + row
        stride = records.columns.capacity
        limit = stride
        place = records.places + row
    }

    /// Lets `takeOneOfMany` return false until the next row begins.
    mutating func stopAfterOne() { limit = row }

    /// Whether `begin` must make the row ready.
    @inline(__always) var isAtLimit: Bool { row >= limit }

    /// Completes the row of the record that ends at `end`; the next line starts `gap` bytes later. Returns false if the
    /// record is too long.
    @inline(__always) mutating func take(to end: Int, gap: Int) -> Bool {
        let length = end &- start
        guard length <= maxLine else { return false }
        put(RecordSlice(start, length: length, line: line, .accepted))
        start = end &+ gap
        return true
    }

    /// Like `take`, but also returns false if `begin` must make the next row ready, or `stopAfterOne` was called.
    @inline(__always) mutating func takeOneOfMany(to end: Int, gap: Int) -> Bool {
        row &+ 1 < limit && take(to: end, gap: gap)
    }

    /// How many rows can be completed before `begin` must make the next one ready; after `move`, before more memory is needed.
    @inline(__always) var roomBeforeLast: Int { limit &- row &- 1 }

    /// Whether a record of this length is not too long.
    @inline(__always) func allows(_ length: Int) -> Bool { length <= maxLine }

    /// Completes the rows of `count` records of the same length, which is allowed, `gap` bytes after each other.
    @inline(__always) mutating func take(_ count: Int, length: Int, gap: Int) {
        // A copy stays in registers.
        var rows = self
        for _ in 0..<count {
            rows.put(RecordSlice(rows.start, length: length, line: rows.line, .accepted))
            rows.start &+= length &+ gap
        }
        self = rows
    }

    @inline(__always) mutating func put(_ record: RecordSlice) {
        place.initialize(to: record)
        place += 1
        cells += 1
        row &+= 1
        line &+= 1
    }

    /// Sets the number of the line in the batch, for records that are not lines.
    mutating func move(toLine line: Int) { self.line = line }

    /// Skips a line without adding a row.
    mutating func skipLine() { line &+= 1 }
}

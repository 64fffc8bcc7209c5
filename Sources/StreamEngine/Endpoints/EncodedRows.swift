/// Encoded rows: their bytes and, if the encoder marks rows, the ranges of each row and its key.
///
/// An output that writes all bytes unchanged needs no marks and gets none.
package struct EncodedRows: ~Copyable {
    /// From this many bytes on, rows are passed on without a copy: to collect them in a buffer would cost more.
    package static let leastWhole = 32 * 1024

    package var buffer: ByteBuffer
    /// The marked rows, in order.
    package private(set) var rows: [EncodedRow] = []

    package init(capacity: Int = 4096) { buffer = ByteBuffer(capacity: capacity) }

    /// Calls `body` with the bytes of all rows, including bytes between rows: a header, or a key that is not part of its
    /// row.
    package borrowing func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try buffer.withBytes(body)
    }

    package var byteCount: Int { buffer.count }

    package mutating func removeAll() {
        buffer.removeAll()
        rows.removeAll(keepingCapacity: true)
    }

    /// Appends copies of other rows.
    package mutating func append(_ other: borrowing EncodedRows) {
        let offset = buffer.count
        buffer.append(other.buffer)
        rows.append(contentsOf: other.rows.lazy.map { $0.moved(by: offset) })
    }

    // MARK: - For encoders

    /// Marks a row: the bytes from `start` to the end of the buffer, the last of which is a newline.
    package mutating func endRow(from start: Int, key: Range<Int>? = nil) {
        rows.append(EncodedRow(line: start..<max(start, buffer.count &- 1), key: key))
    }

    /// Marks a row whose key is not part of it: the key is written after the row.
    ///
    /// - Parameter writeKey: appends the key and returns true, or returns false if the row has none.
    @inline(__always)
    mutating func endRow(from start: Int, writeKey: (inout ByteBuffer) -> Bool) {
        let end = buffer.count
        let hasKey = writeKey(&buffer)
        rows.append(EncodedRow(line: start..<max(start, end &- 1), key: hasKey ? end..<buffer.count : nil))
    }

    // MARK: - For outputs

    /// Removes everything after the first `count` bytes, which end with a row.
    package mutating func truncate(to count: Int) {
        let kept = rows.firstIndex { $0.line.lowerBound >= count } ?? rows.count
        rows.removeLast(rows.count - kept)
        buffer.truncate(to: count)
    }
}

/// The ranges of a row and its key in the bytes of its `EncodedRows`.
package struct EncodedRow: Sendable {
    /// The row without its newline.
    package let line: Range<Int>
    private let keyStart: Int
    private let keyCount: Int

    init(line: Range<Int>, key: Range<Int>?) {
        self.line = line
        keyStart = key?.lowerBound ?? -1
        keyCount = key?.count ?? 0
    }

    /// The row with its newline.
    package var lineWithEnd: Range<Int> { line.lowerBound..<line.upperBound &+ 1 }
    /// The key; nil if the row has none. A key may be empty.
    package var key: Range<Int>? { keyStart < 0 ? nil : keyStart..<keyStart &+ keyCount }

    func moved(by offset: Int) -> EncodedRow {
        EncodedRow(
            line: line.lowerBound &+ offset..<line.upperBound &+ offset,
            key: key.map { $0.lowerBound &+ offset..<$0.upperBound &+ offset })
    }
}

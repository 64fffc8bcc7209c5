/// Encodes rows into a buffer that is passed on in large pieces.
struct RowOutput: ControlWriter, ~Copyable {
    private static let size = 256 * 1024
    private static let all = Int.max

    private let encoder: any RowEncoder
    let marksRows: Bool
    private let takesLines: Bool
    private var encoded = EncodedRows(capacity: RowOutput.size + 64 * 1024)
    /// The number of encoded rows that depend only on the input, not on the clock.
    private var count = 0
    private let writer: any RowWriter
    private var hasUnflushed = false
    /// The number of next rows to skip because an earlier run has printed them.
    private var toSkip = 0
    /// While open windows are shown: what of them, and the most rows of it.
    private var preview: (rows: OpenRows, limit: Int, count: Int)?

    init(_ schema: RowSchema, _ writer: any RowWriter) {
        encoder = writer.makeEncoder(schema)
        marksRows = encoder.marksRows
        takesLines = encoder.takesLines
        self.writer = writer
    }

    /// Drops rows and control lines until `unmute`.
    mutating func mute() { toSkip = Self.all }
    /// Starts to write rows again, after skipping the next `rows` rows.
    mutating func unmute(skipping rows: Int) { toSkip = rows }

    var isSkipping: Bool { toSkip > 0 }

    /// Until `takePreview`, rows are shown instead of written.
    mutating func beginPreview(limit: Int) { preview = (OpenRows(), limit, 0) }

    mutating func takePreview() -> OpenRows {
        var rows = preview?.rows ?? OpenRows()
        preview = nil
        (rows.header, rows.rows) = encoder.takePreview()
        return rows
    }

    /// The number of rows that can still be shown; nil if rows are written.
    var previewRoom: Int? { preview.map { max(0, $0.limit &- $0.count) } }

    /// Counts rows that are not shown.
    ///
    /// - Parameter count: nil if it is unknown.
    mutating func hide(_ count: Int?) {
        guard let hidden = preview?.rows.hidden else { return }
        preview?.rows.hidden = count.map { hidden &+ $0 }
    }

    private mutating func show(_ columns: borrowing ColumnSet, _ rows: Range<Int>, _ keep: UnsafePointer<Bool>) {
        guard let limit = preview?.limit else { return }
        for row in rows where keep[row] { preview?.count &+= 1 }
        hide(encoder.preview(columns, rows: rows, keep: keep, limit: limit))
    }

    /// Writes the rows to keep and returns their number. Clears `keep` for rows that are not written.
    ///
    /// - Parameter isFinal: false if the clock triggered the rows.
    mutating func write(
        _ columns: borrowing ColumnSet, rows: Range<Int>, keep: UnsafeMutablePointer<Bool>, isFinal: Bool = true
    ) throws(EngineError) -> Int {
        if preview != nil {
            show(columns, rows, keep)
            return 0
        }
        if toSkip > 0 {
            for row in rows where keep[row] {
                keep[row] = !isFinal && toSkip != Self.all ? true : isNextWanted()
            }
        }
        var written = 0
        for row in rows where keep[row] { written &+= 1 }
        guard written > 0 else { return 0 }
        if isFinal { count &+= written }
        do throws(RunError) {
            try encoder.encode(columns, rows: rows, keep: keep, into: &encoded)
        } catch {
            throw .sink(error)
        }
        try spill()
        return written
    }

    /// Whether rows may be encoded elsewhere: none are skipped, or shown instead of written.
    var takesEncodedRows: Bool { toSkip == 0 && preview == nil }

    func makeFollower() -> (any RowEncoder)? { encoder.makeFollower() }

    /// Writes rows that followers have encoded and that depend only on the input.
    mutating func append(_ rows: borrowing EncodedRows, count: Int) throws(EngineError) {
        guard count > 0 else { return }
        encoder.lead(into: &encoded)
        guard rows.byteCount >= EncodedRows.leastWhole else {
            encoded.append(rows)
            self.count &+= count
            return try spill()
        }
        try drain()
        hasUnflushed = true
        try Self.write(rows, count, to: writer)
    }

    /// Returns false for a row that an earlier run has printed.
    @inline(__always) mutating func isNextWanted() -> Bool {
        guard toSkip > 0 else { return true }
        if toSkip != Self.all { toSkip &-= 1 }
        return false
    }

    /// Writes the line of a record that passes through.
    ///
    /// - Parameter row: its row in `records`.
    mutating func write(
        line: UnsafeRawBufferPointer, _ row: Int, of records: borrowing ColumnSet
    ) throws(EngineError) {
        let start = encoded.buffer.count
        encoded.buffer.append(line)
        try endLine(row, of: records, from: start)
    }

    mutating func write(line: borrowing ByteBuffer, _ row: Int, of records: borrowing ColumnSet) throws(EngineError) {
        let start = encoded.buffer.count
        encoded.buffer.append(line)
        try endLine(row, of: records, from: start)
    }

    @inline(__always)
    private mutating func endLine(_ row: Int, of records: borrowing ColumnSet, from start: Int) throws(EngineError) {
        encoded.buffer.append(UInt8(ascii: "\n"))
        if marksRows { mark(row, of: records, from: start) }
        count &+= 1
        try spill()
    }

    /// A separate function, because the loop over records must not contain dynamic calls.
    @inline(never)
    private mutating func mark(_ row: Int, of records: borrowing ColumnSet, from start: Int) {
        encoder.markRecord(row, of: records, from: start, in: &encoded)
    }

    /// Forwards a control line.
    mutating func forward(_ line: UnsafeRawBufferPointer) throws(EngineError) {
        try writeControl { buffer in
            buffer.append(line)
            buffer.append(UInt8(ascii: "\n"))
        }
    }

    mutating func writeControl(_ body: (inout ByteBuffer) -> Void) throws(EngineError) {
        guard toSkip == 0, takesLines else { return }
        let start = encoded.buffer.count
        body(&encoded.buffer)
        if marksRows { encoded.endRow(from: start) }
        try spill()
    }

    @inline(__always) private mutating func spill() throws(EngineError) {
        if encoded.buffer.count >= Self.size { try drain() }
    }

    @inline(never) private mutating func drain() throws(EngineError) {
        guard encoded.buffer.count > 0 || count > 0 else { return }
        hasUnflushed = true
        try Self.write(encoded, count, to: writer)
        encoded.removeAll()
        count = 0
    }

    private static func write(
        _ rows: borrowing EncodedRows, _ count: Int, to writer: any RowWriter
    ) throws(EngineError) {
        do throws(RunError) { try writer.write(rows, count: count) } catch { throw .sink(error) }
    }

    mutating func flush() throws(EngineError) {
        try drain()
        guard hasUnflushed else { return }
        hasUnflushed = false
        do throws(RunError) { try writer.flush() } catch { throw .sink(error) }
    }

    mutating func finish() throws(EngineError) {
        encoder.finish(into: &encoded)
        try flush()
    }
}

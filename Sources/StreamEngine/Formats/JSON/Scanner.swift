/// Turns lines of JSON into columns of the wanted fields.
struct Scanner: ~Copyable {
    private let fieldCount: Int
    private let maxLine: Int
    private var recordScanner: RecordScanner
    private let rows = UnsafeMutablePointer<RowCursor>.allocate(capacity: 1)

    /// - Parameters:
    ///   - fields: one column each, from column 0 on; the last one is the `$watermark` member.
    ///   - maxLine: longest line that is taken, in bytes.
    init(fields: [FieldPath], maxLine: Int) {
        fieldCount = fields.count
        self.maxLine = maxLine
        recordScanner = RecordScanner(fields: fields)
    }

    deinit { rows.deallocate() }

    /// Scans all lines of the batch into `records`.
    mutating func scan(_ batch: inout Batch, into records: inout Records) {
        batch.seal()
        let bytes = batch.bytes
        records.begin(bytes)
        guard let base = bytes.baseAddress else { return }
        let end = bytes.count
        var i = batch.startsInput && hasByteOrderMark(bytes) ? 3 : 0
        rows.initialize(to: RowCursor(&records, from: i, maxLine: maxLine))
        while i < end {
            rows.pointee.begin(i, &records)
            let behind = recordScanner.scan(base, rows, &records.arena)
            if behind >= 0, byte(base, behind) == UInt8(ascii: "\n"), rows.pointee.take(to: behind, gap: 1) {
                i = behind &+ 1
            } else {
                i = finishLine(base, behind, &records)
            }
        }
        records.end(count: rows.pointee.row, lines: rows.pointee.line, filled: recordScanner.fields.filled)
        recordScanner.fields.rowsBefore &+= UInt64(truncatingIfNeeded: rows.pointee.row)
    }

    private func hasByteOrderMark(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count >= 3 && bytes[0] == 0xef && bytes[1] == 0xbb && bytes[2] == 0xbf
    }

    /// Judges a line that is anything else than one record with the newline right behind it.
    ///
    /// - Parameter behind: where its record ended, -1 when there is none.
    /// - Returns: the index behind the newline.
    @inline(never) private mutating func finishLine(
        _ base: UnsafeRawPointer, _ behind: Int, _ records: inout Records
    ) -> Int {
        var status = behind < 0 ? recordScanner.status : .accepted
        var end = behind < 0 ? recordScanner.position : behind
        if !status.isRejected {
            end = skipSpace(base, end)
            if byte(base, end) != UInt8(ascii: "\n") { status = .badSyntax }
        }
        while byte(base, end) != UInt8(ascii: "\n") { end &+= 1 }
        var length = end &- rows.pointee.start
        if status == .notAnObject, length <= maxLine, skipSpace(base, rows.pointee.start) == end {
            rows.pointee.skipLine()
            return end &+ 1
        }
        if length > 0, byte(base, end &- 1) == UInt8(ascii: "\r") { length &-= 1 }
        if length > maxLine { status = .tooLong }
        // What was found in a line that is rejected must not be looked at.
        if status.isRejected { for column in 0..<fieldCount { records.columns[column][rows.pointee.row] = .missing } }
        rows.pointee.put(RecordSlice(rows.pointee.start, length: length, line: rows.pointee.line, status))
        if status != .accepted { records.unusualRows &+= 1 }
        return end &+ 1
    }
}

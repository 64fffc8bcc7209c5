/// JSON: a record is an object.
///
/// In lines a newline ends the record. Where the source says where records end, line breaks are white space; records of a
/// batch in which none has a line break are scanned as the lines that they are.
struct JSONFormat: RecordFormat, ~Copyable {
    static let content = RecordContent.json
    static let isSelfDelimiting = true
    static let defects = JSONDefect.allCases.map(\.message)

    private let fields: [FieldPath]
    private let maxLine: Int
    private var lines: RecordScanner
    /// For batches in which records have line breaks; made for the first of them. What it remembers of one record has
    /// line breaks in it, which must not match across two lines.
    private var texts: RecordScanner?
    private let rows = UnsafeMutablePointer<RowCursor>.allocate(capacity: 1)

    /// - Parameters:
    ///   - fields: one column each, from column 0 on; the last one is the `$watermark` member.
    ///   - maxLine: longest record that is taken, in bytes.
    init(fields: [FieldPath], maxLine: Int) {
        self.fields = fields
        self.maxLine = maxLine
        lines = RecordScanner(fields: fields, .inLine)
    }

    deinit { rows.deallocate() }

    /// Scans all records of the batch into `records`.
    mutating func read(_ batch: inout Batch, into records: inout Records) {
        if batch.holdsLineBreaks { return readTexts(&batch, into: &records) }
        batch.seal()
        records.begin(batch)
        let bytes = batch.bytes
        guard let base = bytes.baseAddress else { return }
        let end = bytes.count
        let skipsBlank = batch.framing == .lines
        var i = batch.startsInput && hasByteOrderMark(bytes) ? 3 : 0
        rows.initialize(to: RowCursor(&records, from: i, maxLine: maxLine))
        while i < end {
            rows.pointee.begin(i, &records)
            let after = lines.scan(base, rows, &records.arena)
            if after >= 0, byte(base, after) == UInt8(ascii: "\n"), rows.pointee.take(to: after, gap: 1) {
                i = after &+ 1
            } else {
                i = finishLine(base, after, skipsBlank: skipsBlank, &records)
            }
        }
        finish(&records, filled: lines.fields.filled)
        lines.fields.rowsBefore &+= UInt64(truncatingIfNeeded: rows.pointee.row)
    }

    private func hasByteOrderMark(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count >= 3 && bytes[0] == 0xef && bytes[1] == 0xbb && bytes[2] == 0xbf
    }

    /// Judges a line that is not just one record with the newline right after it.
    ///
    /// - Parameters:
    ///   - after: the index after its record, -1 when there is none.
    ///   - skipsBlank: a line of nothing but white space is not a record.
    /// - Returns: the index after the newline.
    @inline(never) private mutating func finishLine(
        _ base: UnsafeRawPointer, _ after: Int, skipsBlank: Bool, _ records: inout Records
    ) -> Int {
        var status = after < 0 ? lines.status : .accepted
        var end = after < 0 ? lines.position : after
        if !status.isRejected {
            end = WhiteSpace.inLine.skip(base, end)
            if byte(base, end) != UInt8(ascii: "\n") { status = .badSyntax }
        }
        while byte(base, end) != UInt8(ascii: "\n") { end &+= 1 }
        let start = rows.pointee.start
        var length = end &- start
        if skipsBlank, status == .notAnObject, length <= maxLine, WhiteSpace.inLine.skip(base, start) == end {
            rows.pointee.skipLine()
            return end &+ 1
        }
        if length > 0, byte(base, end &- 1) == UInt8(ascii: "\r") { length &-= 1 }
        put(status, start, length: length, &records)
        return end &+ 1
    }

    /// Scans records of which some have line breaks: each on its own, up to its end.
    @inline(never) private mutating func readTexts(_ batch: inout Batch, into records: inout Records) {
        // A byte that is in no JSON text, so that no scan goes beyond its record.
        batch.separateRecords(by: 0)
        records.begin(batch)
        guard let base = batch.bytes.baseAddress else { return }
        if texts == nil { texts = RecordScanner(fields: fields, .inText) }
        rows.initialize(to: RowCursor(&records, from: 0, maxLine: maxLine))
        var start = 0
        for end in batch.recordEnds {
            rows.pointee.begin(start, &records)
            let after = texts?.scan(base, rows, &records.arena) ?? -1
            var status = after < 0 ? texts?.status ?? .badSyntax : .accepted
            let last = after < 0 ? texts?.position ?? start : after
            if !status.isRejected, WhiteSpace.inText.skip(base, last) != end { status = .badSyntax }
            if !put(status, start, length: end &- start, &records).isRejected { joinLines(&records) }
            start = end &+ 1
        }
        finish(&records, filled: texts?.fields.filled ?? [])
        texts?.fields.rowsBefore &+= UInt64(truncatingIfNeeded: rows.pointee.row)
    }

    /// Objects and arrays of the last row are printed in a line: none of them may have line breaks.
    private func joinLines(_ records: inout Records) {
        let row = rows.pointee.row &- 1
        for column in fields.indices {
            let value = records.columns[column][row]
            guard value.kind == .json, LineBreaks.areIn(value.bytes) else { continue }
            let copy = records.arena.allocate(value.bytes.count)
            copy.copyMemory(from: value.bytes)
            LineBreaks.replace(in: copy)
            records.columns[column][row] = Value(UnsafeRawBufferPointer(copy), kind: .json)
        }
    }

    /// Puts the present row, which is not just an accepted record on a line of its own.
    ///
    /// - Returns: what became of it.
    @discardableResult
    private func put(_ status: RecordStatus, _ start: Int, length: Int, _ records: inout Records) -> RecordStatus {
        let status = length > maxLine ? .tooLong : status
        // What was found in a record that is rejected must not be looked at.
        if status.isRejected {
            for column in fields.indices { records.columns[column][rows.pointee.row] = .missing }
        }
        rows.pointee.put(RecordSlice(start, length: length, line: rows.pointee.line, status))
        if status != .accepted { records.unusualRows &+= 1 }
        return status
    }

    private func finish(_ records: inout Records, filled: [Int]) {
        records.end(count: rows.pointee.row, lines: rows.pointee.line, filled: filled)
    }
}

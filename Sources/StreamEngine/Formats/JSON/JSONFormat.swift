/// JSON: a record is an object.
///
/// If the input consists of lines, a newline ends the record. If the source supplies the ends of records, line breaks
/// are white space, but a batch in which no record has a line break is scanned as lines.
struct JSONFormat: RecordFormat, ~Copyable {
    static let content = RecordContent.json
    static let isSelfDelimiting = true
    static let defects = JSONDefect.allCases.map(\.message)
    static func defect(in record: UnsafeRawBufferPointer) -> RecordDefect? { JSONDiagnosis.defect(in: record) }

    private let fields: [FieldPath]
    private let maxLine: Int
    private var lines: RecordScanner
    /// For batches whose records have line breaks; created for the first such batch. Its cached literals may contain
    /// line breaks and must never match across two lines, so it cannot share them with the scanner of lines.
    private var texts: RecordScanner?
    private let rows = UnsafeMutablePointer<RowCursor>.allocate(capacity: 1)

    /// - Parameters:
    ///   - fields: one column each, starting at column 0; the last one is the `$watermark` member.
    ///   - maxLine: maximum length of a record in bytes.
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
        lines.takeNotFinite(into: &records.badValues)
        finish(&records, filled: lines.fields.filled)
        lines.fields.rowsBefore &+= UInt64(truncatingIfNeeded: rows.pointee.row)
    }

    private func hasByteOrderMark(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count >= 3 && bytes[0] == 0xef && bytes[1] == 0xbb && bytes[2] == 0xbf
    }

    /// Classifies a line that contains more or less than one record and the newline.
    ///
    /// - Parameters:
    ///   - after: the index after its record; -1 if there is none.
    ///   - skipsBlank: whether to skip a line that contains only white space.
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

    /// Scans records that may contain line breaks, one by one.
    @inline(never) private mutating func readTexts(_ batch: inout Batch, into records: inout Records) {
        // A byte that cannot occur in JSON, so that no scan runs past its record.
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
            put(status, start, length: end &- start, &records)
            start = end &+ 1
        }
        texts?.takeNotFinite(into: &records.badValues)
        records.joinLines(rows: rows.pointee.row, columns: fields.count)
        finish(&records, filled: texts?.fields.filled ?? [])
        texts?.fields.rowsBefore &+= UInt64(truncatingIfNeeded: rows.pointee.row)
    }

    /// Stores the current row and its status, if the fast path of the scanner has not stored it.
    private func put(_ status: RecordStatus, _ start: Int, length: Int, _ records: inout Records) {
        let status = length > maxLine ? .tooLong : status
        // Values found in a rejected record must not be used.
        if status.isRejected {
            for column in fields.indices { records.columns[column][rows.pointee.row] = .missing }
        }
        rows.pointee.put(RecordSlice(start, length: length, line: rows.pointee.line, status))
        if status != .accepted { records.unusualRows &+= 1 }
    }

    private func finish(_ records: inout Records, filled: [Int]) {
        records.end(count: rows.pointee.row, lines: rows.pointee.line, filled: filled)
    }
}

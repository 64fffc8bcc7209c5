/// A format whose records are JSON objects.
protocol JSONRecordFormat: RecordFormat, ~Copyable {}

extension JSONRecordFormat where Self: ~Copyable {
    static var content: RecordContent { .json }
    static var isSelfDelimiting: Bool { true }
    static var defects: [StaticString] { JSONDefect.allCases.map(\.message) }
    static func defect(in record: UnsafeRawBufferPointer) -> RecordDefect? { JSONDiagnosis.defect(in: record) }
}

/// JSON: a record is an object.
///
/// If the input consists of lines, a newline ends the record. A line may contain several objects, with blanks or a comma
/// between them, a comma at its end, or text before its object, which is the field `@prefix`. If the source supplies the
/// ends of records, line breaks are white space, but a batch in which no record has a line break is scanned as lines.
struct JSONFormat: JSONRecordFormat, ~Copyable {
    private let fields: [FieldPath]
    private let maxLine: Int
    private var lines: RecordScanner
    private var prediction = ShapePrediction()
    /// For batches whose records have line breaks; created for the first such batch. Its cached literals may contain
    /// line breaks and must never match across two lines, so it cannot share them with the scanner of lines.
    private var texts: RecordScanner?
    private let rows = UnsafeMutablePointer<RowCursor>.allocate(capacity: 1)
    /// The current line if it contains several objects: from its first byte to its newline.
    private var joinedLine = 0..<0
    /// The current line if it has text before its object.
    private var lineWithText = LineWithText()
    /// The node of the field with that text; -1 if it is not wanted.
    private let prefix: Int32

    /// - Parameters:
    ///   - fields: one column each, starting at column 0; the last one is the `$watermark` member.
    ///   - maxLine: maximum length of a record in bytes.
    init(fields: [FieldPath], maxLine: Int) {
        self.fields = fields
        self.maxLine = maxLine
        lines = RecordScanner(fields: fields, .inLine)
        prefix = lines.fields.node("@prefix")
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
        let isLine = batch.framing == .lines
        joinedLine = 0..<0
        lineWithText = LineWithText()
        var i = batch.startsInput && hasByteOrderMark(bytes) ? 3 : 0
        rows.initialize(to: RowCursor(&records, from: i, maxLine: maxLine))
        prediction.beginBatch()
        while i < end {
            if prediction.isOn {
                if prediction.take(base, from: i, to: end &+ Batch.padding, rows, &lines.fields, &records) {
                    i = rows.pointee.start
                    continue
                }
                if prediction.isOn { rows.pointee.stopAfterOne() }
            } else {
                rows.pointee.begin(i, &records)
            }
            let after = lines.scan(base, rows, &records.arena)
            if after >= 0, byte(base, after) == UInt8(ascii: "\n"), rows.pointee.take(to: after, gap: 1) {
                i = after &+ 1
            } else {
                i = finishLine(base, after, isLine: isLine, &records)
            }
        }
        lines.takeNotFinite(into: &records.badValues)
        finish(&records, filled: lines.fields.filled)
        lines.fields.rowsBefore &+= UInt64(truncatingIfNeeded: rows.pointee.row)
    }

    private func hasByteOrderMark(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count >= 3 && bytes[0] == 0xef && bytes[1] == 0xbb && bytes[2] == 0xbf
    }

    /// Completes a line that contains more or less than one record and the newline, or the part of it that was scanned.
    ///
    /// - Parameters:
    ///   - after: the index after its record; -1 if there is none.
    ///   - isLine: whether it is a line of the input, rather than a record whose end the source supplied.
    /// - Returns: the index at which to go on: after the newline, or of another object in the line.
    @inline(never) private mutating func finishLine(
        _ base: UnsafeRawPointer, _ after: Int, isLine: Bool, _ records: inout Records
    ) -> Int {
        var status = after < 0 ? lines.status : .accepted
        var end = after < 0 ? lines.position : after
        let start = rows.pointee.start
        var hasComma = false
        if !status.isRejected {
            let last = end
            end = WhiteSpace.inLine.skip(base, end)
            if isLine, byte(base, end) == UInt8(ascii: ",") {
                end = WhiteSpace.inLine.skip(base, end &+ 1)
                hasComma = true
            }
            if byte(base, end) != UInt8(ascii: "\n") {
                if isLine, byte(base, end) == UInt8(ascii: "{"), !lineWithText.range.contains(start) {
                    return takeFirst(base, status, start..<last, next: end, &records)
                }
                status = .badSyntax
            } else if hasComma {
                put(status, start, length: last &- start, &records)
                return end &+ 1
            }
        }
        while byte(base, end) != UInt8(ascii: "\n") { end &+= 1 }
        if isLine, status == .notAnObject, WhiteSpace.inLine.skip(base, start) == end, end &- start <= maxLine {
            rows.pointee.skipLine()
            return end &+ 1
        }
        if isLine, status.isRejected {
            if status == .notAnObject, end &- start <= maxLine { lineWithText = LineWithText(start..<end, base) }
            if lineWithText.range.contains(start) { return searchText(base, end, &records) }
        }
        var length = end &- start
        if length > 0, byte(base, end &- 1) == UInt8(ascii: "\r") { length &-= 1 }
        put(status, start, length: length, &records)
        return end &+ 1
    }

    /// Stores the first of several objects in a line.
    ///
    /// - Parameters:
    ///   - next: the index of the next object, with which to go on.
    private mutating func takeFirst(
        _ base: UnsafeRawPointer, _ status: RecordStatus, _ object: Range<Int>, next: Int, _ records: inout Records
    ) -> Int {
        if !joinedLine.contains(object.lowerBound) {
            var newline = next
            while byte(base, newline) != UInt8(ascii: "\n") { newline &+= 1 }
            joinedLine = object.lowerBound..<newline
        }
        // The source may have dropped the end of an overlong line: nothing may depend on how much of it is there.
        let limit = joinedLine.lowerBound &+ maxLine
        let isTooLong = joinedLine.upperBound > limit
        if isTooLong, object.upperBound > limit {
            put(.tooLong, object.lowerBound, length: joinedLine.upperBound &- object.lowerBound, &records)
            return joinedLine.upperBound &+ 1
        }
        put(status, object.lowerBound, length: object.count, &records)
        rows.pointee.move(toLine: rows.pointee.line &- 1)
        guard isTooLong else { return next }
        rows.pointee.begin(next, &records)
        put(.tooLong, next, length: max(0, limit &- next), &records)
        return joinedLine.upperBound &+ 1
    }

    /// Goes on with the next object that the line with text before its object may hold. If there is none, the line is
    /// malformed.
    private mutating func searchText(_ base: UnsafeRawPointer, _ newline: Int, _ records: inout Records) -> Int {
        // Values of the last try must not be used.
        for column in fields.indices { records.columns[column][rows.pointee.row] = .missing }
        lines.fields.rowsBefore &+= 1
        guard let object = lineWithText.nextObject(base) else {
            let start = lineWithText.range.lowerBound
            var length = newline &- start
            if length > 0, byte(base, newline &- 1) == UInt8(ascii: "\r") { length &-= 1 }
            lineWithText = LineWithText()
            put(.notAnObject, start, length: length, &records)
            return newline &+ 1
        }
        if prefix >= 0, let text = lineWithText.prefix(base, before: object) {
            lines.fields.store(Value(text), at: prefix, lines.fields.row(rows))
        }
        return object
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

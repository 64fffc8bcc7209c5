/// A text format whose records are lines.
///
/// `read` is a protocol requirement with a default body, and conforming types are not generic: the compiler specialises
/// the loop for each of them (see `Operator`).
protocol LineFormat: RecordFormat, ~Copyable {
    var scan: LineScan { get set }

    /// Reads the record that starts at `start` into the current row of `scan`.
    ///
    /// A newline follows the record, and after it at least 32 bytes are readable. Nothing after the newline is looked
    /// at, unless it is part of the record (in a quoted text).
    ///
    /// - Returns: the index of the newline that ends the record; if it is rejected, of any byte of it.
    mutating func readRecord(_ base: UnsafeRawPointer, from start: Int, _ arena: inout ByteArena) -> LineEnd
}

/// Where a record ends, and whether it is valid.
struct LineEnd {
    var index: Int
    /// nil for a blank line, which is not a record.
    var status: RecordStatus?

    @inline(__always) static func valid(_ index: Int) -> LineEnd { LineEnd(index: index, status: .accepted) }
    @inline(__always) static func blank(_ index: Int) -> LineEnd { LineEnd(index: index, status: nil) }
    @inline(__always) static func rejected(_ index: Int, _ defect: TextDefect) -> LineEnd {
        LineEnd(index: index, status: defect.status)
    }
}

/// The state of the loop over the lines of a batch, and the row that a line fills.
struct LineScan: ~Copyable {
    var fields: FieldWriter
    let rows = UnsafeMutablePointer<RowCursor>.allocate(capacity: 1)
    private let columnCount: Int
    /// For each column, whether its texts are read as numbers.
    private let areNumbers: UnsafeMutablePointer<Bool>
    let maxLine: Int
    /// The names that were looked up; only collected without fields.
    fileprivate var names: [[UInt8]] = []
    /// The values of the batch that were not read as they are.
    fileprivate var badValues: [BadValues] = []
    /// The index of the first newline that ends a record even in a quoted text.
    private(set) var limit = 0
    /// The end of the record, if it is known and may be behind a line break.
    private(set) var recordEnd: Int?
    /// The line breaks in the values of the record that was read last.
    var lineBreaks = 0
    /// Whether records may have several lines in any format.
    fileprivate(set) var isJoined = false
    /// Whether the record is too long with the blank lines at its end.
    fileprivate var isTooLong = false

    /// - Parameters:
    ///   - fields: one column each, starting at column 0; the last one is the `$watermark` member.
    ///   - maxLine: maximum length of a record in bytes.
    init(_ fields: [FieldPath], maxLine: Int) {
        self.fields = FieldWriter(fields)
        columnCount = fields.count
        self.maxLine = maxLine
        areNumbers = .allocate(capacity: max(1, fields.count))
        areNumbers.initialize(repeating: false, count: max(1, fields.count))
    }

    deinit {
        rows.deallocate()
        areNumbers.deallocate()
    }

    /// Reads the texts of these columns as numbers.
    fileprivate mutating func readNumbers(in columns: [Int]) {
        for column in columns where column < columnCount { areNumbers[column] = true }
    }

    /// The target of the values of a name. Eight bytes at `name` must be readable.
    mutating func target(_ name: UnsafeRawPointer, length: Int) -> FieldTarget {
        if columnCount == 0 { collect(UnsafeRawBufferPointer(start: name, count: length)) }
        return fields.target(fields.trie.child(of: 0, key: name, length: length))
    }

    private mutating func collect(_ name: UnsafeRawBufferPointer) {
        if !name.isEmpty, name[0] != 0, !names.contains(where: { $0.elementsEqual(name) }) { names.append(Array(name)) }
    }

    /// The target of the values of a name.
    mutating func target(_ name: String) -> FieldTarget {
        let bytes = Array(name.utf8)
        let padded = bytes + [UInt8](repeating: 0, count: 8)
        return padded.withUnsafeBytes { buffer in
            buffer.baseAddress.map { target($0, length: bytes.count) } ?? .unwanted
        }
    }

    /// Whether the line at `start` is empty.
    @inline(__always) static func isBlank(_ base: UnsafeRawPointer, _ start: Int) -> Bool {
        byte(base, start) == UInt8(ascii: "\n")
            || byte(base, start) == UInt8(ascii: "\r") && byte(base, start &+ 1) == UInt8(ascii: "\n")
    }

    /// The end of a record that is text as a whole.
    struct TextEnd {
        /// The end of the text: a carriage return before the newline does not belong to it.
        var text: Int
        /// The index of the newline, or the known end of the record.
        var index: Int
        var isUTF8 = true
    }

    /// The end of the record at `start`, which is checked for UTF-8 on the way.
    @inline(__always) func endOfText(_ base: UnsafeRawPointer, from start: Int) -> TextEnd {
        if let recordEnd {
            return TextEnd(text: recordEnd, index: recordEnd, isUTF8: UTF8Text.isValid(base, start, recordEnd))
        }
        var newline = Words.endOfCell(base, from: start, separator: UInt8(ascii: "\n"))
        while newline >= 0, byte(base, newline) != UInt8(ascii: "\n") {
            newline = Words.endOfCell(base, from: newline &+ 1, separator: UInt8(ascii: "\n"))
        }
        guard newline >= 0 else { return TextEnd(text: start, index: start, isUTF8: false) }
        let hasReturn = newline > start && byte(base, newline &- 1) == UInt8(ascii: "\r")
        return TextEnd(text: hasReturn ? newline &- 1 : newline, index: newline)
    }

    /// Where the values of the current row go; the same for a whole record.
    struct Row {
        fileprivate let cells: UnsafeMutablePointer<Value>
        fileprivate let stride: Int
    }

    @inline(__always) var row: Row { Row(cells: rows.pointee.cells, stride: rows.pointee.stride) }

    /// Stores a value in the current row.
    @inline(__always) mutating func put(_ value: Value, _ target: FieldTarget) { put(value, target, row) }

    /// Stores a value in the current row, which is `row`: loops load it once.
    @inline(__always) mutating func put(_ value: Value, _ target: FieldTarget, _ row: Row) {
        if target.column >= 0 {
            row.cells[Int(target.column) &* row.stride] = value
        } else if target.column != FieldTarget.noColumn {
            putInMany(value, target.node)
        }
    }

    @inline(never) private mutating func putInMany(_ value: Value, _ node: Int32) {
        fields.store(value, at: node, fields.row(rows))
    }

    /// Stores a text in the current row.
    @inline(__always)
    mutating func put(_ base: UnsafeRawPointer, _ start: Int, _ end: Int, _ target: FieldTarget) {
        put(base, start, end, target, row)
    }

    /// Stores a text in the current row, which is `row`.
    @inline(__always)
    mutating func put(_ base: UnsafeRawPointer, _ start: Int, _ end: Int, _ target: FieldTarget, _ row: Row) {
        let text = Value(UnsafeRawBufferPointer(start: base + start, count: end &- start))
        if target.column >= 0, areNumbers[Int(target.column)] {
            let number = JSONNumber.parse(base, from: start)
            row.cells[Int(target.column) &* row.stride] = number.end == end ? number.value : text
        } else {
            put(text, target, row)
        }
    }

    fileprivate mutating func begin(_ records: inout Records, from start: Int, limit: Int) {
        self.limit = limit
        rows.initialize(to: RowCursor(&records, from: start, maxLine: maxLine))
    }

    /// Takes note of a value of the current row that is not read as it is.
    @inline(never) mutating func note(_ kind: BadValueKind, _ value: Value) {
        badValues.note(BadValues(kind: kind, count: 1, first: (rows.pointee.row, value)))
    }

    /// Completes the row of a record that is rejected, too long, or blank, or that ends in an unusual way.
    ///
    /// - Parameters:
    ///   - limit: where it ends at the latest.
    ///   - knowsEnd: whether the source supplied the end of the record, which is `limit`.
    /// - Returns: the index of the first byte of the next record.
    @inline(never)
    fileprivate mutating func finish(
        _ base: UnsafeRawPointer, _ found: LineEnd, limit: Int, knowsEnd: Bool, _ records: inout Records
    ) -> Int {
        var end = found.index
        var status = found.status
        if knowsEnd {
            if status == .accepted, end != limit, !isJoined { status = TextDefect.lineBreak.status }
            end = limit
        } else if status?.isRejected ?? true {
            while end < limit, byte(base, end) != UInt8(ascii: "\n") { end &+= 1 }
        }
        let start = rows.pointee.start
        var length = end &- start
        if length > 0, byte(base, end &- 1) == UInt8(ascii: "\r") { length &-= 1 }
        if length > maxLine || isTooLong { status = .tooLong }
        guard let status = status ?? (knowsEnd && !isJoined ? TextDefect.wrongLayout.status : nil) else {
            rows.pointee.skipLine()
            return end &+ 1
        }
        if status.isRejected {
            // Values found in a rejected record must not be used.
            for column in 0..<columnCount { records.columns[column][rows.pointee.row] = .missing }
        }
        rows.pointee.put(RecordSlice(start, length: length, line: rows.pointee.line, status))
        if status != .accepted { records.unusualRows &+= 1 }
        return end &+ 1
    }

    /// Counts the lines of the record before, except for its last one.
    @inline(__always) mutating func passLineBreaks() {
        guard lineBreaks > 0 else { return }
        rows.pointee.move(toLine: rows.pointee.line &+ lineBreaks)
        lineBreaks = 0
    }

    mutating func setLimit(_ limit: Int) { self.limit = limit }

    /// Sets the end of the next record.
    fileprivate mutating func setEnd(_ end: Int?) {
        limit = end ?? limit
        recordEnd = end
    }

    fileprivate mutating func end(_ records: inout Records) {
        passLineBreaks()
        for values in badValues { records.badValues.note(values) }
        badValues.removeAll(keepingCapacity: true)
        records.end(count: rows.pointee.row, lines: rows.pointee.line, filled: fields.filled)
        fields.rowsBefore &+= UInt64(truncatingIfNeeded: rows.pointee.row)
    }
}

extension LineFormat where Self: ~Copyable {
    static var content: RecordContent { .text }
    static var isSelfDelimiting: Bool { false }
    static var defects: [StaticString] { TextDefect.allCases.map(\.message) }
    var names: [[UInt8]] { scan.names }
    mutating func readNumbers(in columns: [Int]) { scan.readNumbers(in: columns) }

    mutating func read(_ batch: inout Batch, into records: inout Records) {
        batch.seal()
        records.begin(batch)
        guard let base = batch.bytes.baseAddress else { return }
        let end = batch.bytes.count
        var i = 0
        if batch.startsInput, end >= 3, byte(base, 0) == 0xef, byte(base, 1) == 0xbb, byte(base, 2) == 0xbf { i = 3 }
        let knowsEnds = batch.framing == .records
        // Without line breaks in records, each newline ends one.
        scan.begin(&records, from: i, limit: knowsEnds ? 0 : end)
        // The protocol reaches what `scan` holds by a call that allocates.
        let rows = scan.rows
        if !batch.recordLines.isEmpty {
            readJoined(base, from: i, batch, &records)
        } else if knowsEnds, batch.holdsLineBreaks {
            var start = 0
            for recordEnd in batch.recordEnds {
                scan.setEnd(recordEnd)
                rows.pointee.begin(start, &records)
                let found = readRecord(base, from: start, &records.arena)
                start = scan.finish(base, found, limit: recordEnd, knowsEnd: true, &records)
            }
            scan.setEnd(nil)
        } else {
            rows.pointee.begin(i, &records)
            while i < end {
                let found = readRecord(base, from: i, &records.arena)
                if found.status == .accepted, found.index == i || byte(base, found.index &- 1) != UInt8(ascii: "\r"),
                    rows.pointee.take(to: found.index, gap: 1)
                {
                    i = found.index &+ 1
                    if rows.pointee.isAtLimit { rows.pointee.begin(i, &records) }
                    continue
                }
                var limit = knowsEnds ? i : end
                while knowsEnds, byte(base, limit) != UInt8(ascii: "\n") { limit &+= 1 }
                i = scan.finish(base, found, limit: limit, knowsEnd: knowsEnds, &records)
                rows.pointee.begin(i, &records)
            }
        }
        scan.end(&records)
    }

    /// Reads records of one or more lines each.
    private mutating func readJoined(
        _ base: UnsafeRawPointer, from first: Int, _ batch: borrowing Batch, _ records: inout Records
    ) {
        var start = first
        scan.isJoined = true
        let rows = scan.rows
        for index in batch.recordEnds.indices {
            let last = batch.recordEnds[index]
            var end = last
            while end > start, byte(base, end &- 1) == UInt8(ascii: "\n") || byte(base, end &- 1) == UInt8(ascii: "\r")
            {
                end &-= 1
            }
            if end > start, index > 0 || !batch.startsWithRest {
                scan.setEnd(end)
                scan.isTooLong = last &- start > scan.maxLine
                rows.pointee.move(toLine: batch.recordLines[index])
                rows.pointee.begin(start, &records)
                let found = readRecord(base, from: start, &records.arena)
                _ = scan.finish(base, found, limit: end, knowsEnd: true, &records)
            }
            start = last &+ 1
        }
        scan.setEnd(nil)
        scan.isJoined = false
        scan.isTooLong = false
        rows.pointee.move(toLine: batch.lineCount)
    }
}

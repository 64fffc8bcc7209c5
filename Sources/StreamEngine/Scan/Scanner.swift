/// Turns lines of JSON into columns of the wanted fields.
struct Scanner: ~Copyable {
    private let fieldCount: Int
    private let maxLine: Int
    private var recordScanner: RecordScanner

    /// - Parameters:
    ///   - fields: one column each, from column 0 on; the last one is the `$watermark` member.
    ///   - maxLine: longest line that is taken, in bytes.
    init(fields: [FieldPath], maxLine: Int) {
        fieldCount = fields.count
        self.maxLine = maxLine
        recordScanner = RecordScanner(fields: fields)
    }

    /// Scans all lines of the batch into `records`.
    mutating func scan(_ batch: inout Batch, into records: inout Records) {
        batch.seal()
        let bytes = batch.bytes
        records.begin(bytes)
        guard let base = bytes.baseAddress else { return }
        let end = bytes.count
        var i = batch.startsInput && hasByteOrderMark(bytes) ? 3 : 0
        var row = 0
        var line = 0
        while i < end {
            records.reserve(row)
            let behind = recordScanner.scan(
                base, from: i, records.columns[0] + row, stride: records.columns.capacity, &records.arena, row)
            if behind >= 0, byte(base, behind) == UInt8(ascii: "\n"), behind &- i <= maxLine {
                records.places[row] = RecordPlace(i, length: behind &- i, line: line, .accepted)
                row &+= 1
                i = behind &+ 1
            } else {
                i = finishLine(base, from: i, behind, &records, &row, line)
            }
            line &+= 1
        }
        records.end(count: row, lines: line, filled: recordScanner.filled)
        recordScanner.rowsBefore &+= UInt64(truncatingIfNeeded: row)
    }

    private func hasByteOrderMark(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count >= 3 && bytes[0] == 0xef && bytes[1] == 0xbb && bytes[2] == 0xbf
    }

    /// Judges a line that is anything else than one record with the newline right behind it, from `start` on.
    ///
    /// - Parameter behind: where its record ended, -1 when there is none.
    /// - Returns: the index behind the newline.
    @inline(never) private mutating func finishLine(
        _ base: UnsafeRawPointer, from start: Int, _ behind: Int, _ records: inout Records, _ row: inout Int,
        _ line: Int
    ) -> Int {
        var verdict = behind < 0 ? recordScanner.verdict : .accepted
        var end = behind < 0 ? recordScanner.position : behind
        if !verdict.isRejected {
            end = skipSpace(base, end)
            if byte(base, end) != UInt8(ascii: "\n") { verdict = .badSyntax }
        }
        while byte(base, end) != UInt8(ascii: "\n") { end &+= 1 }
        var length = end &- start
        if verdict == .notAnObject, length <= maxLine, skipSpace(base, start) == end { return end &+ 1 }
        if length > 0, byte(base, end &- 1) == UInt8(ascii: "\r") { length &-= 1 }
        if length > maxLine { verdict = .tooLong }
        // What was found in a line that is rejected must not be looked at.
        if verdict.isRejected { for column in 0..<fieldCount { records.columns[column][row] = .missing } }
        records.places[row] = RecordPlace(start, length: length, line: line, verdict)
        if verdict != .accepted { records.unusualRows &+= 1 }
        row &+= 1
        return end &+ 1
    }
}

@inline(__always) func byte(_ base: UnsafeRawPointer, _ i: Int) -> UInt8 {
    base.load(fromByteOffset: i, as: UInt8.self)
}

/// Index of the first byte that is no JSON white space; a newline ends a record, so it is not skipped.
@inline(__always) func skipSpace(_ base: UnsafeRawPointer, _ start: Int) -> Int {
    var i = start
    while true {
        let byte = byte(base, i)
        guard byte == 0x20 || byte == 0x09 || byte == 0x0d else { return i }
        i &+= 1
    }
}

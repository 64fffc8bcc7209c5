/// JSON values one after the other, in any arrangement: pretty-printed, several on a line, the elements of one array.
///
/// The source cuts batches between two values (`JSONStreamSplitter`). After a broken value, reading goes on at the next
/// line that begins with an object.
struct JSONStreamFormat: JSONRecordFormat, ~Copyable {
    private let fields: [FieldPath]
    private let maxLine: Int
    private var scanner: RecordScanner
    private var lines = LineCount()
    private let rows = UnsafeMutablePointer<RowCursor>.allocate(capacity: 1)

    /// - Parameters:
    ///   - fields: one column each, starting at column 0; the last one is the `$watermark` member.
    ///   - maxLine: maximum length of a record in bytes.
    init(fields: [FieldPath], maxLine: Int) {
        self.fields = fields
        self.maxLine = maxLine
        scanner = RecordScanner(fields: fields, .inText)
    }

    deinit { rows.deallocate() }

    mutating func read(_ batch: inout Batch, into records: inout Records) {
        // A byte that cannot occur in JSON, so that no scan runs past the batch.
        batch.seal(with: 0)
        records.begin(batch, holdsLineBreaks: true)
        guard let base = batch.bytes.baseAddress else { return }
        let end = batch.bytes.count
        var i = batch.startsInput && end >= 3 && byte(base, 0) == 0xef && byte(base, 1) == 0xbb ? 3 : 0
        rows.initialize(to: RowCursor(&records, from: i, maxLine: maxLine))
        lines = LineCount()
        // The end of a broken value, inside of which reading goes on: what is found in it does not extend beyond.
        var broken: Int?
        while true {
            let limit = broken ?? end
            switch JSONStreamWalk.next(base, from: i, limit: limit, maxLength: maxLine) {
            case .value(let range):
                rows.pointee.move(toLine: lines.before(range.lowerBound, base))
                i = read(base, range, limit: limit, &broken, &records)
            case .open(let start): i = reject(base, start, limit, &records)
            case .broken(let range): i = reject(base, range.lowerBound, limit, &records)
            case .end:
                guard let brokenEnd = broken else {
                    scanner.takeNotFinite(into: &records.badValues)
                    records.joinLines(rows: rows.pointee.row, columns: fields.count)
                    records.end(
                        count: rows.pointee.row, lines: lines.before(end, base), countsOpenLine: false,
                        filled: scanner.fields.filled)
                    scanner.fields.rowsBefore &+= UInt64(truncatingIfNeeded: rows.pointee.row)
                    return
                }
                i = brokenEnd
                broken = nil
            }
        }
    }

    /// Rejects the value at `start`, which does not end. Returns where to go on.
    private mutating func reject(_ base: UnsafeRawPointer, _ start: Int, _ limit: Int, _ records: inout Records) -> Int
    {
        rows.pointee.move(toLine: lines.before(start, base))
        rows.pointee.begin(start, &records)
        let next =
            switch JSONStreamWalk.goOn(base, after: start, limit: limit, maxLength: maxLine) {
            case .line(let next), .end(let next): next
            case .limit: limit
            }
        put(.badSyntax, start, length: next &- start, &records)
        return next
    }

    /// Reads the value at `range`, and perhaps more on the lines after it.
    ///
    /// - Returns: where to go on.
    private mutating func read(
        _ base: UnsafeRawPointer, _ range: Range<Int>, limit: Int, _ broken: inout Int?, _ records: inout Records
    ) -> Int {
        rows.pointee.begin(range.lowerBound, &records)
        let after = scanner.scan(base, rows, &records.arena)
        // Not that of the first value, if the scanner has read several.
        let start = rows.pointee.start
        if after >= 0, rows.pointee.take(to: after, gap: 0) { return after }
        let status = after >= 0 ? .tooLong : scanner.status
        switch JSONStreamWalk.next(base, from: start, limit: limit, maxLength: maxLine) {
        case .value(let last):
            put(status, start, length: last.count, &records)
            return status.isRejected && status != .tooLong ? goOn(base, behind: last, &broken) : last.upperBound
        case .open(let start): return reject(base, start, limit, &records)
        case .broken(let last): return reject(base, last.lowerBound, limit, &records)
        case .end: return limit
        }
    }

    /// Where to go on behind a broken value: at the next line of it that begins with an object.
    private func goOn(_ base: UnsafeRawPointer, behind value: Range<Int>, _ broken: inout Int?) -> Int {
        let last = broken ?? value.upperBound
        let next = JSONStreamWalk.nextLineWithObject(base, after: value.lowerBound, limit: last)
        broken = next == nil ? nil : last
        return next ?? last
    }

    private func put(_ status: RecordStatus, _ start: Int, length: Int, _ records: inout Records) {
        let status = length > maxLine ? .tooLong : status
        // Values found in a rejected record must not be used.
        for column in fields.indices { records.columns[column][rows.pointee.row] = .missing }
        rows.pointee.put(RecordSlice(start, length: length, line: rows.pointee.line, status))
        if status != .accepted { records.unusualRows &+= 1 }
    }
}

/// Counts the line breaks of a batch.
private struct LineCount {
    private var counted = 0
    private var lines = 0

    /// The number of line breaks before an index, which is not before that of the last call.
    mutating func before(_ place: Int, _ base: UnsafeRawPointer) -> Int {
        while counted < place {
            if byte(base, counted) == UInt8(ascii: "\n") { lines &+= 1 }
            counted &+= 1
        }
        return lines
    }
}

/// The records of one scanned batch: a column for each scanned or computed value, and the location of each record.
package struct Records: ~Copyable {
    package private(set) var count = 0
    /// Lines of the batch, including blank lines and control lines.
    private(set) var lineCount = 0
    /// The scanned columns that hold values.
    private var filled: [Int] = []
    /// The number of rows that are not accepted.
    var unusualRows = 0
    /// Earliest and latest event time, microseconds, if all rows are accepted and have one; otherwise nil.
    var timeSpan: ClosedRange<Int64>?
    /// The addresses of the bytes of the batch.
    private(set) var batchRange: Range<UInt64> = 0..<0
    /// Whether the text of a record may contain line breaks.
    private(set) var holdsLineBreaks = false
    /// Whether the batch may be only the start of a line that its writer has not finished yet.
    package private(set) var isTornLine = false
    /// How to print accepted records, and the possible defects of rejected records.
    private var content = RecordContent.json
    private var defects: [StaticString] = []
    private var findDefect: @Sendable (UnsafeRawBufferPointer) -> RecordDefect? = { _ in nil }
    /// The number of non-numeric values in arithmetic.
    var badValues = 0
    /// The first of them in this batch.
    var firstBad: BadValue?
    var columns: ColumnSet
    /// Text that is not in the batch itself: unescaped or computed.
    var arena = ByteArena()
    private(set) var places: UnsafeMutablePointer<RecordSlice>
    /// Event time in microseconds, or as described by `timeKinds`.
    private(set) var times: UnsafeMutablePointer<Int64>
    private(set) var timeKinds: UnsafeMutablePointer<TimeKind>
    /// The offset of each record; empty if lines are counted instead.
    private var offsets: [Int64] = []
    /// Group keys, with their bytes in the arena; not allocated if records pass through.
    private(set) var keys: UnsafeMutablePointer<GroupKey>

    /// A non-numeric value in arithmetic.
    struct BadValue {
        var row: Int
        var value: Value
        /// The expression that it was skipped in.
        var expression: String
    }

    /// The form of a record's event time after the scan.
    enum TimeKind: UInt8 {
        case none
        case known
        /// A time whose year depends on the record before it. A packed `YearlessTime` is stored instead.
        case yearless
    }

    package init(columnCount: Int) {
        columns = ColumnSet(columnCount: columnCount)
        places = .allocate(capacity: columns.capacity)
        times = .allocate(capacity: columns.capacity)
        timeKinds = .allocate(capacity: columns.capacity)
        keys = .allocate(capacity: columns.capacity)
        times.initialize(repeating: 0, count: columns.capacity)
        timeKinds.initialize(repeating: .none, count: columns.capacity)
        for column in 0..<columnCount { columns[column].initialize(repeating: .missing, count: columns.capacity) }
    }

    deinit {
        places.deallocate()
        times.deallocate()
        timeKinds.deallocate()
        keys.deallocate()
    }

    /// Discards the previous batch and starts this one. Resets all scanned cells to `missing`.
    mutating func begin(_ batch: borrowing Batch) {
        let start = UInt64(UInt(bitPattern: batch.bytes.baseAddress))
        batchRange = start..<start &+ UInt64(batch.count)
        columns.source = batch.bytes
        holdsLineBreaks = batch.holdsLineBreaks
        // `missing` is all zeros, and setting bytes is faster than storing values.
        for column in filled {
            UnsafeMutableRawPointer(columns[column]).initializeMemory(
                as: UInt8.self, repeating: 0, count: count &* MemoryLayout<Value>.stride)
        }
        count = 0
        lineCount = 0
        unusualRows = 0
        badValues = 0
        firstBad = nil
        timeSpan = nil
        offsets.removeAll(keepingCapacity: true)
        arena.removeAll()
    }

    /// Stores the format's description of its records.
    mutating func describe(
        _ content: RecordContent, _ defects: [StaticString],
        _ findDefect: @escaping @Sendable (UnsafeRawBufferPointer) -> RecordDefect?
    ) {
        self.content = content
        self.defects = defects
        self.findDefect = findDefect
    }

    /// The bytes of the batch.
    var batchBytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: UnsafeRawPointer(bitPattern: UInt(batchRange.lowerBound)),
            count: Int(batchRange.upperBound - batchRange.lowerBound))
    }

    /// Whether the record is not one of its format, or too long.
    func isUnreadable(_ row: Int) -> Bool { places[row].status.isRejected && places[row].status != .noValue }
    func isControl(_ row: Int) -> Bool { places[row].status == .control }

    /// Whether any row has a value (null is one) in a scanned column.
    func hasValues(inColumn column: Int) -> Bool {
        guard filled.contains(column) else { return false }
        let cells = columns[column]
        return (0..<count).contains { cells[$0].kind != .missing }
    }

    /// What is wrong with a rejected record, in words, with its column and the text there.
    func explanation(of row: Int) -> String {
        let status = places[row].status
        let general = detail(of: status).description
        let text = text(of: row)
        switch status {
        case .tooLong: return "\(general): '\(Excerpt.text(text, limit: 30))'"
        case .noValue: return general
        default:
            guard let defect = findDefect(text) else { return "\(general): '\(Excerpt.text(text))'" }
            let start = min(max(defect.offset, 0), text.count)
            let excerpt = Excerpt.text(UnsafeRawBufferPointer(rebasing: text[start...]))
            let shown = defect.showsText && !excerpt.isEmpty ? ": '\(excerpt)'" : ""
            // Characters, as editors count them.
            let column = String(decoding: text[..<start], as: UTF8.self).unicodeScalars.count + 1
            return start == 0 ? "\(defect.message)\(shown)" : "column \(column): \(defect.message)\(shown)"
        }
    }

    /// Stores whether the batch is a torn line.
    ///
    /// - Parameter isWholeIfValid: whether a valid record is known to be complete.
    mutating func noteTornLine(of batch: borrowing Batch, isWholeIfValid: Bool) {
        isTornLine = false
        guard batch.isLastLineOpen, count == 1, lineCount == 1 || !batch.recordLines.isEmpty,
            places[0].status != .tooLong
        else { return }
        isTornLine = !isWholeIfValid || places[0].status.isRejected
    }

    /// How to print the record of a row.
    func content(of row: Int) -> RecordContent {
        let status = places[row].status
        return status == .noValue ? .nothing : status.isRejected ? .text : content
    }

    /// The details of a rejection, for messages and the rejects file.
    func detail(of status: RecordStatus) -> StaticString {
        switch status {
        case .tooLong: return "longer than --max-line"
        case .noValue: return "a tombstone: the message has no value"
        default:
            guard let defect = status.defect, defects.indices.contains(defect) else { return "" }
            return defects[defect]
        }
    }

    /// The bytes of a record in the batch, without its line end.
    func text(of row: Int) -> UnsafeRawBufferPointer {
        let slice = places[row]
        return UnsafeRawBufferPointer(
            start: UnsafeRawPointer(bitPattern: UInt(batchRange.lowerBound)).map { $0 + Int(slice.start) },
            count: Int(slice.length))
    }

    /// The origin of the record of a row.
    ///
    /// - Parameters:
    ///   - input: number of the input, for records identified by lines.
    ///   - partition: number of the partition, for records identified by offsets.
    ///   - linesBefore: lines of the input before the batch.
    func position(of row: Int, input: Int, partition: Int, linesBefore: Int) -> RecordPosition {
        let line = Int(places[row].line)
        return offsets.isEmpty
            ? RecordPosition(input: input, line: linesBefore &+ line &+ 1)
            : RecordPosition(input: partition, offset: line < offsets.count ? offsets[line] : -1)
    }

    /// Stores the offsets of the batch's records.
    mutating func setOffsets(_ offsets: [Int64]) {
        self.offsets.removeAll(keepingCapacity: true)
        self.offsets.append(contentsOf: offsets)
    }

    /// Grows if necessary, so that one more row fits after `rows` rows. Its scanned cells are `missing`.
    @inline(__always) mutating func reserve(_ rows: Int) {
        if rows == columns.capacity { grow(keeping: rows) }
    }

    /// Completes the scan of the batch. Only the columns in `filled` hold values other than `missing`.
    mutating func end(count: Int, lines: Int, filled: [Int]) {
        self.count = count
        lineCount = lines
        self.filled = filled
    }

    @inline(never) private mutating func grow(keeping count: Int) {
        columns.reserve(count + 1, keeping: count)
        for column in 0..<columns.columnCount {
            (columns[column] + count).update(repeating: .missing, count: columns.capacity - count)
        }
        let moved = UnsafeMutablePointer<RecordSlice>.allocate(capacity: columns.capacity)
        moved.update(from: places, count: count)
        places.deallocate()
        places = moved
        times.deallocate()
        times = .allocate(capacity: columns.capacity)
        times.initialize(repeating: 0, count: columns.capacity)
        timeKinds.deallocate()
        timeKinds = .allocate(capacity: columns.capacity)
        timeKinds.initialize(repeating: .none, count: columns.capacity)
        keys.deallocate()
        keys = .allocate(capacity: columns.capacity)
    }
}

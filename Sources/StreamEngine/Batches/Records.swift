/// The records of one scanned batch: a column for each scanned or computed value, and the location of each record.
package struct Records: ~Copyable {
    package private(set) var count = 0
    /// Lines of the batch, including blank lines and control lines.
    private(set) var lineCount = 0
    /// Lines that end in the batch: all but a last line whose end has not been read.
    private(set) var endedLines = 0
    /// Whether the end of the last line has not been read.
    private var lacksLastEnd = false
    /// The scanned columns that hold values.
    private(set) var filled: [Int] = []
    /// Rows from this one on hold no values of earlier batches.
    private var staleRows = 0
    /// The number of rows that are not accepted.
    var unusualRows = 0
    /// How many of them are filtered.
    private var filteredRows = 0
    /// Earliest and latest event time, microseconds, if all rows are accepted or filtered and have one; otherwise nil.
    var timeSpan: ClosedRange<Int64>?
    /// The addresses of the bytes of the batch.
    private(set) var batchRange: Range<UInt64> = 0..<0
    /// Whether the text of a record may contain line breaks.
    private(set) var holdsLineBreaks = false
    /// Whether the batch may be only the start of a line that its writer has not finished yet.
    package private(set) var isTornLine = false
    /// How to print the records, and their possible defects; nil before the first batch.
    private(set) var traits: RecordTraits?
    /// The values that could not be used.
    var badValues: [BadValues] = []
    /// The records without a row in a table.
    var lookupMisses: [LookupMiss] = []
    /// For each lookup the table that its rows came from, if that is not always the same: their values are borrowed.
    var lookupTables: [LookupTable?] = []
    /// Why rows of a table could not be fetched: the records lack values that they should have.
    var lookupFailure: RunError?
    var columns: ColumnSet
    /// Text that is not in the batch itself: unescaped or computed.
    var arena = ByteArena()
    private(set) var places: UnsafeMutablePointer<RecordSlice>
    /// Event time in microseconds, or as described by `timeKinds`.
    private(set) var times: UnsafeMutablePointer<Int64>
    private(set) var timeKinds: UnsafeMutablePointer<TimeKind>
    /// The offset of each record; empty if lines are counted instead.
    private var offsets: [Int64] = []
    /// What is wrong with the records that the source could not decode.
    private(set) var undecoded: [(row: Int, defect: RecordDefect)] = []
    /// The records around those of the rows, and those inside of their texts.
    private(set) var layers: [RecordLayer] = []
    /// Group keys, with their bytes in the arena. If the lanes of a crew look them up, they may be in `laneRows` alone, until
    /// `LaneRows.layOutKeys`.
    private(set) var keys: UnsafeMutablePointer<GroupKey>
    /// The rows by the shards of their keys, if the lanes of a crew look them up.
    let laneRows = LaneRows()

    /// The fingerprints of the keys of `--dedup`; nil without it.
    private(set) var fingerprints: UnsafeMutablePointer<KeyFingerprint>?
    private var fingerprintCapacity = 0

    /// The form of a record's event time after the scan.
    enum TimeKind: UInt8 {
        case none
        case known
        /// A time whose year depends on the record before it. A packed `YearlessTime` is stored instead.
        case yearless
    }

    package init(columnCount: Int) {
        // Few rows: what is initialised costs time at the start. It soon grows to the rows of a batch.
        columns = ColumnSet(columnCount: columnCount, capacity: 64)
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
        fingerprints?.deallocate()
    }

    /// Makes room for a fingerprint of each row.
    mutating func reserveFingerprints() {
        guard fingerprintCapacity < columns.capacity else { return }
        fingerprints?.deallocate()
        fingerprintCapacity = columns.capacity
        fingerprints = .allocate(capacity: fingerprintCapacity)
    }

    /// Discards the previous batch and starts this one. Its values stay until their rows are cleared.
    ///
    /// - Parameter breaks: whether the text of a record may contain line breaks; nil if the batch knows.
    mutating func begin(_ batch: borrowing Batch, holdsLineBreaks breaks: Bool? = nil) {
        let start = UInt64(UInt(bitPattern: batch.bytes.baseAddress))
        batchRange = start..<start &+ UInt64(batch.count)
        lacksLastEnd = batch.framing == .lines && batch.lacksLastEnd
        columns.source = batch.bytes
        holdsLineBreaks = breaks ?? batch.holdsLineBreaks
        staleRows = max(staleRows, count)
        count = 0
        lineCount = 0
        endedLines = 0
        unusualRows = 0
        filteredRows = 0
        badValues.removeAll(keepingCapacity: true)
        timeSpan = nil
        offsets.removeAll(keepingCapacity: true)
        undecoded.removeAll(keepingCapacity: true)
        arena.removeAll()
    }

    /// Resets the scanned cells of a row, and of some after it, to `missing`: so few that they are still in the nearest
    /// cache when they are filled.
    ///
    /// - Returns: the first row after it that may hold values of earlier batches.
    @inline(never) func clear(from row: Int) -> Int {
        let end = min(row &+ 256, staleRows)
        guard row < end else { return columns.capacity }
        for column in filled { clear(row..<end, ofColumn: column) }
        return end == staleRows ? columns.capacity : end
    }

    /// Resets the cells of some rows of a column to `missing`.
    func clear(_ rows: Range<Int>, ofColumn column: Int) {
        // `missing` is all zeros, and setting bytes is faster than storing values.
        UnsafeMutableRawPointer(columns[column] + rows.lowerBound).initializeMemory(
            as: UInt8.self, repeating: 0, count: rows.count &* MemoryLayout<Value>.stride)
    }

    /// Removes line breaks from the objects and arrays of the first rows and columns, which must be printed on one line.
    mutating func joinLines(rows: Int, columns count: Int) {
        for column in 0..<count {
            for row in 0..<rows {
                let value = columns[column][row]
                guard value.kind == .json, LineBreaks.areIn(value.bytes) else { continue }
                // Readers of the text look at 16 bytes at a time.
                let copy = UnsafeMutableRawBufferPointer(
                    rebasing: arena.allocate(value.bytes.count + 16)[..<value.bytes.count])
                copy.copyMemory(from: value.bytes)
                LineBreaks.replace(in: copy)
                columns[column][row] = Value(UnsafeRawBufferPointer(copy), kind: .json)
            }
        }
    }

    /// Stores what the format of the records says about them.
    mutating func describe(_ traits: RecordTraits) { self.traits = traits }

    /// The bytes of the batch.
    var batchBytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: UnsafeRawPointer(bitPattern: UInt(batchRange.lowerBound)),
            count: Int(batchRange.upperBound - batchRange.lowerBound))
    }

    /// Whether the record is not one of its format, or too long.
    func isUnreadable(_ row: Int) -> Bool {
        let status = places[row].status
        return status.isUnread && status != .noValue && status.defect.map { $0 < traits?.formatDefects ?? 0 } ?? true
    }
    /// Whether the record is one of its format, and holds data.
    func isReadable(_ row: Int) -> Bool { !places[row].status.isUnread && !isControl(row) }
    func isUndecoded(_ row: Int) -> Bool { places[row].status == .undecoded }
    func isControl(_ row: Int) -> Bool { places[row].status == .control }

    /// Whether all rows are accepted or filtered.
    var areAcceptedOrFiltered: Bool { unusualRows == filteredRows }

    @inline(__always) func isAccepted(_ row: Int) -> Bool { places[row].status == .accepted }

    /// For each row, whether it is accepted.
    var areAccepted: [Bool] {
        guard unusualRows > 0 else { return [Bool](repeating: true, count: count) }
        return (0..<count).map { isAccepted($0) }
    }

    /// Leaves out a row, if it is accepted.
    @inline(__always) mutating func filter(_ row: Int) {
        guard isAccepted(row) else { return }
        places[row].status = .filtered
        unusualRows &+= 1
        filteredRows &+= 1
    }

    /// The number of filtered rows among some.
    func filteredRows(in rows: Range<Int>) -> Int {
        guard filteredRows > 0, rows.count < count else { return filteredRows }
        return rows.reduce(0) { $0 &+ (places[$1].status == .filtered ? 1 : 0) }
    }

    /// Whether any row has a value (null is one) in a scanned column.
    func hasValues(inColumn column: Int) -> Bool {
        guard filled.contains(column) else { return false }
        let cells = columns[column]
        return (0..<count).contains { cells[$0].kind != .missing }
    }

    /// Notes why the source could not decode the record of a row.
    mutating func note(_ defect: RecordDefect, of row: Int) { undecoded.append((row, defect)) }

    /// Stores whether the batch is a torn line.
    ///
    /// - Parameter isWholeIfValid: whether a valid record is known to be complete.
    mutating func noteTornLine(of batch: borrowing Batch, isWholeIfValid: Bool) {
        isTornLine = false
        guard batch.isLastLineOpen, count == 1, lineCount == 1 || !batch.recordLines.isEmpty,
            places[0].status != .tooLong || batch.lacksLastEnd
        else { return }
        isTornLine = !isWholeIfValid || places[0].status.isRejected
    }

    /// The origins of the records.
    func positions(input: Int, partition: Int, linesBefore: Int) -> RecordPositions {
        RecordPositions(
            places: places, offsets: offsets, input: input, partition: partition, linesBefore: linesBefore)
    }

    /// The origin of the record of a row.
    func position(of row: Int, input: Int, partition: Int, linesBefore: Int) -> RecordPosition {
        positions(input: input, partition: partition, linesBefore: linesBefore)[row]
    }

    /// The first row with at least this offset; nil if the records have lines, not offsets.
    func firstRow(fromOffset offset: Int64) -> Int? {
        if offsets.isEmpty { return nil }
        return (0..<count).first { Int(places[$0].line) < offsets.count && offsets[Int(places[$0].line)] >= offset }
            ?? count
    }

    /// Stores the offsets of the batch's records.
    mutating func setOffsets(_ offsets: [Int64]) {
        self.offsets.removeAll(keepingCapacity: true)
        self.offsets.append(contentsOf: offsets)
    }

    // MARK: - Records inside of records

    /// The layer with this number, which is created if it is not there.
    mutating func layer(_ number: Int, columnCount: Int) -> RecordLayer {
        while layers.count <= number { layers.append(RecordLayer(columnCount: columnCount)) }
        return layers[number]
    }

    /// Rejects the rows whose status says so.
    ///
    /// - Parameter columns: the number of scanned columns.
    mutating func reject(_ statuses: [RecordStatus], columns count: Int) {
        for (row, status) in statuses.enumerated() where status.isRejected && row < self.count {
            reject(row, status, columns: count)
        }
    }

    private mutating func reject(_ row: Int, _ status: RecordStatus, columns count: Int) {
        if places[row].status == .accepted { unusualRows &+= 1 }
        places[row].status = status
        for column in 0..<count { columns[column][row] = .missing }
    }

    /// Takes the values that the inner records of a layer have. The last scanned column is the control field, which is
    /// not theirs.
    ///
    /// - Parameter defect: the status of a row whose inner record is rejected; nil to leave it alone.
    mutating func merge(_ layer: RecordLayer, columns count: Int, defect: RecordStatus?) {
        let filled = layer.records.filled
        for (inner, row) in layer.parents.enumerated() where inner < layer.records.count {
            let status = layer.records.places[inner].status
            if status.isRejected {
                if let defect { reject(row, defect, columns: count) }
                continue
            }
            guard status == .accepted else { continue }
            for column in filled where column < count - 1 {
                let value = layer.records.columns[column][inner]
                if value.kind != .missing { columns[column][row] = value }
            }
        }
        noteFilled(filled, below: count - 1)
    }

    /// Notes that these scanned columns, as far as they are before the limit, hold values too.
    mutating func noteFilled(_ columns: [Int], below limit: Int = Int.max) {
        for column in columns where column < limit && !filled.contains(column) { filled.append(column) }
    }

    /// Takes the positions of the records around those of the rows.
    ///
    /// - Parameter parent: the row of the outer record of a row.
    mutating func take(positionsOf outer: borrowing Records, parent: (Int) -> Int) {
        for row in 0..<count { places[row].line = outer.places[parent(row)].line }
        lineCount = outer.lineCount
        endedLines = outer.endedLines
        isTornLine = outer.isTornLine
    }

    /// Counts only records as lines, not the control lines between them: of those, a replay may have others.
    mutating func leaveOutControlLines() {
        guard unusualRows > 0 else { return }
        var left = 0
        for row in 0..<count {
            places[row].line &-= UInt32(truncatingIfNeeded: left)
            if isControl(row) { left &+= 1 }
        }
        lineCount &-= left
        endedLines &-= left
    }

    /// Grows if necessary, so that one more row fits after `rows` rows. Its scanned cells are `missing`.
    ///
    /// - Parameter bytes: how many the rows take: others probably take as many.
    @inline(__always) mutating func reserve(_ rows: Int, of bytes: Int) {
        if rows == columns.capacity { grow(keeping: rows, of: bytes) }
    }

    /// Completes the scan of the batch. Only the columns in `filled` hold values other than `missing`.
    ///
    /// - Parameters:
    ///   - lines: the lines of the batch.
    ///   - countsOpenLine: whether a last line whose end has not been read is one of them.
    mutating func end(count: Int, lines: Int, countsOpenLine: Bool = true, filled: [Int]) {
        self.count = count
        lineCount = lines
        endedLines = countsOpenLine && lacksLastEnd ? max(0, lines &- 1) : lines
        noteFilled(filled)
    }

    @inline(never) private mutating func grow(keeping count: Int, of bytes: Int) {
        staleRows = min(staleRows, count)
        // The rows of the batch and an eighth of them, but the first rows may be short ones.
        let expected = bytes > 0 ? count &* batchBytes.count / bytes : 0
        columns.reserve(max(count + 1, min(expected + expected / 8, 16 * count)), keeping: count)
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

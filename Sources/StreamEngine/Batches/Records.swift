/// The records of one scanned batch: a column for each wanted or computed value, and where each record is.
package struct Records: ~Copyable {
    package private(set) var count = 0
    /// Lines of the batch, blank ones and control lines included.
    private(set) var lineCount = 0
    /// The scanned columns that hold values.
    private var filled: [Int] = []
    /// Rows that are not accepted.
    var unusualRows = 0
    /// Earliest and latest event time, microseconds, when all rows are accepted and have one; otherwise nil.
    var timeSpan: ClosedRange<Int64>?
    /// Addresses of the batch's bytes.
    private(set) var batchRange: Range<UInt64> = 0..<0
    /// The text of a record may have line breaks in it.
    private(set) var holdsLineBreaks = false
    /// All that the batch holds is the beginning of a line, or of what may be one: its writer has not ended it yet.
    package private(set) var isTornLine = false
    /// What the bytes of accepted records are, and what can be wrong with others.
    private var content = RecordContent.json
    private var defects: [StaticString] = []
    /// Non-numeric values in arithmetic.
    var badValues = 0
    var columns: ColumnSet
    /// Text that is not in the batch itself: unescaped or computed.
    var arena = ByteArena()
    private(set) var places: UnsafeMutablePointer<RecordSlice>
    /// Event time, microseconds, where `timeKinds` says so.
    private(set) var times: UnsafeMutablePointer<Int64>
    private(set) var timeKinds: UnsafeMutablePointer<TimeKind>
    /// The offset of each line; none where lines are counted instead.
    private var offsets: [Int64] = []
    /// Group keys, with their bytes in the arena; none in a pass-through.
    private(set) var keys: UnsafeMutablePointer<GroupKey>

    /// What is known of a record's event time after the scan.
    enum TimeKind: UInt8 {
        case none
        case known
        /// A bare number whose unit the first record of the source settles: its Int64 or its double's bit pattern
        /// is where the time would be.
        case epochInteger
        case epochDouble
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

    /// Forgets the batch before and turns to this one: all scanned cells are `missing` again.
    mutating func begin(_ batch: borrowing Batch) {
        let start = UInt64(UInt(bitPattern: batch.bytes.baseAddress))
        batchRange = start..<start &+ UInt64(batch.count)
        holdsLineBreaks = batch.holdsLineBreaks
        // Missing is all zeros, and setting bytes is quicker than storing values.
        for column in filled {
            UnsafeMutableRawPointer(columns[column]).initializeMemory(
                as: UInt8.self, repeating: 0, count: count &* MemoryLayout<Value>.stride)
        }
        count = 0
        lineCount = 0
        unusualRows = 0
        badValues = 0
        timeSpan = nil
        offsets.removeAll(keepingCapacity: true)
        arena.removeAll()
    }

    /// Notes what the format says of its records.
    mutating func describe(_ content: RecordContent, _ defects: [StaticString]) {
        self.content = content
        self.defects = defects
    }

    /// Notes whether the batch is a torn line.
    ///
    /// - Parameter isWholeIfValid: a valid record shows where it ends.
    mutating func noteTornLine(of batch: borrowing Batch, isWholeIfValid: Bool) {
        isTornLine = false
        guard batch.isLastLineOpen, count == 1, lineCount == 1, places[0].status != .tooLong else { return }
        isTornLine = !isWholeIfValid || places[0].status.isRejected
    }

    /// What the bytes of a row's record are.
    func content(of row: Int) -> RecordContent {
        let status = places[row].status
        return status == .noValue ? .nothing : status.isRejected ? .text : content
    }

    /// The particulars of a rejection, for messages and the rejects file.
    func detail(of status: RecordStatus) -> StaticString {
        switch status {
        case .tooLong: return "longer than --max-line"
        case .noValue: return "a tombstone: the message has no value"
        default:
            guard let defect = status.defect, defects.indices.contains(defect) else { return "" }
            return defects[defect]
        }
    }

    /// The bytes of a record, without its line end; they are in the batch.
    func text(of row: Int) -> UnsafeRawBufferPointer {
        let slice = places[row]
        return UnsafeRawBufferPointer(
            start: UnsafeRawPointer(bitPattern: UInt(batchRange.lowerBound)).map { $0 + Int(slice.start) },
            count: Int(slice.length))
    }

    /// Where the record of a row came from.
    ///
    /// - Parameters:
    ///   - input: number of the input, in which lines are counted.
    ///   - partition: number of the partition, in which offsets are counted.
    ///   - linesBefore: lines of the input before the batch.
    func position(of row: Int, input: Int, partition: Int, linesBefore: Int) -> RecordPosition {
        let line = Int(places[row].line)
        return offsets.isEmpty
            ? RecordPosition(input: input, line: linesBefore &+ line &+ 1)
            : RecordPosition(input: partition, offset: line < offsets.count ? offsets[line] : -1)
    }

    /// Notes the offsets of the batch's records.
    mutating func setOffsets(_ offsets: [Int64]) {
        self.offsets.removeAll(keepingCapacity: true)
        self.offsets.append(contentsOf: offsets)
    }

    /// Grows if needed for one row after `rows` rows; its scanned cells are `missing`.
    @inline(__always) mutating func reserve(_ rows: Int) {
        if rows == columns.capacity { grow(keeping: rows) }
    }

    /// The batch has been scanned; only the columns of `filled` hold other values than `missing`.
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

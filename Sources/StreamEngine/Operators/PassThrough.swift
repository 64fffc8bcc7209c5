/// Passes records through one by one: filters them, adds or selects fields, and leaves the rest unchanged.
struct PassThrough: Operator, ~Copyable {
    private var counts = ResultCounts()
    var output: RowOutput
    let nextDue = Int64.max
    let oldestBatch: Int? = nil
    private var lines: RecordLines
    private let selects: Bool
    private let handsOn: Bool
    /// With `--select`: the first row that has not been written yet, and which of the pending rows to write.
    private var firstPending = 0
    private var keep: UnsafeMutableBufferPointer<Bool>
    /// The rows of the next or current batch as a worker has encoded them.
    private var ahead: RowsAhead?
    private let dropsDuplicates: Bool

    init(_ query: Query, _ layout: ColumnLayout, _ options: EngineOptions, _ writer: any RowWriter) {
        var schema = RowSchema(
            query, names: query.resultColumns, columns: layout.selectColumns, key: layout.rowKeyColumns,
            isRounded: (query.select ?? []).map { $0.expression.plainField == nil }, hasHeader: options.continuesOutput)
        schema.headers = layout.rowHeaders
        if case .field(let path, let format) = query.time {
            let columns = zip(query.select ?? [], layout.selectColumns).filter { $0.0.expression.plainField == path }
            schema.times = (Set(columns.map(\.1)), format)
        }
        schema.holdsChanges = query.changes != nil
        schema.deletion = layout.deletionColumn
        output = RowOutput(schema, writer)
        selects = query.select != nil
        handsOn = query.handsOnControlLines
        dropsDuplicates = query.dedup != nil
        lines = RecordLines(layout.letColumns)
        keep = .allocate(capacity: 1024)
    }

    deinit { keep.deallocate() }

    mutating func takeCounts() -> ResultCounts {
        defer { counts = ResultCounts() }
        return counts
    }

    mutating func begin(_ batch: borrowing Batch, _ records: borrowing Records, _ positions: RecordPositions) {
        guard selects else { return }
        firstPending = 0
        if keep.count < records.count {
            keep.deallocate()
            keep = .allocate(capacity: records.count * 2)
        }
        keep.initialize(repeating: false)
    }

    @inline(__always)
    mutating func take(
        _ row: Int, _ records: borrowing Records, time: Int64, watermark: Int64
    ) throws(EngineError) -> Placement {
        if selects { keep[row] = true } else { try pass(row, records) }
        return .inWindow
    }

    static var skipsFiltered: Bool { true }

    mutating func takeRun(
        _ records: borrowing Records, from row: inout Int, to end: Int, reached: Int64
    ) throws(EngineError) {
        if row == 0, end == records.count, let count = try ahead?.write(to: &output) {
            counts.rows &+= count
            row = end
            firstPending = row
        }
        while row < end {
            let isAccepted = records.isAccepted(row)
            if selects { keep[row] = isAccepted } else if isAccepted { try pass(row, records) }
            row &+= 1
        }
    }

    private mutating func pass(_ row: Int, _ records: borrowing Records) throws(EngineError) {
        guard output.isNextWanted() else { return }
        counts.rows &+= 1
        if lines.change(records, row) {
            try output.write(line: lines.buffer, row, of: records.columns)
        } else {
            try output.write(line: records.text(of: row), row, of: records.columns)
        }
    }

    @inline(never) mutating func handOn(controlLine row: Int, _ records: borrowing Records) throws(EngineError) {
        try settle(records, through: row)
        guard handsOn else { return }
        if lines.join(records, row) {
            try lines.buffer.withBytes { line throws(EngineError) in try output.forward(line) }
        } else {
            try output.forward(records.text(of: row))
        }
    }

    /// Writes the selected rows up to `row`.
    @inline(never) mutating func settle(_ records: borrowing Records, through row: Int) throws(EngineError) {
        guard selects, let flags = keep.baseAddress else { return }
        let end = min(row &+ 1, records.count)
        guard firstPending < end else { return }
        defer { firstPending = end }
        if let ahead, firstPending == 0, end == records.count,
            let count = try ahead.write(to: &output, ifOf: UnsafeBufferPointer(start: flags, count: end))
        {
            counts.rows &+= count
        } else {
            counts.rows &+= try output.write(records.columns, rows: firstPending..<end, keep: flags)
        }
    }

    /// Of duplicates, many rows would be encoded in vain.
    func makeRowsAhead() -> RowsAhead? {
        if dropsDuplicates { return nil }
        if selects { return output.makeFollower().map { RowsAhead($0) } }
        return lines.areRecords && !output.marksRows ? RowsAhead() : nil
    }

    mutating func take(_ ahead: RowsAhead) { self.ahead = ahead }

    mutating func endBatch(_ records: borrowing Records) throws(EngineError) { ahead = nil }

    mutating func close(upTo watermark: Int64) throws(EngineError) {}

    mutating func printOpen() throws(EngineError) {}

    /// Rounds down to whole seconds, so that not every record causes a control line.
    func bounds(after watermark: Int64) -> [Int64?] { [watermark &- floorRemainder(watermark, 1_000_000)] }

    mutating func endReplay(hadRecords: Bool) {}

    mutating func finish(hadRecords: Bool, reached: Int64) throws(EngineError) {}
}

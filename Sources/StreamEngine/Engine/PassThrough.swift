/// The engine for records that go through one by one: filtered, with fields added or selected, otherwise unchanged.
final class PassThrough: Engine {
    private var run: PassThroughRun

    init(
        _ query: Query, _ layout: ColumnLayout, _ options: EngineOptions, _ writer: any RowWriter
    ) {
        run = PassThroughRun(query, layout, options, writer)
    }

    func process(_ records: borrowing Records, of batch: borrowing Batch) throws(EngineError) {
        try run.process(records, of: batch)
    }
    func tick(_ now: Int64) throws(EngineError) { try run.tick(now) }
    func finish() throws(EngineError) { try run.finish() }
    var isDone: Bool { run.isDone }
    func partitionState(of partition: Int) -> PartitionState { run.admission.state(of: partition) }
    var watermark: Int64 { run.admission.watermark.time }
    var oldestBatch: Int? { nil }
    var isSkipping: Bool { run.isSkipping }
    func beginReplay(from checkpoint: Checkpoint) { run.beginReplay(from: checkpoint) }
    func endReplay(watermark: Int64, skipping rows: Int) throws(EngineError) {
        try run.endReplay(watermark: watermark, skipping: rows)
    }
    func withCounts(_ body: (borrowing RunCounts) -> Void) { body(run.counts) }
    func takeRejects(_ body: (UnsafeRawBufferPointer) -> Void) {
        body(run.admission.rejects.bytes)
        run.admission.rejects.removeAll()
    }
}

private struct PassThroughRun: ~Copyable {
    fileprivate var admission: Admission
    fileprivate var counts = RunCounts()
    private(set) var isDone = false
    private var output: RowOutput
    private var splice: MemberSplice?
    private let selects: Bool
    private let idle: Int64?
    private var punctuation: Punctuation?
    private var lastArrival: Int64?
    /// First row that has not been written.
    private var runStart = 0
    /// Selected rows of the batch.
    private var keep: UnsafeMutableBufferPointer<Bool>

    init(_ query: Query, _ layout: ColumnLayout, _ options: EngineOptions, _ writer: any RowWriter) {
        admission = Admission(query, layout, options)
        output = RowOutput(query.format, names: query.resultColumns, columns: layout.selectColumns, writer, options)
        selects = query.select != nil
        if !query.lets.isEmpty { splice = MemberSplice(layout.letColumns) }
        idle = query.idle
        if query.punctuate, case .field(let path, _) = query.time {
            punctuation = Punctuation(names: [query.boundedColumns(of: path)])
        }
        keep = .allocate(capacity: 1024)
    }

    deinit { keep.deallocate() }

    mutating func process(_ records: borrowing Records, of batch: borrowing Batch) throws(EngineError) {
        admission.begin(batch, records, &counts)
        lastArrival = batch.arrival
        try punctuation?.announce(&output)
        beginRun(records.count)
        do throws(EngineError) {
            try processRows(records)
        } catch {
            // What came before the error is not lost, however the bytes were cut.
            if !error.isOfSink {
                try endRun(records, records.count)
                try output.flush()
            }
            throw error
        }
        isDone = admission.isFull
        admission.end(batch)
        try endRun(records, records.count)
        try output.flush()
    }

    private mutating func processRows(_ records: borrowing Records) throws(EngineError) {
        for row in 0..<records.count where !admission.isFull {
            switch try admission.admit(row, records, &counts) {
            case .record(let time):
                counts.inWindow &+= 1
                if selects { keep[row] = true } else { try pass(row, records) }
                admission.watermark.observe(time)
            case .passed: break
            case .controlLine:
                try endRun(records, row)
                try output.hand(on: admission.text(row, records))
            case .rejected: break
            }
            if isPunctuationDue {
                try endRun(records, row)
                try punctuate()
            }
        }
    }

    private mutating func pass(_ row: Int, _ records: borrowing Records) throws(EngineError) {
        guard output.isNextWanted() else { return }
        counts.rows &+= 1
        guard splice != nil else { return try output.write(line: admission.text(row, records)) }
        if let line = splice?.line(admission.text(row, records), records, row) { try output.write(line: line) }
    }

    private mutating func beginRun(_ rows: Int) {
        guard selects else { return }
        runStart = 0
        if keep.count < rows {
            keep.deallocate()
            keep = .allocate(capacity: rows * 2)
        }
        keep.initialize(repeating: false)
    }

    /// Encodes the selected records up to `row`.
    private mutating func endRun(_ records: borrowing Records, _ row: Int) throws(EngineError) {
        guard selects, let flags = keep.baseAddress else { return }
        let end = min(row + 1, records.count)
        guard runStart < end else { return }
        counts.rows &+= try output.write(records.columns, rows: runStart..<end, keep: flags)
        runStart = end
    }

    var isSkipping: Bool { output.isSkipping }

    mutating func beginReplay(from checkpoint: Checkpoint) {
        admission.beginReplay(from: checkpoint)
        output.mute()
    }

    mutating func endReplay(watermark: Int64, skipping rows: Int) throws(EngineError) {
        admission.endReplay(watermark: watermark)
        output.unmute(skipping: rows)
        counts = RunCounts()
    }

    private var isPunctuationDue: Bool {
        let watermark = admission.watermark.time
        return watermark > -Watermark.timeLimit && punctuation?.isDue(watermark) == true
    }

    private mutating func punctuate() throws(EngineError) {
        let watermark = admission.watermark.time
        // Whole seconds, so that not every record brings a line.
        let bound = watermark &- floorRemainder(watermark, 1_000_000)
        try punctuation?.write([bound], after: watermark, &output)
    }

    mutating func tick(_ now: Int64) throws(EngineError) {
        guard let idle, let lastArrival, now &- lastArrival >= idle, punctuation != nil else { return }
        admission.watermark.idle(for: now &- lastArrival)
        if isPunctuationDue { try punctuate() }
        try output.flush()
    }

    mutating func finish() throws(EngineError) {
        try punctuation?.announce(&output)
        try output.finish()
    }
}

/// The engine for windows and groups: time, windows, groups, aggregates, in that order for every batch.
final class WindowEngine<Store: WindowStore & ~Copyable>: Engine {
    private var run: WindowRun<Store>

    init(
        _ store: consuming Store, _ query: Query, _ layout: ColumnLayout, _ options: EngineOptions,
        _ writer: any RowWriter
    ) throws(ExpressionError) {
        run = try WindowRun(store, query, layout, options, writer)
    }

    func process(_ records: borrowing Records, of batch: borrowing Batch) throws(EngineError) {
        try run.process(records, of: batch)
    }
    func tick(_ now: Int64) throws(EngineError) { try run.tick(now) }
    func finish() throws(EngineError) { try run.finish() }
    var isDone: Bool { run.isDone }
    func partitionState(of partition: Int) -> PartitionState { run.admission.state(of: partition) }
    var watermark: Int64 { run.admission.watermark.time }
    var oldestBatch: Int? { run.oldestBatch }
    var isSkipping: Bool { run.context.emitter.isSkipping }
    func beginReplay(from checkpoint: Checkpoint) { run.beginReplay(from: checkpoint) }
    func endReplay(watermark: Int64, skipping rows: Int) throws(EngineError) {
        try run.endReplay(watermark: watermark, skipping: rows)
    }
    func withCounts(_ body: (borrowing RunCounts) -> Void) { body(run.context.counts) }
    func takeRejects(_ body: (UnsafeRawBufferPointer) -> Void) {
        body(run.admission.rejects.bytes)
        run.admission.rejects.removeAll()
    }
}

/// The state of a windowed run. A struct, so that the loop over the records works on it without further checks.
private struct WindowRun<Store: WindowStore & ~Copyable>: ~Copyable {
    private var store: Store
    fileprivate var context: WindowContext
    fileprivate var admission: Admission
    private(set) var isDone = false
    private let lateness: Int64
    private let idle: Int64?
    private let early: Int64?
    private var punctuation: Punctuation?
    /// One window over the whole input and no groups: there is a row even when there were no records.
    private var printsEmptyRow: Bool
    private var lastArrival: Int64?
    private var nextEarly: Int64?
    /// Rows that are taken one by one after a run has ended.
    private static var shortRun: Int { 64 }

    init(
        _ store: consuming Store, _ query: Query, _ layout: ColumnLayout, _ options: EngineOptions,
        _ writer: any RowWriter
    ) throws(ExpressionError) {
        context = WindowContext(
            groups: GroupTable(seed: layout.seed), states: States(query, layout),
            emitter: try Emitter(query, writer, options),
            maxGroups: query.maxGroups)
        self.store = store
        admission = Admission(query, layout, options)
        lateness = query.lateness
        printsEmptyRow = query.window == .all && query.groupKeys.isEmpty
        idle = query.idle
        early = query.early
        if query.punctuate { punctuation = Punctuation(names: query.boundedWindowColumns) }
    }

    mutating func process(_ records: borrowing Records, of batch: borrowing Batch) throws(EngineError) {
        admission.begin(batch, records, &context.counts)
        store.batch = batch.sequence
        lastArrival = batch.arrival
        try punctuation?.announce(&context.emitter)
        do throws(EngineError) {
            try processRows(records)
        } catch {
            // What was printed before the error is not lost, however the bytes were cut.
            if !error.isOfSink { try context.emitter.flush() }
            throw error
        }
        // Counted in rows, as within a batch: rejected records and control lines have numbers as well.
        context.order &+= Int64(records.count)
        isDone = admission.isFull
        admission.end(batch)
        if admission.watermark.time >= store.nextDue {
            try store.close(upTo: admission.watermark.time, context: &context)
        }
        if punctuation != nil { try punctuate() }
        try printEarly(batch.arrival)
        try context.emitter.flush()
    }

    private mutating func processRows(_ records: borrowing Records) throws(EngineError) {
        var row = 0
        if punctuation == nil, let latest = admission.settle(records) {
            while row < records.count {
                try processRun(from: &row, records, latest: latest)
                // Then a window closes, or a record is late: one by one for a while.
                try processEach(from: &row, to: min(row &+ Self.shortRun, records.count), records)
            }
        } else {
            try processEach(from: &row, to: records.count, records)
        }
        context.states.apply(records, order: context.order, counts: &context.counts)
    }

    /// Takes the rows from `row` on in one go, as long as none of them makes a window close or comes too late.
    private mutating func processRun(
        from row: inout Int, _ records: borrowing Records, latest: Int64
    ) throws(EngineError) {
        let reached = admission.watermark.reached(with: latest)
        guard reached < store.nextDue else { return }
        let first = row
        do throws(EngineError) {
            try store.addRun(records, from: &row, reached: reached, into: &context)
        } catch {
            context.counts.inWindow &+= row &- first
            admission.take(row &- first &+ 1, latest: latest, &context.counts)
            throw error
        }
        var latestTaken = latest
        if row < records.count {
            latestTaken = Int64.min
            for taken in first..<row { latestTaken = max(latestTaken, records.times[taken]) }
        }
        context.counts.inWindow &+= row &- first
        admission.take(row &- first, latest: latestTaken, &context.counts)
    }

    /// Takes rows up to `end` and looks at the watermark behind each of them.
    private mutating func processEach(
        from row: inout Int, to end: Int, _ records: borrowing Records
    ) throws(EngineError) {
        while row < end, !admission.isFull {
            let present = row
            row &+= 1
            switch try admission.admit(present, records, &context.counts) {
            case .record(let time):
                try take(present, time, records)
                admission.watermark.observe(time)
            case .passed: break
            case .rejected, .controlLine: continue
            }
            if admission.watermark.time >= store.nextDue { try close(records) }
            if punctuation != nil { try punctuate() }
        }
    }

    @inline(__always)
    private mutating func take(_ row: Int, _ time: Int64, _ records: borrowing Records) throws(EngineError) {
        let record = Record(row: row, time: time, key: records.keys[row])
        switch try store.add(record, watermark: admission.watermark.time, into: &context) {
        case .inWindow: context.counts.inWindow &+= 1
        case .inSomeWindows(let missed):
            context.counts.inWindow &+= 1
            context.counts.latePairs &+= missed
        case .inNoWindow: context.counts.inNoWindow &+= 1
        case .late(let lastEnd):
            admission.late(row, records, lastEnd: lastEnd, lateness: lateness, &context.counts)
        }
        if context.emitter.hasRows {
            context.states.apply(records, order: context.order, counts: &context.counts)
            try context.print()
        }
    }

    @inline(never) private mutating func close(_ records: borrowing Records) throws(EngineError) {
        context.states.apply(records, order: context.order, counts: &context.counts)
        try store.close(upTo: admission.watermark.time, context: &context)
    }

    private mutating func punctuate() throws(EngineError) {
        let watermark = admission.watermark.time
        guard watermark > -Watermark.timeLimit, punctuation?.isDue(watermark) == true else { return }
        let bounds = store.bounds(after: watermark)
        try punctuation?.write([bounds.start, bounds.end], after: watermark, &context.emitter)
    }

    var oldestBatch: Int? { store.oldestBatch }

    mutating func beginReplay(from checkpoint: Checkpoint) {
        admission.beginReplay(from: checkpoint)
        context.emitter.mute()
    }

    mutating func endReplay(watermark: Int64, skipping rows: Int) throws(EngineError) {
        admission.endReplay(watermark: watermark)
        // What was closed then is closed now, quietly.
        if admission.watermark.time >= store.nextDue {
            try store.close(upTo: admission.watermark.time, context: &context)
        }
        context.emitter.unmute(skipping: rows)
        if context.counts.inWindow > 0 { printsEmptyRow = false }
        context.counts = RunCounts()
    }

    mutating func tick(_ now: Int64) throws(EngineError) {
        if let idle, let lastArrival, now &- lastArrival >= idle {
            admission.watermark.idle(for: now &- lastArrival)
            if admission.watermark.time >= store.nextDue {
                try store.close(upTo: admission.watermark.time, context: &context)
            }
            if punctuation != nil { try punctuate() }
        }
        try printEarly(now)
        try context.emitter.flush()
    }

    private mutating func printEarly(_ now: Int64) throws(EngineError) {
        guard let early else { return }
        guard let next = nextEarly else {
            nextEarly = saturatingAdd(now, early)
            return
        }
        if now >= next {
            try store.printOpen(context: &context)
            nextEarly = saturatingAdd(now, early)
        }
    }

    mutating func finish() throws(EngineError) {
        try punctuation?.announce(&context.emitter)
        admission.watermark.finish()
        try store.close(upTo: Int64.max, context: &context)
        if printsEmptyRow, context.counts.inWindow == 0 { try context.printEmptyRow() }
        try context.emitter.finish()
    }
}

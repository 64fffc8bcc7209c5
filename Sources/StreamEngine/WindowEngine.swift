/// The engine for windows and groups: time, windows, groups, aggregates, in that order for every batch.
final class WindowEngine<Store: WindowStore & ~Copyable>: Engine {
    private var run: WindowRun<Store>

    init(
        _ store: consuming Store, _ query: Query, _ layout: Layout, _ options: EngineOptions, _ writer: any RowWriter
    ) throws(ExpressionError) {
        run = try WindowRun(store, query, layout, options, writer)
    }

    func process(_ records: borrowing Records, of batch: borrowing Batch) throws(EngineError) {
        try run.process(records, of: batch)
    }
    func tick(_ now: Int64) throws(EngineError) { try run.tick(now) }
    func finish() throws(EngineError) { try run.finish() }
    var isDone: Bool { run.isDone }
    func intakeState(of partition: Int) -> IntakeState { run.intake.state(of: partition) }
    var watermark: Int64 { run.intake.watermark.time }
    var oldestBatch: Int? { run.oldestBatch }
    var isSkipping: Bool { run.core.emitter.isSkipping }
    func beginReplay(from checkpoint: Checkpoint) { run.beginReplay(from: checkpoint) }
    func endReplay(watermark: Int64, skipping rows: Int) throws(EngineError) {
        try run.endReplay(watermark: watermark, skipping: rows)
    }
    func withAccounts(_ body: (borrowing Accounts) -> Void) { body(run.core.accounts) }
    func takeRejects(_ body: (UnsafeRawBufferPointer) -> Void) {
        body(run.intake.rejects.bytes)
        run.intake.rejects.removeAll()
    }
}

/// The state of a windowed run. A struct, so that the loop over the records works on it without further checks.
private struct WindowRun<Store: WindowStore & ~Copyable>: ~Copyable {
    private var store: Store
    fileprivate var core: Core
    fileprivate var intake: Intake
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
        _ store: consuming Store, _ query: Query, _ layout: Layout, _ options: EngineOptions, _ writer: any RowWriter
    ) throws(ExpressionError) {
        core = Core(
            groups: GroupTable(seed: layout.seed), states: States(query, layout),
            emitter: try Emitter(query, writer, options),
            maxGroups: query.maxGroups)
        self.store = store
        intake = Intake(query, layout, options)
        lateness = query.lateness
        printsEmptyRow = query.window == .all && query.groupKeys.isEmpty
        idle = query.idle
        early = query.early
        if query.punctuate { punctuation = Punctuation(names: query.boundedWindowColumns) }
    }

    mutating func process(_ records: borrowing Records, of batch: borrowing Batch) throws(EngineError) {
        intake.begin(batch, records, &core.accounts)
        store.batch = batch.sequence
        lastArrival = batch.arrival
        try punctuation?.announce(&core.emitter)
        do throws(EngineError) {
            try processRows(records)
        } catch {
            // What was printed before the error is not lost, however the bytes were cut.
            if !error.isOfSink { try core.emitter.flush() }
            throw error
        }
        // Counted in rows, as within a batch: rejected records and control lines have numbers as well.
        core.order &+= Int64(records.count)
        isDone = intake.isFull
        intake.end(batch)
        if intake.watermark.time >= store.nextDue { try store.close(upTo: intake.watermark.time, core: &core) }
        if punctuation != nil { try punctuate() }
        try printEarly(batch.arrival)
        try core.emitter.flush()
    }

    private mutating func processRows(_ records: borrowing Records) throws(EngineError) {
        var row = 0
        if punctuation == nil, let latest = intake.settle(records) {
            while row < records.count {
                try processRun(from: &row, records, latest: latest)
                // Then a window closes, or a record is late: one by one for a while.
                try processEach(from: &row, to: min(row &+ Self.shortRun, records.count), records)
            }
        } else {
            try processEach(from: &row, to: records.count, records)
        }
        core.states.apply(records, order: core.order, accounts: &core.accounts)
    }

    /// Takes the rows from `row` on in one go, as long as none of them makes a window close or comes too late.
    private mutating func processRun(
        from row: inout Int, _ records: borrowing Records, latest: Int64
    ) throws(EngineError) {
        let reached = intake.watermark.reached(with: latest)
        guard reached < store.nextDue else { return }
        let first = row
        do throws(EngineError) {
            try store.addRun(records, from: &row, reached: reached, into: &core)
        } catch {
            core.accounts.inWindow &+= row &- first
            intake.take(row &- first &+ 1, latest: latest, &core.accounts)
            throw error
        }
        var latestTaken = latest
        if row < records.count {
            latestTaken = Int64.min
            for taken in first..<row { latestTaken = max(latestTaken, records.times[taken]) }
        }
        core.accounts.inWindow &+= row &- first
        intake.take(row &- first, latest: latestTaken, &core.accounts)
    }

    /// Takes rows up to `end` and looks at the watermark behind each of them.
    private mutating func processEach(
        from row: inout Int, to end: Int, _ records: borrowing Records
    ) throws(EngineError) {
        while row < end, !intake.isFull {
            let present = row
            row &+= 1
            switch try intake.admit(present, records, &core.accounts) {
            case .record(let time):
                try take(present, time, records)
                intake.watermark.observe(time)
            case .passed: break
            case .rejected, .controlLine: continue
            }
            if intake.watermark.time >= store.nextDue { try close(records) }
            if punctuation != nil { try punctuate() }
        }
    }

    @inline(__always)
    private mutating func take(_ row: Int, _ time: Int64, _ records: borrowing Records) throws(EngineError) {
        let record = Record(row: row, time: time, key: records.keys[row])
        switch try store.add(record, watermark: intake.watermark.time, into: &core) {
        case .inWindow: core.accounts.inWindow &+= 1
        case .inSomeWindows(let missed):
            core.accounts.inWindow &+= 1
            core.accounts.latePairs &+= missed
        case .inNoWindow: core.accounts.inNoWindow &+= 1
        case .late(let lastEnd):
            intake.late(row, records, lastEnd: lastEnd, lateness: lateness, &core.accounts)
        }
        if core.emitter.hasRows {
            core.states.apply(records, order: core.order, accounts: &core.accounts)
            try core.print()
        }
    }

    @inline(never) private mutating func close(_ records: borrowing Records) throws(EngineError) {
        core.states.apply(records, order: core.order, accounts: &core.accounts)
        try store.close(upTo: intake.watermark.time, core: &core)
    }

    private mutating func punctuate() throws(EngineError) {
        let watermark = intake.watermark.time
        guard watermark > -Watermark.timeLimit, punctuation?.isDue(watermark) == true else { return }
        let bounds = store.bounds(after: watermark)
        try punctuation?.write([bounds.start, bounds.end], after: watermark, &core.emitter)
    }

    var oldestBatch: Int? { store.oldestBatch }

    mutating func beginReplay(from checkpoint: Checkpoint) {
        intake.beginReplay(from: checkpoint)
        core.emitter.mute()
    }

    mutating func endReplay(watermark: Int64, skipping rows: Int) throws(EngineError) {
        intake.endReplay(watermark: watermark)
        // What was closed then is closed now, quietly.
        if intake.watermark.time >= store.nextDue { try store.close(upTo: intake.watermark.time, core: &core) }
        core.emitter.unmute(skipping: rows)
        if core.accounts.inWindow > 0 { printsEmptyRow = false }
        core.accounts = Accounts()
    }

    mutating func tick(_ now: Int64) throws(EngineError) {
        if let idle, let lastArrival, now &- lastArrival >= idle {
            intake.watermark.idle(for: now &- lastArrival)
            if intake.watermark.time >= store.nextDue { try store.close(upTo: intake.watermark.time, core: &core) }
            if punctuation != nil { try punctuate() }
        }
        try printEarly(now)
        try core.emitter.flush()
    }

    private mutating func printEarly(_ now: Int64) throws(EngineError) {
        guard let early else { return }
        guard let next = nextEarly else {
            nextEarly = saturatingAdd(now, early)
            return
        }
        if now >= next {
            try store.printOpen(core: &core)
            nextEarly = saturatingAdd(now, early)
        }
    }

    mutating func finish() throws(EngineError) {
        try punctuation?.announce(&core.emitter)
        intake.watermark.finish()
        try store.close(upTo: Int64.max, core: &core)
        if printsEmptyRow, core.accounts.inWindow == 0 { try core.printEmptyRow() }
        try core.emitter.finish()
    }
}

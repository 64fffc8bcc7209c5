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
    private let printsEmptyRow: Bool
    private var lastArrival: Int64?
    private var nextEarly: Int64?

    init(
        _ store: consuming Store, _ query: Query, _ layout: Layout, _ options: EngineOptions, _ writer: any RowWriter
    ) throws(ExpressionError) {
        core = Core(
            groups: GroupTable(seed: layout.seed), states: States(query, layout), emitter: try Emitter(query, writer),
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
        try printEarly(batch.arrival)
        try core.emitter.flush()
    }

    private mutating func processRows(_ records: borrowing Records) throws(EngineError) {
        for row in 0..<records.count where !intake.isFull {
            switch try intake.admit(row, records, &core.accounts) {
            case .record(let time):
                try take(row, time, records)
                intake.watermark.observe(time)
            case .passed: break
            case .rejected, .controlLine: continue
            }
            if intake.watermark.time >= store.nextDue { try close(records) }
            if punctuation != nil { try punctuate() }
        }
        core.states.apply(records, order: core.order, accounts: &core.accounts)
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

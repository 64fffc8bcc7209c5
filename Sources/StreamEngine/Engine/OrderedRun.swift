/// The ordered part of a run: admission, the operator, control lines and the clock, in that order for every batch.
///
/// A struct, so that the loop over the records needs no exclusivity checks. Steps between admission and the operator
/// belong in `Operator.process`; steps that process rows belong in the emitter.
struct OrderedRun<Op: Operator & ~Copyable>: ~Copyable {
    var op: Op
    var admission: Admission
    var dedup: Deduplicator
    private var warmUp = WarmUp()
    var counts: RunCounts
    private(set) var survey: InputSurvey
    private(set) var punctuation: Punctuation?
    /// The watermark at which the next control line is written.
    private var nextPunctuation = Int64.max
    private(set) var isDone = false
    private let lateness: Int64
    private let idle: Int64?
    private let early: Int64?
    private var lastArrival: Int64?
    private var nextEarly: Int64?
    /// See `ReplayOutput.gated`; nil if the output is muted as a whole, or not at all.
    private(set) var gate: Int64?
    /// The number of rows to process one by one after the end of a run.
    let shortRun = 64

    init(
        _ op: consuming Op, _ query: Query, _ layout: ColumnLayout, _ options: EngineOptions, boundColumns: [[String]]
    ) {
        self.op = op
        counts = RunCounts()
        survey = InputSurvey(layout.fieldsOfRecords)
        admission = Admission(query, layout, options)
        dedup = Deduplicator(query)
        lateness = query.lateness
        idle = query.idle
        early = query.early
        if query.punctuate, !boundColumns.isEmpty {
            punctuation = Punctuation(names: boundColumns)
            nextPunctuation = Int64.min
        }
    }

    mutating func process(_ records: borrowing Records, of batch: borrowing Batch) throws(EngineError) {
        if let failure = records.lookupFailure { throw .lookup(failure) }
        admission.begin(batch, records, &counts)
        if !records.lookupMisses.isEmpty {
            counts.noteMisses(records, upTo: admission.maxRecords &- admission.records)
        }
        if dedup.isActive {
            dedup.begin(batch)
            try warmUp.begin(batch, records)
        }
        survey.note(records, startsInput: batch.startsInput, areMessages: batch.framing != .lines)
        op.begin(batch, records, admission.positions(records))
        lastArrival = batch.arrival
        try punctuation?.announce(&op.output)
        // Another partition may have another watermark: records see no window that it has passed.
        try closeDue()
        do throws(EngineError) {
            try Op.process(&self, records)
            try end(records, of: batch)
        } catch {
            // Rows before the error are delivered, regardless of batch boundaries.
            let error = withKeys(error)
            if !error.isOfSink {
                try op.settle(records, through: records.count &- 1)
                try op.output.flush()
            }
            throw error
        }
        try op.output.flush()
    }

    private mutating func end(_ records: borrowing Records, of batch: borrowing Batch) throws(EngineError) {
        noteSkippedValues()
        try op.endBatch(records)
        if survey.firstTime == nil { survey.firstTime = admission.firstTime(records) }
        isDone = admission.isFull
        if dedup.isActive { try dedup.endBatch(watermark: admission.watermark.ofRecords) }
        admission.end(batch, records)
        try closeDue()
        try punctuate()
        try printEarly(batch.arrival)
    }

    private mutating func noteSkippedValues() {
        for skipped in op.takeSkippedValues() {
            counts.badValue(Example(position: skipped.position, text: skipped.text), in: skipped.aggregates)
        }
    }

    /// Processes rows from `row` as a run, until one of them closes a window or is late.
    ///
    /// - Parameter latest: the latest event time of the batch.
    @inline(__always)
    mutating func takeRun(
        from row: inout Int, _ records: borrowing Records, latest: Int64
    ) throws(EngineError) {
        let due = min(op.nextDue, nextPunctuation)
        var (end, latest) = (records.count, latest)
        if admission.watermark.reached(with: latest) >= due {
            (end, latest) = rows(before: due, from: row, records)
            guard end &- row > shortRun else { return }
        }
        let first = row
        do throws(EngineError) {
            try op.takeRun(records, from: &row, to: end, reached: admission.watermark.reached(with: latest))
        } catch {
            count(first..<row, failed: 1, records, latest: latest)
            throw error
        }
        var latestTaken = latest
        if row < end {
            latestTaken = Int64.min
            for taken in first..<row { latestTaken = max(latestTaken, records.times[taken]) }
        }
        count(first..<row, failed: 0, records, latest: latestTaken)
    }

    /// The first row at or after `row` with which the watermark reaches `due`, and the latest event time before it.
    @inline(never)
    private func rows(before due: Int64, from row: Int, _ records: borrowing Records) -> (end: Int, latest: Int64) {
        var (end, latest) = (row, Int64.min)
        while end < records.count {
            let time = records.times[end]
            if time > latest {
                if admission.watermark.reached(with: time) >= due { break }
                latest = time
            }
            end &+= 1
        }
        return (end, latest)
    }

    /// Counts the rows of a run, and the one after them if it has failed.
    private mutating func count(_ rows: Range<Int>, failed: Int, _ records: borrowing Records, latest: Int64) {
        let filtered = records.filteredRows(in: rows)
        counts.inWindow &+= rows.count &- filtered
        admission.take(rows.count &+ failed, filtered: filtered, latest: latest, &counts)
    }

    /// Processes rows up to `end` and checks the watermark after each of them.
    ///
    /// - Parameter dedups: a constant: whether to drop duplicates.
    @inline(__always)
    mutating func takeEach(
        from row: inout Int, to end: Int, _ records: borrowing Records, dedups: Bool = false
    ) throws(EngineError) {
        while row < end, !admission.isFull {
            let current = row
            row &+= 1
            switch try admission.admit(current, records, &counts) {
            case .record(let time):
                var isTaken = true
                if dedups { isTaken = try isUnique(current, time, records) }
                if isTaken { try take(current, time, records) }
                admission.watermark.observe(time)
            case .passed: break
            case .controlLine:
                try op.handOn(controlLine: current, records)
                continue
            case .rejected: continue
            }
            if admission.watermark.time >= op.nextDue { try close(records, through: current) }
            if isPunctuationDue { try punctuate(records, through: current) }
        }
    }

    @inline(__always)
    private mutating func take(_ row: Int, _ time: Int64, _ records: borrowing Records) throws(EngineError) {
        switch try op.take(row, records, time: time, watermark: admission.watermark.time) {
        case .inWindow: counts.inWindow &+= 1
        case .inSomeWindows(let missed):
            counts.inWindow &+= 1
            counts.latePairs &+= missed
        case .inNoWindow: counts.inNoWindow &+= 1
        case .late(let lastEnd):
            admission.late(row, records, lastEnd: lastEnd, lateness: lateness, &counts)
        }
    }

    /// Processes all rows of the batch, without duplicates.
    @inline(never) mutating func takeUnique(_ records: borrowing Records) throws(EngineError) {
        var row = 0
        while row < records.count, !admission.isFull {
            let end = min(row &+ shortRun, records.count)
            dedup.touch(row..<end, records)
            try takeEach(from: &row, to: end, records, dedups: true)
        }
    }

    /// Whether the record is to be processed: it is not a duplicate, and came early enough to find that out.
    @inline(__always)
    private mutating func isUnique(_ row: Int, _ time: Int64, _ records: borrowing Records) throws(EngineError) -> Bool
    {
        switch try dedup.judge(row, records, time: time, watermark: admission.watermark.ofRecords) {
        case .unique: break
        case .withoutKey: counts.withoutKey &+= 1
        case .duplicate:
            counts.duplicates &+= 1
            return false
        case .late:
            admission.late(
                row, records, lastEnd: saturatingAdd(time, 1), lateness: dedup.within ?? 0, &counts,
                "too old to tell whether it is a duplicate")
            return false
        }
        return row >= warmUp.end
    }

    /// With the memory of the keys of `--dedup`, if the state is too large.
    private func withKeys(_ error: EngineError) -> EngineError {
        guard dedup.isActive, case .stateTooLarge(let size) = error, !size.parts.contains(where: { $0.part == .keys })
        else { return error }
        return .stateTooLarge(StateSize(limit: size.limit, parts: size.parts + [(.keys, dedup.memoryBytes)]))
    }

    @inline(never)
    private mutating func close(_ records: borrowing Records, through row: Int) throws(EngineError) {
        try op.settle(records, through: row)
        try closeWindows()
    }

    private mutating func closeDue() throws(EngineError) {
        if admission.watermark.time >= op.nextDue { try closeWindows() }
    }

    private mutating func closeWindows() throws(EngineError) {
        if let gate, admission.watermark.time > gate {
            try op.close(upTo: gate)
            openGate()
        }
        try op.close(upTo: admission.watermark.time)
    }

    private mutating func openGate() {
        guard gate != nil else { return }
        gate = nil
        op.output.unmute(skipping: 0)
    }

    // MARK: - Control lines

    @inline(__always) private var isPunctuationDue: Bool {
        admission.watermark.time >= nextPunctuation && admission.watermark.time > -Watermark.timeLimit
    }

    @inline(never)
    private mutating func punctuate(_ records: borrowing Records, through row: Int) throws(EngineError) {
        try op.settle(records, through: row)
        try punctuate()
    }

    private mutating func punctuate() throws(EngineError) {
        guard isPunctuationDue else { return }
        let watermark = admission.watermark.time
        if let gate, watermark > gate { openGate() }
        try punctuation?.write(op.bounds(after: watermark), after: watermark, &op.output)
        nextPunctuation = punctuation?.nextDue ?? Int64.max
    }

    // MARK: - Replay

    mutating func beginReplay(from start: ReplayStart) {
        admission.beginReplay(from: start)
        warmUp = WarmUp(start.windowStarts)
        switch start.output {
        case .muted: op.output.mute()
        case .gated(let watermark):
            op.output.mute()
            gate = watermark
        case .open: break
        }
        if start.hasAnnounced { punctuation?.resume(at: op.bounds(after: start.watermark), start.watermark) }
        nextPunctuation = punctuation?.nextDue ?? Int64.max
    }

    mutating func endReplay(watermark: Int64, skipping rows: Int) throws(EngineError) {
        admission.endReplay(watermark: watermark)
        warmUp = WarmUp()
        // Windows that were closed at that position close now, without output or for the next stage.
        try closeDue()
        openGate()
        if !op.output.isSkipping {
            try punctuate()
            try op.output.flush()
        }
        op.output.unmute(skipping: rows)
        op.endReplay(hadRecords: counts.inWindow > 0)
        _ = op.takeCounts()
        _ = op.takeSkippedValues()
        counts = RunCounts()
    }

    // MARK: - The clock, and the end

    /// Calls `body` with the counts, including those of the operator.
    mutating func withCounts(_ body: (borrowing RunCounts) -> Void) {
        counts.add(op.takeCounts())
        noteSkippedValues()
        body(counts)
    }

    mutating func tick(_ now: Int64) throws(EngineError) {
        if let idle, let lastArrival, now &- lastArrival >= idle {
            admission.watermark.idle(for: now &- lastArrival)
            try closeDue()
            try punctuate()
        }
        try printEarly(now)
        try op.output.flush()
    }

    private mutating func printEarly(_ now: Int64) throws(EngineError) {
        guard let early else { return }
        guard let next = nextEarly else {
            nextEarly = saturatingAdd(now, early)
            return
        }
        if now >= next {
            try op.printOpen()
            nextEarly = saturatingAdd(now, early)
        }
    }

    /// See `Engine.openRows`.
    mutating func openRows(limit: Int) throws(EngineError) -> OpenRows {
        op.output.beginPreview(limit: limit)
        try op.printOpen()
        return op.output.takePreview()
    }

    mutating func finish() throws(EngineError) {
        try punctuation?.announce(&op.output)
        let reached = admission.lastWatermark
        admission.watermark.finish()
        do throws(EngineError) {
            try op.finish(hadRecords: counts.inWindow > 0, reached: reached)
        } catch {
            if !error.isOfSink { try op.output.flush() }
            throw error
        }
        try op.output.finish()
    }
}

/// Wraps an ordered run in a class, for the rest of the program.
final class OrderedEngine<Op: Operator & ~Copyable>: Engine {
    private var run: OrderedRun<Op>

    init(
        _ op: consuming Op, _ query: Query, _ layout: ColumnLayout, _ options: EngineOptions, boundColumns: [[String]]
    ) {
        run = OrderedRun(op, query, layout, options, boundColumns: boundColumns)
    }

    func process(_ records: borrowing Records, of batch: borrowing Batch) throws(EngineError) {
        try run.process(records, of: batch)
    }
    var laneDivision: LaneDivision? { run.op.laneDivision }
    func makeRowsAhead() -> RowsAhead? { run.op.makeRowsAhead() }
    func take(_ ahead: RowsAhead) { run.op.take(ahead) }
    func tick(_ now: Int64) throws(EngineError) { try run.tick(now) }
    func finish() throws(EngineError) { try run.finish() }
    var isDone: Bool { run.isDone }
    func partitionState(of partition: Int) -> PartitionState { run.admission.state(of: partition) }
    func isIdle(_ partition: Int) -> Bool { run.admission.isIdle(partition) }
    var watermark: Int64 { run.admission.watermark.time }
    var oldestBatch: Int? { run.op.oldestBatch }
    var isSkipping: Bool { run.op.output.isSkipping }
    var pendingGate: Int64? { run.gate }
    func beginReplay(from start: ReplayStart) { run.beginReplay(from: start) }
    func endReplay(watermark: Int64, skipping rows: Int) throws(EngineError) {
        try run.endReplay(watermark: watermark, skipping: rows)
    }
    var openState: OpenState {
        var state = run.op.openState
        if run.dedup.isActive { state.bytes = max(state.bytes, StateMemory.bytes) }
        return state
    }
    func oldestKeyBatch(of partition: Int) -> Int? { run.dedup.oldestBatch(of: partition) }
    func openRows(limit: Int) throws(EngineError) -> OpenRows { try run.openRows(limit: limit) }
    func withCounts(_ body: (borrowing RunCounts) -> Void) { run.withCounts(body) }
    var survey: InputSurvey { run.survey }
    var latestEventTime: Int64 { run.admission.watermark.maxTime }
    func takeRejects(_ body: (UnsafeRawBufferPointer) -> Void) {
        run.admission.rejects.withBytes(body)
        run.admission.rejects.removeAll()
    }
}

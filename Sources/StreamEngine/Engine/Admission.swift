/// The first step of the ordered part: admits or rejects each scanned record, and maintains the watermark.
struct Admission: ~Copyable {
    /// What to do with a row.
    enum Outcome {
        /// A record with its event time (0 if it has none).
        case record(time: Int64)
        /// Nothing to compute, but the watermark may have moved.
        case passed
        case rejected
        /// A control line in a run that does not use it.
        case controlLine
    }

    var watermark: Watermark
    var rejects: RejectLog
    private(set) var records = 0
    /// `--max-records` is reached.
    var isFull: Bool { records >= maxRecords }
    private let time: EventTime?
    private let maxAhead: Int64
    let maxRecords: Int
    private let isStrict: Bool
    private let layout: ColumnLayout
    private let zone: ZoneOffsets
    /// Whether the format reads times without a year.
    private let takesYearless: Bool
    /// If so, the event time of the last record of the batches before.
    private var yearAnchor: Int64?
    /// When the input was written: the anchor of its first record.
    private var written: Int64 = 0
    private var boundReader: TimeReader?
    /// Explains event times that are not usable; nil for times that the source supplies.
    private let explainer: TimeExplainer?
    /// The partitions of the input. The state of the current one is in the other fields.
    private var partitions = PartitionStates()
    private var current = 0
    /// The current batch.
    private var input = 0
    private var arrival: Int64 = 0
    private var isReread = false
    /// The number of lines in the current input before the current batch.
    private var linesBefore = 0
    private var linesOfBatch = 0
    /// During a replay, for each partition: later event times were rejected as too far ahead of the wall clock.
    private var latestOfReplay: [Int64] = []
    private var latestOfCurrent: Int64?
    private var isReplaying = false
    /// Whether the set of active partitions has changed since the start of the current batch.
    private var hasActivityChanged = false

    init(_ query: Query, _ layout: ColumnLayout, _ options: EngineOptions) {
        watermark = Watermark(delay: query.watermarkDelay)
        rejects = RejectLog(isWanted: options.keepsRejects, maxLine: query.maxLine, inputNames: options.inputNames)
        time = query.time
        maxAhead = query.maxAhead ?? Int64.max
        maxRecords = query.maxRecords ?? Int.max
        isStrict = options.isStrict
        self.layout = layout
        zone = query.zone
        takesYearless = query.takesYearless
        if case .field(let path, let format) = query.time, layout.timeColumn != nil {
            explainer = TimeExplainer(field: path.text, format, zone: query.zone)
        } else {
            explainer = nil
        }
        if case .field = query.time { boundReader = TimeReader(.iso, zone: query.zone) }
    }

    /// Switches to the next batch; its lines must stay in memory until the one after it.
    mutating func begin(_ batch: borrowing Batch, _ records: borrowing Records, _ counts: inout RunCounts) {
        linesBefore += linesOfBatch
        linesOfBatch = 0
        if hasActivityChanged || batch.partition != current || batch.partitionCount != partitions.count {
            switchPartition(to: batch)
        }
        linesOfBatch = records.endedLines
        if batch.startsInput || batch.input != input {
            input = batch.input
            linesBefore = 0
            yearAnchor = nil
        }
        if !records.badValues.isEmpty { counts.note(records.badValues, positions(records)) }
        written = batch.written ?? batch.arrival
        isReread = batch.isReread
        // Records must not become late because the wall clock was set back.
        if case .arrival = time { arrival = max(arrival, batch.arrival) } else { arrival = batch.arrival }
    }

    /// Switches to the partition of the batch.
    @inline(never) private mutating func switchPartition(to batch: borrowing Batch) {
        partitions.grow(to: batch.partitionCount)
        guard partitions.count > batch.partition, partitions.count > current else { return }
        partitions[current] = currentState
        current = batch.partition
        let state = partitions[current]
        if batch.count > 0 { partitions.activate(current) }
        watermark.turn(to: state, ceiling: partitions.lowest(without: current))
        // An idle partition does not advance the watermark.
        hasActivityChanged = !partitions.isActive(current)
        if !hasActivityChanged { watermark.raise() }
        yearAnchor = state.yearAnchor
        linesBefore = state.lines
        input = state.input
        latestOfCurrent = current < latestOfReplay.count ? latestOfReplay[current] : nil
    }

    /// Called after the whole batch has been processed.
    mutating func end(_ batch: borrowing Batch, _ records: borrowing Records) {
        if takesYearless { yearAnchor = lastTime(before: records.count, records) ?? yearAnchor }
        guard batch.outlook != .more else { return }
        hasActivityChanged = true
        guard partitions.deactivate(current, isEnded: batch.outlook == .ended) else { return }
        let lowest = partitions.lowest(without: current)
        // If all partitions are idle, their highest watermark applies (as in Flink's StatusWatermarkValve).
        watermark.raise(
            to: lowest < Int64.max ? lowest : partitions.highest(current: current, watermark: watermark.own))
    }

    /// Whether the time is further ahead of the wall clock than `--max-ahead` allows.
    @inline(__always) private func isFuture(_ time: Int64) -> Bool {
        // In a replay, repeat the decision of the earlier run, because the wall clock has advanced since.
        if let latestOfCurrent { return time > latestOfCurrent }
        return time > arrival && time &- arrival > maxAhead
    }

    private var currentState: PartitionState {
        var state = PartitionState()
        state.watermark = watermark.own
        state.latest = watermark.maxTime
        state.isPunctuated = watermark.isPunctuated
        state.yearAnchor = yearAnchor
        state.lines = linesBefore + linesOfBatch
        state.input = input
        return state
    }

    /// The largest event time of all partitions minus the delay: the watermark after all records, in whatever order the
    /// partitions were read; without a delay, that of a delay of zero.
    var lastWatermark: Int64 {
        let latest = (0..<partitions.count).reduce(watermark.maxTime) { max($0, state(of: $1).latest) }
        return saturatingSubtract(latest, watermark.delay ?? 0)
    }

    /// The state of a partition between two batches.
    func state(of partition: Int) -> PartitionState {
        partition == current
            ? currentState : partition < partitions.count ? partitions[partition] : PartitionState()
    }
    func isIdle(_ partition: Int) -> Bool { partition < partitions.count && !partitions.isActive(partition) }

    mutating func beginReplay(from start: ReplayStart) {
        partitions = PartitionStates(replaying: start.partitions)
        let first = partitions[0]
        watermark.rewind(to: start.watermark)
        watermark.turn(to: first, ceiling: partitions.lowest(without: 0))
        watermark.raise()
        current = 0
        yearAnchor = first.yearAnchor
        linesBefore = first.lines
        linesOfBatch = 0
        input = first.input
        if maxAhead < Int64.max { latestOfReplay = start.latestAccepted }
        latestOfCurrent = latestOfReplay.first
        isReplaying = true
    }

    mutating func endReplay(watermark time: Int64) {
        watermark.raise(to: time)
        latestOfReplay = []
        latestOfCurrent = nil
        isReplaying = false
        partitions.endReplay()
        hasActivityChanged = true
        rejects.removeAll()
    }

    /// The latest event time of a batch whose records need no individual checks; otherwise nil. All of them must be
    /// accepted, within `--max-records`, and not too far ahead of the wall clock. Also sets the times of the rows.
    ///
    /// - Parameter orFiltered: whether they may be filtered as well.
    mutating func settle(_ batch: borrowing Records, orFiltered: Bool) -> Int64? {
        guard orFiltered ? batch.areAcceptedOrFiltered : batch.unusualRows == 0, batch.count > 0,
            maxRecords &- records >= batch.count
        else { return nil }
        switch time {
        case nil: return 0
        case .arrival:
            batch.times.update(repeating: arrival, count: batch.count)
            return arrival
        case .field:
            guard let span = batch.timeSpan ?? yearlessSpan(batch), span.lowerBound > -Watermark.timeLimit,
                span.upperBound < Watermark.timeLimit,
                !isFuture(span.upperBound)
            else { return nil }
            return span.upperBound
        }
    }

    /// Finds the years of the times of a batch and returns their span; nil if one of them is not a usable time.
    private mutating func yearlessSpan(_ records: borrowing Records) -> ClosedRange<Int64>? {
        var span = Int64.max...Int64.max
        for row in 0..<records.count {
            // The records after one that will be rejected must not get its year.
            guard let time = eventTime(row, records), !isFuture(time) else { return nil }
            span = row == 0 ? time...time : min(span.lowerBound, time)...max(span.upperBound, time)
        }
        return span
    }

    /// Counts records that were processed as a run; `latest` is their latest event time.
    mutating func take(_ count: Int, filtered: Int, latest: Int64, _ counts: inout RunCounts) {
        records &+= count
        counts.records &+= count
        counts.filtered &+= filtered
        if count > 0 { watermark.observe(latest) }
    }

    @inline(__always)
    mutating func admit(
        _ row: Int, _ records: borrowing Records, _ counts: inout RunCounts
    ) throws(EngineError) -> Admission.Outcome {
        let status = records.places[row].status
        if status == .control { return control(row, records) }
        self.records &+= 1
        counts.records &+= 1
        if status == .accepted {
            switch time {
            case nil: return .record(time: 0)
            case .arrival:
                // first, last, rate and others look times up by row.
                records.times[row] = arrival
                return .record(time: arrival)
            case .field:
                guard let time = eventTime(row, records) else {
                    try rejectTime(row, records, &counts)
                    return .rejected
                }
                if isFuture(time) {
                    records.timeKinds[row] = .none
                    try reject(row, records, .future, "further ahead of the clock than --max-ahead", &counts)
                    return .rejected
                }
                return .record(time: time)
            }
        }
        if status == .filtered {
            counts.filtered &+= 1
            // A filtered record still advances the watermark.
            if case .arrival = time {
                watermark.observe(arrival)
            } else if let time = eventTime(row, records) {
                if isFuture(time) { records.timeKinds[row] = .none } else { watermark.observe(time) }
            }
            return .passed
        }
        if status == .noValue {
            // In a compacted topic, this is how a key is deleted.
            counts.tombstones &+= 1
            return .passed
        }
        try reject(row, records, status.rejectReason, records.detail(of: status), &counts)
        return .rejected
    }

    /// The event time of a row; nil if it is missing or outside the supported range.
    @inline(__always) private mutating func eventTime(_ row: Int, _ records: borrowing Records) -> Int64? {
        let kind = records.timeKinds[row]
        if kind == .known {
            let time = records.times[row]
            return time > -Watermark.timeLimit && time < Watermark.timeLimit ? time : nil
        }
        return kind == .yearless ? yearlessTime(row, records) : nil
    }

    /// The time of a row without a year: the nearest to that of the record before it, or, for the first record of an
    /// input, the latest one before the input was written.
    @inline(never)
    private mutating func yearlessTime(_ row: Int, _ records: borrowing Records) -> Int64? {
        let yearless = YearlessTime(packed: records.times[row])
        let anchor = lastTime(before: row, records) ?? yearAnchor
        let found =
            if let anchor {
                yearless.nearest(to: anchor, zone: zone)
            } else {
                yearless.latest(before: written, zone: zone)
            }
        guard let time = found, time > -Watermark.timeLimit, time < Watermark.timeLimit else { return nil }
        // first, last and others look times up by row.
        records.times[row] = time
        records.timeKinds[row] = .known
        return time
    }

    /// The event time of the last record before a row of the batch that has a usable one.
    private func lastTime(before row: Int, _ records: borrowing Records) -> Int64? {
        var row = row
        while row > 0 {
            row &-= 1
            guard records.timeKinds[row] == .known else { continue }
            let isRejected = records.places[row].status.isRejected
            let time = records.times[row]
            if !isRejected, time > -Watermark.timeLimit, time < Watermark.timeLimit { return time }
        }
        return nil
    }

    private mutating func control(_ row: Int, _ records: borrowing Records) -> Admission.Outcome {
        guard time != nil else { return .controlLine }
        guard let reading = boundReader?.read(records.columns[layout.boundColumn][row]) else { return .passed }
        if case .time(let bound) = reading {
            watermark.punctuate(min(max(bound, -Watermark.timeLimit), Watermark.timeLimit))
        } else {
            watermark.punctuate(nil)
        }
        return .passed
    }

    /// The first event time of a processed batch; nil if it has none.
    func firstTime(_ records: borrowing Records) -> Int64? {
        switch time {
        case nil: return nil
        case .arrival: return records.count > 0 ? arrival : nil
        case .field:
            for row in 0..<records.count where records.timeKinds[row] == .known { return records.times[row] }
            return nil
        }
    }

    func positions(_ records: borrowing Records) -> RecordPositions {
        records.positions(input: input, partition: current, linesBefore: linesBefore)
    }

    /// What is wrong with a rejected record, for messages.
    private func explanation(_ row: Int, _ records: borrowing Records, _ reason: RejectReason) -> String {
        switch reason {
        case .future:
            "\(DurationText.approximate(records.times[row] &- arrival)) ahead of the clock; --max-ahead off accepts it"
        default: records.explanation(of: row)
        }
    }

    /// - Parameter detail: for the rejects file.
    @inline(never) private mutating func reject(
        _ row: Int, _ records: borrowing Records, _ reason: RejectReason, _ detail: StaticString,
        _ counts: inout RunCounts
    ) throws(EngineError) {
        let position = positions(records)[row]
        counts.reject(reason)
        if counts.lacksExample(of: reason) {
            counts.addExample(Example(position: position, text: explanation(row, records, reason)), of: reason)
        }
        guard !isReplaying else { return }
        rejects.add(
            reason.rawValue, detail, position, records.text(of: row), records.content(of: row),
            holdsLineBreaks: records.holdsLineBreaks)
        if isStrict { throw .rejected(reason, position, detail: explanation(row, records, reason)) }
    }

    /// Rejects a record without a usable event time.
    @inline(never) private mutating func rejectTime(
        _ row: Int, _ records: borrowing Records, _ counts: inout RunCounts
    ) throws(EngineError) {
        let position = positions(records)[row]
        let value = layout.timeColumn.map { records.columns[$0][row] } ?? .missing
        let defect = explainer?.defect(of: value) ?? .missing
        let explanation = { [explainer] in explainer?.text(value) ?? "no timestamp" }
        counts.reject(defect) { Example(position: position, text: explanation()) }
        guard !isReplaying else { return }
        rejects.add(
            RejectReason.noTime.rawValue, defect.detail, position, records.text(of: row), records.content(of: row),
            holdsLineBreaks: records.holdsLineBreaks)
        if isStrict { throw .rejected(.noTime, position, detail: explanation()) }
    }

    /// Counts a record whose windows had all closed.
    @inline(never) mutating func late(
        _ row: Int, _ records: borrowing Records, lastEnd: Int64, lateness: Int64, _ counts: inout RunCounts,
        _ detail: StaticString = "its windows had closed"
    ) {
        // An earlier run has printed its windows, or has called it late.
        guard !isReread else {
            counts.reread &+= 1
            return
        }
        // The smallest delay with which the watermark would not have reached the end of the window.
        let reached = watermark.isPunctuated ? watermark.time : saturatingAdd(watermark.time, watermark.delay ?? 0)
        counts.isPunctuated = watermark.isPunctuated
        counts.late(neededDelay: saturatingAdd(saturatingSubtract(saturatingSubtract(reached, lastEnd), lateness), 1))
        guard !isReplaying else { return }
        rejects.add(
            "late", detail, positions(records)[row], records.text(of: row), records.content(of: row),
            holdsLineBreaks: records.holdsLineBreaks)
    }
}

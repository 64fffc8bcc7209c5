/// Overlapping windows: hopping and cumulative. A record updates only the state of its slice; a window merges its
/// slices when it closes (like Flink's slice-sharing window aggregation).
///
/// A slice is dropped when the last window that covers it has closed. With lateness, the merged state of a closed
/// window is kept, and a late record causes a corrected row at once.
struct OverlappingWindows: WindowOperator, ~Copyable {
    private struct Expiry: Comparable {
        var at: Int64
        var pane: UInt32
        var start: Int64
        static func < (left: Expiry, right: Expiry) -> Bool {
            left.at != right.at ? left.at < right.at : left.pane < right.pane
        }
    }

    var context: WindowContext
    private let slicing: Slicing
    private let lateness: Int64
    private var panes = Panes()
    private var sliceAt: [Int64: UInt32] = [:]
    private var slices = Heap<Expiry>()
    /// Windows that have data and have not closed.
    private var open = Heap<WindowBounds>()
    private var opened: Set<WindowBounds> = []
    /// The windows that have closed but can still be corrected, with the panes of their merged states.
    private var closed: [WindowBounds: UInt32] = [:]
    private var corrections = Heap<Expiry>()
    private(set) var nextDue = Int64.max
    var batch: Int {
        get { panes.batch }
        set { panes.batch = newValue }
    }
    var oldestBatch: Int? { panes.oldestBatch }
    var tableBytes: Int {
        panes.memoryBytes + sliceAt.memoryBytes + slices.memoryBytes + open.memoryBytes + opened.memoryBytes
            + closed.memoryBytes + corrections.memoryBytes
    }

    // The slice of the previous record, because most records are in the same slice, and its pane once it is known.
    private var last = Slicing.Slice(start: Int64.max, end: Int64.min, lastEnd: 0)
    private var lastPane: UInt32?

    init(_ slicing: Slicing, lateness: Int64, _ context: consuming WindowContext) {
        self.context = context
        self.slicing = slicing
        self.lateness = lateness
    }

    mutating func add(_ record: Record, watermark: Int64) throws(EngineError)
        -> Placement
    {
        if record.time < last.start || record.time >= last.end {
            guard let slice = slicing.slice(at: record.time) else { return .inNoWindow }
            last = slice
            lastPane = nil
        }
        let slice = last
        guard saturatingAdd(slice.lastEnd, lateness) > watermark else { return .late(lastEnd: slice.lastEnd) }
        if slice.lastEnd > watermark {
            let pane = lastPane ?? sliceAt[slice.start] ?? makeSlice(slice, watermark: watermark)
            lastPane = pane
            let slot = try panes.slot(pane, record.key, context: &context)
            context.states.add(slot, row: record.row)
        }
        // Windows that had already closed are corrected within the lateness, otherwise missed.
        guard slice.end <= watermark || lateness > 0 else { return .inWindow }
        var missed = 0
        var late: [WindowBounds] = []
        slicing.forEachWindow(over: slice) { start, end in
            if end > watermark { return }
            if saturatingAdd(end, lateness) <= watermark {
                missed += 1
            } else {
                late.append(WindowBounds(start: start, end: end))
            }
        }
        for window in late { try correct(window, record) }
        return missed > 0 ? .inSomeWindows(missed: missed) : .inWindow
    }

    mutating func takeRun(
        _ records: borrowing Records, from row: inout Int, reached: Int64
    ) throws(EngineError) {
        while row < records.count {
            // No window of the slice closes before the end of the slice.
            guard let slice = slicing.slice(at: records.times[row]), slice.end > reached else { return }
            let pane = sliceAt[slice.start] ?? makeSlice(slice, watermark: reached)
            let end = records.endOfStretch(from: row, in: slice)
            try panes.addRun(pane, records.keys, from: &row, to: end, context: &context)
        }
    }

    private mutating func makeSlice(_ slice: Slicing.Slice, watermark: Int64) -> UInt32 {
        let pane = panes.make(start: slice.start, end: slice.end, lastEnd: slice.lastEnd)
        sliceAt[slice.start] = pane
        slices.insert(Expiry(at: slice.lastEnd, pane: pane, start: slice.start))
        slicing.forEachWindow(over: slice) { start, end in
            let window = WindowBounds(start: start, end: end)
            if end > watermark, opened.insert(window).inserted { open.insert(window) }
        }
        setNextDue()
        return pane
    }

    private mutating func setNextDue() {
        nextDue = min(
            open.first?.end ?? Int64.max, slices.first?.at ?? Int64.max, corrections.first?.at ?? Int64.max)
    }

    private mutating func correct(_ window: WindowBounds, _ record: Record)
        throws(EngineError)
    {
        let pane = closed[window] ?? keep(window)
        let slot = try panes.slot(pane, record.key, context: &context)
        context.states.add(slot, row: record.row)
        context.emitter.add(key: slot, state: slot, window, context.groups)
    }

    /// Keeps a closed window that can still be corrected.
    private mutating func keep(_ window: WindowBounds) -> UInt32 {
        let pane = panes.make(start: window.start, end: window.end, lastEnd: window.end)
        closed[window] = pane
        corrections.insert(Expiry(at: saturatingAdd(window.end, lateness), pane: pane, start: window.start))
        setNextDue()
        return pane
    }

    mutating func close(upTo watermark: Int64) throws(EngineError) {
        // First what is not needed any more, so that the windows that close next reuse its memory.
        while let expiry = corrections.first, expiry.at <= watermark {
            _ = corrections.removeFirst()
            closed[panes[expiry.pane].bounds] = nil
            panes.remove(expiry.pane, context: &context)
        }
        while let window = open.first, window.end <= watermark {
            _ = open.removeFirst()
            opened.remove(window)
            let merged = try merge(window)
            try context.print()
            let expiry = saturatingAdd(window.end, lateness)
            if expiry > watermark {
                closed[window] = merged
                corrections.insert(Expiry(at: expiry, pane: merged, start: window.start))
            } else {
                panes.remove(merged, context: &context)
            }
            // Drop slices as soon as no later window needs them, to bound memory at the end of a long input.
            dropSlices(upTo: window.end)
        }
        dropSlices(upTo: watermark)
        setNextDue()
    }

    private mutating func dropSlices(upTo watermark: Int64) {
        while let expiry = slices.first, expiry.at <= watermark {
            _ = slices.removeFirst()
            sliceAt[expiry.start] = nil
            if lastPane == expiry.pane { lastPane = nil }
            panes.remove(expiry.pane, context: &context)
        }
    }

    /// Merges the slices of a window under a new pane and adds its rows to the emitter.
    private mutating func merge(_ window: WindowBounds) throws(EngineError) -> UInt32 {
        context.isMerging = true
        defer { context.isMerging = false }
        let merged = panes.make(start: window.start, end: window.end, lastEnd: window.end)
        var covered: [UInt32] = []
        slicing.forEachSlice(of: window.start, window.end) { start in
            if let pane = sliceAt[start] { covered.append(pane) }
        }
        var key = ByteBuffer(capacity: 256)
        for pane in covered {
            panes.note(pane, in: merged)
            var sources: [UInt32] = []
            panes.forEachSlot(of: pane, &context) { slot, _ in sources.append(slot) }
            for source in sources {
                // Copy the key, because a new slot may move the table.
                let copy = context.groups.copyKey(source, into: &key)
                let target = try panes.slot(merged, copy, context: &context)
                context.states.merge(source, into: target)
            }
        }
        // The copies of long keys are in it.
        extendLifetime(key)
        panes.forEachSlot(of: merged, &context) { slot, context in
            context.emitter.add(key: slot, state: slot, window, context.groups)
        }
        return merged
    }

    mutating func printOpen() throws(EngineError) {
        for window in open.unordered.sorted() {
            let merged = try merge(window)
            try context.print(isFinal: false)
            panes.remove(merged, context: &context)
        }
    }

    func bounds(after watermark: Int64) -> [Int64?] {
        let bounds = slicing.bounds(after: saturatingSubtract(watermark, lateness))
        return [bounds?.start, bounds?.end]
    }
}

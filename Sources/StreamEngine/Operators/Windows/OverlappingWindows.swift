/// Overlapping windows: hopping and cumulative. A record updates only the state of its slice; a window merges its
/// slices when it closes (like Flink's slice-sharing window aggregation).
///
/// A slice is dropped when the last window that covers it has closed. With lateness, the merged state of a closed
/// window is kept, and a late record causes a corrected row at once.
struct OverlappingWindows: WindowOperator, ~Copyable {
    /// When a slice or a closed window is dropped. Slices are ordered by start.
    private struct Expiry: Comparable {
        var at: Int64
        var start: Int64
        var pane: UInt32
        static func < (left: Expiry, right: Expiry) -> Bool {
            left.at != right.at ? left.at < right.at : left.start < right.start
        }
    }

    var context: WindowContext
    private let slicing: Slicing
    private let lateness: Int64
    private var panes = Panes()
    private var tree: SliceTree
    private var directory: KeyDirectory
    private var slices = Heap<Expiry>()
    /// All windows that end by this time are closed, and blocks that end by it are final but for late records.
    private var passed = Int64.min
    /// The windows that have closed but can still be corrected, with the panes of their merged states.
    private var closed: [WindowBounds: UInt32] = [:]
    private var corrections = Heap<Expiry>()
    private var merger = PaneMerger()
    /// The blocks that were merged before they were final.
    private var unfinished: [SliceTree.Block] = []
    /// Nothing will use the groups and states of slices that are dropped.
    private var isEnding = false
    private(set) var nextDue = Int64.max
    var batch: Int {
        get { panes.batch }
        set { panes.batch = newValue }
    }
    var oldestBatch: Int? { panes.oldestBatch }
    var tableBytes: Int {
        panes.memoryBytes + tree.memoryBytes + directory.tableBytes + slices.memoryBytes + closed.memoryBytes
            + corrections.memoryBytes
    }

    var openWindows: Int? {
        var count = 0
        var last = passed
        for expiry in slices.unordered.sorted() {
            guard let slice = slicing.slice(at: expiry.start), slice.lastEnd > last else { continue }
            count &+= slicing.countOfEnds(over: slice, after: last)
            last = slice.lastEnd
        }
        return count
    }

    // The slice of the previous record, because most records are in the same slice, and its pane once it is known.
    private var last = Slicing.Slice(start: Int64.max, end: Int64.min, lastEnd: 0)
    private var lastPane: UInt32?

    init(_ slicing: Slicing, lateness: Int64, _ context: consuming WindowContext) {
        self.context = context
        directory = KeyDirectory(merged: self.context.makeStates())
        self.slicing = slicing
        self.lateness = lateness
        tree = SliceTree(slicing)
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
            // Windows that have closed without records stay closed.
            passed = max(passed, watermark)
            let pane = lastPane ?? tree[slice.start] ?? makeSlice(slice)
            lastPane = pane
            if context.lanes.isDeferring {
                context.lanes.add(pane, row: record.row)
            } else {
                let slot = try panes.slot(pane, record.key, context: &context)
                context.states.add(slot, row: record.row)
            }
        }
        guard slice.end <= watermark else { return .inWindow }
        return try addLate(record, slice, watermark: watermark)
    }

    /// Corrects the windows that had already closed, as far as the lateness allows; the others are missed.
    @inline(never) private mutating func addLate(
        _ record: Record, _ slice: Slicing.Slice, watermark: Int64
    ) throws(EngineError) -> Placement {
        panes.settle(&context)
        context.lanes.layOutKeys()
        if slice.lastEnd > watermark {
            for pane in tree.panes(at: slice.start) {
                context.states.add(try derivedSlot(pane, record.key), row: record.row)
            }
        }
        let dropped = saturatingSubtract(watermark, lateness)
        let first = slicing.firstEnd(over: slice, after: Int64.min)
        var end = slicing.firstEnd(over: slice, after: dropped)
        let missed = (end &- first) / slicing.step
        while end <= min(watermark, slice.lastEnd) {
            try correct(slicing.window(over: slice, ending: end), record)
            end &+= slicing.step
        }
        return missed > 0 ? .inSomeWindows(missed: Int(missed)) : .inWindow
    }

    mutating func takeRun(
        _ records: borrowing Records, from row: inout Int, to end: Int, reached: Int64
    ) throws(EngineError) {
        while row < end {
            // No window of the slice closes before the end of the slice.
            guard let slice = slicing.slice(at: records.times[row]), slice.end > reached else { return }
            let pane = tree[slice.start] ?? makeSlice(slice)
            let stretchEnd = records.endOfStretch(from: row, to: end, in: slice)
            try panes.addRun(pane, records.keys, from: &row, to: stretchEnd, context: &context)
        }
    }

    private mutating func makeSlice(_ slice: Slicing.Slice) -> UInt32 {
        let pane = panes.make(start: slice.start, end: slice.end, lastEnd: slice.lastEnd)
        tree.insert(pane, start: slice.start)
        slices.insert(Expiry(at: slice.lastEnd, start: slice.start, pane: pane))
        setNextDue()
        return pane
    }

    /// The first window that ends after `time` and has records.
    private func nextOpen(after time: Int64) -> WindowBounds? {
        // Window ends and slices have the same order, so it is a window over the first slice.
        guard let first = slices.first, let slice = slicing.slice(at: first.start), slice.lastEnd > time else {
            return nil
        }
        return slicing.window(over: slice, ending: slicing.firstEnd(over: slice, after: time))
    }

    private mutating func setNextDue() {
        nextDue = min(nextOpen(after: passed)?.end ?? Int64.max, corrections.first?.at ?? Int64.max)
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
        keep(window, pane)
        setNextDue()
        return pane
    }

    private mutating func keep(_ window: WindowBounds, _ pane: UInt32) {
        closed[window] = pane
        corrections.insert(Expiry(at: saturatingAdd(window.end, lateness), start: window.start, pane: pane))
    }

    mutating func close(upTo watermark: Int64) throws(EngineError) {
        panes.settle(&context)
        isEnding = context.isEnding(watermark, lateness: lateness)
        // First what is not needed any more, so that the windows that close next reuse its memory.
        while let expiry = corrections.first, expiry.at <= watermark {
            _ = corrections.removeFirst()
            drop(panes[expiry.pane].bounds, expiry.pane)
        }
        while let window = nextOpen(after: passed), window.end <= watermark {
            passed = window.end
            if lateness > 0 {
                let merged = try merge(tree.parts(of: window), as: window)
                panes.addRows(of: merged, as: window, &context)
                try context.print()
                if saturatingAdd(window.end, lateness) > watermark {
                    keep(window, merged)
                } else {
                    drop(window, merged)
                }
            } else if try printTogether(from: window, upTo: watermark) {
                continue
            } else {
                try print(window, isFinal: true)
            }
            // Drop slices as soon as no later window needs them, to bound memory at the end of a long input.
            dropSlices(upTo: window.end)
        }
        passed = max(passed, watermark)
        dropSlices(upTo: watermark)
        setNextDue()
    }

    /// Drops a window that cannot be corrected any more.
    private mutating func drop(_ window: WindowBounds, _ pane: UInt32) {
        closed[window] = nil
        context.emitter.forget(window)
        panes.remove(pane, context: &context)
    }

    mutating func addGroups(of window: WindowBounds) {
        if let pane = closed[window] { panes.addRows(of: pane, as: window, &context) }
    }

    private mutating func dropSlices(upTo watermark: Int64) {
        while let expiry = slices.first, expiry.at <= watermark {
            _ = slices.removeFirst()
            drop(expiry)
        }
    }

    private mutating func drop(_ slice: Expiry) {
        for pane in tree.remove(start: slice.start) { removeDerived(pane) }
        if lastPane == slice.pane { lastPane = nil }
        directory.remove(slice.pane, context: &context)
        if isEnding {
            panes.leave(slice.pane, context: &context)
        } else {
            panes.remove(slice.pane, context: &context)
        }
    }

    // MARK: Merging

    /// Prints the rows of a window.
    private mutating func print(_ window: WindowBounds, isFinal: Bool) throws(EngineError) {
        let parts = tree.parts(of: window)
        if parts.count == 1 {
            panes.addRows(of: try pane(of: parts[0]), as: window, &context)
            return try context.print(isFinal: isFinal)
        }
        try directory.merge(
            KeyDirectory.Window(bounds: window, sources: try sources(parts)), panes, context: &context)
        try context.print(isFinal: isFinal, areSorted: true)
        directory.clear(&context)
    }

    /// The panes of slices and blocks.
    private mutating func sources(_ parts: [SliceTree.Part]) throws(EngineError) -> [UInt32] {
        var panes: [UInt32] = []
        for part in parts { panes.append(try pane(of: part)) }
        return panes
    }

    /// Prints this window and those that close after it, as many as can be merged together, and drops what no later one
    /// needs.
    ///
    /// - Returns: false if windows are merged one at a time.
    private mutating func printTogether(from first: WindowBounds, upTo watermark: Int64) throws(EngineError) -> Bool {
        guard context.mergesTogether else { return false }
        var windows: [KeyDirectory.Window] = []
        var expired: [Expiry] = []
        var (next, groups): (WindowBounds?, Int) = (first, 0)
        while groups < Self.groupsTogether, windows.count < Self.windowsTogether, let window = next,
            window.end <= watermark
        {
            passed = window.end
            let sources = try sources(tree.parts(of: window))
            groups += panes.slotCount(of: sources)
            windows.append(KeyDirectory.Window(bounds: window, sources: sources))
            while let expiry = slices.first, expiry.at <= passed {
                _ = slices.removeFirst()
                expired.append(expiry)
            }
            next = nextOpen(after: passed)
        }
        let ranges = windows.count > 1 ? context.rangeCount() : 0
        if ranges > 1 || windows.count > 1 && windows.contains(where: { $0.sources.count >= SlidingRun.fewestParts }) {
            try directory.print(windows, ranges: ranges, panes, context: &context)
        } else {
            for window in windows { try print(window.bounds, isFinal: true) }
        }
        for slice in expired { drop(slice) }
        return true
    }

    /// Windows are printed together until their slices and blocks have this many groups.
    private static var groupsTogether: Int { 1 << 18 }
    /// And at most so many, since each thread has a buffer for each of them.
    private static var windowsTogether: Int { 1 << 10 }

    private mutating func pane(of part: SliceTree.Part) throws(EngineError) -> UInt32 {
        switch part {
        case .slice(let pane): return pane
        case .block(let block):
            let known = tree.pane(of: block)
            if known != GroupTable.none { return known }
            let merged = try merge(tree.parts(of: block), as: WindowBounds(start: block.start, end: block.end))
            context.derivedGroups += panes[merged].slotCount
            tree.setPane(merged, of: block)
            if block.end > passed { unfinished.append(block) }
            return merged
        }
    }

    /// Merges slices and blocks under a new pane.
    private mutating func merge(_ parts: [SliceTree.Part], as bounds: WindowBounds) throws(EngineError) -> UInt32 {
        let sources = try sources(parts)
        context.isMerging = true
        defer { context.isMerging = false }
        let merged = panes.make(start: bounds.start, end: bounds.end, lastEnd: bounds.end)
        try merger.merge(sources, into: merged, &panes, &context)
        return merged
    }

    /// The slot of a key in a merged block, whose groups do not count towards `--max-groups`.
    private mutating func derivedSlot(_ pane: UInt32, _ key: GroupKey) throws(EngineError) -> UInt32 {
        context.isMerging = true
        defer { context.isMerging = false }
        let count = context.groups.count
        let slot = try panes.slot(pane, key, context: &context)
        context.derivedGroups += context.groups.count - count
        return slot
    }

    private mutating func removeDerived(_ pane: UInt32) {
        context.derivedGroups -= panes[pane].slotCount
        directory.remove(pane, context: &context)
        panes.remove(pane, context: &context)
    }

    mutating func printOpen() throws(EngineError) {
        panes.settle(&context)
        var time = passed
        for entry in slices.unordered.sorted() {
            guard let slice = slicing.slice(at: entry.start) else { continue }
            while slice.lastEnd > time {
                if context.emitter.output.previewRoom == 0 {
                    // To count them, their slices would have to be merged.
                    context.emitter.hide(nil)
                    break
                }
                let window = slicing.window(over: slice, ending: slicing.firstEnd(over: slice, after: time))
                try print(window, isFinal: false)
                time = window.end
            }
        }
        // Records may still be added to the slices of these.
        for block in unfinished {
            removeDerived(tree.pane(of: block))
            tree.setPane(GroupTable.none, of: block)
        }
        unfinished.removeAll()
    }

    mutating func settleLanes() { panes.settle(&context) }
    mutating func beginLanes(_ records: borrowing Records) { panes.begin(records, context: &context) }

    func bounds(after watermark: Int64) -> [Int64?] {
        let bounds = slicing.bounds(after: saturatingSubtract(watermark, lateness))
        return [bounds?.start, bounds?.end]
    }
}

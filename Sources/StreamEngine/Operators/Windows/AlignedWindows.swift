/// Windows that do not overlap: the whole input, tumbling and calendar windows. A record is in exactly one window.
///
/// A closed window is kept until its lateness has passed. Until then, a late record causes a corrected row at once.
struct AlignedWindows: WindowOperator, ~Copyable {
    private struct Due: Comparable {
        var bounds: WindowBounds
        var pane: UInt32
        static func < (left: Due, right: Due) -> Bool { left.bounds < right.bounds }
    }

    var context: WindowContext
    private let slicing: Slicing
    private let lateness: Int64
    private let fills: FillMode
    private var panes = Panes()
    private var windowAt: [Int64: UInt32] = [:]
    /// Open windows, and closed windows that can still be corrected.
    private var open = Heap<Due>()
    private var closed = Heap<Due>()
    private var gaps: GapFiller?
    private var filler: AllFiller?
    /// Nothing will use the groups and states of windows that have closed.
    private var isEnding = false
    private(set) var nextDue = Int64.max
    var batch: Int {
        get { panes.batch }
        set { panes.batch = newValue }
    }
    var fillsToTheEnd: Bool { fills == .all }
    var tableBytes: Int { panes.memoryBytes + windowAt.memoryBytes + open.memoryBytes + closed.memoryBytes }
    var openWindows: Int? { open.unordered.count }
    /// Filling gaps requires the last row of every group and therefore a replay of the whole input.
    var oldestBatch: Int? { fills == .none ? panes.oldestBatch : 0 }

    // The window of the previous record, because most records are in the same window. Empty if there is none.
    private var lastStart = Int64.max
    private var lastEnd = Int64.min
    private var lastPane: UInt32 = 0

    init(_ slicing: Slicing, lateness: Int64, fill: FillMode, _ context: consuming WindowContext) {
        self.context = context
        self.slicing = slicing
        self.lateness = lateness
        fills = fill
        switch fill {
        case .none: break
        case .gaps: gaps = GapFiller(slicing)
        case .all: filler = AllFiller(slicing)
        }
    }

    @inline(__always)
    mutating func add(_ record: Record, watermark: Int64) throws(EngineError)
        -> Placement
    {
        if record.time < lastStart || record.time >= lastEnd {
            guard let slice = slicing.slice(at: record.time) else { return .inNoWindow }
            guard saturatingAdd(slice.end, lateness) > watermark else { return .late(lastEnd: slice.end) }
            find(slice, watermark: watermark)
        } else if watermark >= lastEnd, saturatingAdd(lastEnd, lateness) <= watermark {
            return .late(lastEnd: lastEnd)
        }
        if context.lanes.isDeferring {
            if lastEnd > watermark {
                context.lanes.add(lastPane, row: record.row)
                return .inWindow
            }
            panes.settle(&context)
            context.lanes.layOutKeys()
        }
        let slot = try panes.slot(lastPane, record.key, context: &context)
        context.states.add(slot, row: record.row)
        if lastEnd <= watermark {
            filler?.see(slot, context: &context)
            context.emitter.add(key: slot, state: slot, WindowBounds(start: lastStart, end: lastEnd), context.groups)
        }
        return .inWindow
    }

    mutating func takeRun(
        _ records: borrowing Records, from row: inout Int, to end: Int, reached: Int64
    ) throws(EngineError) {
        while row < end {
            guard let slice = slicing.slice(at: records.times[row]), slice.end > reached else { return }
            find(slice, watermark: reached)
            let stretchEnd = records.endOfStretch(from: row, to: end, in: slice)
            try panes.addRun(lastPane, records.keys, from: &row, to: stretchEnd, context: &context)
        }
    }

    @inline(never) private mutating func find(_ slice: Slicing.Slice, watermark: Int64) {
        lastStart = slice.start
        lastEnd = slice.end
        if let pane = windowAt[slice.start] {
            lastPane = pane
            return
        }
        lastPane = panes.make(start: slice.start, end: slice.end, lastEnd: slice.end)
        windowAt[slice.start] = lastPane
        let due = Due(bounds: WindowBounds(start: slice.start, end: slice.end), pane: lastPane)
        if slice.end > watermark { open.insert(due) } else { closed.insert(due) }
        setNextDue()
    }

    private mutating func setNextDue() {
        nextDue = min(
            open.first?.bounds.end ?? Int64.max,
            closed.first.map { saturatingAdd($0.bounds.end, lateness) } ?? Int64.max)
        if let due = filler?.nextDue { nextDue = min(nextDue, due) }
    }

    mutating func close(upTo watermark: Int64) throws(EngineError) {
        panes.settle(&context)
        isEnding = fills == .none && context.isEnding(watermark, lateness: lateness)
        switch fills {
        case .gaps: try closeWithGaps(upTo: watermark)
        case .all: try closeAll(upTo: watermark)
        case .none:
            while let due = open.first, due.bounds.end <= watermark {
                if try printTogether(upTo: watermark) { continue }
                _ = open.removeFirst()
                try printAlone(due)
            }
        }
        while let due = closed.first, saturatingAdd(due.bounds.end, lateness) <= watermark {
            _ = closed.removeFirst()
            drop(due)
        }
        setNextDue()
    }

    /// The groups of small windows that are printed together.
    private static var groupsTogether: Int { 1 << 14 }

    /// Prints the next windows if they are small: together, if several threads can do so.
    ///
    /// - Returns: false if the next one is not small, or there is one thread.
    private mutating func printTogether(upTo watermark: Int64) throws(EngineError) -> Bool {
        guard context.width > 1 else { return false }
        var dues: [Due] = []
        var groups = 0
        while let due = open.first, due.bounds.end <= watermark {
            let count = panes[due.pane].slotCount
            guard count < Self.groupsTogether / 4, groups + count <= Self.groupsTogether else { break }
            dues.append(due)
            groups += count
            _ = open.removeFirst()
        }
        let parts = dues.count > 1 ? min(context.partCount(), dues.count) : 0
        if parts > 1 {
            let windows = dues.map { due in
                WindowContext.ClosingPane(
                    bounds: due.bounds, firstSlot: panes[due.pane].firstSlot, count: panes[due.pane].slotCount)
            }
            try context.print(windows, parts: parts)
            for due in dues { retire(due) }
        } else {
            for due in dues { try printAlone(due) }
        }
        return !dues.isEmpty
    }

    /// Closes windows and prints their rows, including rows that fill the gaps between them.
    private mutating func closeWithGaps(upTo watermark: Int64) throws(EngineError) {
        var dues: [Due] = []
        while let due = open.first, due.bounds.end <= watermark {
            _ = open.removeFirst()
            dues.append(due)
            var slot = panes[due.pane].firstSlot
            while slot != GroupTable.none {
                gaps?.note(slot, in: due.bounds, context: &context)
                try context.checkSize()
                slot = context.groups.slots[Int(slot)].next
            }
        }
        var printed = 0
        for (number, due) in dues.enumerated() {
            if try gaps?.fill(upTo: due.bounds, context: &context) ?? false {
                for due in dues[printed..<number] { retire(due) }
                printed = number
            }
            add(due)
        }
        try context.print()
        for due in dues[printed...] { retire(due) }
    }

    /// Closes windows and prints their rows, one window at a time, including empty windows and rows for all groups.
    private mutating func closeAll(upTo watermark: Int64) throws(EngineError) {
        while true {
            let full = open.first.flatMap { $0.bounds.end <= watermark ? $0.bounds : nil }
            while let empty = filler?.nextEmpty(before: full?.start, watermark: watermark) {
                let pane = panes.make(start: empty.start, end: empty.end, lastEnd: empty.end)
                windowAt[empty.start] = pane
                try printAll(Due(bounds: empty, pane: pane))
            }
            guard full != nil, let due = open.removeFirst() else { return }
            filler?.print(due.bounds, context: &context)
            try printAll(due)
        }
    }

    /// Prints the rows of all groups that have been seen.
    private mutating func printAll(_ due: Due) throws(EngineError) {
        try filler?.complete(due.pane, &panes, context: &context)
        try printAlone(due)
    }

    private mutating func printAlone(_ due: Due) throws(EngineError) {
        add(due)
        try context.print()
        retire(due)
    }

    private mutating func add(_ due: Due) { panes.addRows(of: due.pane, as: due.bounds, &context) }

    private mutating func retire(_ due: Due) {
        if lateness > 0 { closed.insert(due) } else { drop(due) }
    }

    private mutating func drop(_ due: Due) {
        if isEnding {
            panes.leave(due.pane, context: &context)
        } else {
            panes.remove(due.pane, context: &context)
        }
        context.emitter.forget(due.bounds)
        windowAt[due.bounds.start] = nil
        if lastPane == due.pane, lastStart == due.bounds.start {
            lastStart = Int64.max
            lastEnd = Int64.min
        }
    }

    mutating func printOpen() throws(EngineError) {
        panes.settle(&context)
        for due in open.unordered.sorted() {
            if context.emitter.output.previewRoom == 0 {
                context.emitter.hide(panes[due.pane].slotCount)
                continue
            }
            add(due)
            try context.print(isFinal: false)
        }
    }

    mutating func addGroups(of window: WindowBounds) {
        if let pane = windowAt[window.start] { add(Due(bounds: window, pane: pane)) }
    }

    mutating func settleLanes() { panes.settle(&context) }
    mutating func beginLanes(_ records: borrowing Records) { panes.begin(records, context: &context) }

    func bounds(after watermark: Int64) -> [Int64?] {
        let bounds = slicing.bounds(after: saturatingSubtract(watermark, lateness))
        return [bounds?.start, bounds?.end]
    }
}

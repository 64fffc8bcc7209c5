/// The division of event time into slices: the largest intervals from which every window can be composed.
///
/// A record is in exactly one slice, however many windows cover it; a window merges its slices when it closes. Hopping
/// windows have one slice per step, or two if the step does not divide the size ("paired windows": Krishnamurthy, Wu,
/// Franklin, "On-the-fly sharing for streamed aggregation", SIGMOD 2006). All intervals are half-open, in microseconds.
struct Slicing: Sendable {
    /// An interval, and the end of the last window that covers it.
    struct Slice {
        var start: Int64
        var end: Int64
        var lastEnd: Int64
    }

    private enum Kind {
        case all
        case tumbling
        case hopping
        case cumulative
        case calendar(CalendarCut)
    }

    private let kind: Kind
    /// The size of the largest windows.
    let size: Int64
    let step: Int64
    private let align: Int64
    /// The offset at which a hopping step is divided; 0 if it is not.
    let cut: Int64

    /// - Returns: nil for windows that do not depend on time alone (sessions, row counts).
    init?(_ window: WindowSpec, zone: ZoneOffsets) {
        switch window {
        case .all: (kind, size, step, align) = (.all, 1, 1, 0)
        case .tumbling(let length, let offset): (kind, size, step, align) = (.tumbling, length, length, offset)
        case .hopping(let length, let every, let offset): (kind, size, step, align) = (.hopping, length, every, offset)
        case .cumulative(let most, let every, let offset):
            (kind, size, step, align) = (.cumulative, most, every, offset)
        case .calendar(let unit, let offset):
            (kind, size, step, align) = (.calendar(CalendarCut(unit: unit, zone: zone, align: offset)), 1, 1, 0)
        case .session, .rows: return nil
        }
        if case .hopping = kind { cut = size % step } else { cut = 0 }
    }

    private init() { (kind, size, step, align, cut) = (.all, 1, 1, 0, 0) }

    /// A single window that covers all event times.
    static let whole = Slicing()

    /// Whether every slice is a window.
    var isSingle: Bool {
        switch kind {
        case .all, .tumbling, .calendar: true
        case .hopping: size == step
        case .cumulative: size == step
        }
    }

    /// The slice that contains a time; nil if no window covers it, because the step is longer than the size.
    func slice(at time: Int64) -> Slice? {
        switch kind {
        case .all:
            return Slice(start: Int64.min, end: Int64.max, lastEnd: Int64.max)
        case .calendar(let calendar):
            let window = calendar.window(containing: time)
            return Slice(start: window.start, end: window.end, lastEnd: window.end)
        case .tumbling:
            let start = floor(time, to: size)
            return Slice(start: start, end: start &+ size, lastEnd: start &+ size)
        case .cumulative:
            let start = floor(time, to: step)
            return Slice(start: start, end: start &+ step, lastEnd: floor(time, to: size) &+ size)
        case .hopping:
            let period = floor(time, to: step)
            if cut == 0 { return Slice(start: period, end: period &+ step, lastEnd: period &+ size) }
            if time < period &+ cut { return Slice(start: period, end: period &+ cut, lastEnd: period &+ size) }
            guard size >= step else { return nil }
            return Slice(start: period &+ cut, end: period &+ step, lastEnd: period &+ size)
        }
    }

    /// Calls `body` for each window that covers the slice, ordered by end.
    @inline(__always) func forEachWindow(over slice: Slice, _ body: (Int64, Int64) -> Void) {
        switch kind {
        case .all, .calendar, .tumbling: body(slice.start, slice.end)
        case .cumulative:
            let start = slice.lastEnd &- size
            var end = slice.end
            while end <= slice.lastEnd {
                body(start, end)
                end &+= step
            }
        case .hopping:
            // The last window starts at or before the slice; the first is the earliest that still reaches its end.
            let last = slice.lastEnd &- size
            var start = last
            while start &- step &+ size >= slice.end { start &-= step }
            while start <= last {
                body(start, start &+ size)
                start &+= step
            }
        }
    }

    /// The end of the first window that covers the slice and ends after `time`; `Int64.max` if there is none.
    ///
    /// The windows over a slice end one step after another, the last one at `lastEnd`.
    @inline(__always) func firstEnd(over slice: Slice, after time: Int64) -> Int64 {
        guard time < slice.lastEnd else { return Int64.max }
        let first = slice.lastEnd &- (slice.lastEnd &- slice.end) / step &* step
        return time < first ? first : first &+ ((time &- first) / step &+ 1) &* step
    }

    /// The number of windows that cover the slice and end after `time`.
    func countOfEnds(over slice: Slice, after time: Int64) -> Int {
        guard time < slice.lastEnd else { return 0 }
        return Int((slice.lastEnd &- firstEnd(over: slice, after: time)) / step) &+ 1
    }

    /// The hopping or cumulative window that covers the slice and ends at `end`.
    @inline(__always) func window(over slice: Slice, ending end: Int64) -> WindowBounds {
        if case .cumulative = kind { return WindowBounds(start: slice.lastEnd &- size, end: end) }
        return WindowBounds(start: end &- size, end: end)
    }

    /// The start of the interval that contains a time, if intervals of this length start at the alignment.
    @inline(__always) func start(of length: Int64, at time: Int64) -> Int64 { floor(time, to: length) }

    /// The next window, if every slice is a window.
    func next(after end: Int64) -> (start: Int64, end: Int64)? {
        switch kind {
        case .tumbling: return (end, end &+ size)
        case .calendar(let calendar):
            let window = calendar.window(containing: end)
            return (window.start, window.end)
        default: return nil
        }
    }

    /// Whether more than `limit` windows are between two boundaries, if every slice is a window.
    func exceeds(_ limit: Int, from start: Int64, to end: Int64) -> Bool {
        let length = saturatingSubtract(end, start)
        switch kind {
        case .tumbling: return length / size > Int64(limit)
        case .calendar(let calendar):
            if length / calendar.longest > Int64(limit) { return true }
            var (count, at) = (0, start)
            while at < end, count <= limit {
                at = calendar.window(containing: at).end
                count += 1
            }
            return count > limit
        default: return false
        }
    }

    /// The earliest start and the earliest end of the windows that are still open at a watermark, or will open later.
    func bounds(after watermark: Int64) -> (start: Int64, end: Int64)? {
        switch kind {
        case .all: return nil
        case .calendar(let calendar):
            let window = calendar.window(containing: watermark)
            return (window.start, window.end)
        case .tumbling:
            let start = floor(watermark, to: size)
            return (start, start &+ size)
        case .cumulative:
            return (floor(watermark, to: size), floor(watermark, to: step) &+ step)
        case .hopping:
            // The earliest end (a multiple of the step, plus the size) after the watermark.
            let start = floor(watermark &- size, to: step) &+ step
            return (start, start &+ size)
        }
    }

    @inline(__always) private func floor(_ time: Int64, to length: Int64) -> Int64 {
        time &- floorRemainder(time &- align, length)
    }
}

extension Records {
    /// The first row after `row` whose time is not in the slice, or `end`.
    func endOfStretch(from row: Int, to end: Int, in slice: Slicing.Slice) -> Int {
        // As unsigned numbers, so that one comparison suffices.
        let length = UInt64(bitPattern: slice.end &- slice.start)
        var next = row &+ 1
        while next < end, UInt64(bitPattern: times[next] &- slice.start) < length { next &+= 1 }
        return next
    }
}

/// Windows that close one after the other and slide over their parts, slices and blocks: each has parts of the one before
/// except for some of the first ones, and others after them.
///
/// So the states of a window are those of two stacks: of its parts that the first window has, which are merged from the last one
/// to the first, and of its other parts, which are merged in their order. A window then takes about three merges for each
/// group, however many parts it has (Tangwongsan, Hirzel, Schneider, "Low-latency sliding-window aggregation in worst-case
/// constant time", DEBS 2017).
struct SlidingRun {
    /// Below this number, it takes fewer merges to merge the parts of each window.
    static let fewestParts = 4

    /// The panes of the parts of all windows, in order.
    private(set) var parts: [UInt32]
    /// The parts of each window.
    private(set) var windows: [Range<Int>]

    /// Begins with the parts of the first window.
    init(_ first: [UInt32]) {
        parts = first
        windows = [0..<first.count]
    }

    /// The number of parts of the first window.
    var firstCount: Int { windows[0].upperBound }

    /// The parts of the window that the one before does not have, if they are after those of the first window.
    func added(by window: Int) -> Range<Int> {
        (window == 0 ? firstCount : windows[window - 1].upperBound)..<windows[window].upperBound
    }

    /// Adds the parts of the next window.
    ///
    /// - Returns: false if it does not slide, or has too few parts.
    mutating func add(_ window: [UInt32]) -> Bool {
        guard window.count >= Self.fewestParts, let former = windows.last,
            let start = parts[former].firstIndex(of: window[0]), start <= firstCount
        else { return false }
        let shared = parts.count - start
        guard shared <= window.count, parts[start...].elementsEqual(window[..<shared]) else { return false }
        parts += window[shared...]
        windows.append(start..<parts.count)
        return true
    }

    /// Divides windows that close one after the other into runs.
    ///
    /// - Parameter most: the most windows of a run.
    static func runs(of windows: [[UInt32]], most: Int) -> [SlidingRun] {
        var runs: [SlidingRun] = []
        for window in windows {
            let last = runs.count - 1
            if last >= 0, runs[last].windows.count < most, runs[last].add(window) { continue }
            runs.append(SlidingRun(window))
        }
        return runs
    }
}

/// Merges the parts of windows that close together, window after window, for a range of their keys (see `SlidingRun`).
///
/// The states are numbered by sets, each of which has one for each key, in order: set n has those of window n of a run, and the
/// last set those of the parts that windows of the run have added.
final class WindowMerger {
    /// What the mergers of all ranges share.
    struct Work {
        let runs: [SlidingRun]
        /// The groups of the parts of each run, divided by the ranges of keys.
        let lists: [[SliceKeys]]
        let bounds: [WindowBounds]
        /// The number of states that each key needs.
        let sets: Int
        let ranges: KeyRanges

        init(_ runs: [SlidingRun], _ lists: [[SliceKeys]], _ bounds: [WindowBounds], _ ranges: KeyRanges) {
            self.runs = runs
            self.lists = lists
            self.bounds = bounds
            self.ranges = ranges
            let most = runs.lazy.map(\.windows.count).max() ?? 0
            // A window on its own has no added parts.
            sets = most > 1 ? most + 1 : 1
        }
    }

    /// The entries of a directory, with their places, and its keys in order.
    struct Keys {
        let entries: UnsafeBufferPointer<KeyEntry>
        let order: UnsafeBufferPointer<PendingRows.Row>
    }

    private let work: Work
    private let range: Int
    /// The places of the range in the order of the keys.
    private let places: Range<Int>
    /// The next window: its run, its number in that, and its number in all.
    private var run = 0
    private var next = 0
    private var window = 0
    /// For each key of the range, the number after that of the last window whose parts of the first window of the run have it; and
    /// the number after that of the first window of the last run of which added parts have it.
    private let last: UnsafeMutablePointer<Int>
    private let added: UnsafeMutablePointer<Int>
    /// For each key of the range, room for a state from which and one into which to merge; and the states to clear next.
    private let sources: UnsafeMutablePointer<UInt32>
    private let targets: UnsafeMutablePointer<UInt32>
    private let printed: UnsafeMutablePointer<UInt32>
    private var printedCount = 0

    init(_ work: Work, range: Int) {
        self.work = work
        self.range = range
        places = work.ranges.places(of: range)
        last = .allocate(capacity: places.count)
        last.initialize(repeating: 0, count: places.count)
        added = .allocate(capacity: places.count)
        added.initialize(repeating: 0, count: places.count)
        sources = .allocate(capacity: places.count)
        targets = .allocate(capacity: places.count)
        printed = .allocate(capacity: places.count)
    }

    deinit {
        last.deallocate()
        added.deallocate()
        sources.deallocate()
        targets.deallocate()
        printed.deallocate()
    }

    /// The state of the first key of the range in a set.
    private func firstState(of set: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: set &* work.ranges.keyCount &+ places.lowerBound)
    }

    /// Adds the rows of the next window, sorted by key. Their states are those of `merged`, until the next call or `clear`.
    ///
    /// - Parameter states: those of the groups of slices and blocks.
    func addRows(to rows: inout PendingRows, _ keys: Keys, _ states: borrowing States, _ merged: borrowing States) {
        clear(merged)
        if next == work.runs[run].windows.count { (run, next) = (run + 1, 0) }
        let run = work.runs[run]
        let first = window &- next &+ 1
        if next == 0 { mergeFirstParts(of: run, keys, states, merged) }
        for part in run.added(by: next) {
            merge(part, into: work.sets &- 1, keys, states, merged) { [added] key in added[key] = first }
        }
        let merges = collect(&rows, first: first, keys)
        merged.merge(sources, into: targets, count: merges)
        next += 1
        window += 1
        if next == run.windows.count { merged.clear(sources, count: merges) }
    }

    /// Clears the states of the rows of the last window.
    func clear(_ merged: borrowing States) {
        merged.clear(printed, count: printedCount)
        printedCount = 0
    }

    /// Adds a row for each key that the window has. Notes the merges of states of added parts into those of the rows.
    ///
    /// - Parameter first: the number after that of the first window of the run.
    /// - Returns: the number of those merges.
    private func collect(_ rows: inout PendingRows, first: Int, _ keys: Keys) -> Int {
        let (sources, targets, printed, last, added) = (sources, targets, printed, last, added)
        let (own, others, window) = (firstState(of: next), firstState(of: work.sets &- 1), window)
        let (bounds, start) = (work.bounds[window], places.lowerBound)
        var (merges, count) = (0, 0)
        for key in 0..<places.count {
            let isAdded = added[key] == first
            guard isAdded || last[key] > window else { continue }
            let state = own &+ UInt32(truncatingIfNeeded: key)
            if isAdded {
                (sources[merges], targets[merges]) = (others &+ UInt32(truncatingIfNeeded: key), state)
                merges &+= 1
            }
            printed[count] = state
            count &+= 1
            rows.add(key: keys.order[start &+ key].slot, state: state, bounds, expected: places.count)
        }
        printedCount = count
        return merges
    }

    /// Merges the parts of the first window of a run, as far as each window of the run has them: the last window first.
    private func mergeFirstParts(
        of run: SlidingRun, _ keys: Keys, _ states: borrowing States, _ merged: borrowing States
    ) {
        let (last, first) = (last, window)
        var end = run.firstCount
        for number in run.windows.indices.reversed() {
            let window = first &+ number
            if number &+ 1 < run.windows.count { copy(to: number, ofKeysIn: window &+ 1, merged) }
            let start = min(run.windows[number].lowerBound, end)
            for part in start..<end {
                merge(part, into: number, keys, states, merged) { key in
                    if last[key] <= first { last[key] = window &+ 1 }
                }
            }
            end = start
        }
    }

    /// Copies the states that a window has to those of the set before its own.
    private func copy(to set: Int, ofKeysIn window: Int, _ merged: borrowing States) {
        let (sources, targets, last) = (sources, targets, last)
        let (from, to) = (firstState(of: set &+ 1), firstState(of: set))
        var count = 0
        for key in 0..<places.count where last[key] > window {
            sources[count] = from &+ UInt32(truncatingIfNeeded: key)
            targets[count] = to &+ UInt32(truncatingIfNeeded: key)
            count &+= 1
        }
        merged.merge(sources, into: targets, count: count)
    }

    /// Merges the groups of a part into the states of a set.
    ///
    /// - Parameter mark: called with the number of each of their keys in the range.
    @inline(__always) private func merge(
        _ part: Int, into set: Int, _ keys: Keys, _ states: borrowing States, _ merged: borrowing States,
        _ mark: (Int) -> Void
    ) {
        let (targets, start, entries) = (targets, places.lowerBound, keys.entries)
        let first = firstState(of: set)
        let list = work.lists[run][part]
        let groups = list.groups(of: range, among: work.ranges)
        list.withGroups(groups) { slots, numbers in
            for group in 0..<groups.count {
                let key = Int(entries[Int(numbers[group])].place) &- start
                mark(key)
                targets[group] = first &+ UInt32(truncatingIfNeeded: key)
            }
            withUnsafePointer(to: states) {
                merged.merge(slots, of: $0.pointee, into: targets, count: groups.count)
            }
        }
    }
}

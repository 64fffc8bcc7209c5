/// Merges the parts of windows that close together, window after window, for a range of their keys (see `SlidingRun`).
///
/// The states are numbered by sets, each of which has one for each key, in order: set 0 has those of the parts that windows of
/// the run have added, set n + 1 those of window n of the run.
final class WindowMerger {
    /// What the mergers of all ranges share.
    struct Work {
        let runs: [SlidingRun]
        /// The groups of the parts of each run.
        let lists: [[SliceKeys]]
        let bounds: [WindowBounds]
        /// The number of the first window.
        let first: UInt32

        /// The number of states that it needs for each key.
        var sets: Int { 1 + (runs.lazy.map(\.windows.count).max() ?? 0) }
    }

    /// The entries of a directory, and its keys in order.
    struct Keys {
        let entries: UnsafeMutableBufferPointer<KeyEntry>
        let order: UnsafeBufferPointer<PendingRows.Row>
    }

    private let work: Work
    /// The places of the range in the order of the keys, and the number of all keys.
    private let places: Range<Int>
    private let keyCount: Int
    /// The next window: its run, its number in that, and its number in all.
    private var run = 0
    private var next = 0
    private var window = 0
    /// For each key of the range, room for a state from which and one into which to merge; and the states to clear next.
    private let sources: UnsafeMutablePointer<UInt32>
    private let targets: UnsafeMutablePointer<UInt32>
    private let printed: UnsafeMutablePointer<UInt32>
    private var printedCount = 0

    init(_ work: Work, places: Range<Int>, of keyCount: Int) {
        self.work = work
        self.places = places
        self.keyCount = keyCount
        // And for a group of another range, which is written before that is known.
        sources = .allocate(capacity: places.count + 1)
        targets = .allocate(capacity: places.count + 1)
        printed = .allocate(capacity: places.count)
    }

    deinit {
        sources.deallocate()
        targets.deallocate()
        printed.deallocate()
    }

    /// Adds the rows of the next window, sorted by key. Their states are those of `merged`, until the next call or `clear`.
    ///
    /// - Parameter states: those of the groups of slices and blocks.
    func addRows(
        to rows: inout PendingRows, _ keys: Keys, _ states: borrowing States, _ merged: borrowing States
    ) {
        clear(merged)
        if next == work.runs[run].windows.count { (run, next) = (run + 1, 0) }
        let run = work.runs[run]
        let first = work.first &+ UInt32(truncatingIfNeeded: window &- next)
        if next == 0 { mergeFirstParts(of: run, first, keys, states, merged) }
        for part in run.added(by: next) {
            merge(part, into: 0, keys, states, merged) { entry in entry.pointee.added = first }
        }
        let added = collect(&rows, first: first, keys)
        merged.merge(sources, into: targets, count: added)
        next += 1
        window += 1
        if next == run.windows.count { merged.clear(sources, count: added) }
    }

    /// Clears the states of the rows of the last window.
    func clear(_ merged: borrowing States) {
        merged.clear(printed, count: printedCount)
        printedCount = 0
    }

    /// Adds a row for each key that the window has. Notes the merges of states of set 0 into those of the rows.
    ///
    /// - Returns: the number of those merges.
    private func collect(_ rows: inout PendingRows, first: UInt32, _ keys: Keys) -> Int {
        let (sources, targets, printed, places) = (sources, targets, printed, places)
        let (set, number) = ((next &+ 1) &* keyCount, first &+ UInt32(truncatingIfNeeded: next))
        let bounds = work.bounds[window]
        var (added, count) = (0, 0)
        for place in places {
            let row = keys.order[place]
            let entry = keys.entries[Int(row.state)]
            let isAdded = entry.added == first
            guard isAdded || entry.window >= number else { continue }
            let state = UInt32(truncatingIfNeeded: set &+ place)
            if isAdded {
                (sources[added], targets[added]) = (UInt32(truncatingIfNeeded: place), state)
                added &+= 1
            }
            printed[count] = state
            count &+= 1
            rows.add(key: row.slot, state: state, bounds, expected: places.count)
        }
        printedCount = count
        return added
    }

    /// Merges the parts of the first window of a run, as far as each window of the run has them: the last window first.
    private func mergeFirstParts(
        of run: SlidingRun, _ first: UInt32, _ keys: Keys, _ states: borrowing States, _ merged: borrowing States
    ) {
        var end = run.firstCount
        for window in run.windows.indices.reversed() {
            let number = first &+ UInt32(truncatingIfNeeded: window)
            if window &+ 1 < run.windows.count { copy(to: window &+ 1, number, keys, merged) }
            let start = min(run.windows[window].lowerBound, end)
            for part in start..<end {
                merge(part, into: window &+ 1, keys, states, merged) { entry in
                    if entry.pointee.window < first { entry.pointee.window = number }
                }
            }
            end = start
        }
    }

    /// Copies the states of the set after `set`, which the window with the number after `number` has, to `set`.
    private func copy(to set: Int, _ number: UInt32, _ keys: Keys, _ merged: borrowing States) {
        let (sources, targets) = (sources, targets)
        var count = 0
        for place in places where keys.entries[Int(keys.order[place].state)].window > number {
            targets[count] = UInt32(truncatingIfNeeded: set &* keyCount &+ place)
            sources[count] = UInt32(truncatingIfNeeded: (set &+ 1) &* keyCount &+ place)
            count &+= 1
        }
        merged.merge(sources, into: targets, count: count)
    }

    /// Merges the groups of a part into the states of a set, and marks the entries of their keys.
    @inline(__always) private func merge(
        _ part: Int, into set: Int, _ keys: Keys, _ states: borrowing States, _ merged: borrowing States,
        _ mark: (UnsafeMutablePointer<KeyEntry>) -> Void
    ) {
        guard let entries = keys.entries.baseAddress else { return }
        let (sources, targets, first, last) = (sources, targets, places.lowerBound, places.upperBound &- 1)
        var count = 0
        work.lists[run][part].forEachGroup { slot, number in
            let place = Int(entries[Int(number)].place)
            // Without a branch, since about any group may be in another range.
            sources[count] = slot
            targets[count] = UInt32(truncatingIfNeeded: place)
            count &+= place >= first && place <= last ? 1 : 0
        }
        let start = UInt32(truncatingIfNeeded: set &* keyCount)
        for group in 0..<count {
            mark(entries + Int(keys.order[Int(targets[group])].state))
            targets[group] &+= start
        }
        merged.merge(sources, of: states, into: targets, count: count)
    }
}

/// The rows to print next: groups, each in a window.
struct PendingRows: ~Copyable {
    struct Row {
        /// What the rows are currently sorted by: part of the key in a form that compares like it.
        var prefix: UInt64 = 0
        /// The slot of the key.
        var slot: UInt32
        var state: UInt32
    }

    private(set) var rows: UnsafeMutablePointer<Row>
    private(set) var count = 0
    /// The number of rows that were added in their order, if others were not added since.
    private var sortedCount = 0
    private var capacity = 64
    /// The window of all rows, while they share one.
    private var common = WindowBounds(start: 0, end: 0)
    /// Otherwise, the window of each row.
    private var windows: [WindowBounds] = []

    init() { rows = StateMemory.allocate(capacity) }

    deinit { StateMemory.free(rows, capacity: capacity) }

    /// The memory that it takes.
    var memoryBytes: Int { StateMemory.blockSize(of: Row.self, capacity: capacity) + windowBytes }
    /// The part of it that `StateMemory` does not count.
    var windowBytes: Int { windows.capacity &* MemoryLayout<WindowBounds>.stride }

    /// - Parameter expected: the number of rows to expect.
    @inline(__always)
    mutating func add(key slot: UInt32, state: UInt32, _ bounds: WindowBounds, expected: Int) {
        if count == capacity { grow(expected) }
        if count == 0 { common = bounds }
        if bounds != common || !windows.isEmpty { note(bounds) }
        (rows + count).initialize(to: Row(slot: slot, state: state))
        count &+= 1
    }

    /// Adds a row for each group of a pane that has nearly all slots of the table. There must be no other rows.
    ///
    /// Threads take the slots part by part. Where others than those of the pane leave gaps, rows from the end fill them.
    mutating func addAll(of pane: UInt32, _ bounds: WindowBounds, _ groups: borrowing GroupTable, _ crew: any Crew) {
        let limit = groups.slotLimit
        guard limit > 0 else { return }
        if capacity < limit { move(to: limit) }
        common = bounds
        let size = 1 << 14
        let ends = UnsafeMutablePointer<Int>.allocate(capacity: limit / size + 1)
        defer { ends.deallocate() }
        let (rows, chunks) = (rows, groups.slots.chunks)
        crew.run((limit + size - 1) / size) { part in
            var end = part &* size
            for number in end..<min(limit, end &+ size) {
                let slot = UInt32(truncatingIfNeeded: number)
                (rows + end).initialize(to: Row(slot: slot, state: slot))
                end &+= GroupShard.place(slot, chunks).pointee.pane == pane ? 1 : 0
            }
            ends[part] = end
        }
        fillGaps(after: ends, size: size, last: (limit - 1) / size)
    }

    /// The same, and sorts them by key; `sort` then has nothing to do. Returns false if they cannot be sorted in this way.
    mutating func addAllSorted(
        of pane: UInt32, _ bounds: WindowBounds, _ groups: borrowing GroupTable, fields: Int, _ crew: any Crew
    ) -> Bool {
        if capacity < groups.slotLimit { move(to: groups.slotLimit) }
        guard let added = PaneSort.fill(rows, pane: pane, groups, fields: fields, crew) else { return false }
        common = bounds
        count = added
        sortedCount = added
        return true
    }

    /// Fills the places after `ends[n]` in each part n with rows of the last parts. A part has `size` places.
    private mutating func fillGaps(after ends: UnsafePointer<Int>, size: Int, last: Int) {
        var (part, last, end) = (0, last, ends[last])
        while part < last {
            var place = ends[part]
            while place < (part + 1) * size {
                while part < last, end == last * size {
                    last -= 1
                    end = last == part ? place : ends[last]
                }
                guard part < last else { break }
                end -= 1
                rows[place] = rows[end]
                place += 1
            }
            part += 1
        }
        count = end
    }

    mutating func removeAll() {
        count = 0
        sortedCount = 0
        windows.removeAll()
        guard capacity > 1 << 16 else { return }
        StateMemory.free(rows, capacity: capacity)
        capacity = 64
        rows = StateMemory.allocate(capacity)
    }

    @inline(__always) func bounds(_ row: Int) -> WindowBounds { windows.isEmpty ? common : windows[row] }

    /// Sorts the rows by window end, window start and key.
    mutating func sort(_ groups: borrowing GroupTable, fields: Int, _ crew: any Crew) {
        if count == sortedCount { return }
        sortByWindow()
        var start = 0
        while start < count {
            let end = endOfWindow(from: start)
            KeySort.sort(rows + start, end - start, groups, fields: fields, crew)
            start = end
        }
    }

    /// Sorts the rows by window end and window start.
    mutating func sortByWindow() {
        guard !windows.isEmpty else { return }
        var order = Array(0..<count)
        order.sort { left, right in
            windows[left] != windows[right] ? windows[left] < windows[right] : left < right
        }
        let former = Array(UnsafeBufferPointer(start: rows, count: count))
        for (index, number) in order.enumerated() { rows[index] = former[number] }
        windows = order.map { windows[$0] }
    }

    /// The end of the rows that are in the same window as the row at `start`; they are sorted by window.
    func endOfWindow(from start: Int) -> Int {
        guard !windows.isEmpty else { return count }
        var end = start + 1
        while end < count, windows[end] == windows[start] { end += 1 }
        return end
    }

    /// Moves a row that is kept to the place `index`, with the window of the row at `source`.
    mutating func keep(_ row: Row, at index: Int, windowOf source: Int) {
        rows[index] = row
        if !windows.isEmpty { windows[index] = windows[source] }
    }

    /// Drops the rows from `count` on.
    mutating func truncate(to count: Int) {
        self.count = count
        if !windows.isEmpty { windows.removeSubrange(count...) }
    }

    private mutating func note(_ bounds: WindowBounds) {
        if windows.isEmpty { windows = Array(repeating: common, count: count) }
        windows.append(bounds)
    }

    @inline(never) private mutating func grow(_ expected: Int) {
        // Untouched memory costs nothing; moving rows does.
        move(to: max(capacity * 2, capacity < 4096 ? 0 : expected))
    }

    private mutating func move(to larger: Int) {
        let moved: UnsafeMutablePointer<Row> = StateMemory.allocate(larger)
        moved.moveInitialize(from: rows, count: count)
        StateMemory.free(rows, capacity: capacity)
        rows = moved
        capacity = larger
    }
}

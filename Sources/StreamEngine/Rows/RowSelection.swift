/// The rows of one window in the order of `--sort`; with a limit only the first ones.
///
/// With a limit they are a heap whose root is the last of them, so that most rows are compared with one row only, and
/// memory is that of the limit.
struct RowSelection: ~Copyable {
    private struct Entry {
        /// The start of the first value, in a form that compares like it.
        var prefix: UInt64
        var row: PendingRows.Row
        /// Where its values are.
        var place: Int
    }

    /// The columns of a `ColumnSet` to sort by.
    private let columns: [ResultLayout.SortColumn]
    private let limit: Int
    private let keyCount: Int
    private var entries: UnsafeMutablePointer<Entry>
    /// The values of each entry, and of one more row.
    private var values: UnsafeMutablePointer<Value>
    private var sparePlace = 0
    private var count = 0
    private var capacity = 64
    /// The texts of the values, and how many rows have been added since it was cleared.
    private var texts = ByteArena()
    private var additions = 0

    init(_ columns: [ResultLayout.SortColumn], limit: Int?, keyCount: Int) {
        self.columns = columns
        self.limit = limit ?? Int.max
        self.keyCount = keyCount
        entries = StateMemory.allocate(capacity)
        values = StateMemory.allocate((capacity + 1) * columns.count)
    }

    deinit {
        StateMemory.free(entries, capacity: capacity)
        StateMemory.free(values, capacity: (capacity + 1) * columns.count)
    }

    /// Adds a row, unless it comes after the limit.
    ///
    /// - Parameters:
    ///   - number: its place in the columns.
    ///   - results: the columns, of which those to sort by are filled.
    @inline(__always)
    mutating func offer(
        _ row: PendingRows.Row, _ number: Int, of results: borrowing ColumnSet, _ groups: borrowing GroupTable
    ) {
        var prefix: UInt64 = 0
        if let first = columns.first {
            prefix = SortPrefix.of(results[first.column][number])
            if first.isDescending { prefix = ~prefix }
        }
        if count == limit, prefix > entries[0].prefix { return }
        add(row, prefix, number, of: results, groups)
    }

    @inline(never)
    private mutating func add(
        _ row: PendingRows.Row, _ prefix: UInt64, _ number: Int, of results: borrowing ColumnSet,
        _ groups: borrowing GroupTable
    ) {
        if count == capacity { grow() }
        let entry = Entry(prefix: prefix, row: row, place: sparePlace)
        for (offset, column) in columns.enumerated() {
            (values + sparePlace + offset).initialize(to: results[column.column][number])
        }
        if count == limit {
            guard precedes(entry, entries[0], groups) else { return }
            sparePlace = entries[0].place
            entries[0] = entry
            keepTexts(of: entry)
            siftDown(groups)
        } else {
            (entries + count).initialize(to: entry)
            count &+= 1
            sparePlace = count &* columns.count
            keepTexts(of: entry)
            if limit < Int.max { siftUp(groups) }
        }
        additions &+= 1
        if additions >= 1024, additions / 4 >= count { dropTexts() }
    }

    /// Calls `body` with the rows in order, and forgets them.
    mutating func take(_ groups: borrowing GroupTable, _ body: (PendingRows.Row) -> Void) {
        // A closure cannot capture what is borrowed.
        let (columns, values, slots, keyCount) = (columns, values, groups.slots.chunks, keyCount)
        var buffer = UnsafeMutableBufferPointer(start: entries, count: count)
        buffer.sort { Self.compare($0, $1, columns, values, slots, keyCount) < 0 }
        for entry in buffer { body(entry.row) }
        count = 0
        sparePlace = 0
        texts.removeAll()
        additions = 0
    }

    private func precedes(_ left: Entry, _ right: Entry, _ groups: borrowing GroupTable) -> Bool {
        Self.compare(left, right, columns, values, groups.slots.chunks, keyCount) < 0
    }

    private static func compare(
        _ left: Entry, _ right: Entry, _ columns: [ResultLayout.SortColumn], _ values: UnsafeMutablePointer<Value>,
        _ slots: ChunkedArray<GroupTable.Slot>.Chunks, _ keyCount: Int
    ) -> Int {
        if left.prefix != right.prefix { return left.prefix < right.prefix ? -1 : 1 }
        for (offset, column) in columns.enumerated() {
            let order = KeyCoding.compare(values[left.place &+ offset], values[right.place &+ offset])
            if order != 0 { return column.isDescending ? -order : order }
        }
        return GroupTable.Slot.compare(
            UnsafePointer(ChunkedArray<GroupTable.Slot>.place(Int(left.row.slot), in: slots)),
            UnsafePointer(ChunkedArray<GroupTable.Slot>.place(Int(right.row.slot), in: slots)), keyCount)
    }

    // MARK: - The heap, whose root comes after all others

    private func siftUp(_ groups: borrowing GroupTable) {
        var child = count &- 1
        while child > 0 {
            let parent = (child &- 1) / 2
            guard precedes(entries[parent], entries[child], groups) else { return }
            swap(parent, child)
            child = parent
        }
    }

    private func siftDown(_ groups: borrowing GroupTable) {
        var parent = 0
        while true {
            var last = parent
            let first = 2 &* parent &+ 1
            for child in first..<first &+ 2 where child < count {
                if precedes(entries[last], entries[child], groups) { last = child }
            }
            guard last != parent else { return }
            swap(parent, last)
            parent = last
        }
    }

    private func swap(_ left: Int, _ right: Int) {
        let entry = entries[left]
        entries[left] = entries[right]
        entries[right] = entry
    }

    // MARK: - Memory

    /// Copies the texts of an entry, which the columns hold only for a while.
    private mutating func keepTexts(of entry: Entry) {
        for place in entry.place..<entry.place &+ columns.count where values[place].isText {
            values[place] = Value(texts.copy(values[place].bytes), kind: values[place].kind)
        }
    }

    /// Drops the texts of rows that were replaced.
    private mutating func dropTexts() {
        var old = ByteArena()
        Swift.swap(&old, &texts)
        for number in 0..<count { keepTexts(of: entries[number]) }
        additions = 0
        old.removeAll()
    }

    private mutating func grow() {
        let (larger, width) = (capacity * 2, columns.count)
        let moved: UnsafeMutablePointer<Entry> = StateMemory.allocate(larger)
        moved.moveInitialize(from: entries, count: count)
        StateMemory.free(entries, capacity: capacity)
        entries = moved
        let movedValues: UnsafeMutablePointer<Value> = StateMemory.allocate((larger + 1) * width)
        movedValues.moveInitialize(from: values, count: count * width)
        StateMemory.free(values, capacity: (capacity + 1) * width)
        values = movedValues
        capacity = larger
    }
}

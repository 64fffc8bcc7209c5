/// The records of one scanned batch: a column for each wanted or computed value, and where each record stands.
package struct Records: ~Copyable {
    package private(set) var count = 0
    /// Lines of the batch, blank ones and control lines included.
    var lineCount = 0
    private var batchStart: UInt64 = 0
    private var batchLength: UInt64 = 0
    /// Values in arithmetic that were no numbers.
    var badValues = 0
    var columns: ColumnSet
    /// Text that is not in the batch itself: unescaped or computed.
    var arena = ByteArena()
    private(set) var places: UnsafeMutablePointer<RecordPlace>
    /// Event time, microseconds, where `timeKinds` says so.
    private(set) var times: UnsafeMutablePointer<Int64>
    private(set) var timeKinds: UnsafeMutablePointer<TimeKind>
    /// Group keys, with their bytes in the arena; none in a pass-through.
    private(set) var keys: UnsafeMutablePointer<GroupKey>

    /// What is known of a record's event time after the scan.
    enum TimeKind: UInt8 {
        case none
        case known
        /// A bare number whose unit the first record of the source settles: its Int64 or its double's bit pattern
        /// stands where the time would.
        case epochInteger
        case epochDouble
    }

    package init(columnCount: Int) {
        columns = ColumnSet(columnCount: columnCount)
        places = .allocate(capacity: columns.capacity)
        times = .allocate(capacity: columns.capacity)
        timeKinds = .allocate(capacity: columns.capacity)
        keys = .allocate(capacity: columns.capacity)
        times.initialize(repeating: 0, count: columns.capacity)
        timeKinds.initialize(repeating: .none, count: columns.capacity)
    }

    deinit {
        places.deallocate()
        times.deallocate()
        timeKinds.deallocate()
        keys.deallocate()
    }

    /// Forgets the former batch and turns to this one.
    mutating func begin(_ bytes: UnsafeRawBufferPointer) {
        batchStart = UInt64(UInt(bitPattern: bytes.baseAddress))
        batchLength = UInt64(bytes.count)
        count = 0
        lineCount = 0
        arena.removeAll()
    }

    /// True when the text of a value stands in the batch itself.
    @inline(__always) func isInBatch(_ value: Value) -> Bool {
        value.bits &- batchStart < batchLength
    }

    /// Adds a row and returns its number; its cells are not yet set.
    @inline(__always) mutating func addRow() -> Int {
        if count == columns.capacity { grow() }
        count &+= 1
        return count &- 1
    }

    @inline(never) private mutating func grow() {
        columns.reserve(count + 1, keeping: count)
        let moved = UnsafeMutablePointer<RecordPlace>.allocate(capacity: columns.capacity)
        moved.update(from: places, count: count)
        places.deallocate()
        places = moved
        times.deallocate()
        times = .allocate(capacity: columns.capacity)
        times.initialize(repeating: 0, count: columns.capacity)
        timeKinds.deallocate()
        timeKinds = .allocate(capacity: columns.capacity)
        timeKinds.initialize(repeating: .none, count: columns.capacity)
        keys.deallocate()
        keys = .allocate(capacity: columns.capacity)
    }
}

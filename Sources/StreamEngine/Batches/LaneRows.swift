/// The rows of a batch, ordered by the shard of their keys (see `GroupShard`), so that each lane of a crew reads only its own.
struct LaneRows: ~Copyable {
    /// A lane's rows, in order.
    typealias Rows = UnsafeBufferPointer<UInt32>

    /// The number of lanes; 0 if the rows are not divided.
    private(set) var lanes = 0
    /// The rows, lane by lane, and where these start and end.
    private var rows: UnsafeMutablePointer<UInt32>?
    private var room = 0
    private var starts: [Int] = []
    private var ends: [Int] = []

    deinit { rows?.deallocate() }

    /// Divides `count` rows; not if there are no lanes.
    mutating func divide(_ count: Int, _ keys: UnsafePointer<GroupKey>, among lanes: Int) {
        self.lanes = 0
        guard lanes > 0 else { return }
        if lanes == 2 {
            var halves = beginHalves(count)
            for row in 0..<count { halves.add(row, keys[row]) }
            return end(halves)
        }
        begin(lanes)
        divide(count, keys, among: lanes, into: reserve(count))
    }

    /// Starts with lanes that have no rows.
    private mutating func begin(_ lanes: Int) {
        self.lanes = lanes
        starts.removeAll(keepingCapacity: true)
        starts.append(contentsOf: repeatElement(0, count: lanes))
        ends.removeAll(keepingCapacity: true)
        ends.append(contentsOf: repeatElement(0, count: lanes))
    }

    private mutating func reserve(_ count: Int) -> UnsafeMutablePointer<UInt32> {
        if let rows, room >= count { return rows }
        rows?.deallocate()
        room = max(count, 2 * room)
        let larger = UnsafeMutablePointer<UInt32>.allocate(capacity: room)
        rows = larger
        return larger
    }

    private mutating func divide(
        _ count: Int, _ keys: UnsafePointer<GroupKey>, among lanes: Int, into rows: UnsafeMutablePointer<UInt32>
    ) {
        ends.withUnsafeMutableBufferPointer { ends in
            guard let ends = ends.baseAddress else { return }
            for row in 0..<count { ends[Self.lane(keys[row], lanes)] &+= 1 }
            // The numbers become starts, then ends.
            var start = 0
            for lane in 0..<lanes {
                let next = start &+ ends[lane]
                ends[lane] = start
                start = next
            }
            for row in 0..<count {
                let lane = Self.lane(keys[row], lanes)
                rows[ends[lane]] = UInt32(truncatingIfNeeded: row)
                ends[lane] &+= 1
            }
        }
        for lane in 1..<max(1, lanes) { starts[lane] = ends[lane - 1] }
    }

    @inline(__always) private static func lane(_ key: GroupKey, _ lanes: Int) -> Int {
        KeyHash.shard(key.hash, of: lanes)
    }

    // MARK: Two lanes

    /// The rows of two lanes, which are divided one after the other, in order: each is written to both lists, and stays in one.
    struct Halves: RowDivision {
        fileprivate let count: Int
        fileprivate let rows: UnsafeMutablePointer<UInt32>
        private let others: UnsafeMutablePointer<UInt32>
        fileprivate private(set) var otherCount = 0

        fileprivate init(_ count: Int, _ rows: UnsafeMutablePointer<UInt32>) {
            self.count = count
            self.rows = rows
            others = rows + count
        }

        @inline(__always) mutating func add(_ row: Int, _ key: GroupKey) {
            let number = UInt32(truncatingIfNeeded: row)
            rows[row &- otherCount] = number
            others[otherCount] = number
            otherCount &+= LaneRows.lane(key, 2)
        }
    }

    /// Starts to divide `count` rows between two lanes.
    mutating func beginHalves(_ count: Int) -> Halves { Halves(count, reserve(2 * count)) }

    /// Takes the rows, all of which have been divided.
    mutating func end(_ halves: Halves) {
        begin(2)
        starts[1] = halves.count
        ends[0] = halves.count &- halves.otherCount
        ends[1] = halves.count &+ halves.otherCount
    }

    /// The rows of each lane. They stay valid until the next division.
    var byLane: [Rows] {
        (0..<lanes).map { lane in
            guard let rows else { return Rows(start: nil, count: 0) }
            return Rows(start: rows + starts[lane], count: ends[lane] - starts[lane])
        }
    }
}

/// Divides the rows of a batch by their keys.
protocol RowDivision {
    /// Adds the row after those before.
    mutating func add(_ row: Int, _ key: GroupKey)
}

/// Leaves the rows as they are.
struct Undivided: RowDivision {
    @inline(__always) func add(_ row: Int, _ key: GroupKey) {}
}

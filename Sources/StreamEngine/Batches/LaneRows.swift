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
        if room < 2 * count {
            rows?.deallocate()
            room = max(2 * count, 2 * room)
            rows = .allocate(capacity: room)
        }
        self.lanes = lanes
        starts.removeAll(keepingCapacity: true)
        starts.append(contentsOf: repeatElement(0, count: lanes))
        ends.removeAll(keepingCapacity: true)
        ends.append(contentsOf: repeatElement(0, count: lanes))
        guard let rows else { return }
        if lanes == 2 { divideInTwo(count, keys, rows) } else { divide(count, keys, among: lanes, into: rows) }
    }

    /// In one pass, with the ends in registers: each row is written to both lists, and stays in one.
    private mutating func divideInTwo(
        _ count: Int, _ keys: UnsafePointer<GroupKey>, _ rows: UnsafeMutablePointer<UInt32>
    ) {
        let others = rows + count
        var otherCount = 0
        for row in 0..<count {
            let number = UInt32(truncatingIfNeeded: row)
            rows[row &- otherCount] = number
            others[otherCount] = number
            otherCount &+= Self.lane(keys + row, 2)
        }
        starts[1] = count
        ends[0] = count &- otherCount
        ends[1] = count &+ otherCount
    }

    private mutating func divide(
        _ count: Int, _ keys: UnsafePointer<GroupKey>, among lanes: Int, into rows: UnsafeMutablePointer<UInt32>
    ) {
        ends.withUnsafeMutableBufferPointer { ends in
            guard let ends = ends.baseAddress else { return }
            for row in 0..<count { ends[Self.lane(keys + row, lanes)] &+= 1 }
            // The numbers become starts, then ends.
            var start = 0
            for lane in 0..<lanes {
                let next = start &+ ends[lane]
                ends[lane] = start
                start = next
            }
            for row in 0..<count {
                let lane = Self.lane(keys + row, lanes)
                rows[ends[lane]] = UInt32(truncatingIfNeeded: row)
                ends[lane] &+= 1
            }
        }
        for lane in 1..<max(1, lanes) { starts[lane] = ends[lane - 1] }
    }

    @inline(__always) private static func lane(_ key: UnsafePointer<GroupKey>, _ lanes: Int) -> Int {
        KeyHash.shard(key.pointee.hash, of: lanes)
    }

    /// The rows of each lane. They stay valid until the next division.
    var byLane: [Rows] {
        (0..<lanes).map { lane in
            guard let rows else { return Rows(start: nil, count: 0) }
            return Rows(start: rows + starts[lane], count: ends[lane] - starts[lane])
        }
    }
}

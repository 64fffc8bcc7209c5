/// The rows of a batch, ordered by the shard of their keys (see `GroupShard`), so that each lane of a crew reads only its own.
struct LaneRows: ~Copyable {
    /// A lane's rows, in order.
    typealias Rows = UnsafeBufferPointer<UInt32>

    /// The number of lanes; 0 if the rows are not divided.
    private(set) var lanes = 0
    /// The rows, lane by lane, and where these start.
    private var rows: UnsafeMutablePointer<UInt32>?
    private var room = 0
    private var starts: [Int] = []

    deinit { rows?.deallocate() }

    /// Divides `count` rows.
    mutating func divide(_ count: Int, _ keys: UnsafePointer<GroupKey>, among lanes: Int) {
        if room < count {
            rows?.deallocate()
            room = max(count, 2 * room)
            rows = .allocate(capacity: room)
        }
        self.lanes = lanes
        starts.removeAll(keepingCapacity: true)
        starts.append(contentsOf: repeatElement(0, count: lanes + 1))
        guard let rows else { return }
        starts.withUnsafeMutableBufferPointer { starts in
            guard let starts = starts.baseAddress else { return }
            for row in 0..<count { starts[Self.lane(keys + row, lanes) &+ 1] &+= 1 }
            for lane in 0..<lanes { starts[lane + 1] &+= starts[lane] }
            for row in 0..<count {
                let lane = Self.lane(keys + row, lanes)
                rows[starts[lane]] = UInt32(truncatingIfNeeded: row)
                starts[lane] &+= 1
            }
            // Each start is now the end of its lane.
            for lane in stride(from: lanes, to: 0, by: -1) { starts[lane] = starts[lane - 1] }
            starts[0] = 0
        }
    }

    @inline(__always) private static func lane(_ key: UnsafePointer<GroupKey>, _ lanes: Int) -> Int {
        KeyHash.shard(UInt32(truncatingIfNeeded: key.pointee.hash), of: lanes)
    }

    /// The rows of each lane. They stay valid until the next division.
    var byLane: [Rows] {
        (0..<lanes).map { lane in
            guard let rows else { return Rows(start: nil, count: 0) }
            return Rows(start: rows + starts[lane], count: starts[lane + 1] - starts[lane])
        }
    }
}

/// The rows of a batch and their keys, ordered by the shards of the keys (see `GroupShard`), so that each lane of a crew reads
/// only its own, and no cache line that holds mostly keys of other lanes.
final class LaneRows {
    /// The rows of a lane, in order, and their keys. They stay valid until the next division.
    struct Share {
        let rows: UnsafePointer<UInt32>
        let keys: UnsafePointer<GroupKey>
        let count: Int

        /// The places of the rows of a range.
        func places(of range: Range<Int>) -> Range<Int> {
            let rows = UnsafeBufferPointer(start: rows, count: count)
            let first = rows.indices.partitioningIndex { Int(rows[$0]) >= range.lowerBound }
            return first..<(first..<count).partitioningIndex { Int(rows[$0]) >= range.upperBound }
        }
    }

    /// The rows of each lane; none if they are not divided.
    private(set) var shares: [Share] = []
    private var rows: UnsafeMutablePointer<UInt32>
    private var keys: UnsafeMutablePointer<GroupKey>
    private var room = 0
    /// Where the keys of all rows belong, in order, if they are not there.
    private var lacking: UnsafeMutablePointer<GroupKey>?

    init() {
        rows = .allocate(capacity: 0)
        keys = .allocate(capacity: 0)
    }

    deinit {
        rows.deallocate()
        keys.deallocate()
    }

    /// Divides `count` rows among lanes; not if there are none.
    func divide(_ count: Int, _ inOrder: UnsafePointer<GroupKey>, among lanes: Int) {
        begin()
        guard lanes > 0 else { return }
        reserve(count)
        var ends = [Int](repeating: 0, count: lanes)
        ends.withUnsafeMutableBufferPointer { ends in
            guard let ends = ends.baseAddress else { return }
            for row in 0..<count { ends[Self.lane(inOrder[row], lanes)] &+= 1 }
            // The numbers become starts, then ends.
            var start = 0
            for lane in 0..<lanes {
                let next = start &+ ends[lane]
                ends[lane] = start
                start = next
            }
            for row in 0..<count {
                let key = inOrder[row]
                let lane = Self.lane(key, lanes)
                rows[ends[lane]] = UInt32(truncatingIfNeeded: row)
                keys[ends[lane]] = key
                ends[lane] &+= 1
            }
        }
        var start = 0
        for end in ends {
            addShare(start, end &- start)
            start = end
        }
    }

    private func begin() {
        shares.removeAll(keepingCapacity: true)
        lacking = nil
    }

    private func reserve(_ count: Int) {
        guard room < count else { return }
        rows.deallocate()
        keys.deallocate()
        room = max(count, 2 * room)
        rows = .allocate(capacity: room)
        keys = .allocate(capacity: room)
    }

    private func addShare(_ start: Int, _ count: Int) {
        shares.append(Share(rows: rows + start, keys: keys + start, count: count))
    }

    @inline(__always) private static func lane(_ key: GroupKey, _ lanes: Int) -> Int {
        KeyHash.shard(key.hash, of: lanes)
    }

    // MARK: Two lanes

    /// Divides the rows between two lanes, one after the other, in order.
    struct Halves: KeyStore {
        fileprivate let rows: UnsafeMutablePointer<UInt32>
        fileprivate let keys: UnsafeMutablePointer<GroupKey>
        /// The place of the next row of each lane.
        fileprivate let next: UnsafeMutablePointer<Int>

        @inline(__always) func store(_ key: GroupKey, of row: Int) {
            let lane = LaneRows.lane(key, 2)
            let place = next[lane]
            next[lane] = place &+ 1
            rows[place] = UInt32(truncatingIfNeeded: row)
            key.store(at: keys + place)
        }
    }

    /// Divides `count` rows between two lanes.
    ///
    /// - Parameters:
    ///   - inOrder: where `layOutKeys` stores the keys of all rows.
    ///   - store: stores the keys of all rows.
    func divideInHalves(
        _ count: Int, _ inOrder: UnsafeMutablePointer<GroupKey>, _ store: (inout Halves) -> Void
    ) {
        begin()
        reserve(2 * count)
        lacking = inOrder
        withUnsafeTemporaryAllocation(of: Int.self, capacity: 2) { room in
            guard let next = room.baseAddress else { return }
            (next[0], next[1]) = (0, count)
            var halves = Halves(rows: rows, keys: keys, next: next)
            store(&halves)
            addShare(0, next[0])
            addShare(count, next[1] &- count)
        }
    }

    /// Stores the keys of all rows in order, if that was not done when they were divided.
    func layOutKeys() {
        guard let inOrder = lacking else { return }
        lacking = nil
        for share in shares {
            for place in 0..<share.count { inOrder[Int(share.rows[place])] = share.keys[place] }
        }
    }
}

/// Stores the keys of the rows of a batch.
protocol KeyStore {
    /// Stores the key of the row after those before.
    mutating func store(_ key: GroupKey, of row: Int)
}

/// Stores the keys in the order of the rows.
struct KeysInOrder: KeyStore {
    let keys: UnsafeMutablePointer<GroupKey>

    @inline(__always) func store(_ key: GroupKey, of row: Int) { keys[row] = key }
}

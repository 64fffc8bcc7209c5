/// Rows of a batch, each in a pane: lanes of a crew look up the groups of the rows in these panes, and update their states,
/// while the ordered part goes on to the next batches.
///
/// A group belongs to the lane whose shard has it. So the updates of a group are made in the order of the batches, and
/// neither they nor new groups need a lock.
final class GroupUpdates {
    /// New groups of one pane, as a list of slots.
    struct Chain {
        var pane: UInt32
        var first: UInt32
        var last: UInt32
        var count: Int
    }

    /// The table as far as lanes use it: its slots do not move while they do.
    struct Table {
        let shards: UnsafeMutablePointer<GroupShard>
        let chunks: GroupShard.Chunks
        let blocks: SlotBlocks
        /// The rows of each lane.
        let shares: [LaneRows.Share]
        let isLarge: Bool
    }

    /// What a lane has of its own.
    private struct Lane {
        var slots: UnsafeMutablePointer<UInt32>
        var rows: UnsafeMutablePointer<UInt32>
        var keys: UnsafeMutablePointer<GroupKey>
        var panes: UnsafeMutablePointer<UInt32>
        var chains: [Chain] = []

        init(room: Int) {
            slots = .allocate(capacity: room)
            rows = .allocate(capacity: room)
            keys = .allocate(capacity: room)
            panes = .allocate(capacity: room)
        }

        func deallocate() {
            slots.deallocate()
            rows.deallocate()
            keys.deallocate()
            panes.deallocate()
        }
    }

    /// The number of the crew's task.
    var task = 0
    let columns: ColumnUpdates
    private let laneCount: Int
    private let lanes: UnsafeMutablePointer<Lane>
    private var room: Int
    /// The panes of `range`, or `GroupTable.none`.
    private var panes: UnsafeMutablePointer<UInt32>
    private var range = 0..<0
    /// Whether all rows of `range` are in the pane of the first one.
    private var isOnePane = false
    /// The number of rows that are in a pane.
    private(set) var count = 0
    private var table: Table?

    init(lanes count: Int, room: Int) {
        laneCount = count
        self.room = room
        columns = ColumnUpdates(lanes: count)
        lanes = .allocate(capacity: count)
        for lane in 0..<count { (lanes + lane).initialize(to: Lane(room: room)) }
        panes = .allocate(capacity: room)
    }

    deinit {
        for lane in 0..<laneCount { lanes[lane].deallocate() }
        lanes.deinitialize(count: laneCount)
        lanes.deallocate()
        panes.deallocate()
    }

    /// Starts with the rows of a range that are in a pane, and gives its own memory for the next ones.
    ///
    /// - Parameters:
    ///   - panes: those of the range; `GroupTable.none` for a row that is in none.
    ///   - isOnePane: whether all rows are in the first one of these, and the others are not written.
    func begin(
        _ panes: inout UnsafeMutablePointer<UInt32>, _ range: Range<Int>, _ count: Int, isOnePane: Bool,
        room: inout Int, _ table: Table
    ) {
        if self.room < room {
            for lane in 0..<laneCount {
                lanes[lane].deallocate()
                lanes[lane] = Lane(room: room)
            }
        }
        swap(&self.panes, &panes)
        swap(&self.room, &room)
        self.range = range
        self.count = count
        self.table = table
        self.isOnePane = isOnePane
        columns.removeAll()
    }

    /// The new groups, which their panes do not have yet.
    func takeChains(_ body: (Chain) -> Void) {
        for lane in 0..<laneCount {
            for chain in lanes[lane].chains { body(chain) }
            lanes[lane].chains.removeAll(keepingCapacity: true)
        }
    }

    /// Makes the updates of a lane.
    func run(_ lane: Int) {
        guard let table else { return }
        let (own, share, shard) = (lanes + lane, table.shares[lane], table.shards + lane)
        let places = share.places(of: range)
        // The rows, their keys and their panes: row i is in pane `panes[i & step]`.
        var rows = share.rows + places.lowerBound
        var keys = share.keys + places.lowerBound
        var (panes, step, found) = (UnsafePointer(self.panes), 0, places.count)
        if !isOnePane {
            (rows, keys) = (UnsafePointer(own.pointee.rows), UnsafePointer(own.pointee.keys))
            (panes, step) = (UnsafePointer(own.pointee.panes), -1)
            found = Self.select(share, places, self.panes, range.lowerBound, into: own)
        }
        var start = 0
        while start < found {
            let end = min(found, start &+ 64)
            if table.isLarge {
                Self.touch(shard, keys + start, panes + (start & step), step, end &- start, table.chunks)
            }
            while start < end {
                let slots = own.pointee.slots + start
                start &+=
                    isOnePane
                    ? Self.find(shard, keys + start, in: panes[0], end &- start, table.chunks, into: slots)
                    : Self.find(shard, keys + start, in: panes + start, end &- start, table.chunks, into: slots)
                guard start < end else { break }
                own.pointee.slots[start] = insert(panes[start & step], keys + start, own, table, shard)
                start &+= 1
            }
        }
        for number in 0..<columns.count {
            columns.update(number, in: lane, own.pointee.slots, rows, found)
        }
    }

    @inline(never) private func insert(
        _ pane: UInt32, _ key: UnsafePointer<GroupKey>, _ own: UnsafeMutablePointer<Lane>,
        _ table: Table,
        _ shard: UnsafeMutablePointer<GroupShard>
    ) -> UInt32 {
        let tag = KeyHash.tag(key.pointee.hash, pane: pane)
        let name = GroupTable.Slot.name(pane, key.pointee.shape)
        let slot = shard.pointee.insert(name, key.pointee, tag, table.chunks, table.blocks)
        let last = own.pointee.chains.count - 1
        if last >= 0, own.pointee.chains[last].pane == pane {
            // At the end, so that the list can be put before that of the pane.
            GroupShard.place(own.pointee.chains[last].last, table.chunks).pointee.next = slot
            own.pointee.chains[last].last = slot
            own.pointee.chains[last].count += 1
        } else {
            own.pointee.chains.append(Chain(pane: pane, first: slot, last: slot, count: 1))
        }
        return slot
    }

    // MARK: Loops over rows

    /// Copies the rows of a lane that are in a pane, with their keys and panes.
    ///
    /// - Parameter panes: those of the rows from `first` on.
    @inline(never) private static func select(
        _ share: LaneRows.Share, _ places: Range<Int>, _ panes: UnsafePointer<UInt32>, _ first: Int,
        into own: UnsafeMutablePointer<Lane>
    ) -> Int {
        let (ownRows, ownKeys, ownPanes) = (own.pointee.rows, own.pointee.keys, own.pointee.panes)
        var found = 0
        for place in places {
            let row = share.rows[place]
            let pane = panes[Int(row) &- first]
            ownPanes[found] = pane
            ownRows[found] = row
            ownKeys[found] = share.keys[place]
            found &+= pane != GroupTable.none ? 1 : 0
        }
        return found
    }

    /// Finds the slots of keys in one pane, up to the first one without a slot. Returns the number of slots found.
    @inline(never) private static func find(
        _ shard: UnsafePointer<GroupShard>, _ keys: UnsafePointer<GroupKey>, in pane: UInt32, _ count: Int,
        _ chunks: GroupShard.Chunks, into slots: UnsafeMutablePointer<UInt32>
    ) -> Int {
        // Copies stay in registers, because writes to `slots` cannot change them.
        let (index, mask) = (shard.pointee.index, shard.pointee.mask)
        for i in 0..<count {
            guard let slot = find(shard, index, mask, keys + i, in: pane, chunks) else { return i }
            slots[i] = slot
        }
        return count
    }

    /// The same for keys in a pane each.
    @inline(never) private static func find(
        _ shard: UnsafePointer<GroupShard>, _ keys: UnsafePointer<GroupKey>, in panes: UnsafePointer<UInt32>,
        _ count: Int, _ chunks: GroupShard.Chunks, into slots: UnsafeMutablePointer<UInt32>
    ) -> Int {
        let (index, mask) = (shard.pointee.index, shard.pointee.mask)
        for i in 0..<count {
            guard let slot = find(shard, index, mask, keys + i, in: panes[i], chunks) else { return i }
            slots[i] = slot
        }
        return count
    }

    @inline(__always) private static func find(
        _ shard: UnsafePointer<GroupShard>, _ index: UnsafePointer<UInt64>, _ mask: Int, _ key: UnsafePointer<GroupKey>,
        in pane: UInt32, _ chunks: GroupShard.Chunks
    ) -> UInt32? {
        let tag = KeyHash.tag(key.pointee.hash, pane: pane)
        let name = GroupTable.Slot.name(pane, key.pointee.shape)
        let place = Int(tag) & mask
        // As in `GroupTable.find`, but an empty entry names no slot: another lane may be about to begin slot 0.
        let isElsewhere = UInt32(truncatingIfNeeded: index[place] >> 32) != tag
        let entry = index[(place &+ (isElsewhere ? 1 : 0)) & mask]
        let number = UInt32(truncatingIfNeeded: entry)
        if UInt32(truncatingIfNeeded: entry >> 32) == tag,
            GroupShard.matches(GroupShard.place(number, chunks), name, key.pointee)
        {
            return number
        }
        return lookUp(shard, name, key, tag, chunks)
    }

    @inline(never) private static func lookUp(
        _ shard: UnsafePointer<GroupShard>, _ name: UInt64, _ key: UnsafePointer<GroupKey>,
        _ tag: UInt32,
        _ chunks: GroupShard.Chunks
    ) -> UInt32? {
        shard.pointee.find(name, key.pointee, tag, chunks)
    }

    /// Reads the memory that the look-up of these pairs will need, so that the cache misses overlap.
    @inline(never) private static func touch(
        _ shard: UnsafeMutablePointer<GroupShard>, _ keys: UnsafePointer<GroupKey>, _ panes: UnsafePointer<UInt32>,
        _ step: Int, _ count: Int, _ chunks: GroupShard.Chunks
    ) {
        var sum: UInt64 = 0
        for i in 0..<count {
            sum &+= shard.pointee.entry(at: KeyHash.tag(keys[i].hash, pane: panes[i & step]))
        }
        for i in 0..<count {
            let entry = shard.pointee.entry(at: KeyHash.tag(keys[i].hash, pane: panes[i & step]))
            if entry != 0 {
                sum &+= GroupShard.place(UInt32(truncatingIfNeeded: entry), chunks).pointee.name
            }
        }
        shard.pointee.noteTouched(sum)
    }
}

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
        let keys: UnsafePointer<GroupKey>
        /// The rows of each lane; empty if the lanes have to find them.
        let rows: [LaneRows.Rows]
        let isLarge: Bool
    }

    /// What a lane has of its own.
    private struct Lane {
        var slots: UnsafeMutablePointer<UInt32>
        var rows: UnsafeMutablePointer<UInt32>
        var panes: UnsafeMutablePointer<UInt32>
        var chains: [Chain] = []

        init(room: Int) {
            slots = .allocate(capacity: room)
            rows = .allocate(capacity: room)
            panes = .allocate(capacity: room)
        }

        func deallocate() {
            slots.deallocate()
            rows.deallocate()
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
    ///   - isOnePane: whether all rows are in the first one of these, and the others are not written. The rows of each lane are
    ///     known then.
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
        let own = lanes + lane
        // The rows of the lane and their panes: row i is in pane `panes[i & step]`.
        let (rows, panes, step): (UnsafePointer<UInt32>, UnsafePointer<UInt32>, Int)
        let found: Int
        if isOnePane, !table.rows.isEmpty, let all = table.rows[lane].baseAddress {
            let (first, end) = Self.places(of: range, in: table.rows[lane])
            (rows, panes, step, found) = (all + first, UnsafePointer(self.panes), 0, end - first)
        } else {
            (rows, panes, step) = (UnsafePointer(own.pointee.rows), UnsafePointer(own.pointee.panes), -1)
            found =
                table.rows.isEmpty
                ? Self.select(
                    lane, of: laneCount, table.keys, self.panes, range, into: own.pointee.panes, own.pointee.rows)
                : Self.select(table.rows[lane], self.panes, range, into: own.pointee.panes, own.pointee.rows)
        }
        let shard = table.shards + lane
        var start = 0
        while start < found {
            let end = min(found, start &+ 64)
            if table.isLarge {
                Self.touch(
                    shard, table.keys, panes + (start & step), step, rows + start, end &- start, table.chunks)
            }
            while start < end {
                start &+= Self.find(
                    shard, table.keys, panes + (start & step), step, rows + start, end &- start, table.chunks,
                    into: own.pointee.slots + start)
                guard start < end else { break }
                own.pointee.slots[start] = insert(
                    panes[start & step], table.keys + Int(rows[start]), own, table, shard)
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

    /// The places of the rows of a range among the rows of a lane, which are in order.
    private static func places(of range: Range<Int>, in rows: LaneRows.Rows) -> (first: Int, end: Int) {
        let first = rows.indices.partitioningIndex { rows[$0] >= range.lowerBound }
        return (first, (first..<rows.count).partitioningIndex { rows[$0] >= range.upperBound })
    }

    /// Copies the panes and rows of a lane.
    @inline(never) private static func select(
        _ lane: Int, of laneCount: Int, _ keys: UnsafePointer<GroupKey>, _ panes: UnsafePointer<UInt32>,
        _ range: Range<Int>, into ownPanes: UnsafeMutablePointer<UInt32>,
        _ ownRows: UnsafeMutablePointer<UInt32>
    ) -> Int {
        var found = 0
        for row in range {
            let pane = panes[row &- range.lowerBound]
            ownPanes[found] = pane
            ownRows[found] = UInt32(truncatingIfNeeded: row)
            let isOwn =
                laneCount == 1
                || KeyHash.shard(keys[row].hash, of: laneCount) == lane
            found &+= isOwn && pane != GroupTable.none ? 1 : 0
        }
        return found
    }

    /// The same from the rows of a lane.
    @inline(never) private static func select(
        _ rows: LaneRows.Rows, _ panes: UnsafePointer<UInt32>, _ range: Range<Int>,
        into ownPanes: UnsafeMutablePointer<UInt32>, _ ownRows: UnsafeMutablePointer<UInt32>
    ) -> Int {
        var found = 0
        let (first, end) = places(of: range, in: rows)
        for i in first..<end {
            let pane = panes[Int(rows[i]) &- range.lowerBound]
            ownPanes[found] = pane
            ownRows[found] = rows[i]
            found &+= pane != GroupTable.none ? 1 : 0
        }
        return found
    }

    /// Finds the slots of pairs, up to the first one without a slot. Returns the number of slots found.
    @inline(never) private static func find(
        _ shard: UnsafePointer<GroupShard>, _ keys: UnsafePointer<GroupKey>,
        _ panes: UnsafePointer<UInt32>, _ step: Int,
        _ rows: UnsafePointer<UInt32>, _ count: Int, _ chunks: GroupShard.Chunks,
        into slots: UnsafeMutablePointer<UInt32>
    ) -> Int {
        // Copies stay in registers, because writes to `slots` cannot change them.
        let (index, mask) = (shard.pointee.index, shard.pointee.mask)
        for i in 0..<count {
            let key = keys + Int(rows[i])
            let tag = KeyHash.tag(key.pointee.hash, pane: panes[i & step])
            let name = GroupTable.Slot.name(panes[i & step], key.pointee.shape)
            let place = Int(tag) & mask
            // As in `GroupTable.find`, but an empty entry names no slot: another lane may be about to begin slot 0.
            let isElsewhere = UInt32(truncatingIfNeeded: index[place] >> 32) != tag
            let entry = index[(place &+ (isElsewhere ? 1 : 0)) & mask]
            let number = UInt32(truncatingIfNeeded: entry)
            if UInt32(truncatingIfNeeded: entry >> 32) == tag,
                GroupShard.matches(GroupShard.place(number, chunks), name, key.pointee)
            {
                slots[i] = number
            } else {
                guard let found = lookUp(shard, name, key, tag, chunks) else { return i }
                slots[i] = found
            }
        }
        return count
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
        _ shard: UnsafeMutablePointer<GroupShard>, _ keys: UnsafePointer<GroupKey>,
        _ panes: UnsafePointer<UInt32>, _ step: Int,
        _ rows: UnsafePointer<UInt32>, _ count: Int, _ chunks: GroupShard.Chunks
    ) {
        var sum: UInt64 = 0
        for i in 0..<count {
            sum &+= shard.pointee.entry(at: KeyHash.tag(keys[Int(rows[i])].hash, pane: panes[i & step]))
        }
        for i in 0..<count {
            let entry = shard.pointee.entry(at: KeyHash.tag(keys[Int(rows[i])].hash, pane: panes[i & step]))
            if entry != 0 {
                sum &+= GroupShard.place(UInt32(truncatingIfNeeded: entry), chunks).pointee.name
            }
        }
        shard.pointee.noteTouched(sum)
    }
}

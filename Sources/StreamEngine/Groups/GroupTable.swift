/// The groups of all open windows: (pane, key bytes) → slot, where the pane is the slice that contains a record.
///
/// Consists of an index, or of several that lanes of a crew can use at the same time, and an array of reusable slots. Keys
/// of up to 16 bytes are stored in the slot itself.
struct GroupTable: ~Copyable {
    static let none = UInt32.max

    struct Slot {
        /// The key itself, or its address in `low`.
        var low: UInt64 = 0
        var high: UInt64 = 0
        /// The pane in the high half, the shape of the key in the low half.
        var name: UInt64 = Slot.unused
        /// The next slot of the same pane or of the free list.
        var next: UInt32 = GroupTable.none
        var tag: UInt32 = 0

        /// The name of an unused slot.
        static let unused = UInt64.max

        @inline(__always) static func name(_ pane: UInt32, _ shape: KeyShape) -> UInt64 {
            UInt64(pane) << 32 | UInt64(shape.bits)
        }

        @inline(__always) var pane: UInt32 { UInt32(truncatingIfNeeded: name >> 32) }
        @inline(__always) var shape: KeyShape { KeyShape(bits: UInt32(truncatingIfNeeded: name)) }
    }

    private(set) var slots = ChunkedArray<Slot>()
    /// Slots in use.
    private(set) var count = 0
    let shards: UnsafeMutablePointer<GroupShard>
    let shardCount: Int
    /// The slots of several shards.
    let blocks = SlotBlocks()
    private let isSharded: Bool
    /// The shards that share the keys: the first one or, once `divide` was called, all of them.
    private var owners = 1
    private let hash: KeyHash

    /// - Parameter lanes: the number of lanes that have a shard each once `divide` was called; 0 for one index, whose slots are
    ///   used in order.
    init(seed: UInt64, lanes: Int = 0) {
        hash = KeyHash(seed: seed)
        isSharded = lanes > 0
        shardCount = max(1, lanes)
        shards = .allocate(capacity: max(1, lanes))
        for number in 0..<max(1, lanes) {
            (shards + number).initialize(to: GroupShard(isOnly: lanes == 0))
        }
    }

    deinit {
        shards.deinitialize(count: shardCount)
        shards.deallocate()
    }

    /// Slots ever used: the number of states to allocate.
    var slotLimit: Int { isSharded ? blocks.limit : shards.pointee.nextSlot }

    /// The memory that it takes.
    var memoryBytes: Int {
        (0..<shardCount).reduce(slots.memoryBytes) { $0 + shards[$1].memoryBytes }
    }

    @inline(__always) private func shard(of tag: UInt32) -> UnsafeMutablePointer<GroupShard> {
        shards + KeyHash.shard(tag, of: owners)
    }

    /// The slot of a key, created if it is new.
    @inline(__always) mutating func slot(pane: UInt32, _ key: GroupKey) -> (slot: UInt32, isNew: Bool) {
        let tag = KeyHash.tag(key.hash, pane: pane)
        let name = Slot.name(pane, key.shape)
        if let number = shard(of: tag).pointee.find(name, key, tag, slots.chunks) {
            return (number, false)
        }
        return (insert(name, key, tag), true)
    }

    /// Finds the slots of consecutive keys, up to the first key without a slot. Returns the number of slots found, which
    /// is 0 if several shards share the keys.
    @inline(never) func find(
        pane: UInt32, _ keys: UnsafePointer<GroupKey>, _ count: Int, into found: UnsafeMutablePointer<UInt32>
    ) -> Int {
        // Empty index entries refer to slot 0.
        guard owners == 1, slotLimit > 0 else { return 0 }
        // Copies stay in registers, because writes to `found` cannot change them.
        let (index, mask, chunks) = (shards.pointee.index, shards.pointee.mask, slots.chunks)
        for i in 0..<count {
            let tag = KeyHash.tag(keys[i].hash, pane: pane)
            let place = Int(tag) & mask
            // The key is nearly always in its home entry or the next one. Computing the entry is cheaper than a branch
            // that is sometimes mispredicted.
            let isElsewhere = UInt32(truncatingIfNeeded: index[place] >> 32) != tag
            let entry = index[(place &+ (isElsewhere ? 1 : 0)) & mask]
            let slot = ChunkedArray<Slot>.place(Int(UInt32(truncatingIfNeeded: entry)), in: chunks)
            if GroupShard.matches(slot, Slot.name(pane, keys[i].shape), keys[i]) {
                found[i] = UInt32(truncatingIfNeeded: entry)
            } else {
                guard let number = lookUp(pane, keys + i, tag) else { return i }
                found[i] = number
            }
        }
        return count
    }

    @inline(never) private func lookUp(_ pane: UInt32, _ key: UnsafePointer<GroupKey>, _ tag: UInt32)
        -> UInt32?
    {
        shards.pointee.find(Slot.name(pane, key.pointee.shape), key.pointee, tag, slots.chunks)
    }

    /// Finds the groups of a pane that have the keys of these slots, `none` where there is none. Several threads can do so at
    /// the same time.
    @inline(never) func findSame(
        as others: UnsafePointer<UInt32>, _ count: Int, in pane: UInt32, into found: UnsafeMutablePointer<UInt32>
    ) {
        let (chunks, hash) = (slots.chunks, hash)
        for i in 0..<count {
            let other = GroupShard.place(others[i], chunks)
            let shape = other.pointee.shape
            let key =
                shape.isShort
                ? GroupKey(low: other.pointee.low, high: other.pointee.high, shape: shape, hash)
                : GroupKey(Slot.bytes(other), length: shape.length, hash)
            let tag = KeyHash.tag(key.hash, pane: pane)
            found[i] = shard(of: tag).pointee.find(Slot.name(pane, shape), key, tag, chunks) ?? Self.none
        }
    }

    /// Whether the table exceeds the caches near the core, so that calling `touch` before a lookup pays off.
    var isLarge: Bool { slotLimit > 1 << 16 }

    /// Reads the memory that the lookup of these keys will need, so that the cache misses overlap.
    @inline(never) mutating func touch(pane: UInt32, _ keys: UnsafePointer<GroupKey>, _ count: Int) {
        var sum: UInt64 = 0
        for i in 0..<count { sum &+= shards.pointee.entry(at: KeyHash.tag(keys[i].hash, pane: pane)) }
        for i in 0..<count {
            let entry = shards.pointee.entry(at: KeyHash.tag(keys[i].hash, pane: pane))
            if entry != 0 { sum &+= slots.place(Int(UInt32(truncatingIfNeeded: entry))).pointee.name }
        }
        shards.pointee.noteTouched(sum)
    }

    var emptyKey: GroupKey { GroupKey(hash) }

    /// Copies the key of a slot. The copy stays valid while the table changes.
    func copyKey(_ slot: UInt32, into buffer: inout ByteBuffer) -> GroupKey {
        let place = slots.place(Int(slot))
        let shape = place.pointee.shape
        if shape.isShort { return GroupKey(low: place.pointee.low, high: place.pointee.high, shape: shape, hash) }
        buffer.removeAll()
        withKey(slot) { buffer.append($0) }
        return GroupKey(UnsafeRawPointer(buffer.start(padding: 16)), length: buffer.count, hash)
    }

    /// Removes a group; its slot may be reused.
    mutating func remove(_ slot: UInt32) {
        let place = slots.place(Int(slot))
        let shard = shard(of: place.pointee.tag)
        shard.pointee.unlink(slot, tag: place.pointee.tag)
        shard.pointee.release(slot, place)
        count &-= 1
    }

    /// Whether rebuilding the table from the remaining groups is cheaper than removing `removed` groups one by one.
    func isWorthRemaking(without removed: Int) -> Bool {
        guard removed > 64, removed > count / 2 else { return false }
        let entries = (0..<shardCount).reduce(0) { $0 + shards[$1].mask }
        return removed > max(entries, slotLimit) / 16
    }

    /// Removes all groups of one pane (`removed` in number) and rebuilds the table from the others.
    mutating func removeAll(of pane: UInt32, removed: Int) {
        if removed == count {
            for number in 0..<shardCount { shards[number].removeAll() }
            blocks.removeAll()
            count = 0
            return
        }
        for number in 0..<shardCount { shards[number].removeEntries() }
        // In reverse order, so that the first slots are reused first.
        for number in stride(from: slotLimit &- 1, through: 0, by: -1) {
            let place = slots.place(number)
            let slot = UInt32(truncatingIfNeeded: number)
            if place.pointee.name == Slot.unused {
                shards[number % owners].reuse(slot, place)
            } else if place.pointee.pane == pane {
                shard(of: place.pointee.tag).pointee.release(slot, place)
                count &-= 1
            } else {
                shard(of: place.pointee.tag).pointee.put(UInt64(place.pointee.tag) << 32 | UInt64(slot))
            }
        }
    }

    /// Does not count groups any more that nothing will look up.
    mutating func forget(_ groups: Int) { count &-= groups }

    /// Calls `body` with the key's bytes; they stay valid until the table changes.
    @inline(__always) func withKey<Result>(_ slot: UInt32, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let place = slots.place(Int(slot))
        return body(UnsafeRawBufferPointer(start: Slot.bytes(place), count: place.pointee.shape.length))
    }

    @inline(never) private mutating func insert(_ name: UInt64, _ key: GroupKey, _ tag: UInt32)
        -> UInt32
    {
        slots.reserve(slotLimit &+ (isSharded ? SlotBlocks.size : 1))
        count &+= 1
        return shard(of: tag).pointee.insert(name, key, tag, slots.chunks, blocks)
    }

    // MARK: Lanes

    /// Has all shards share the keys from now on, if they do not yet.
    mutating func divide() {
        guard owners < shardCount else { return }
        owners = shardCount
        for number in 0..<slotLimit {
            let place = slots.place(number)
            guard place.pointee.name != Slot.unused else { continue }
            let owner = shard(of: place.pointee.tag)
            if owner != shards { owner.pointee.take(UInt32(truncatingIfNeeded: number), place, from: shards) }
        }
    }

    /// Makes room for the slots of `count` new groups that lanes insert.
    mutating func reserve(_ limit: Int) { slots.reserve(limit) }

    /// Counts groups that lanes have inserted.
    mutating func noteInserted(_ inserted: Int) { count &+= inserted }
}

extension GroupTable.Slot {
    /// The bytes of the key; those of short keys are in the slot itself.
    @inline(__always) static func bytes(_ slot: UnsafePointer<Self>) -> UnsafeRawPointer {
        if slot.pointee.shape.isShort { return UnsafeRawPointer(slot) }
        return UnsafeRawPointer(bitPattern: UInt(slot.pointee.low)) ?? UnsafeRawPointer(slot)
    }

    /// The field of the key that starts at `offset`, which is advanced past it. Text is borrowed from the key.
    @inline(__always) static func field(_ slot: UnsafePointer<Self>, at offset: inout Int) -> Value {
        let shape = slot.pointee.shape
        if shape.isText {
            return Value(UnsafeRawBufferPointer(start: UnsafeRawPointer(slot), count: shape.length))
        }
        return KeyCoding.read(bytes(slot), at: &offset)
    }
}

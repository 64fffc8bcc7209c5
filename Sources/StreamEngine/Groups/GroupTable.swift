/// The groups of all open windows: (pane, key bytes) → slot, where the pane is the slice that contains a record.
///
/// Consists of an open-addressing index of (hash tag, slot) pairs, with linear probing and backward-shift deletion, and
/// an array of reusable slots. Keys of up to 16 bytes are stored in the slot itself.
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
    /// Slots ever used: the number of states to allocate.
    private(set) var slotLimit = 0
    /// Slots in use.
    private(set) var count = 0
    private var freeSlot = GroupTable.none
    /// Tag in the high half, slot in the low half; 0 if empty, since a tag is never 0.
    private var index: UnsafeMutablePointer<UInt64>
    private var mask = 127
    private var memory = KeyMemory()
    private let hash: KeyHash
    private var touched: UInt64 = 0

    init(seed: UInt64) {
        hash = KeyHash(seed: seed)
        index = StateMemory.allocate(mask + 1)
        index.initialize(repeating: 0, count: mask + 1)
    }

    deinit { StateMemory.free(index, capacity: mask + 1) }

    /// The memory that it takes.
    var memoryBytes: Int {
        slots.memoryBytes + StateMemory.blockSize(of: UInt64.self, capacity: mask + 1) + memory.memoryBytes
    }

    /// The slot of a key, created if it is new.
    @inline(__always) mutating func slot(pane: UInt32, _ key: GroupKey) -> (slot: UInt32, isNew: Bool) {
        let tag = KeyHash.tag(key.hash, pane: pane)
        if let number = slot(pane: pane, key, tag, index, mask) { return (number, false) }
        return (insert(pane, key, tag), true)
    }

    /// Finds the slots of consecutive keys, up to the first key without a slot. Returns the number of slots found.
    @inline(never) func find(
        pane: UInt32, _ keys: UnsafePointer<GroupKey>, _ count: Int, into found: UnsafeMutablePointer<UInt32>
    ) -> Int {
        // Copies stay in registers, because writes to `found` cannot change them.
        let (index, mask, chunks) = (index, mask, slots.chunks)
        // Empty index entries refer to slot 0.
        guard slotLimit > 0 else { return 0 }
        for i in 0..<count {
            let tag = KeyHash.tag(keys[i].hash, pane: pane)
            let place = Int(tag) & mask
            // The key is nearly always in its home entry or the next one. Computing the entry is cheaper than a branch
            // that is sometimes mispredicted.
            let isElsewhere = UInt32(truncatingIfNeeded: index[place] >> 32) != tag
            let entry = index[(place &+ (isElsewhere ? 1 : 0)) & mask]
            let slot = ChunkedArray<Slot>.place(Int(UInt32(truncatingIfNeeded: entry)), in: chunks)
            if matches(slot, Slot.name(pane, keys[i].shape), keys[i]) {
                found[i] = UInt32(truncatingIfNeeded: entry)
            } else {
                guard let number = lookUp(pane, keys + i, tag) else { return i }
                found[i] = number
            }
        }
        return count
    }

    @inline(never) private func lookUp(_ pane: UInt32, _ key: UnsafePointer<GroupKey>, _ tag: UInt32) -> UInt32? {
        slot(pane: pane, key.pointee, tag, index, mask)
    }

    /// The slot of a key in the index; nil if the key is not there.
    @inline(__always) private func slot(
        pane: UInt32, _ key: GroupKey, _ tag: UInt32, _ index: UnsafeMutablePointer<UInt64>, _ mask: Int
    ) -> UInt32? {
        let name = Slot.name(pane, key.shape)
        var place = Int(tag) & mask
        while true {
            let entry = index[place]
            let number = UInt32(truncatingIfNeeded: entry)
            if UInt32(truncatingIfNeeded: entry >> 32) == tag, matches(slots.place(Int(number)), name, key) {
                return number
            }
            if entry == 0 { return nil }
            place = (place &+ 1) & mask
        }
    }

    /// Whether the table exceeds the caches near the core, so that calling `touch` before a lookup pays off.
    var isLarge: Bool { slotLimit > 1 << 16 }

    /// Reads the memory that the lookup of these keys will need, so that the cache misses overlap.
    @inline(never) mutating func touch(pane: UInt32, _ keys: UnsafePointer<GroupKey>, _ count: Int) {
        var sum: UInt64 = 0
        for i in 0..<count { sum &+= index[Int(KeyHash.tag(keys[i].hash, pane: pane)) & mask] }
        for i in 0..<count {
            let entry = index[Int(KeyHash.tag(keys[i].hash, pane: pane)) & mask]
            if entry != 0 { sum &+= slots.place(Int(UInt32(truncatingIfNeeded: entry))).pointee.name }
        }
        // Keeps the compiler from removing the loads.
        touched = sum
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
        unlink(slot, tag: slots.place(Int(slot)).pointee.tag)
        release(slot)
    }

    /// Whether rebuilding the table from the remaining groups is cheaper than removing `removed` groups one by one.
    func isWorthRemaking(without removed: Int) -> Bool {
        removed > 64 && removed > count / 2 && removed > max(mask, slotLimit) / 16
    }

    /// Removes all groups of one pane (`removed` in number) and rebuilds the table from the others.
    mutating func removeAll(of pane: UInt32, removed: Int) {
        index.update(repeating: 0, count: mask + 1)
        if removed == count {
            memory.removeAll()
            (slotLimit, count, freeSlot) = (0, 0, Self.none)
            return
        }
        // In reverse order, so that the first slots are reused first.
        freeSlot = Self.none
        for number in stride(from: slotLimit &- 1, through: 0, by: -1) {
            let place = slots.place(number)
            if place.pointee.name == Slot.unused {
                place.pointee.next = freeSlot
                freeSlot = UInt32(truncatingIfNeeded: number)
            } else if place.pointee.pane == pane {
                release(UInt32(truncatingIfNeeded: number))
            } else {
                put(UInt64(place.pointee.tag) << 32 | UInt64(truncatingIfNeeded: number))
            }
        }
    }

    /// Calls `body` with the key's bytes; they stay valid until the table changes.
    @inline(__always) func withKey<Result>(_ slot: UInt32, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let place = slots.place(Int(slot))
        return body(UnsafeRawBufferPointer(start: Slot.bytes(place), count: place.pointee.shape.length))
    }

    @inline(__always)
    private func matches(_ slot: UnsafePointer<Slot>, _ name: UInt64, _ key: GroupKey) -> Bool {
        guard slot.pointee.name == name else { return false }
        if slot.pointee.low == key.low, slot.pointee.high == key.high { return true }
        return !key.shape.isShort && matchesLong(slot, key)
    }

    /// Whether two long keys of the same length, given by their addresses, have the same bytes.
    @inline(never) private func matchesLong(_ slot: UnsafePointer<Slot>, _ key: GroupKey) -> Bool {
        guard let kept = UnsafeRawPointer(bitPattern: UInt(slot.pointee.low)),
            let given = UnsafeRawPointer(bitPattern: UInt(key.low))
        else { return false }
        return isEqual(kept, given, key.shape.length)
    }

    @inline(never) private mutating func insert(_ pane: UInt32, _ key: GroupKey, _ tag: UInt32) -> UInt32 {
        if isFull { growIndex() }
        let number: UInt32
        if freeSlot != Self.none {
            number = freeSlot
            freeSlot = slots.place(Int(number)).pointee.next
        } else {
            slots.reserve(slotLimit &+ 1)
            number = UInt32(truncatingIfNeeded: slotLimit)
            slotLimit &+= 1
        }
        var slot = Slot(low: key.low, high: key.high, name: Slot.name(pane, key.shape), tag: tag)
        if !key.shape.isShort, let bytes = UnsafeRawPointer(bitPattern: UInt(key.low)) {
            slot.low = UInt64(UInt(bitPattern: memory.copy(bytes, key.shape.length)))
        }
        slots.place(Int(number)).initialize(to: slot)
        put(UInt64(tag) << 32 | UInt64(number))
        count &+= 1
        return number
    }

    /// Small tables are sparse to avoid collisions; in large ones, memory matters more.
    private var isFull: Bool { mask < 1 << 17 - 1 ? count &* 4 > mask : (count &+ 1) &* 8 > mask &* 5 }

    /// Frees a slot that is no longer in the index.
    private mutating func release(_ slot: UInt32) {
        let place = slots.place(Int(slot))
        if !place.pointee.shape.isShort { memory.release(Slot.bytes(place)) }
        place.pointee.name = Slot.unused
        place.pointee.next = freeSlot
        freeSlot = slot
        count &-= 1
    }

    @inline(__always) private func put(_ entry: UInt64) {
        var place = Int(entry >> 32) & mask
        while index[place] != 0 { place = (place &+ 1) & mask }
        index[place] = entry
    }

    /// Removes a slot from the index and moves up the later entries of the run (Knuth, volume 3, 6.4, algorithm R).
    private func unlink(_ slot: UInt32, tag: UInt32) {
        var hole = Int(tag) & mask
        while index[hole] != UInt64(tag) << 32 | UInt64(slot) { hole = (hole &+ 1) & mask }
        var place = hole
        while true {
            place = (place &+ 1) & mask
            let entry = index[place]
            if entry == 0 { break }
            let home = Int(entry >> 32) & mask
            if (place &- home) & mask >= (place &- hole) & mask {
                index[hole] = entry
                hole = place
            }
        }
        index[hole] = 0
    }

    private mutating func growIndex() {
        let old = UnsafeMutableBufferPointer(start: index, count: mask + 1)
        mask = 2 * mask + 1
        index = StateMemory.allocate(mask + 1)
        index.initialize(repeating: 0, count: mask + 1)
        for entry in old where entry != 0 { put(entry) }
        if let start = old.baseAddress { StateMemory.free(start, capacity: old.count) }
    }
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

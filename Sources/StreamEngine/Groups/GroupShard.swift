import Synchronization

/// An index of groups: of all of them, or of those whose tags select it, so that each lane of a crew can have its own.
///
/// Consists of an open-addressing index of (hash tag, slot) pairs, with linear probing and backward-shift deletion. The
/// slots are those of the table.
struct GroupShard: ~Copyable {
    typealias Slot = GroupTable.Slot
    typealias Chunks = ChunkedArray<Slot>.Chunks

    /// Tag in the high half, slot in the low half; 0 if empty, since a tag is never 0.
    private(set) var index: UnsafeMutablePointer<UInt64>
    private(set) var mask = 127
    /// Groups in the index.
    private var count = 0
    /// The first slot to reuse, and the slots to use after those.
    private var freeSlot = GroupTable.none
    private(set) var nextSlot = 0
    private var endOfSlots: Int
    private var memory = KeyMemory()
    private var touched: UInt64 = 0

    /// - Parameter isOnly: whether the index has all slots; otherwise it takes blocks of them.
    init(isOnly: Bool) {
        index = StateMemory.allocate(mask + 1)
        index.initialize(repeating: 0, count: mask + 1)
        endOfSlots = isOnly ? Int.max : 0
    }

    deinit { StateMemory.free(index, capacity: mask + 1) }

    /// The memory that it takes.
    var memoryBytes: Int {
        StateMemory.blockSize(of: UInt64.self, capacity: mask + 1) + memory.memoryBytes
    }

    @inline(__always) static func place(_ slot: UInt32, _ chunks: Chunks) -> UnsafeMutablePointer<
        Slot
    > {
        ChunkedArray<Slot>.place(Int(slot), in: chunks)
    }

    /// The slot of a key; nil if it is not there.
    @inline(__always) func find(_ name: UInt64, _ key: GroupKey, _ tag: UInt32, _ chunks: Chunks)
        -> UInt32?
    {
        let (index, mask) = (index, mask)
        var place = Int(tag) & mask
        while true {
            let entry = index[place]
            let number = UInt32(truncatingIfNeeded: entry)
            if UInt32(truncatingIfNeeded: entry >> 32) == tag,
                Self.matches(Self.place(number, chunks), name, key)
            {
                return number
            }
            if entry == 0 { return nil }
            place = (place &+ 1) & mask
        }
    }

    @inline(__always) static func matches(
        _ slot: UnsafePointer<Slot>, _ name: UInt64, _ key: GroupKey
    ) -> Bool {
        guard slot.pointee.name == name else { return false }
        if slot.pointee.low == key.low, slot.pointee.high == key.high { return true }
        return !key.shape.isShort && matchesLong(slot, key)
    }

    /// Whether two long keys of the same length, given by their addresses, have the same bytes.
    @inline(never) private static func matchesLong(_ slot: UnsafePointer<Slot>, _ key: GroupKey)
        -> Bool
    {
        guard let kept = UnsafeRawPointer(bitPattern: UInt(slot.pointee.low)),
            let given = UnsafeRawPointer(bitPattern: UInt(key.low))
        else { return false }
        return isEqual(kept, given, key.shape.length)
    }

    /// Reads an entry of the index, and the slot that it names, for the key with this tag: so that the cache misses of
    /// several keys overlap.
    @inline(__always) func entry(at tag: UInt32) -> UInt64 { index[Int(tag) & mask] }
    @inline(__always) mutating func noteTouched(_ sum: UInt64) {
        // Keeps the compiler from removing the loads.
        touched = sum
    }

    /// Inserts a key that is not there. The table must have room for the slots of one more block.
    @inline(__always) mutating func insert(
        _ name: UInt64, _ key: GroupKey, _ tag: UInt32, _ chunks: Chunks, _ blocks: SlotBlocks
    ) -> UInt32 {
        if isFull { growIndex() }
        let number: UInt32
        if freeSlot != GroupTable.none {
            number = freeSlot
            freeSlot = Self.place(number, chunks).pointee.next
        } else {
            if nextSlot == endOfSlots { takeBlock(chunks, blocks) }
            number = UInt32(truncatingIfNeeded: nextSlot)
            nextSlot &+= 1
        }
        var slot = Slot(low: key.low, high: key.high, name: name, tag: tag)
        if !key.shape.isShort, let bytes = UnsafeRawPointer(bitPattern: UInt(key.low)) {
            slot.low = UInt64(UInt(bitPattern: memory.copy(bytes, key.shape.length)))
        }
        Self.place(number, chunks).initialize(to: slot)
        put(UInt64(tag) << 32 | UInt64(number))
        count &+= 1
        return number
    }

    @inline(never) private mutating func takeBlock(_ chunks: Chunks, _ blocks: SlotBlocks) {
        nextSlot = blocks.take()
        endOfSlots = nextSlot &+ SlotBlocks.size
        for number in nextSlot..<endOfSlots {
            ChunkedArray<Slot>.place(number, in: chunks).initialize(to: Slot())
        }
    }

    /// Small indexes are sparse to avoid collisions; in large ones, memory matters more.
    private var isFull: Bool {
        mask < 1 << 17 - 1 ? count &* 4 > mask : (count &+ 1) &* 8 > mask &* 5
    }

    @inline(__always) func put(_ entry: UInt64) {
        var place = Int(entry >> 32) & mask
        while index[place] != 0 { place = (place &+ 1) & mask }
        index[place] = entry
    }

    @inline(never) private mutating func growIndex() {
        let old = UnsafeMutableBufferPointer(start: index, count: mask + 1)
        mask = 2 * mask + 1
        index = StateMemory.allocate(mask + 1)
        index.initialize(repeating: 0, count: mask + 1)
        for entry in old where entry != 0 { put(entry) }
        if let start = old.baseAddress { StateMemory.free(start, capacity: old.count) }
    }

    /// Removes a slot from the index and moves up the later entries of the run (Knuth, volume 3, 6.4, algorithm R).
    func unlink(_ slot: UInt32, tag: UInt32) {
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

    /// Takes a slot over from another shard.
    mutating func take(
        _ number: UInt32, _ slot: UnsafeMutablePointer<Slot>, from other: UnsafeMutablePointer<GroupShard>
    ) {
        other.pointee.unlink(number, tag: slot.pointee.tag)
        if !slot.pointee.shape.isShort {
            let bytes = Slot.bytes(slot)
            slot.pointee.low = UInt64(UInt(bitPattern: memory.copy(bytes, slot.pointee.shape.length)))
            other.pointee.memory.release(bytes)
        }
        other.pointee.count &-= 1
        if isFull { growIndex() }
        put(UInt64(slot.pointee.tag) << 32 | UInt64(number))
        count &+= 1
    }

    /// Frees a slot that is no longer in the index.
    mutating func release(_ number: UInt32, _ slot: UnsafeMutablePointer<Slot>) {
        if !slot.pointee.shape.isShort { memory.release(Slot.bytes(slot)) }
        slot.pointee.name = Slot.unused
        count &-= 1
        reuse(number, slot)
    }

    /// Adds an unused slot to those to reuse.
    mutating func reuse(_ number: UInt32, _ slot: UnsafeMutablePointer<Slot>) {
        slot.pointee.next = freeSlot
        freeSlot = number
    }

    /// Empties the index; the groups that stay are put into it again, and the slots to reuse are given again.
    mutating func removeEntries() {
        index.update(repeating: 0, count: mask + 1)
        freeSlot = GroupTable.none
        if endOfSlots != Int.max { (nextSlot, endOfSlots) = (0, 0) }
    }

    /// Forgets all groups and slots.
    mutating func removeAll() {
        removeEntries()
        memory.removeAll()
        (nextSlot, count) = (0, 0)
    }
}

/// Hands out the slots of a table to its shards, which take them at the same time.
final class SlotBlocks: Sendable {
    static let size = 64
    private let taken = Atomic<Int>(0)

    /// The number of slots taken so far.
    var limit: Int { taken.load(ordering: .relaxed) }

    /// The first slot of a block for a shard.
    func take() -> Int { taken.wrappingAdd(Self.size, ordering: .relaxed).oldValue }

    func removeAll() { taken.store(0, ordering: .relaxed) }
}

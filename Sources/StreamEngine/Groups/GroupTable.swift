/// The groups of all open windows: (owner, key bytes) → slot, where the owner is the slice a record fell into.
///
/// An open-addressing index of (hash tag, slot) pairs with linear probing and backward-shift deletion, and a row of
/// slots that are used again. Keys of up to 16 bytes stand in the slot itself.
struct GroupTable: ~Copyable {
    static let none = UInt32.max

    struct Slot {
        /// The key itself, or in `low` the address of it.
        var low: UInt64 = 0
        var high: UInt64 = 0
        var length: UInt32 = 0
        var owner: UInt32 = 0
        /// Next slot of the same owner (or of the free list).
        var next: UInt32 = GroupTable.none
        var tag: UInt32 = 0
    }

    private(set) var slots: UnsafeMutablePointer<Slot>
    /// Slots ever used; states need room for as many.
    private(set) var slotLimit = 0
    /// Slots in use.
    private(set) var count = 0
    private var slotCapacity = 64
    private var freeSlot = GroupTable.none
    /// Tag in the high half, slot + 1 in the low half; 0 is empty.
    private var index: UnsafeMutablePointer<UInt64>
    private var mask = 127
    private var memory = KeyMemory()
    private let hash: KeyHash

    init(seed: UInt64) {
        hash = KeyHash(seed: seed)
        slots = .allocate(capacity: slotCapacity)
        index = .allocate(capacity: mask + 1)
        index.initialize(repeating: 0, count: mask + 1)
    }

    deinit {
        slots.deallocate()
        index.deallocate()
    }

    /// The slot of a key, made if it is new.
    @inline(__always) mutating func slot(owner: UInt32, _ key: GroupKey) -> (slot: UInt32, isNew: Bool) {
        let tag = KeyHash.tag(key.hash, owner: owner)
        var place = Int(tag) & mask
        while true {
            let entry = index[place]
            if entry == 0 { return (insert(owner, key, tag), true) }
            if UInt32(truncatingIfNeeded: entry >> 32) == tag {
                let number = UInt32(truncatingIfNeeded: entry) &- 1
                if matches(number, owner, key) { return (number, false) }
            }
            place = (place &+ 1) & mask
        }
    }

    var emptyKey: GroupKey { GroupKey(hash) }

    /// A copy of the key of a slot, to be used while the table changes.
    func copyKey(_ slot: UInt32, into buffer: inout ByteBuffer) -> GroupKey {
        buffer.removeAll()
        withKey(slot) { buffer.append($0) }
        return GroupKey(UnsafeRawPointer(buffer.start(padding: 16)), length: buffer.count, hash)
    }

    /// Forgets a group; its slot may be given to another.
    mutating func remove(_ slot: UInt32) {
        let entry = slots[Int(slot)]
        unlink(slot, tag: entry.tag)
        if entry.length > 16, let place = UnsafeRawPointer(bitPattern: UInt(entry.low)) { memory.release(place) }
        slots[Int(slot)].next = freeSlot
        freeSlot = slot
        count &-= 1
    }

    /// Calls `body` with the key's bytes; they stay valid until the table changes.
    @inline(__always) func withKey<Result>(_ slot: UInt32, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let place = slots + Int(slot)
        let length = Int(place.pointee.length)
        if length <= 16 { return body(UnsafeRawBufferPointer(start: UnsafeRawPointer(place), count: length)) }
        let text = UnsafeRawPointer(bitPattern: UInt(place.pointee.low))
        return body(UnsafeRawBufferPointer(start: text, count: length))
    }

    @inline(__always) private func matches(_ number: UInt32, _ owner: UInt32, _ key: GroupKey) -> Bool {
        let slot = slots + Int(number)
        guard slot.pointee.owner == owner, Int(slot.pointee.length) == key.length else { return false }
        if key.length <= 16 { return slot.pointee.low == key.low && slot.pointee.high == key.high }
        guard let kept = UnsafeRawPointer(bitPattern: UInt(slot.pointee.low)),
            let given = UnsafeRawPointer(bitPattern: UInt(key.low))
        else { return false }
        return isEqual(kept, given, key.length)
    }

    @inline(never) private mutating func insert(_ owner: UInt32, _ key: GroupKey, _ tag: UInt32) -> UInt32 {
        if (count &+ 1) &* 2 > mask { growIndex() }
        let number: UInt32
        if freeSlot != Self.none {
            number = freeSlot
            freeSlot = slots[Int(number)].next
        } else {
            if slotLimit == slotCapacity { growSlots() }
            number = UInt32(truncatingIfNeeded: slotLimit)
            slotLimit &+= 1
        }
        var slot = Slot(
            low: key.low, high: key.high, length: UInt32(truncatingIfNeeded: key.length), owner: owner, tag: tag)
        if key.length > 16, let bytes = UnsafeRawPointer(bitPattern: UInt(key.low)) {
            slot.low = UInt64(UInt(bitPattern: memory.copy(bytes, key.length)))
        }
        slots[Int(number)] = slot
        put(UInt64(tag) << 32 | UInt64(number &+ 1))
        count &+= 1
        return number
    }

    @inline(__always) private func put(_ entry: UInt64) {
        var place = Int(entry >> 32) & mask
        while index[place] != 0 { place = (place &+ 1) & mask }
        index[place] = entry
    }

    /// Takes a slot out of the index and moves later entries of the run up (Knuth, volume 3, 6.4, algorithm R).
    private func unlink(_ slot: UInt32, tag: UInt32) {
        var hole = Int(tag) & mask
        while UInt32(truncatingIfNeeded: index[hole]) != slot &+ 1 { hole = (hole &+ 1) & mask }
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
        index = .allocate(capacity: mask + 1)
        index.initialize(repeating: 0, count: mask + 1)
        for entry in old where entry != 0 { put(entry) }
        old.deallocate()
    }

    private mutating func growSlots() {
        let moved = UnsafeMutablePointer<Slot>.allocate(capacity: slotCapacity * 2)
        moved.update(from: slots, count: slotCapacity)
        slots.deallocate()
        slots = moved
        slotCapacity *= 2
    }
}

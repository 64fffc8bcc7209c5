/// Numbers byte strings 0, 1, 2 … in the order in which they are first added.
///
/// Open addressing with linear probing. An empty dictionary allocates nothing. The hash depends on the bytes only.
package struct ByteDictionary: ~Copyable {
    private struct Entry {
        var hash: UInt64
        /// Start of its bytes, which end where those of the next entry start.
        var start: Int
    }

    private struct Memory {
        /// The high half of a hash and the index of its entry plus 1; 0 if free.
        var table: UnsafeMutablePointer<UInt64>
        /// One more than there are entries: the last one marks the end of the bytes.
        var entries: UnsafeMutablePointer<Entry>
        var bytes: UnsafeMutableRawPointer
    }

    private var memory: Memory?
    /// The length of the table (a power of two) minus 1.
    private var mask: UInt32 = 0
    private var entryCount: UInt32 = 0
    private var byteCapacity = 0

    package init() {}

    deinit {
        guard let memory else { return }
        let length = Int(mask) + 1
        StateMemory.free(memory.table, capacity: length)
        StateMemory.free(memory.entries, capacity: Self.entryRoom(length))
        StateMemory.free(memory.bytes, byteCount: byteCapacity)
    }

    /// The memory that it takes.
    var memoryBytes: Int {
        guard memory != nil else { return 0 }
        let length = Int(mask) + 1
        return StateMemory.blockSize(of: UInt64.self, capacity: length)
            + StateMemory.blockSize(of: Entry.self, capacity: Self.entryRoom(length))
            + StateMemory.blockSize(byteCapacity)
    }

    var count: Int { Int(entryCount) }

    /// The index of `key`, which is added if it is new; its index is then the former `count`.
    mutating func index(of key: UnsafeRawBufferPointer) -> Int {
        index(of: key, hash: ByteDictionary.hash(key))
    }

    /// Like the above, for a key whose hash is known.
    package mutating func index(of key: UnsafeRawBufferPointer, hash: UInt64) -> Int {
        guard let memory else { return insertNew(key, hash) }
        var place = UInt32(truncatingIfNeeded: hash) & mask
        while true {
            let found = memory.table[Int(place)]
            if found == 0 { return insertNew(key, hash) }
            if found >> 32 == hash >> 32 {
                let index = Int(found & 0xffff_ffff) &- 1
                let start = memory.entries[index].start
                let entry = UnsafeRawBufferPointer(
                    start: memory.bytes + start, count: memory.entries[index &+ 1].start &- start)
                if entry.count == key.count && compareBytes(entry, key) == 0 { return index }
            }
            place = (place &+ 1) & mask
        }
    }

    /// Adds a new key.
    @inline(never) private mutating func insertNew(_ key: UnsafeRawBufferPointer, _ hash: UInt64) -> Int {
        if memory == nil || (entryCount &+ 1) &* 4 > mask &* 3 { grow() }
        reserveBytes(key.count)
        guard let memory else { return 0 }
        let index = Int(entryCount)
        let start = memory.entries[index].start
        if let source = key.baseAddress {
            (memory.bytes + start).copyMemory(from: source, byteCount: key.count)
        }
        memory.entries[index].hash = hash
        (memory.entries + (index + 1)).initialize(to: Entry(hash: 0, start: start + key.count))
        entryCount &+= 1
        place(index, hash)
        return index
    }

    private borrowing func place(_ index: Int, _ hash: UInt64) {
        guard let memory else { return }
        var place = UInt32(truncatingIfNeeded: hash) & mask
        while memory.table[Int(place)] != 0 { place = (place &+ 1) & mask }
        memory.table[Int(place)] = (hash & 0xffff_ffff_0000_0000) | UInt64(index + 1)
    }

    /// The entries for a table of this length, of which three quarters are used, and the end of the last one.
    private static func entryRoom(_ length: Int) -> Int { length / 4 * 3 + 1 }

    /// Doubles the capacity.
    private mutating func grow() {
        let length = memory == nil ? 4 : (Int(mask) + 1) * 2
        let table: UnsafeMutablePointer<UInt64> = StateMemory.allocate(length)
        table.initialize(repeating: 0, count: length)
        let entries: UnsafeMutablePointer<Entry> = StateMemory.allocate(Self.entryRoom(length))
        let old = memory
        if let old {
            entries.moveInitialize(from: old.entries, count: count + 1)
            StateMemory.free(old.table, capacity: length / 2)
            StateMemory.free(old.entries, capacity: Self.entryRoom(length / 2))
        } else {
            entries.initialize(to: Entry(hash: 0, start: 0))
            byteCapacity = 32
        }
        let bytes = old?.bytes ?? StateMemory.allocate(byteCount: byteCapacity)
        memory = Memory(table: table, entries: entries, bytes: bytes)
        mask = UInt32(truncatingIfNeeded: length - 1)
        for index in 0..<count { place(index, entries[index].hash) }
    }

    private mutating func reserveBytes(_ wanted: Int) {
        guard let memory else { return }
        let used = memory.entries[count].start
        guard byteCapacity - used < wanted else { return }
        let capacity = max(byteCapacity * 2, used + wanted)
        let larger = StateMemory.allocate(byteCount: capacity)
        larger.copyMemory(from: memory.bytes, byteCount: used)
        StateMemory.free(memory.bytes, byteCount: byteCapacity)
        byteCapacity = capacity
        self.memory = Memory(table: memory.table, entries: memory.entries, bytes: larger)
    }

    /// Calls `body` with the bytes of an entry.
    borrowing func withEntry<Result>(_ index: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        guard let memory, index < count else { return body(UnsafeRawBufferPointer(start: nil, count: 0)) }
        let start = memory.entries[index].start
        return body(
            UnsafeRawBufferPointer(start: memory.bytes + start, count: memory.entries[index + 1].start - start))
    }

    /// The value whose typed bytes are an entry. Its text is valid as long as the entry.
    borrowing func value(at index: Int) -> Value {
        withEntry(index) { bytes in
            guard let base = bytes.baseAddress else { return .null }
            var offset = 0
            return KeyCoding.read(base, at: &offset)
        }
    }

    /// The hash of an entry, as computed by `hash`.
    borrowing func hash(at index: Int) -> UInt64 { memory?.entries[index].hash ?? 0 }

    /// Adds the entries of `other`. Calls `body` with the index of each in `other` and in this dictionary.
    mutating func insert(_ other: borrowing ByteDictionary, _ body: (Int, Int) -> Void) {
        for i in 0..<other.count {
            let hash = other.hash(at: i)
            let own = other.withEntry(i) { index(of: $0, hash: hash) }
            body(i, own)
        }
    }

    /// A hash of 64 well-mixed bits: multiplies eight bytes at a time and folds the two halves of the 128-bit product.
    static func hash(_ key: UnsafeRawBufferPointer) -> UInt64 {
        var state = 0x9e37_79b9_7f4a_7c15 ^ UInt64(key.count) &* 0xd6e8_feb8_6659_fd93
        var i = 0
        while i &+ 8 <= key.count {
            let word = UInt64(littleEndian: key.loadUnaligned(fromByteOffset: i, as: UInt64.self))
            state = fold(state ^ word, 0xa076_1d64_78bd_642f) &+ word
            i &+= 8
        }
        var rest: UInt64 = 0
        var shift: UInt64 = 0
        while i < key.count {
            rest |= UInt64(key[i]) << shift
            shift &+= 8
            i &+= 1
        }
        state = fold(state ^ rest, 0xe703_7ed1_a0b4_28db) &+ rest
        state ^= state >> 32
        state = state &* 0xd6e8_feb8_6659_fd93
        state ^= state >> 32
        state = state &* 0xd6e8_feb8_6659_fd93
        return state ^ (state >> 32)
    }

    @inline(__always) private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }
}

/// Calls `body` with the typed bytes of `value`, on the stack unless they are long.
@inline(__always)
func withTypedBytes<Result>(_ value: Value, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    withUnsafeTemporaryAllocation(byteCount: KeyCoding.size(value), alignment: 8) { room in
        guard let start = room.baseAddress else { return body(UnsafeRawBufferPointer(start: nil, count: 0)) }
        let count = KeyCoding.write(value, to: start)
        return body(UnsafeRawBufferPointer(start: start, count: count))
    }
}

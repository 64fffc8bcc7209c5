/// A set of doubles below `limit`, in which 1 and 1.0 are the same number, as are 0 and -0.0.
///
/// Holds a key for each number: its bits mixed by a bijection, which is also its hash. A small set is a hash table with
/// linear probing. A larger set is a list: keys are appended without a look-up, and repeated keys are removed together when
/// the list is full. A look-up in the large tables of many groups waits for memory each time; an append does not. Where the
/// sets fit into the caches and few keys are new, a table is cheaper, so the list becomes a table again. An empty set
/// allocates nothing.
struct NumberSet: ~Copyable {
    /// The slots of the table: keys, or 0 in a free slot, at most 3/4 of them used. Or the list, which begins with the
    /// number of keys at its start that are known to differ. The length is a power of two.
    private var memory: UnsafeMutablePointer<UInt64>?
    /// From here on, several integers round to one double.
    static let limit = 0x1p53
    /// The length minus 1; with `listBit` if it is a list.
    private var mask: UInt32 = 0
    /// The number of keys in the table or the list.
    private var used: UInt32 = 0

    private static let listBit: UInt32 = 1 << 31
    /// The length from which on a table that is full becomes a list.
    private static let largestTable = 64
    /// While all states together take less, looking into their tables does not wait for memory.
    private static let nearBytes = 1 << 22

    init() {}

    deinit { if let memory { StateMemory.free(memory, capacity: length) } }

    var memoryBytes: Int { memory == nil ? 0 : StateMemory.blockSize(of: UInt64.self, capacity: length) }

    /// Whether it is a list: `append` adds to it.
    @inline(__always) var isList: Bool { mask >= Self.listBit }
    /// The last place of the list.
    @inline(__always) private var last: UInt32 { mask & ~Self.listBit }
    private var length: Int { Int(last) + 1 }

    /// The number of different keys, or of those in a list that are known to differ.
    var leastCount: Int {
        guard isList, let memory else { return Int(used) }
        return Int(truncatingIfNeeded: memory[0])
    }

    /// The number of different keys.
    var count: Int {
        guard isList, let memory, leastCount < Int(used) else { return Int(used) }
        return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: Int(used)) { copy in
            _ = copy.initialize(from: UnsafeBufferPointer(start: memory + 1, count: Int(used)))
            return RepeatedKeys.remove(from: copy)
        }
    }

    /// The key of a finite double, never 0. Different numbers have different keys.
    @inline(__always) static func key(_ value: Double) -> UInt64 {
        // Adding zero turns -0.0 into 0.0. The inverted bits are not 0 (only a NaN has all bits set), and mixing is a
        // bijection.
        mix(~(value + 0).bitPattern)
    }

    /// The key of a double or integer below the limit; nil for any other value.
    @inline(__always) static func key(of value: Value) -> UInt64? {
        if value.kind == .double { return value.double.magnitude < limit ? key(value.double) : nil }
        guard value.kind == .integer, value.integer.magnitude < 1 << 53 else { return nil }
        return key(Double(value.integer))
    }

    @inline(__always) private static func mix(_ bits: UInt64) -> UInt64 {
        var bits = bits
        bits ^= bits >> 32
        bits = bits &* 0xd6e8_feb8_6659_fd93
        bits ^= bits >> 32
        bits = bits &* 0xd6e8_feb8_6659_fd93
        return bits ^ (bits >> 32)
    }

    /// The highest bit, unless the key is in the first slot probed. Only for tables.
    @inline(__always) borrowing func lacks(_ key: UInt64) -> UInt64 {
        guard let memory else { return 1 << 63 }
        let difference = memory[Int(UInt32(truncatingIfNeeded: key) & mask)] ^ key
        return (difference | (0 &- difference)) & 1 << 63
    }

    /// Adds a key. Returns whether `leastCount` has grown.
    @inline(__always) mutating func insert(_ key: UInt64) -> Bool {
        if isList { return append(key) }
        guard let memory else { return insertNew(key) }
        var place = UInt32(truncatingIfNeeded: key) & mask
        while true {
            let found = memory[Int(place)]
            if found == key { return false }
            if found == 0 { return insertNew(key) }
            place = (place &+ 1) & mask
        }
    }

    /// Adds a key that is not in the table.
    @inline(never) private mutating func insertNew(_ key: UInt64) -> Bool {
        if memory == nil || used &* 4 >= mask &* 3 {
            growTable()
            if isList {
                _ = append(key)
                // All keys of the table differ, and this one was not in it.
                memory?[0] = UInt64(used)
                return true
            }
        }
        place(key)
        used &+= 1
        return true
    }

    private borrowing func place(_ key: UInt64) {
        guard let memory else { return }
        var place = UInt32(truncatingIfNeeded: key) & mask
        while memory[Int(place)] != 0 { place = (place &+ 1) & mask }
        memory[Int(place)] = key
    }

    private static func table(_ length: Int) -> UnsafeMutablePointer<UInt64> {
        let table: UnsafeMutablePointer<UInt64> = StateMemory.allocate(length)
        table.initialize(repeating: 0, count: length)
        return table
    }

    private mutating func growTable() {
        guard let old = memory else {
            memory = Self.table(4)
            mask = 3
            return
        }
        let oldLength = length
        if oldLength < Self.largestTable {
            memory = Self.table(oldLength * 2)
            mask = UInt32(truncatingIfNeeded: oldLength * 2 - 1)
            for i in 0..<oldLength where old[i] != 0 { place(old[i]) }
        } else {
            let list: UnsafeMutablePointer<UInt64> = StateMemory.allocate(oldLength * 2)
            list[0] = UInt64(used)
            var end = 1
            for i in 0..<oldLength where old[i] != 0 {
                list[end] = old[i]
                end += 1
            }
            memory = list
            mask = UInt32(truncatingIfNeeded: oldLength * 2 - 1) | Self.listBit
        }
        StateMemory.free(old, capacity: oldLength)
    }

    /// Adds a key to the list. Returns whether `leastCount` has grown.
    @inline(__always) mutating func append(_ key: UInt64) -> Bool {
        guard let memory else { return false }
        used &+= 1
        memory[Int(used)] = key
        return used == last ? removeRepeated() : false
    }

    /// Makes room in a full list.
    @inline(never) private mutating func removeRepeated() -> Bool {
        guard let memory else { return false }
        let former = leastCount, full = Int(used)
        let count = RepeatedKeys.remove(from: UnsafeMutableBufferPointer(start: memory + 1, count: full))
        memory[0] = UInt64(count)
        used = UInt32(truncatingIfNeeded: count)
        if count * 4 > full * 3 {
            growList()
        } else if (count - former) * 8 < full - former, StateMemory.bytes < Self.nearBytes {
            becomeTable()
        }
        return count > former
    }

    private mutating func growList() {
        guard let old = memory else { return }
        let oldLength = length
        let list: UnsafeMutablePointer<UInt64> = StateMemory.allocate(oldLength * 2)
        list.initialize(from: old, count: Int(used) + 1)
        StateMemory.free(old, capacity: oldLength)
        memory = list
        mask = UInt32(truncatingIfNeeded: oldLength * 2 - 1) | Self.listBit
    }

    /// Turns a list without repeated keys into a table of the same length.
    private mutating func becomeTable() {
        guard let old = memory else { return }
        let length = length
        memory = Self.table(length)
        mask = UInt32(truncatingIfNeeded: length - 1)
        for i in 1...Int(used) { place(old[i]) }
        StateMemory.free(old, capacity: length)
    }

    /// Calls `body` with each key; those of a list may be repeated.
    borrowing func forEach(_ body: (UInt64) -> Void) {
        guard let memory else { return }
        if isList {
            for i in 0..<Int(used) { body(memory[i + 1]) }
        } else {
            for i in 0..<length where memory[i] != 0 { body(memory[i]) }
        }
    }
}

/// A set of doubles below `limit`, in which 1 and 1.0 are the same number, as are 0 and -0.0.
///
/// Stores a key for each number: its bits mixed by a bijection, which is also its hash. Open addressing with linear
/// probing. An empty set allocates nothing.
struct NumberSet: ~Copyable {
    /// Keys, or 0 in a free slot. The length is a power of two; at most 3/4 of it is used.
    private var table: UnsafeMutablePointer<UInt64>?
    /// From here on, several integers round to one double.
    static let limit = 0x1p53
    /// The length of the table minus 1.
    private var mask: UInt32 = 0
    private(set) var count: UInt32 = 0

    init() {}

    deinit { if let table { StateMemory.free(table, capacity: Int(mask) + 1) } }

    var memoryBytes: Int { table == nil ? 0 : StateMemory.blockSize(of: UInt64.self, capacity: Int(mask) + 1) }

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

    /// The highest bit, unless the key is in the first slot probed.
    @inline(__always) borrowing func lacks(_ key: UInt64) -> UInt64 {
        guard let table else { return 1 << 63 }
        let difference = table[Int(UInt32(truncatingIfNeeded: key) & mask)] ^ key
        return (difference | (0 &- difference)) & 1 << 63
    }

    /// Adds a key. Returns false if the set has it.
    @inline(__always) mutating func insert(_ key: UInt64) -> Bool {
        guard let table else { return insertNew(key) }
        var place = UInt32(truncatingIfNeeded: key) & mask
        while true {
            let found = table[Int(place)]
            if found == key { return false }
            if found == 0 { return insertNew(key) }
            place = (place &+ 1) & mask
        }
    }

    /// Adds a key that is not in the set.
    @inline(never) private mutating func insertNew(_ key: UInt64) -> Bool {
        if table == nil || count &* 4 >= mask &* 3 { grow() }
        place(key)
        count &+= 1
        return true
    }

    private borrowing func place(_ key: UInt64) {
        guard let table else { return }
        var place = UInt32(truncatingIfNeeded: key) & mask
        while table[Int(place)] != 0 { place = (place &+ 1) & mask }
        table[Int(place)] = key
    }

    private mutating func grow() {
        let old = table, oldLength = old == nil ? 0 : Int(mask) + 1
        let length = max(4, oldLength * 2)
        let larger: UnsafeMutablePointer<UInt64> = StateMemory.allocate(length)
        larger.initialize(repeating: 0, count: length)
        table = larger
        mask = UInt32(truncatingIfNeeded: length - 1)
        guard let old else { return }
        for i in 0..<oldLength where old[i] != 0 { place(old[i]) }
        StateMemory.free(old, capacity: oldLength)
    }

    /// Calls `body` with each key.
    borrowing func forEach(_ body: (UInt64) -> Void) {
        guard let table else { return }
        for i in 0...Int(mask) where table[i] != 0 { body(table[i]) }
    }
}

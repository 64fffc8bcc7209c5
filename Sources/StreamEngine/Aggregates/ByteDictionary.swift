/// Numbers runs of bytes densely, 0, 1, 2 and so on, in the order in which they are first seen.
///
/// Open addressing with linear probing; empty, it takes no memory of its own. The hash is a function of the bytes
/// alone.
struct ByteDictionary {
    private var bytes: [UInt8] = []
    /// Where the bytes of each entry end; they begin where those of the one before end.
    private var ends: [Int] = []
    private var hashes: [UInt64] = []
    /// Index of an entry plus 1; 0 is free. The length is a power of two.
    private var table: [UInt32] = []

    init() {}

    var count: Int { ends.count }

    /// The index of `key`, which becomes a new entry if it is none yet: then the index is the former `count`.
    mutating func index(of key: UnsafeRawBufferPointer) -> Int {
        index(of: key, hash: ByteDictionary.hash(key))
    }

    private mutating func index(of key: UnsafeRawBufferPointer, hash: UInt64) -> Int {
        if ends.count &* 4 >= table.count &* 3 { grow() }
        let mask = UInt64(table.count &- 1)
        var place = hash & mask
        while true {
            let entry = Int(table[Int(place)])
            if entry == 0 { break }
            if hashes[entry - 1] == hash && isEntry(entry - 1, key) { return entry - 1 }
            place = (place &+ 1) & mask
        }
        bytes.append(contentsOf: key)
        ends.append(bytes.count)
        hashes.append(hash)
        table[Int(place)] = UInt32(truncatingIfNeeded: ends.count)
        return ends.count - 1
    }

    private func isEntry(_ index: Int, _ key: UnsafeRawBufferPointer) -> Bool {
        withEntry(index) { $0.count == key.count && compareBytes($0, key) == 0 }
    }

    private mutating func grow() {
        table = Array(repeating: 0, count: max(8, table.count * 2))
        let mask = UInt64(table.count - 1)
        for (index, hash) in hashes.enumerated() {
            var place = hash & mask
            while table[Int(place)] != 0 { place = (place &+ 1) & mask }
            table[Int(place)] = UInt32(truncatingIfNeeded: index + 1)
        }
    }

    /// Calls `body` with the bytes of an entry.
    func withEntry<Result>(_ index: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let start = index == 0 ? 0 : ends[index - 1]
        return bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[start..<ends[index]])) }
    }

    /// Calls `body` with all bytes and the offset at which each entry begins.
    func withEntries<Result>(_ body: (UnsafeRawBufferPointer, (Int) -> Int) -> Result) -> Result {
        bytes.withUnsafeBytes { all in body(all) { $0 == 0 ? 0 : ends[$0 - 1] } }
    }

    /// The hash of an entry, as `hash` gives it.
    func hash(at index: Int) -> UInt64 { hashes[index] }

    /// Calls `body` with the former and the new index of each entry of `other`, which all become entries of this one.
    mutating func insert(_ other: borrowing ByteDictionary, _ body: (Int, Int) -> Void) {
        for i in 0..<other.count {
            let hash = other.hashes[i]
            let own = other.withEntry(i) { index(of: $0, hash: hash) }
            body(i, own)
        }
    }

    /// A hash of 64 well mixed bits: eight bytes at a time, the two halves of a 128-bit product folded into one.
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

/// Calls `body` with the typed bytes of `value`, which are on the stack unless they are long.
@inline(__always)
func withTypedBytes<Result>(_ value: Value, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    withUnsafeTemporaryAllocation(byteCount: TypedBytes.size(value), alignment: 8) { room in
        guard let start = room.baseAddress else { return body(UnsafeRawBufferPointer(start: nil, count: 0)) }
        let count = TypedBytes.write(value, to: start)
        return body(UnsafeRawBufferPointer(start: start, count: count))
    }
}

/// The hash of group keys: 64-bit multiply and fold with a secret seed, similar to wyhash (Wang Yi, 2019).
///
/// The seed is random, so that keys cannot be chosen to collide. Rows are sorted before they are printed, so the output
/// does not depend on it.
package struct KeyHash {
    let seed: UInt64

    package init(seed: UInt64) { self.seed = seed }

    @inline(__always) static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }

    func callAsFunction(_ key: UnsafeRawPointer, _ count: Int) -> UInt64 {
        var state = Self.fold(seed, 0x9e37_79b9_7f4a_7c15 ^ UInt64(truncatingIfNeeded: count))
        var i = 0
        while i &+ 16 <= count {
            state = Self.fold(
                key.loadUnaligned(fromByteOffset: i, as: UInt64.self) ^ 0xa076_1d64_78bd_642f,
                key.loadUnaligned(fromByteOffset: i &+ 8, as: UInt64.self) ^ state)
            i &+= 16
        }
        let rest = count &- i
        if rest > 8 {
            // The last 16 bytes, which may overlap those already read.
            state = Self.fold(
                key.loadUnaligned(fromByteOffset: i, as: UInt64.self) ^ 0xa076_1d64_78bd_642f,
                key.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self) ^ state)
        } else if rest > 0 {
            state = Self.fold(Self.tail(key + i, rest) ^ 0xa076_1d64_78bd_642f, state ^ 0xe703_7ed1_a0b4_28db)
        }
        return Self.fold(state ^ 0x8ebc_6af0_9c88_c6e3, seed ^ 0x5895_7e2d_4f1d_2c1b)
    }

    package func callAsFunction(_ key: UnsafeRawBufferPointer) -> UInt64 {
        key.baseAddress.map { self($0, key.count) } ?? Self.fold(seed, 0x9e37_79b9_7f4a_7c15)
    }

    /// The hash of a key of up to 16 bytes, passed as two numbers: its lower half, all that tags and shards need.
    @inline(__always) func callAsFunction(_ low: UInt64, _ high: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: Self.fold(low ^ seed, high ^ 0xa076_1d64_78bd_642f))
    }

    /// The hash of a key together with its pane: a tag of 32 bits, never 0. The pane changes only the bits below 24.
    @inline(__always) static func tag(_ hash: UInt32, pane: UInt32) -> UInt32 {
        (hash ^ (pane &* 0x9e37_79b1) >> 8) | 1 << 31
    }

    /// The shard of a tag, of `count` shards (see `GroupShard`). It is the same for all panes, and for a hash instead of a tag.
    @inline(__always) static func shard(_ tag: UInt32, of count: Int) -> Int {
        // The bits below 24 are those of the pane and those that index the entries; the highest one is always set.
        (Int(truncatingIfNeeded: tag >> 24 & 127) &* count) &>> 7
    }

    /// One to eight bytes as a number; those of one length are different numbers.
    @inline(__always) static func tail(_ place: UnsafeRawPointer, _ count: Int) -> UInt64 {
        if count >= 4 {
            let low = UInt64(place.loadUnaligned(as: UInt32.self))
            let high = UInt64(place.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self))
            return low | high << 32
        }
        let first = UInt64(place.load(as: UInt8.self))
        let middle = UInt64(place.load(fromByteOffset: count >> 1, as: UInt8.self))
        let last = UInt64(place.load(fromByteOffset: count &- 1, as: UInt8.self))
        return first | middle << 8 | last << 16
    }
}

/// A 64-bit hash of the bytes of a file, however they are cut into pieces: tells contents apart that differ by chance.
///
/// It is stored in checkpoints, so it must never change. Words of 8 bytes, the last one filled with zeros, go into four
/// lanes in turns, so that a large file costs little: a lane is multiplied in full and folded (as in wyhash, Wang Yi, 2019).
package struct ContentHash {
    private static let multiplier: UInt64 = 0xa076_1d64_78bd_642f
    private static let block = 32
    private var lanes = SIMD4<UInt64>(
        0x9e37_79b9_7f4a_7c15, 0xe703_7ed1_a0b4_28db, 0x8ebc_6af0_9c88_c6e3, 0x5895_7e2d_4f1d_2c1b)
    private var count = 0
    /// The bytes of a word that is not whole yet.
    private var word: UInt64 = 0

    package init() {}

    /// Of all bytes so far.
    package var value: UInt64 {
        var last = self
        if count & 7 != 0 { last.add(word: word) }
        var hash = UInt64(truncatingIfNeeded: count)
        for lane in 0..<4 { hash = KeyHash.fold(hash ^ last.lanes[lane], Self.multiplier) ^ last.lanes[lane] }
        return hash
    }

    package mutating func add(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        // Up to a multiple of the block.
        var done = min(bytes.count, (Self.block &- count & (Self.block &- 1)) & (Self.block &- 1))
        for offset in 0..<done { add(bytes[offset]) }
        var (a, b, c, d) = (lanes[0], lanes[1], lanes[2], lanes[3])
        let first = done
        while done &+ Self.block <= bytes.count {
            let words = (start + done).loadUnaligned(as: SIMD4<UInt64>.self)
            a = Self.next(a, UInt64(littleEndian: words[0]))
            b = Self.next(b, UInt64(littleEndian: words[1]))
            c = Self.next(c, UInt64(littleEndian: words[2]))
            d = Self.next(d, UInt64(littleEndian: words[3]))
            done &+= Self.block
        }
        lanes = SIMD4(a, b, c, d)
        count &+= done &- first
        for offset in done..<bytes.count { add(bytes[offset]) }
    }

    private mutating func add(_ byte: UInt8) {
        word |= UInt64(byte) &<< UInt64(8 &* (count & 7))
        count &+= 1
        guard count & 7 == 0 else { return }
        // `add(word:)` takes the lane of the word that has just begun.
        count &-= 1
        add(word: word)
        count &+= 1
        word = 0
    }

    /// Adds the word to which the last byte belongs.
    private mutating func add(word: UInt64) {
        let lane = count >> 3 & 3
        lanes[lane] = Self.next(lanes[lane], word)
    }

    @inline(__always) private static func next(_ lane: UInt64, _ word: UInt64) -> UInt64 {
        KeyHash.fold(lane ^ word, multiplier)
    }
}

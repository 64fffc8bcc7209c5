/// 128 bits of a key, by which two keys are taken for equal: their bytes are never compared. Among n different keys, two
/// have the same one with a probability of about n² / 2^129: 10^-21 for 10^9 keys.
struct KeyFingerprint: BitwiseCopyable {
    var low: UInt64
    var high: UInt64

    /// A record without a key.
    static let none = KeyFingerprint(low: 0, high: 0)

    @inline(__always) var isNone: Bool { low | high == 0 }

    @inline(__always) static func == (left: KeyFingerprint, right: KeyFingerprint) -> Bool {
        (left.low ^ right.low) | (left.high ^ right.high) == 0
    }
}

/// Computes fingerprints: two hashes of the kind of `KeyHash`, with secrets of their own in every step, so that no key can
/// be chosen that makes a hash forget the bytes before.
struct FingerprintHash {
    private let secrets: (UInt64, UInt64, UInt64, UInt64)

    /// - Parameter kind: fingerprints of one kind have nothing to do with those of another.
    init(seed: UInt64, kind: UInt64) {
        var state = seed ^ kind &* 0xd6e8_feb8_6659_fd93
        func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            return SplitMix64.mixed(state)
        }
        let first = next()
        let second = next()
        let third = next()
        secrets = (first, second, third, next())
    }

    func callAsFunction(_ key: UnsafeRawPointer, _ count: Int) -> KeyFingerprint {
        let (a, b, c, d) = secrets
        var low = KeyHash.fold(c, d ^ UInt64(truncatingIfNeeded: count))
        var high = KeyHash.fold(d, c &+ UInt64(truncatingIfNeeded: count))
        var start = 0
        while start < count {
            let rest = count &- start
            let first: UInt64
            var second: UInt64 = 0
            if rest >= 16 {
                first = key.loadUnaligned(fromByteOffset: start, as: UInt64.self)
                second = key.loadUnaligned(fromByteOffset: start &+ 8, as: UInt64.self)
            } else if rest >= 8 {
                first = key.loadUnaligned(fromByteOffset: start, as: UInt64.self)
                if rest > 8 { second = KeyHash.tail(key + (start &+ 8), rest &- 8) }
            } else {
                first = KeyHash.tail(key + start, rest)
            }
            low = KeyHash.fold(first ^ a, second ^ low)
            high = KeyHash.fold(first ^ b, second ^ high)
            start &+= 16
        }
        let found = KeyFingerprint(low: KeyHash.fold(low ^ b, c), high: KeyHash.fold(high ^ a, d))
        return found.isNone ? KeyFingerprint(low: 1, high: 0) : found
    }
}

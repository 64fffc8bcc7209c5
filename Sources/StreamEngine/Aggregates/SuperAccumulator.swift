/// A fixed-point number wide enough for exact sums of doubles.
///
/// The small superaccumulator of Radford Neal, "Fast exact summation using small and large superaccumulators" (2015):
/// Int64 chunks 32 bits apart, so that carries are rarely propagated.
struct SuperAccumulator {
    /// Chunk i of n has weight 2^(32 i - 16 n). The last element counts additions since carries were propagated.
    private var chunks: [Int64]

    /// For sums of doubles: 2^-1088 up to 2^1088.
    static let narrow = 68
    /// For sums of squares of doubles: twice that range.
    static let wide = 136
    /// For sums of cubes of doubles: three times that range.
    static let widest = 204

    /// Zero. `size` is one of the three above.
    init(size: Int) { chunks = Array(repeating: 0, count: size + 1) }

    private var size: Int { chunks.count - 1 }
    private var lowestExponent: Int { -16 * size }

    /// Adds a double. Ignores infinities and NaN.
    mutating func add(_ value: Double, negated: Bool = false) {
        guard value.isFinite, value != 0 else { return }
        let biased = Int(value.exponentBitPattern)
        let significand = value.significandBitPattern | (biased == 0 ? 0 : 1 << 52)
        add(
            UInt128(significand), exponent: max(biased, 1) - 1075, isNegative: (value.sign == .minus) != negated)
    }

    /// Adds an integer.
    mutating func add(_ value: Int128) { add(value.magnitude, exponent: 0, isNegative: value < 0) }

    /// Adds ±magnitude · 2^exponent, which must be within range.
    mutating func add(_ magnitude: UInt128, exponent: Int, isNegative: Bool) {
        let position = exponent - lowestExponent
        let limbs = (159 - magnitude.leadingZeroBitCount) / 32
        guard position >= 0, position >> 5 + limbs < size else { return }
        var chunk = position >> 5
        let shift = UInt64(position & 31)
        var rest = magnitude
        while rest != 0 {
            let part = UInt64(truncatingIfNeeded: rest & 0xffff_ffff) << shift
            let low = Int64(part & 0xffff_ffff), high = Int64(part >> 32)
            chunks[chunk] &+= isNegative ? 0 &- low : low
            chunks[chunk + 1] &+= isNegative ? 0 &- high : high
            chunk += 1
            rest >>= 32
        }
        chunks[size] &+= 1
        if chunks[size] > 1 << 28 { passCarries() }
    }

    /// Adds another accumulator, not wider than this one.
    mutating func add(_ other: borrowing SuperAccumulator) {
        let offset = (size - other.size) / 2
        guard offset >= 0 else { return }
        passCarries()
        var other = copy other
        other.passCarries()
        for i in 0..<other.size { chunks[i + offset] &+= other.chunks[i] }
        chunks[size] = 1
        // The top chunk of a narrower one may be negative and exceed 32 bits; 31 spare bits take that.
        passCarries()
    }

    /// Propagates carries: all chunks but the last are then in 0 ..< 2^32; the last keeps the sign.
    private mutating func passCarries() {
        var carry: Int64 = 0
        let last = size - 1
        for i in 0..<last {
            let chunk = chunks[i] &+ carry
            carry = chunk >> 32
            chunks[i] = chunk & 0xffff_ffff
        }
        chunks[last] &+= carry
        chunks[size] = 0
    }

    /// The exact value.
    borrowing func value() -> Dyadic {
        var settled = copy self
        settled.passCarries()
        let isNegative = settled.chunks[size - 1] < 0
        if isNegative {
            for i in 0..<size { settled.chunks[i] = 0 &- settled.chunks[i] }
            settled.passCarries()
        }
        var first = 0, end = size
        while first < end && settled.chunks[first] == 0 { first += 1 }
        while first < end && settled.chunks[end - 1] == 0 { end -= 1 }
        return Dyadic(
            limbs: settled.chunks[first..<end].map { UInt32(truncatingIfNeeded: $0) },
            exponent: lowestExponent + 32 * first, isNegative: isNegative)
    }
}

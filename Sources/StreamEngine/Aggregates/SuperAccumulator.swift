/// A fixed-point number wide enough to hold sums of doubles without any rounding.
///
/// The small superaccumulator of Radford Neal, "Fast exact summation using small and large superaccumulators" (2015):
/// chunks of Int64 that stand 32 bits apart, so that carries need to be passed on only once in a long while.
struct SuperAccumulator {
    /// Chunk i weighs 2^(32 i - 16 n), n being the number of chunks; the last element counts the additions since the
    /// carries were passed on.
    private var chunks: [Int64]

    /// For sums of doubles: 2^-1088 up to 2^1088.
    static let narrow = 68
    /// For sums of squares of doubles: twice that range.
    static let wide = 136

    /// Zero. `size` is `narrow` or `wide`.
    init(size: Int) { chunks = Array(repeating: 0, count: size + 1) }

    private var size: Int { chunks.count - 1 }
    private var lowestExponent: Int { -16 * size }

    /// Adds a double; those that are not finite are left out.
    mutating func add(_ value: Double, negated: Bool = false) {
        guard value.isFinite, value != 0 else { return }
        let biased = Int(value.exponentBitPattern)
        let significand = value.significandBitPattern | (biased == 0 ? 0 : 1 << 52)
        add(
            UInt128(significand), exponent: max(biased, 1) - 1075, isNegative: (value.sign == .minus) != negated)
    }

    /// Adds an integer.
    mutating func add(_ value: Int128) { add(value.magnitude, exponent: 0, isNegative: value < 0) }

    /// Adds ±magnitude · 2^exponent. Bits outside the range are left out; no caller has any.
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

    /// Adds another accumulator that is not wider than this one.
    mutating func add(_ other: borrowing SuperAccumulator) {
        let offset = (size - other.size) / 2
        guard offset >= 0 else { return }
        passCarries()
        var other = copy other
        other.passCarries()
        for i in 0..<other.size { chunks[i + offset] &+= other.chunks[i] }
        chunks[size] = 1
        // A negative top chunk of a narrow one may hold more than 32 bits; it has 31 spare ones.
        passCarries()
    }

    /// Brings all chunks but the last into 0 ..< 2^32; the last keeps the sign.
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

    /// The exact value as sign and magnitude.
    borrowing func magnitude() -> BigMagnitude {
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
        return BigMagnitude(
            limbs: settled.chunks[first..<end].map { UInt32(truncatingIfNeeded: $0) },
            exponent: lowestExponent + 32 * first, isNegative: isNegative)
    }
}

/// A whole number of any length times a power of two; only what exact variances need.
struct BigMagnitude {
    /// 32 bits each, the least first; the first and the last are not 0. Empty: zero.
    var limbs: [UInt32]
    /// Weight of the first limb, as a power of two; a multiple of 32.
    var exponent: Int
    var isNegative = false

    /// The product with itself.
    func squared() -> BigMagnitude {
        guard !limbs.isEmpty else { return self }
        var product = [UInt32](repeating: 0, count: 2 * limbs.count)
        for i in limbs.indices {
            var carry: UInt64 = 0
            for j in limbs.indices {
                let sum = UInt64(limbs[i]) &* UInt64(limbs[j]) &+ UInt64(product[i + j]) &+ carry
                product[i + j] = UInt32(truncatingIfNeeded: sum)
                carry = sum >> 32
            }
            product[i + limbs.count] = UInt32(truncatingIfNeeded: carry)
        }
        return BigMagnitude(limbs: product, exponent: 2 * exponent).trimmed()
    }

    /// The product with `factor`.
    func times(_ factor: UInt64) -> BigMagnitude {
        var carry: UInt128 = 0
        var product: [UInt32] = []
        product.reserveCapacity(limbs.count + 2)
        for limb in limbs {
            let sum = UInt128(limb) &* UInt128(factor) &+ carry
            product.append(UInt32(truncatingIfNeeded: sum))
            carry = sum >> 32
        }
        while carry != 0 {
            product.append(UInt32(truncatingIfNeeded: carry))
            carry >>= 32
        }
        return BigMagnitude(limbs: product, exponent: exponent, isNegative: isNegative).trimmed()
    }

    /// What is left of this magnitude without `other`; zero where `other` is the larger one. Signs are not looked at.
    func minus(_ other: BigMagnitude) -> BigMagnitude {
        guard !other.limbs.isEmpty else { return self }
        let lowest = min(exponent, other.exponent)
        let offset = (exponent - lowest) / 32, otherOffset = (other.exponent - lowest) / 32
        let length = max(offset + limbs.count, otherOffset + other.limbs.count)
        var difference = [UInt32](repeating: 0, count: length)
        var borrow: Int64 = 0
        for i in 0..<length {
            let own = i >= offset && i < offset + limbs.count ? limbs[i - offset] : 0
            let theirs = i >= otherOffset && i < otherOffset + other.limbs.count ? other.limbs[i - otherOffset] : 0
            let digit = Int64(own) &- Int64(theirs) &+ borrow
            difference[i] = UInt32(truncatingIfNeeded: digit)
            borrow = digit >> 32
        }
        if borrow < 0 { return BigMagnitude(limbs: [], exponent: 0) }
        return BigMagnitude(limbs: difference, exponent: lowest).trimmed()
    }

    private func trimmed() -> BigMagnitude {
        var first = 0, end = limbs.count
        while first < end && limbs[end - 1] == 0 { end -= 1 }
        while first < end && limbs[first] == 0 { first += 1 }
        if first == 0 && end == limbs.count { return self }
        return BigMagnitude(
            limbs: Array(limbs[first..<end]), exponent: exponent + 32 * first, isNegative: isNegative)
    }

    /// The nearest double (ties to even) as significand · 2^exponent; the significand is a whole number below 2^54.
    func rounded() -> (significand: Double, exponent: Int) {
        guard let top = limbs.last else { return (0, 0) }
        // The four highest limbs hold at least 97 bits; of the rest it matters only whether they are 0.
        var bits: UInt128 = 0
        let kept = min(4, limbs.count)
        for limb in limbs.suffix(kept).reversed() { bits = bits << 32 | UInt128(limb) }
        let below = limbs.count - kept
        var power = exponent + 32 * below
        let width = 32 * kept - top.leadingZeroBitCount
        if width > 53 {
            let drop = width - 53
            let half = UInt128(1) << UInt128(drop - 1)
            let rest = bits & (half << 1 &- 1)
            bits >>= UInt128(drop)
            power += drop
            // The first limb is not 0, so there is something below whenever there are limbs below.
            if rest > half || (rest == half && (below > 0 || bits & 1 == 1)) { bits += 1 }
        }
        let significand = Double(UInt64(truncatingIfNeeded: bits))
        return (isNegative ? -significand : significand, power)
    }

    /// significand · 2^exponent, rounded once more only where the result is subnormal; infinite where it is too large.
    static func scale(_ significand: Double, _ exponent: Int) -> Double {
        Double(sign: .plus, exponent: max(-5000, min(5000, exponent)), significand: significand)
    }
}

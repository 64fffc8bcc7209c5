/// An integer of any length times a power of two, with the exact arithmetic that moments need.
struct Dyadic {
    /// 32 bits each, lowest first. The first and the last are not 0; zero has none.
    var limbs: [UInt32]
    /// Weight of the first limb, as a power of two; a multiple of 32.
    var exponent: Int
    var isNegative = false

    static let zero = Dyadic(limbs: [], exponent: 0)

    /// The product with `other`.
    func times(_ other: Dyadic) -> Dyadic {
        guard !limbs.isEmpty, !other.limbs.isEmpty else { return .zero }
        var product = [UInt32](repeating: 0, count: limbs.count + other.limbs.count)
        for i in limbs.indices {
            var carry: UInt64 = 0
            for j in other.limbs.indices {
                let sum = UInt64(limbs[i]) &* UInt64(other.limbs[j]) &+ UInt64(product[i + j]) &+ carry
                product[i + j] = UInt32(truncatingIfNeeded: sum)
                carry = sum >> 32
            }
            product[i + other.limbs.count] = UInt32(truncatingIfNeeded: carry)
        }
        return Dyadic(
            limbs: product, exponent: exponent + other.exponent, isNegative: isNegative != other.isNegative
        ).trimmed()
    }

    /// The product with `factor`.
    func times(_ factor: UInt64) -> Dyadic {
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
        return Dyadic(limbs: product, exponent: exponent, isNegative: isNegative).trimmed()
    }

    /// The difference, exact.
    func minus(_ other: Dyadic) -> Dyadic {
        guard !other.limbs.isEmpty else { return self }
        let lowest = limbs.isEmpty ? other.exponent : min(exponent, other.exponent)
        let offset = (exponent - lowest) / 32, otherOffset = (other.exponent - lowest) / 32
        let length = max(offset + limbs.count, otherOffset + other.limbs.count) + 1
        let sign: Int64 = isNegative ? -1 : 1, otherSign: Int64 = other.isNegative ? -1 : 1
        // In two's complement: the carry out of the last limb is the sign.
        var difference = [UInt32](repeating: 0, count: length)
        var carry: Int64 = 0
        for i in 0..<length {
            let own = limbs.indices.contains(i - offset) ? Int64(limbs[i - offset]) : 0
            let theirs = other.limbs.indices.contains(i - otherOffset) ? Int64(other.limbs[i - otherOffset]) : 0
            let digit = sign &* own &- otherSign &* theirs &+ carry
            difference[i] = UInt32(truncatingIfNeeded: digit)
            carry = digit >> 32
        }
        let isBelowZero = carry < 0
        if isBelowZero {
            carry = 1
            for i in 0..<length {
                let digit = Int64(~difference[i]) &+ carry
                difference[i] = UInt32(truncatingIfNeeded: digit)
                carry = digit >> 32
            }
        }
        return Dyadic(limbs: difference, exponent: lowest, isNegative: isBelowZero).trimmed()
    }

    private func trimmed() -> Dyadic {
        var first = 0, end = limbs.count
        while first < end && limbs[end - 1] == 0 { end -= 1 }
        while first < end && limbs[first] == 0 { first += 1 }
        if first == 0 && end == limbs.count { return self }
        return Dyadic(
            limbs: Array(limbs[first..<end]), exponent: exponent + 32 * first, isNegative: isNegative)
    }

    /// The nearest double (ties to even) as significand · 2^exponent; the significand is an integer of at most 2^53.
    func rounded() -> (significand: Double, exponent: Int) {
        guard let top = limbs.last else { return (0, 0) }
        // The four highest limbs hold at least 97 bits. The others only matter as a sticky bit.
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
            // The first limb is not 0, so limbs below mean a nonzero remainder.
            if rest > half || (rest == half && (below > 0 || bits & 1 == 1)) { bits += 1 }
        }
        let significand = Double(UInt64(truncatingIfNeeded: bits))
        return (isNegative ? -significand : significand, power)
    }

    /// significand · 2^exponent, rounded only if the result is subnormal; infinite if it is too large.
    static func scale(_ significand: Double, _ exponent: Int) -> Double {
        Double(sign: .plus, exponent: max(-5000, min(5000, exponent)), significand: significand)
    }
}

// MARK: - Quotients

extension Dyadic {
    /// `number * 2^exponent` for a finite double.
    init(_ double: Double) {
        let biased = Int(double.exponentBitPattern)
        self.init(
            UInt128(double.significandBitPattern | (biased == 0 ? 0 : 1 << 52)),
            exponent: max(biased, 1) - 1075, isNegative: double.sign == .minus)
    }

    init(_ magnitude: UInt128, exponent: Int = 0, isNegative: Bool = false) {
        // Weights are multiples of 32.
        let shift = exponent & 31
        var limbs: [UInt32] = []
        var rest = magnitude
        var carry: UInt64 = 0
        while rest != 0 || carry != 0 {
            let part = (UInt64(truncatingIfNeeded: rest) & 0xffff_ffff) << UInt64(shift) | carry
            limbs.append(UInt32(truncatingIfNeeded: part))
            carry = part >> 32
            rest >>= 32
        }
        self = Dyadic(limbs: limbs, exponent: exponent - shift, isNegative: isNegative).trimmed()
    }

    /// The sum, exact.
    func plus(_ other: Dyadic) -> Dyadic {
        minus(Dyadic(limbs: other.limbs, exponent: other.exponent, isNegative: !other.isNegative))
    }

    /// The leading bits of a quotient.
    private struct Quotient {
        /// All 128 bits, the highest one set.
        var bits: UInt128
        var exponent: Int
        /// Whether the quotient is larger than these bits say.
        var isMore: Bool
    }

    /// The magnitude divided by all divisors, none of which is 0; nil for zero.
    private func quotient(_ divisors: [UInt64]) -> Quotient? {
        guard !limbs.isEmpty else { return nil }
        // Longer than the divisors by five limbs and more, so that the quotient has five.
        let added = max(0, 6 + 2 * divisors.count - limbs.count)
        var digits = [UInt32](repeating: 0, count: added) + limbs
        var isMore = false
        // Rounding down after each division is the same as after the last.
        for divisor in divisors {
            var rest: UInt64 = 0
            for i in digits.indices.reversed() {
                let part = UInt128(rest) << 32 | UInt128(digits[i])
                let (quotient, remainder) = part.quotientAndRemainder(dividingBy: UInt128(divisor))
                digits[i] = UInt32(truncatingIfNeeded: quotient)
                rest = UInt64(truncatingIfNeeded: remainder)
            }
            isMore = isMore || rest != 0
        }
        while digits.last == 0 { digits.removeLast() }
        let below = digits.count - 4
        guard below > 0 else { return nil }
        var bits: UInt128 = 0
        for digit in digits.suffix(4).reversed() { bits = bits << 32 | UInt128(digit) }
        let shift = bits.leadingZeroBitCount
        let next = UInt64(digits[below - 1]) << UInt64(shift)
        bits = bits << UInt128(shift) | UInt128(next >> 32)
        isMore = isMore || next & 0xffff_ffff != 0 || digits.prefix(below - 1).contains { $0 != 0 }
        return Quotient(bits: bits, exponent: exponent + 32 * (below - added) - shift, isMore: isMore)
    }

    /// The double nearest to this number divided by all divisors, none of which is 0; infinite if it is too large.
    func divided(by divisors: [UInt64]) -> Double {
        guard let quotient = quotient(divisors) else { return 0 }
        let magnitude = Dyadic.nearest(quotient.bits, exponent: quotient.exponent, isMore: quotient.isMore)
        return isNegative ? -magnitude : magnitude
    }

    /// The double nearest to the square root of this number divided by all divisors, none of which is 0. The number is
    /// not negative.
    func rootOfQuotient(_ divisors: [UInt64]) -> Double {
        guard var quotient = quotient(divisors) else { return 0 }
        // With an even exponent. The root has 64 bits, so a root of 54 bits, half way between doubles, is exact.
        if quotient.exponent & 1 != 0 {
            quotient.isMore = quotient.isMore || quotient.bits & 1 != 0
            quotient.bits >>= 1
            quotient.exponent += 1
        }
        let (root, hasRest) = ExactMath.squareRoot(quotient.bits)
        return Dyadic.nearest(root, exponent: quotient.exponent / 2, isMore: quotient.isMore || hasRest)
    }

    /// The double nearest to `bits * 2^exponent`, ties to even, or to a little more. At least 55 bits, unless the
    /// number is exact.
    private static func nearest(_ bits: UInt128, exponent: Int, isMore: Bool) -> Double {
        let width = 128 - bits.leadingZeroBitCount
        guard width > 0 else { return 0 }
        // The lowest bit that the result keeps: subnormal numbers have fewer.
        let lowest = max(exponent + width - 53, -1074)
        if exponent + width > 1024 { return .infinity }
        let drop = lowest - exponent
        guard drop > 0 else { return scale(Double(UInt64(truncatingIfNeeded: bits)), exponent) }
        // Less than half of the smallest double.
        guard drop <= width else { return 0 }
        let half = UInt128(1) << UInt128(drop - 1)
        let rest = bits & (half << 1 &- 1)
        var kept = drop < 128 ? bits >> UInt128(drop) : 0
        if rest > half || (rest == half && (isMore || kept & 1 == 1)) { kept += 1 }
        return scale(Double(UInt64(truncatingIfNeeded: kept)), lowest)
    }
}

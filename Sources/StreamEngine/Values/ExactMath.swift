/// Rounding, remainder and square root of doubles, correctly rounded. The library's versions call libm, which the
/// engine does not link.
enum ExactMath {
    /// The integral part.
    @inline(__always) static func truncated(_ x: Double) -> Double {
        // Doubles of 2^52 and above have no fractions.
        x.magnitude < 0x1p52 ? Double(Int64(x)) : x
    }

    @inline(__always) static func floor(_ x: Double) -> Double {
        let whole = truncated(x)
        return whole > x ? whole - 1 : whole
    }

    @inline(__always) static func ceiling(_ x: Double) -> Double {
        let whole = truncated(x)
        return whole < x ? whole + 1 : whole
    }

    /// The nearest integer, halves away from zero.
    @inline(__always) static func rounded(_ x: Double) -> Double {
        let whole = truncated(x)
        if (x - whole).magnitude < 0.5 { return whole }
        return x.magnitude < 0x1p52 ? (x < 0 ? whole - 1 : whole + 1) : x
    }

    /// The difference between `a * b` and `product`, the double nearest to it (Dekker, "A floating-point technique for
    /// extending the available precision", 1971). For values far from overflow and underflow.
    static func productError(_ a: Double, _ b: Double, _ product: Double) -> Double {
        func split(_ x: Double) -> (high: Double, low: Double) {
            let scaled = 134_217_729 * x
            let high = scaled - (scaled - x)
            return (high, x - high)
        }
        let a = split(a), b = split(b)
        return ((a.high * b.high - product) + a.high * b.low + a.low * b.high) + a.low * b.low
    }

    /// The remainder of `a` divided by `b`, with the sign of `a`. `b` is not 0; both are finite.
    static func remainder(_ a: Double, _ b: Double) -> Double {
        let divisor = b.magnitude
        var rest = a.magnitude
        // The divisor times the largest power of two that fits is more than half of the rest, so the difference is
        // exact. Each iteration removes at least one bit; there are at most 2 098.
        while rest >= divisor {
            let exponent = rest.exponent - divisor.exponent
            var part = Double(sign: .plus, exponent: exponent, significand: divisor)
            if part > rest { part = Double(sign: .plus, exponent: exponent - 1, significand: divisor) }
            rest -= part
        }
        return a < 0 ? -rest : rest
    }

    /// The square root; NaN of a negative number. `x` is finite.
    static func squareRoot(_ x: Double) -> Double {
        guard x > 0 else { return x == 0 ? x : .nan }
        // x = significand * 2^exponent with a significand of 53 bits and an even exponent.
        var exponent = x.exponent - 52
        var significand = UInt128(UInt64(Double(sign: .plus, exponent: -exponent, significand: x)))
        if exponent & 1 != 0 {
            significand <<= 1
            exponent -= 1
        }
        // The root of 107 or 108 bits has 54, one more than fits. It is never exactly halfway: its square would be odd.
        let (root, _) = squareRoot(significand << 54)
        let nearest = Double(UInt64(truncatingIfNeeded: (root >> 1) + (root & 1)))
        return Double(sign: .plus, exponent: exponent / 2 - 26, significand: nearest)
    }

    /// The root of an integer, rounded down, and whether there is a rest. Digit by digit.
    static func squareRoot(_ number: UInt128) -> (root: UInt128, hasRest: Bool) {
        guard number > 0 else { return (0, false) }
        var rest = number
        var root: UInt128 = 0
        // The largest power of four that is not above the number.
        var bit: UInt128 = 1 << UInt128((127 - number.leadingZeroBitCount) & ~1)
        while bit != 0 {
            if rest >= root + bit {
                rest -= root + bit
                root = (root >> 1) + bit
            } else {
                root >>= 1
            }
            bit >>= 2
        }
        return (root, rest != 0)
    }
}

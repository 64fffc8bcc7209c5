/// The shortest decimal that reads back as the same double. If there are several, the nearest to it.
///
/// Raffaele Giulietti's Schubfach ("The Schubfach way to render doubles", 2020): three multiplications by a 128-bit
/// power of ten leave at most four candidates.
struct ShortestDecimal {
    /// Up to 17 digits, the last not 0.
    private(set) var digits: UInt64
    /// The value is `digits * 10^power`.
    private(set) var power: Int

    /// `value` is finite and above 0.
    init(_ value: Double) {
        let bits = value.bitPattern
        let fraction = bits & (1 << 52 &- 1)
        let biased = Int(truncatingIfNeeded: bits &>> 52 & 0x7FF)
        let isNormal = biased != 0
        let significand = isNormal ? fraction | 1 << 52 : fraction
        let exponent = isNormal ? biased &- 1075 : -1074
        // Below a power of two, the next double is half as far away as above it.
        let isUneven = fraction == 0 && biased > 1

        // floor(log10(2^exponent)), or of 3/4 of that, and floor(log2(10^-scale)): exact over all exponents of doubles.
        let scale = (exponent &* 1_262_611 &- (isUneven ? 524_031 : 0)) &>> 22
        let shift = UInt64(truncatingIfNeeded: exponent &+ ((0 &- scale) &* 1_741_647) &>> 19 &+ 1)
        let factor = Self.ten(0 &- scale)

        // The double and the ends of the interval that rounds to it, in quarters of 10^scale.
        let middle = Self.product(factor, (significand &* 4) &<< shift)
        var low = Self.product(factor, (significand &* 4 &- (isUneven ? 1 : 2)) &<< shift)
        var high = Self.product(factor, (significand &* 4 &+ 2) &<< shift)
        // The ends are included if the significand is even.
        low &+= significand & 1
        high &-= significand & 1

        let unit = middle &>> 2
        digits = unit
        power = scale
        if unit >= 10 {
            let tens = unit / 10
            let lowerFits = low <= tens &* 40
            let upperFits = tens &* 40 &+ 40 <= high
            if lowerFits != upperFits {
                digits = tens &+ (upperFits ? 1 : 0)
                power = scale &+ 1
                dropZeros()
                return
            }
        }
        let lowerFits = low <= unit &* 4
        let upperFits = unit &* 4 &+ 4 <= high
        let up =
            lowerFits != upperFits
            ? upperFits
            : middle > unit &* 4 &+ 2 || (middle == unit &* 4 &+ 2 && unit & 1 == 1)
        digits &+= up ? 1 : 0
        dropZeros()
    }

    private mutating func dropZeros() {
        while true {
            let shorter = digits / 10
            if shorter &* 10 != digits || digits == 0 { return }
            digits = shorter
            power &+= 1
        }
    }

    /// The leading 128 bits of 10^power, rounded up unless exact.
    @inline(__always)
    private static func ten(_ power: Int) -> UInt128 {
        let five = DecimalPowers.five(power)
        return power > 55 ? five &+ 1 : five
    }

    /// The highest 64 of the 192 bits of the product, the last one set if any lower bit is: rounding to odd keeps later
    /// comparisons exact.
    @inline(__always)
    private static func product(_ factor: UInt128, _ number: UInt64) -> UInt64 {
        let lower = UInt64(truncatingIfNeeded: factor).multipliedFullWidth(by: number).high
        let upper = UInt64(truncatingIfNeeded: factor &>> 64).multipliedFullWidth(by: number)
        let (middle, carry) = upper.low.addingReportingOverflow(lower)
        return (upper.high &+ (carry ? 1 : 0)) | (middle > 1 ? 1 : 0)
    }
}

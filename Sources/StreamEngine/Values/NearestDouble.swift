/// From a decimal to the nearest double.
extension JSONNumber {
    /// The double nearest to `mantissa * 10^power`; infinity if it is too large.
    static func nearest(_ mantissa: UInt64, power: Int) -> Double {
        if mantissa == 0 { return 0 }
        // Exact operands, one rounding (Clinger). All integers up to 2^53 are doubles.
        if mantissa <= 1 << 53, power >= -22, power <= 22 {
            let number = Double(Int64(bitPattern: mantissa))
            return power < 0 ? number / DecimalPowers.exact[0 &- power] : number * DecimalPowers.exact[power]
        }
        if power < -342 { return 0 }
        if power > 308 { return .infinity }
        return multiplied(mantissa, power: power)
    }

    /// Lemire's algorithm, section 5 and following of the paper. `mantissa` is not 0; `power` is in -342...308.
    private static func multiplied(_ mantissa: UInt64, power: Int) -> Double {
        let shift = mantissa.leadingZeroBitCount
        let normal = mantissa &<< UInt64(truncatingIfNeeded: shift)
        let five = DecimalPowers.five(power)
        var (high, low) = normal.multipliedFullWidth(by: UInt64(truncatingIfNeeded: five &>> 64))
        // The top 55 bits decide. The lower half of the power can carry into them only if the 9 bits below them are all
        // ones.
        if high & 0x1FF == 0x1FF {
            let (sum, carry) = low.addingReportingOverflow(
                normal.multipliedFullWidth(by: UInt64(truncatingIfNeeded: five)).high)
            low = sum
            high &+= carry ? 1 : 0
        }
        let top = Int(high &>> 63)
        let dropped = UInt64(truncatingIfNeeded: top &+ 9)
        var bits = high &>> dropped
        // The biased exponent; 217706 / 2^16 is close enough to log2(10) for all powers.
        var exponent = (power &* 217_706) &>> 16 &+ 63 &+ top &- shift &+ 1023
        if exponent <= 0 {
            // Subnormal. There are no ties here: they need a power of ten near 1.
            if exponent <= -63 { return 0 }
            bits &>>= UInt64(truncatingIfNeeded: 1 &- exponent)
            bits = (bits &+ (bits & 1)) &>> 1
            return Double(bitPattern: bits)
        }
        // Exactly between two doubles, which is possible for small powers only: round to even.
        if low <= 1, power >= -4, power <= 23, bits & 3 == 1, bits &<< dropped == high { bits &-= 1 }
        bits = (bits &+ (bits & 1)) &>> 1
        if bits == 1 << 53 {
            bits = 1 << 52
            exponent &+= 1
        }
        if exponent >= 0x7FF { return .infinity }
        return Double(bitPattern: UInt64(truncatingIfNeeded: exponent) &<< 52 | (bits & (1 << 52 &- 1)))
    }

    /// The same for more than 19 digits (with leading zeros) in the bytes `start..<end`, which may hold a point;
    /// `power` is that of the last digit.
    static func nearest(
        _ base: UnsafeRawPointer, from start: Int, end: Int, digits: Int, power: Int
    ) -> Double {
        var i = start
        var left = digits
        while i < end, byte(base, i) == zero || byte(base, i) == point {
            if byte(base, i) == zero { left &-= 1 }
            i &+= 1
        }
        let significant = i
        var mantissa: UInt64 = 0
        var taken = 0
        while i < end, taken < 19 {
            if byte(base, i) != point {
                mantissa = mantissa &* 10 &+ UInt64(byte(base, i) &- zero)
                taken &+= 1
            }
            i &+= 1
        }
        let below = nearest(mantissa, power: power &+ left &- taken)
        if left == taken { return below }
        // The number is between the value of its first 19 digits and that value plus one.
        if below == nearest(mantissa &+ 1, power: power &+ left &- taken) { return below }
        return BigNatural.nearest(base, from: significant, end: end, digits: left, power: power)
    }
}

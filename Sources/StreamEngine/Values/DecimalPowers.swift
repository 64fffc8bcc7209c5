/// Powers of ten and five for reading and writing doubles.
enum DecimalPowers {
    /// 10^0 to 10^22: all powers of ten that a double holds exactly.
    static let exact: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

    static let lowest = -342
    static let highest = 324

    /// The leading 128 bits of 5^power, the highest one set: exact up to 5^55, rounded down above, and rounded up for
    /// negative powers, as Lemire's algorithm requires. `power` is in `lowest...highest`.
    @inline(__always)
    static func five(_ power: Int) -> UInt128 { table[power &- lowest] }

    /// Computed at first use with exact arithmetic, in well under a millisecond.
    private static let table: [UInt128] = {
        var table = [UInt128](repeating: 0, count: highest - lowest + 1)
        var power = BigNatural(1)
        for exponent in 0...highest {
            table[exponent - lowest] = power.leadingBits
            power.multiply(by: 5)
        }
        // Dividing 2^960 by 5 repeatedly, rounding down each time, equals one division by 5^n. 5^342 has 795 bits,
        // which leaves 128 exact bits for the last. No quotient is exact, hence the 1 added.
        var reciprocal = BigNatural(1)
        reciprocal.shiftLeft(by: 960)
        for exponent in 1...(-lowest) {
            reciprocal.divide(by: 5)
            table[-exponent - lowest] = reciprocal.leadingBits + 1
        }
        return table
    }()
}

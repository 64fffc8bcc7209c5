/// The position of a quantile among sorted values, exact for a `q` as it is written: 0.9 is 9/10.
///
/// The quantile of n values lies at q (n - 1), counted from 0, with linear interpolation, like `percentile_cont` in SQL.
struct ExactRank {
    /// The rank of the value at or below the quantile.
    private(set) var below = 0
    /// The position between this value and the next, in units of 10^-power.
    private var rest: UInt128 = 0
    private var power = 0

    /// - Parameters:
    ///   - q: 0...1.
    ///   - count: at least 1 and below 2^31.
    init(_ q: Double, count: Int) {
        let last = count - 1
        guard q > 0 else { return }
        guard q < 1 else {
            below = last
            return
        }
        let decimal = ShortestDecimal(q)
        // Below 1, the power is negative. Up to 17 digits times 31 bits fit.
        power = 0 &- decimal.power
        rest = UInt128(decimal.digits) * UInt128(UInt64(last))
        guard power <= 38 else { return }
        var one: UInt128 = 1
        for _ in 0..<power { one *= 10 }
        let position = rest.quotientAndRemainder(dividingBy: one)
        below = Int(truncatingIfNeeded: position.quotient)
        rest = position.remainder
    }

    /// Whether the quantile lies above the value of rank `below`.
    var isBetween: Bool { rest != 0 }

    /// Interpolates between the values of the ranks `below` and `below + 1`: the exact value, rounded once.
    func value(_ low: Double, _ high: Double) -> Double {
        if low == high { return low }
        let sum = low + high
        if power == 1, rest == 5, sum.isFinite { return sum / 2 }
        return value(Dyadic(low), Dyadic(high))
    }

    func value(_ low: Dyadic, _ high: Dyadic) -> Double {
        var divisors: [UInt64] = []
        var one = Dyadic(1)
        var left = power
        while left > 0 {
            var divisor: UInt64 = 1
            for _ in 0..<min(left, 19) { divisor *= 10 }
            divisors.append(divisor)
            one = one.times(divisor)
            left -= 19
        }
        let part = Dyadic(rest)
        return low.times(one.minus(part)).plus(high.times(part)).divided(by: divisors)
    }
}

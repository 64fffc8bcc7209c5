/// The exact sum of doubles of any magnitude.
///
/// The sum is held in two doubles, `high + low`, as long as an addition is exact (Knuth's two-sum detects that; it
/// nearly always is). Otherwise both are first moved to a superaccumulator on the heap. Nothing is rounded, so the
/// order does not matter.
struct ExactSum {
    private var high = 0.0
    private var low = 0.0
    private var spilled: SuperAccumulator?

    init() {}

    /// Adds a finite double.
    @inline(__always) mutating func add(_ value: Double) {
        let (first, error) = ExactSum.twoSum(high, value)
        let second = low + error
        // Exact only if subtracting either part gives back the other. After an overflow both are NaN and equal to
        // nothing.
        if second - low == error && second - error == low {
            high = first
            low = second
        } else {
            spill(value)
        }
    }

    /// The rounded sum of two doubles and its rounding error, which add up to exactly a + b.
    @inline(__always) private static func twoSum(_ a: Double, _ b: Double) -> (sum: Double, error: Double) {
        let sum = a + b
        let part = sum - a
        return (sum, (a - (sum - part)) + (b - part))
    }

    @inline(never) private mutating func spill(_ value: Double) {
        var accumulator = spilled ?? SuperAccumulator(size: SuperAccumulator.narrow)
        spilled = nil
        accumulator.add(high)
        accumulator.add(low)
        spilled = accumulator
        high = value
        low = 0
    }

    /// Adds the sum of `other`.
    mutating func add(_ other: borrowing ExactSum) {
        add(other.high)
        add(other.low)
        guard let theirs = other.spilled else { return }
        var accumulator = spilled ?? SuperAccumulator(size: SuperAccumulator.narrow)
        spilled = nil
        accumulator.add(theirs)
        spilled = accumulator
    }

    /// Adds the sum to an accumulator.
    borrowing func add(to accumulator: inout SuperAccumulator) {
        accumulator.add(high)
        accumulator.add(low)
        if let spilled { accumulator.add(spilled) }
    }

    /// The exact sum as a rounded one and the rest; nil if the accumulator is needed.
    var pair: (sum: Double, rest: Double)? {
        guard spilled == nil else { return nil }
        let (sum, rest) = ExactSum.twoSum(high, low)
        return sum.isFinite ? (sum, rest) : nil
    }

    /// The sum as a double if one addition gives it; nil if the accumulator is needed.
    var simple: Double? {
        let sum = high + low
        return spilled == nil && sum.isFinite ? sum : nil
    }
}

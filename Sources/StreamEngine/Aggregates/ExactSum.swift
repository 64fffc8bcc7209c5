/// The exact sum of doubles, whatever their order and magnitudes.
///
/// The sum is `high + low`, two doubles, as long as adding to them leaves no error (Knuth's two-sum says so: that is
/// nearly always); otherwise they are first moved to a superaccumulator on the heap. Nothing is ever rounded, so the
/// result does not depend on the order.
struct ExactSum {
    private var high = 0.0
    private var low = 0.0
    private var spilled: SuperAccumulator?

    init() {}

    /// Adds a finite double.
    @inline(__always) mutating func add(_ value: Double) {
        let (first, error) = ExactSum.twoSum(high, value)
        let second = low + error
        // Taking back the smaller one is exact, so both are equal only if nothing was rounded. An overflow has made
        // NaNs of them, which are equal to nothing.
        if second - low == error && second - error == low {
            high = first
            low = second
        } else {
            spill(value)
        }
    }

    /// The rounded sum of two doubles and what the rounding took away; their sum is exactly a + b.
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

    /// Adds all that `other` has.
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

    /// The sum as one double where that needs no more than one addition; nil: ask the accumulator.
    var simple: Double? {
        let sum = high + low
        return spilled == nil && sum.isFinite ? sum : nil
    }
}

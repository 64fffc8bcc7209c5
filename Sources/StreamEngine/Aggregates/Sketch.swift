/// Quantiles within 0.5 % of the exact value, independent of the order of the values.
///
/// DDSketch (Masson, Rim, Lee, VLDB 2019): counts values in buckets whose bounds grow by a fixed ratio. The logarithm
/// is the cubic interpolation between powers of two that the authors propose: it needs 1 % more buckets than the exact
/// one, and no libm. Buckets are never collapsed, so the state depends only on the multiset of values and merging is
/// lossless.
struct DDSketch: ~Copyable {
    private var positives = BucketStore()
    private var negatives = BucketStore()
    private var zeros: UInt64 = 0
    private var smallest = Double.infinity
    private var largest = -Double.infinity

    init() {}

    /// The number of values added.
    var count: UInt64 { positives.total &+ negatives.total &+ zeros }

    /// The memory that it takes.
    var memoryBytes: Int {
        StateMemory.blockSize(of: DDSketch.self, capacity: 1) + positives.memoryBytes + negatives.memoryBytes
    }

    /// Adds a value. Ignores infinities and NaN.
    @inline(__always) mutating func add(_ value: Double) {
        // The common case: neither zero, subnormal, infinite nor NaN.
        let size = value.magnitude
        guard size >= Double.leastNormalMagnitude, size <= Double.greatestFiniteMagnitude else {
            addUnusual(value)
            return
        }
        if value < smallest { smallest = value }
        if value > largest { largest = value }
        let index = Buckets.index(normal: size)
        if value > 0 { positives.add(index) } else { negatives.add(index) }
    }

    @inline(never) private mutating func addUnusual(_ value: Double) {
        guard value.isFinite else { return }
        // Adding zero turns -0.0 into 0.0.
        let value = value + 0
        smallest = Swift.min(smallest, value)
        largest = Swift.max(largest, value)
        if value > 0 {
            positives.add(Buckets.index(subnormal: value))
        } else if value < 0 {
            negatives.add(Buckets.index(subnormal: -value))
        } else {
            zeros &+= 1
        }
    }

    /// Adds the counts of `other`.
    mutating func merge(_ other: borrowing DDSketch) {
        positives.merge(other.positives)
        negatives.merge(other.negatives)
        zeros &+= other.zeros
        smallest = Swift.min(smallest, other.smallest)
        largest = Swift.max(largest, other.largest)
    }

    /// The quantile `q` (0...1), interpolated between ranks like `percentile_cont` in SQL; nil if there are no values.
    /// The smallest and the largest value are exact.
    borrowing func quantile(_ q: Double) -> Double? {
        let count = self.count
        guard count > 0 else { return nil }
        let rank = InterpolatedRank(q, count: count)
        return rank.value(value(at: rank.below, of: count), value(at: rank.above, of: count))
    }

    /// A value that at least the share `q` (0...1) of the values do not exceed: the upper bound of the bucket of their
    /// largest; nil if there are no values.
    borrowing func upperBound(of q: Double) -> Double? {
        let count = self.count
        guard count > 0 else { return nil }
        // Rounded up: `count` minus those that may be larger.
        let larger = UInt64((1 - q) * Double(count))
        let value = value(at: count &- 1 &- Swift.min(larger, count &- 1), of: count)
        return Swift.min(largest, value > 0 ? value * (1.005 / 0.995) : value)
    }

    /// The value of rank `rank` of `count`, from 0 in ascending order.
    private borrowing func value(at rank: UInt64, of count: UInt64) -> Double {
        if rank == 0 { return smallest }
        if rank &+ 1 >= count { return largest }
        let value: Double
        let below = negatives.total
        if rank < below {
            value = -Buckets.value(negatives.index(at: below &- 1 &- rank))
        } else if rank < below &+ zeros {
            value = 0
        } else {
            value = Buckets.value(positives.index(at: rank &- below &- zeros))
        }
        return Swift.max(smallest, Swift.min(largest, value))
    }
}

/// The two ranks around a quantile.
struct InterpolatedRank {
    let below: UInt64
    let above: UInt64
    /// Its position between them, 0 ..< 1.
    let fraction: Double

    /// For the quantile `q` (0...1) of `count` values, at least one.
    init(_ q: Double, count: UInt64) {
        let last = count &- 1
        let position = (q > 0 ? (q < 1 ? q : 1) : 0) * Double(last)
        // No count reaches 2^63.
        below = Swift.min(UInt64(position), last)
        above = Swift.min(below &+ 1, last)
        fraction = position - Double(below)
    }

    /// Interpolates between the values of the two ranks.
    func value(_ low: Double, _ high: Double) -> Double {
        if fraction <= 0 || low == high { return low }
        let distance = high - low
        return distance.isFinite ? low + distance * fraction : low * (1 - fraction) + high * fraction
    }
}

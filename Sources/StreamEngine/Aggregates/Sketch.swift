/// Quantiles within 0.5 % of the value, for any number of values and whatever their order.
///
/// DDSketch (Masson, Rim, Lee, VLDB 2019): values are counted in buckets whose bounds grow by a fixed ratio. The
/// logarithm is the cubic interpolation between powers of two that the authors propose; it needs 1 % more buckets
/// than the true one and no libm. Buckets are never collapsed. The state depends on the set of values only, and
/// sketches merge without loss.
struct DDSketch {
    private var positives = BucketStore()
    private var negatives = BucketStore()
    private var zeros: UInt64 = 0
    private var smallest = Double.infinity
    private var largest = -Double.infinity

    init() {}

    /// How many values were added.
    var count: UInt64 { positives.total &+ negatives.total &+ zeros }

    /// Adds a value; those that are not finite are left out.
    mutating func add(_ value: Double) {
        guard value.isFinite else { return }
        let value = value + 0
        smallest = Swift.min(smallest, value)
        largest = Swift.max(largest, value)
        if value > 0 {
            positives.add(Buckets.index(value))
        } else if value < 0 {
            negatives.add(Buckets.index(-value))
        } else {
            zeros &+= 1
        }
    }

    /// Adds all that `other` has counted.
    mutating func merge(_ other: borrowing DDSketch) {
        positives.merge(other.positives)
        negatives.merge(other.negatives)
        zeros &+= other.zeros
        smallest = Swift.min(smallest, other.smallest)
        largest = Swift.max(largest, other.largest)
    }

    /// The value below which the part `q` (0...1) of the values lies, interpolated between ranks as `percentile_cont`
    /// in SQL; nil when there are none. The smallest and the largest are exact.
    func quantile(_ q: Double) -> Double? {
        guard count > 0 else { return nil }
        let rank = InterpolatedRank(q, count: count)
        return rank.value(value(at: rank.below), value(at: rank.above))
    }

    /// The value of rank `rank`, from 0, in ascending order.
    private func value(at rank: UInt64) -> Double {
        if rank == 0 { return smallest }
        if rank &+ 1 >= count { return largest }
        let value: Double
        if rank < negatives.total {
            value = -Buckets.value(negatives.index(at: negatives.total &- 1 &- rank))
        } else if rank < negatives.total &+ zeros {
            value = 0
        } else {
            value = Buckets.value(positives.index(at: rank &- negatives.total &- zeros))
        }
        return Swift.max(smallest, Swift.min(largest, value))
    }
}

/// The two ranks that a quantile lies between.
struct InterpolatedRank {
    let below: UInt64
    let above: UInt64
    /// Where it lies between them, 0 ..< 1.
    let fraction: Double

    /// The quantile `q` (0...1) of `count` values; there is at least one.
    init(_ q: Double, count: UInt64) {
        let last = count &- 1
        let position = (q > 0 ? (q < 1 ? q : 1) : 0) * Double(last)
        // No count reaches 2^63.
        below = Swift.min(UInt64(position), last)
        above = Swift.min(below &+ 1, last)
        fraction = position - Double(below)
    }

    /// Interpolates between the values at the two ranks.
    func value(_ low: Double, _ high: Double) -> Double {
        if fraction <= 0 || low == high { return low }
        let distance = high - low
        return distance.isFinite ? low + distance * fraction : low * (1 - fraction) + high * fraction
    }
}

/// The buckets of a sketch: bucket i holds the values between `bound(i)` and `bound(i + 1)`, whose ratio is at most
/// (1 + 0.005) / (1 - 0.005).
private enum Buckets {
    // The interpolation of log2(1 + s) for s in 0..<1. Its steepest place costs 7/10 of a bucket for each ln(ratio).
    private static let a = 6.0 / 35, b = -3.0 / 5, c = 10.0 / 7
    /// Buckets for each power of two: 0.7 / ln(1.005 / 0.995).
    private static let perOctave = 0.7 / 0.010000083334583336

    /// The bucket of a positive finite value.
    static func index(_ value: Double) -> Int32 {
        var bits = value.bitPattern
        var exponent = -1023
        if value < Double.leastNormalMagnitude {
            bits = (value * 0x1p54).bitPattern
            exponent -= 54
        }
        exponent += Int(bits >> 52)
        let s = Double(bitPattern: bits & 0x000f_ffff_ffff_ffff | 0x3ff0_0000_0000_0000) - 1
        return floor((Double(exponent) + ((a * s + b) * s + c) * s) * perOctave)
    }

    /// A value that is within 0.5 % of all of its bucket; it may be infinite beyond the last one.
    static func value(_ index: Int32) -> Double {
        let low = bound(index), high = bound(index &+ 1)
        return low * (2 / (1 + low / high))
    }

    private static func bound(_ index: Int32) -> Double {
        let logarithm = Double(index) / perOctave
        let exponent = floor(logarithm)
        let part = logarithm - Double(exponent)
        // Newton's method; the slope is between 0.7 and 1.5.
        var s = part
        for _ in 0..<6 {
            let error = ((a * s + b) * s + c) * s - part
            s -= error / ((3 * a * s + 2 * b) * s + c)
        }
        return Double(sign: .plus, exponent: Int(exponent), significand: 1 + s)
    }

    /// The whole number not above `value`, which is below 10^5 in size.
    private static func floor(_ value: Double) -> Int32 {
        let truncated = Int32(Swift.max(-1e6, Swift.min(1e6, value)))
        return Double(truncated) > value ? truncated &- 1 : truncated
    }
}

/// Counts by bucket, in pages of 64 buckets in ascending order: near one power of two each.
private struct BucketStore {
    private var pages: [Int32] = []
    /// How many values each page has.
    private var pageTotals: [UInt64] = []
    private var counts: [UInt64] = []
    private(set) var total: UInt64 = 0

    mutating func add(_ index: Int32) {
        let page = position(index >> 6)
        counts[page * 64 + Int(index & 63)] &+= 1
        pageTotals[page] &+= 1
        total &+= 1
    }

    mutating func merge(_ other: borrowing BucketStore) {
        for (i, page) in other.pages.enumerated() {
            let own = position(page)
            for j in 0..<64 { counts[own * 64 + j] &+= other.counts[i * 64 + j] }
            pageTotals[own] &+= other.pageTotals[i]
        }
        total &+= other.total
    }

    /// The place of a page, which is made if there is none.
    private mutating func position(_ page: Int32) -> Int {
        var low = 0, high = pages.count
        while low < high {
            let middle = (low + high) / 2
            if pages[middle] < page { low = middle + 1 } else { high = middle }
        }
        if low == pages.count || pages[low] != page {
            pages.insert(page, at: low)
            pageTotals.insert(0, at: low)
            counts.insert(contentsOf: repeatElement(0, count: 64), at: low * 64)
        }
        return low
    }

    /// The bucket that the value of the given rank fell into.
    func index(at rank: UInt64) -> Int32 {
        var rest = rank
        for (page, total) in pageTotals.enumerated() {
            guard rest >= total else {
                for i in 0..<64 {
                    let count = counts[page * 64 + i]
                    if rest < count { return pages[page] << 6 | Int32(i) }
                    rest &-= count
                }
                return 0
            }
            rest &-= total
        }
        return 0
    }
}

/// The buckets of a sketch: bucket i holds the values between `bound(i)` and `bound(i + 1)`, whose ratio is at most
/// (1 + 0.005) / (1 - 0.005).
enum Buckets {
    // Cubic interpolation of log2(1 + s) for s in 0..<1. Its slope against ln(1 + s) is at least 10/7.
    private static let a = 6.0 / 35, b = -3.0 / 5, c = 10.0 / 7
    /// Buckets for each power of two: 0.7 / ln(1.005 / 0.995).
    private static let perOctave = 0.7 / 0.010000083334583336

    /// The bucket of a positive normal number.
    @inline(__always) static func index(normal value: Double) -> Int32 { index(value.bitPattern, exponent: -1023) }

    /// The bucket of a positive subnormal number.
    static func index(subnormal value: Double) -> Int32 { index((value * 0x1p54).bitPattern, exponent: -1077) }

    @inline(__always) private static func index(_ bits: UInt64, exponent: Int) -> Int32 {
        let octave = Double(exponent &+ Int(truncatingIfNeeded: bits >> 52))
        let s = Double(bitPattern: bits & 0x000f_ffff_ffff_ffff | 0x3ff0_0000_0000_0000) - 1
        return floor((octave + ((a * s + b) * s + c) * s) * perOctave)
    }

    /// A value within 0.5 % of every value in the bucket; infinite beyond the last bucket.
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

    /// The largest integer not above `value`, whose magnitude is below 2^31.
    @inline(__always) private static func floor(_ value: Double) -> Int32 {
        // Adding 1.5 · 2^52 rounds to an integer and moves it to the lowest bits.
        let shifted = value + 0x1.8p52
        let nearest = Int32(truncatingIfNeeded: shifted.bitPattern)
        return shifted - 0x1.8p52 > value ? nearest &- 1 : nearest
    }
}

/// Counts by bucket, from the lowest to the highest bucket used, in pages of 64 buckets (about one power of two).
struct BucketStore: ~Copyable {
    private var counts: UnsafeMutablePointer<UInt64>?
    /// The bucket of the first count.
    private var first: Int32 = 0
    private var span: UInt32 = 0

    init() {}

    deinit { if let counts { StateMemory.free(counts, capacity: Int(span)) } }

    var memoryBytes: Int { StateMemory.blockSize(of: UInt64.self, capacity: Int(span)) }

    @inline(__always) mutating func add(_ index: Int32) {
        let place = UInt32(bitPattern: index &- first)
        if place >= span {
            cover(index, index)
            counts?[Int(index &- first)] &+= 1
        } else if let counts {
            counts[Int(place)] &+= 1
        }
    }

    /// Extends the counts to the buckets `low ... high`.
    @inline(never) private mutating func cover(_ low: Int32, _ high: Int32) {
        var start = low & ~63, end = (high | 63) &+ 1
        if span > 0 {
            start = min(start, first)
            end = max(end, first &+ Int32(bitPattern: span))
        }
        let length = Int(end &- start)
        guard length > Int(span) else { return }
        let larger: UnsafeMutablePointer<UInt64> = StateMemory.allocate(length)
        larger.initialize(repeating: 0, count: length)
        if let counts {
            (larger + Int(first &- start)).update(from: counts, count: Int(span))
            StateMemory.free(counts, capacity: Int(span))
        }
        counts = larger
        first = start
        span = UInt32(truncatingIfNeeded: length)
    }

    mutating func merge(_ other: borrowing BucketStore) {
        guard let theirs = other.counts else { return }
        cover(other.first, other.first &+ Int32(bitPattern: other.span) &- 1)
        guard let counts else { return }
        let offset = Int(other.first &- first)
        for i in 0..<Int(other.span) { counts[offset &+ i] &+= theirs[i] }
    }

    /// The number of values added.
    var total: UInt64 {
        guard let counts else { return 0 }
        var total: UInt64 = 0
        for i in 0..<Int(span) { total &+= counts[i] }
        return total
    }

    /// Calls `body` with each bucket that is not empty, and its count.
    borrowing func forEach(_ body: (Int32, UInt64) -> Void) {
        guard let counts else { return }
        for i in 0..<Int(span) where counts[i] > 0 { body(first &+ Int32(truncatingIfNeeded: i), counts[i]) }
    }

    borrowing func forEachReversed(_ body: (Int32, UInt64) -> Void) {
        guard let counts else { return }
        for i in (0..<Int(span)).reversed() where counts[i] > 0 {
            body(first &+ Int32(truncatingIfNeeded: i), counts[i])
        }
    }

    /// The bucket of the value with the given rank.
    borrowing func index(at rank: UInt64) -> Int32 {
        guard let counts else { return 0 }
        var rest = rank
        for i in 0..<Int(span) {
            if rest < counts[i] { return first &+ Int32(truncatingIfNeeded: i) }
            rest &-= counts[i]
        }
        return 0
    }
}

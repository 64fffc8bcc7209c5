/// The highest bits in which numbers differ: up to eight, from two places.
///
/// Two places, because characters differ in few of their bits: two decimal digits make one digit of eight bits.
struct SortDigit {
    /// The most buckets that digits can select.
    static let mostBuckets = 256

    private let highShift: UInt64
    private let highMask: UInt64
    private let lowShift: UInt64
    private let lowMask: UInt64
    /// The bits that it takes.
    private let taken: UInt64
    let bucketCount: Int

    /// - Parameters:
    ///   - differing: the bits in which the numbers differ, at least one.
    ///   - bits: the number of bits to take, if that many differ; 4 to 8, otherwise the nearest of these.
    init(_ differing: UInt64, bits: Int) {
        let bits = min(max(bits, 4), 8)
        let (high, highCount) = Self.run(differing, atMost: bits)
        let rest = differing & (1 &<< UInt64(truncatingIfNeeded: high) &- 1)
        let (low, lowCount) = rest == 0 ? (0, 0) : Self.run(rest, atMost: bits &- highCount)
        let (highOnes, lowOnes) = (Self.ones(highCount), Self.ones(lowCount))
        highShift = UInt64(truncatingIfNeeded: high &- lowCount)
        highMask = highOnes &<< UInt64(truncatingIfNeeded: lowCount)
        lowShift = UInt64(truncatingIfNeeded: low)
        lowMask = lowOnes
        taken = highOnes &<< UInt64(truncatingIfNeeded: high) | lowOnes &<< UInt64(truncatingIfNeeded: low)
        bucketCount = 1 << (highCount &+ lowCount)
    }

    /// The place and length of the first run of ones, or of its beginning.
    private static func run(_ bits: UInt64, atMost most: Int) -> (place: Int, count: Int) {
        let zeros = bits.leadingZeroBitCount
        let ones = (~(bits &<< UInt64(truncatingIfNeeded: zeros))).leadingZeroBitCount
        let count = min(ones, most)
        return (64 &- zeros &- count, count)
    }

    private static func ones(_ count: Int) -> UInt64 { 1 &<< UInt64(truncatingIfNeeded: count) &- 1 }

    @inline(__always) func of(_ number: UInt64) -> Int {
        Int(truncatingIfNeeded: number &>> highShift & highMask | number &>> lowShift & lowMask)
    }

    /// Whether digits compare like numbers that differ in these bits: none of them is above or between those taken.
    func isFirst(of differing: UInt64) -> Bool {
        let above = ~(1 &<< UInt64(truncatingIfNeeded: taken.trailingZeroBitCount) &- 1)
        return differing & above & ~taken == 0
    }
}

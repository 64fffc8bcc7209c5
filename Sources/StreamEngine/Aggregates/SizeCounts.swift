extension AggregateFunction {
    package static let buckets = AggregateFunction(
        "buckets", "how many numbers are of which size: [[bound, count], ...]",
        method: "exact counts in ten buckets for each power of ten", content: .json, readsNumbers: true,
        state: SizeCounts.self)
}

/// Buckets with bounds that people can read: 1, 1.25, 1.6, 2, 2.5, 3.15, 4, 5, 6.3, 8, 10, 12.5 and so on (the R10 series
/// of ISO 3). A bucket holds the numbers from its bound up to the next one.
enum DecimalBuckets {
    private static let steps = ["1", "1.25", "1.6", "2", "2.5", "3.15", "4", "5", "6.3", "8"]
    private static let decades = -30...30
    /// The number of the first bucket: bucket 0 begins at 1.
    static let first = Int32(decades.lowerBound * steps.count)
    static let last = first + Int32(bounds.count) - 1
    private static let bounds = decades.flatMap { decade in steps.compactMap { Double("\($0)e\(decade)") } }

    /// The smallest number of a bucket.
    static func bound(_ index: Int32) -> Double { bounds[Int(max(first, min(last, index)) - first)] }

    /// The bucket of a positive number; nil if it is smaller than all of them. Larger ones are in the last one.
    static func index(_ value: Double) -> Int32? {
        guard value >= bounds[0] else { return nil }
        // The logarithm of a power of two, and up to four buckets to the next one.
        var index = Int(Double(value.exponent) * 3.010299956639812 - 1) - Int(first)
        index = max(0, min(bounds.count - 1, index))
        while index > 0, bounds[index] > value { index -= 1 }
        while index + 1 < bounds.count, bounds[index + 1] <= value { index += 1 }
        return Int32(index) + first
    }
}

/// The state of `buckets`: the number of values in each bucket, and of those that are zero or nearly.
struct SizeCounts: Accumulator, ~Copyable {
    private var positives = BucketStore()
    private var negatives = BucketStore()
    private var zeros: UInt64 = 0

    init() {}

    var memoryBytes: Int { positives.memoryBytes + negatives.memoryBytes }

    @inline(__always)
    mutating func update(_ arguments: borrowing AggregateArguments, row: Int) -> Bool {
        let value = arguments.first[row]
        if value.kind == .double, value.double.isFinite {
            add(value.double)
            return true
        }
        return updateUnusual(value)
    }

    @inline(never) private mutating func updateUnusual(_ value: Value) -> Bool {
        let number = NumericValue.of(value)
        guard let double = NumericValue.double(number) else { return number.isNull }
        if double.isFinite { add(double) }
        return true
    }

    private mutating func add(_ value: Double) {
        guard let index = DecimalBuckets.index(value.magnitude) else {
            zeros &+= 1
            return
        }
        if value > 0 { positives.add(index) } else { negatives.add(index) }
    }

    mutating func merge(_ other: borrowing SizeCounts) {
        positives.merge(other.positives)
        negatives.merge(other.negatives)
        zeros &+= other.zeros
    }

    /// An array of the buckets that are not empty, from the smallest numbers on.
    borrowing func result(_ request: ResultRequest, arena: inout ByteArena) -> Value {
        var text = ByteBuffer(capacity: 256)
        text.append(UInt8(ascii: "["))
        var isFirst = true
        func append(_ bound: Double, _ count: UInt64) {
            if !isFirst { text.append(UInt8(ascii: ",")) }
            isFirst = false
            text.append(UInt8(ascii: "["))
            // Without the point of a double.
            text.append(json: Int64(exactly: bound).map { Value($0) } ?? Value(bound))
            text.append(UInt8(ascii: ","))
            text.append(json: Value(Int64(clamping: count)))
            text.append(UInt8(ascii: "]"))
        }
        negatives.forEachReversed { append(-DecimalBuckets.bound($0), $1) }
        if zeros > 0 { append(0, zeros) }
        positives.forEach { append(DecimalBuckets.bound($0), $1) }
        guard !isFirst else { return .null }
        text.append(UInt8(ascii: "]"))
        return Value(arena.copy(text), kind: .json)
    }
}

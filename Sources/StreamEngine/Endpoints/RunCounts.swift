/// The counts of an operator: rows, and the non-numeric values that its aggregates skipped, by aggregate.
struct ResultCounts {
    var rows = 0
    private(set) var skipped: [String: Int] = [:]

    mutating func skip(_ values: Int, in aggregate: String) { skipped[aggregate, default: 0] += values }
}

/// The counts of records by outcome. Each record is exactly one of: in a window, in no window, filtered, late,
/// rejected.
package struct RunCounts: ~Copyable {
    package internal(set) var records = 0
    package internal(set) var inWindow = 0
    package internal(set) var inNoWindow = 0
    package internal(set) var filtered = 0
    package internal(set) var late = 0
    /// The number of pairs of a record and a window that had closed before the record arrived, for records that were in
    /// at least one other window.
    package internal(set) var latePairs = 0
    /// Whether control lines advanced the watermark, so that no delay of this stage would have kept the late records.
    package internal(set) var isPunctuated = false
    package private(set) var rejected: [RejectReason: Rejections] = [:]
    package private(set) var bad: [String: Int] = [:]
    package private(set) var rows = 0

    /// The watermark delay that each late record would have needed, microseconds.
    private var shortfalls = DDSketch()
    private var worstShortfall: Int64 = 0

    package struct Rejections: Sendable {
        package var count = 0
        package var first: RecordPosition
        package var detail: String
    }

    package var rejectedCount: Int { rejected.values.reduce(0) { $0 + $1.count } }

    mutating func reject(_ reason: RejectReason, at position: RecordPosition, detail: StaticString) {
        if rejected[reason] == nil { rejected[reason] = Rejections(first: position, detail: detail.description) }
        rejected[reason]?.count += 1
    }

    /// Adds the counts of an operator.
    mutating func add(_ results: ResultCounts) {
        rows += results.rows
        bad.merge(results.skipped) { $0 + $1 }
    }

    mutating func badValues(_ count: Int, in aggregate: String) { bad[aggregate, default: 0] += count }

    /// - Parameter delay: the smallest watermark delay with which the record would not have been late.
    mutating func late(neededDelay delay: Int64) {
        late += 1
        worstShortfall = max(worstShortfall, delay)
        shortfalls.add(Double(delay))
    }

    /// The watermark delays that would have kept all late records, and 99 % of them, in microseconds.
    package var lateAdvice: (all: Int64, most: Int64)? {
        guard late > 0 else { return nil }
        let most = shortfalls.quantile(0.99) ?? 0
        return (worstShortfall, most < 0x1p62 ? Int64(most) : worstShortfall)
    }
}

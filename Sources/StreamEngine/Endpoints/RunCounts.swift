/// A record that shows a problem: where it is, and what is wrong with it.
package struct Example: Sendable, Equatable {
    package var position: RecordPosition
    package var text: String
}

/// Records or values with the same problem: how many, and the first of them.
package struct Problems: Sendable {
    package internal(set) var count = 0
    /// At most `limit`, in order of arrival.
    package internal(set) var examples: [Example] = []
    package static let limit = 3

    package var first: Example? { examples.first }
}

/// The counts of an operator: rows, and the non-numeric values that its aggregates skipped, by aggregate.
package struct ResultCounts {
    var rows = 0
    private(set) var skipped: [String: Int] = [:]

    private(set) var gaps = Gaps()
    /// The start of the first window and the end of the last one that had rows, microseconds since 1970.
    private(set) var covered: (start: Int64, end: Int64)?

    /// The gaps that `--fill` and `--fill-all` have left out because they were too long.
    package struct Gaps: Sendable {
        package var count = 0
        package var first: WindowBounds?
    }

    mutating func skip(_ values: Int, in aggregate: String) { skipped[aggregate, default: 0] += values }

    mutating func cover(_ start: Int64, _ end: Int64) {
        covered = covered.map { (min($0.start, start), max($0.end, end)) } ?? (start, end)
    }

    mutating func leaveOut(_ gap: WindowBounds) {
        gaps.count += 1
        gaps.first = gaps.first ?? gap
    }
}

/// The counts of records by outcome. Each record is exactly one of: in a window, in no window, filtered, late,
/// rejected, a tombstone, a duplicate, or read again although an earlier run has printed its windows.
package struct RunCounts: ~Copyable {
    package internal(set) var records = 0
    package internal(set) var inWindow = 0
    package internal(set) var inNoWindow = 0
    package internal(set) var filtered = 0
    package internal(set) var late = 0
    /// Records that `--dedup` has dropped.
    package internal(set) var duplicates = 0
    /// Records that it could not judge, because they have no key: they are counted by what became of them, too.
    package internal(set) var withoutKey = 0
    /// Messages without a value.
    package internal(set) var tombstones = 0
    /// Records whose windows an earlier run has printed.
    package internal(set) var reread = 0
    /// The number of pairs of a record and a window that had closed before the record arrived, for records that were in
    /// at least one other window.
    package internal(set) var latePairs = 0
    /// Whether control lines advanced the watermark, so that no delay of this stage would have kept the late records.
    package internal(set) var isPunctuated = false
    package private(set) var rejected: [RejectReason: Problems] = [:]
    /// The records that were rejected for `noTime`, by cause.
    package private(set) var timeDefects: [TimeDefect: Problems] = [:]
    /// Skipped values that are not numbers, by aggregate.
    package private(set) var bad: [String: Problems] = [:]
    /// For each `--lookup`, the records without a row; shorter if the last ones have none.
    package private(set) var lookupMisses: [Int] = []
    package private(set) var rows = 0
    package private(set) var gaps = ResultCounts.Gaps()
    /// The start of the first window and the end of the last one that had rows, microseconds since 1970.
    package private(set) var covered: (start: Int64, end: Int64)?

    /// The watermark delay that each late record would have needed, microseconds.
    private var shortfalls = DDSketch()
    private var worstShortfall: Int64 = 0

    package var rejectedCount: Int { rejected.values.reduce(0) { $0 + $1.count } }
    /// Skipped values of all aggregates.
    package var badCount: Int { bad.values.reduce(0) { $0 + $1.count } }

    mutating func reject(_ reason: RejectReason) { rejected[reason, default: Problems()].count += 1 }

    /// Whether the record just rejected is one of the first.
    func lacksExample(of reason: RejectReason) -> Bool {
        rejected[reason].map { $0.examples.count < Problems.limit } ?? true
    }

    mutating func addExample(_ example: Example, of reason: RejectReason) {
        rejected[reason, default: Problems()].examples.append(example)
    }

    /// Counts a record without a usable event time.
    ///
    /// - Parameter example: called for the first ones only.
    mutating func reject(_ defect: TimeDefect, example: () -> Example) {
        reject(.noTime)
        timeDefects[defect, default: Problems()].count += 1
        guard timeDefects[defect].map({ $0.examples.count < Problems.limit }) ?? true else { return }
        timeDefects[defect, default: Problems()].examples.append(example())
    }

    /// Adds the counts of an operator.
    mutating func add(_ results: ResultCounts) {
        rows += results.rows
        for (aggregate, count) in results.skipped { badValues(count, in: aggregate) }
        gaps.count += results.gaps.count
        gaps.first = gaps.first ?? results.gaps.first
        if let new = results.covered {
            covered = covered.map { (min($0.start, new.start), max($0.end, new.end)) } ?? new
        }
    }

    mutating func miss(_ lookup: Int) {
        while lookupMisses.count <= lookup { lookupMisses.append(0) }
        lookupMisses[lookup] += 1
    }

    mutating func badValues(_ count: Int, in aggregate: String) { bad[aggregate, default: Problems()].count += count }

    mutating func badValue(_ example: Example, in aggregate: String) {
        guard bad[aggregate]?.first == nil else { return }
        bad[aggregate, default: Problems()].examples.append(example)
    }

    /// - Parameter delay: the smallest watermark delay with which the record would not have been late.
    mutating func late(neededDelay delay: Int64) {
        late += 1
        worstShortfall = max(worstShortfall, delay)
        shortfalls.add(Double(delay))
    }

    /// The watermark delays that would have kept all late records, and at least 99 % of them, in microseconds.
    package var lateAdvice: (all: Int64, most: Int64)? {
        guard late > 0 else { return nil }
        let most = shortfalls.upperBound(of: 0.99) ?? 0
        return (worstShortfall, most < 0x1p62 ? min(Int64(most) + 1, worstShortfall) : worstShortfall)
    }
}

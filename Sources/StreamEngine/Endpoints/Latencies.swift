/// Lengths of time, whose quantiles are known within 0.5 % (`DDSketch`).
package struct Latencies: ~Copyable {
    private var sketch = DDSketch()
    private var sum: Int64 = 0

    package init() {}

    /// - Parameter microseconds: a clock that was set back gives less than zero, which counts as zero.
    package mutating func add(_ microseconds: Int64) {
        let length = max(0, microseconds)
        sum &+= length
        sketch.add(Double(length))
    }

    package var summary: LatencySummary {
        var summary = LatencySummary()
        summary.count = Int(clamping: sketch.count)
        summary.sum = sum
        guard summary.count > 0 else { return summary }
        summary.median = sketch.quantile(0.5)
        summary.p99 = sketch.quantile(0.99)
        summary.longest = sketch.quantile(1)
        return summary
    }
}

/// What is known of lengths of time, in microseconds.
package struct LatencySummary: Sendable, Equatable {
    package var count = 0
    package var sum: Int64 = 0
    /// nil if there were none.
    package var median: Double?
    package var p99: Double?
    package var longest: Double?

    package init() {}
}

/// How rows have reached their output.
package struct DeliveryStatistics: Sendable {
    /// From the moment that the records were read which printed rows to the moment that these were written or committed.
    package var processing = LatencySummary()
    /// How long commits took; of an output without commits there are none.
    package var commits = LatencySummary()
    /// How often a lost connection was made again.
    package var reconnects = 0

    package init() {}
}

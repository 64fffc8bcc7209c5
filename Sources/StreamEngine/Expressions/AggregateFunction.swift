/// The functions that `-a` knows.
package enum AggregateFunction: String, Sendable, CaseIterable {
    case count
    case countIf = "count_if"
    case sum, avg, min, max, first, last, stddev
    case stddevPop = "stddev_pop"
    case variance, median, quantile, distinct, top
    case minBy = "min_by"
    case maxBy = "max_by"
    case list, rate, delta

    /// How many expressions it takes.
    package var argumentCounts: ClosedRange<Int> {
        switch self {
        case .count: 0...1
        case .minBy, .maxBy: 2...2
        default: 1...1
        }
    }

    /// True when a number follows the expression: `quantile(ms, 0.99)`, `top(path, 3)`.
    package var takesParameter: Bool { self == .quantile || self == .top }
}

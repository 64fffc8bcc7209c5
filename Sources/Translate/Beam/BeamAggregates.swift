import Plan
import StreamEngine

/// Aggregates as CombineFns and their inputs.
struct BeamAggregate {
    /// The block that defines its class.
    let block: String
    /// The call that makes it.
    let make: String
    /// What it takes of a record.
    let input: String
    /// Whether the input uses the time of the record.
    let usesTime: Bool
    let note: String?

    /// - Parameter arguments: the arguments as Python.
    init(_ aggregate: Aggregate, _ arguments: [String]) throws(UsageError) {
        let value = arguments.first ?? "1"
        let rounding = "Beam adds doubles one by one, so the last digits depend on the order of records"
        let ties = "of records of one time, the one that Beam sees first or last counts"
        func plain(_ block: String, _ make: String, _ note: String? = nil) -> Self {
            Self(block, make, value, false, note)
        }
        func timed(_ block: String, _ make: String) -> Self { Self(block, make, "(time, \(value))", true, ties) }
        switch aggregate.function {
        case .count: self = plain("Count", "Count()")
        case .countIf: self = Self("Count", "Count()", "1 if \(value) is True else None", false, nil)
        case .sum: self = plain("Sum", "Sum()", rounding)
        case .avg: self = plain("Avg", "Avg()", rounding)
        case .min: self = plain("Extreme", "Min()")
        case .max: self = plain("Extreme", "Max()")
        case .first: self = timed("Timed", "First()")
        case .last: self = timed("Timed", "Last()")
        case .firstRow: self = timed("TimedRow", "FirstRow()")
        case .lastRow, .latest: self = timed("TimedRow", "LastRow()")
        case .stddev: self = plain("Variance", "Stddev()", rounding)
        case .stddevPop: self = plain("Variance", "StddevPop()", rounding)
        case .variance: self = plain("Variance", "Variance()", rounding)
        case .median: self = plain("Quantile", "Quantile(0.5)", Self.quantile)
        case .quantile: self = plain("Quantile", "Quantile(\(aggregate.parameter))", Self.quantile)
        case .distinct:
            self = plain("Distinct", "Distinct()", "exact also beyond 4096 values, with memory for each value")
        case .top:
            self = plain(
                "Distinct", "Top(\(Int64(aggregate.parameter)))",
                "exact with any number of different values, with memory for each value")
        case .mode:
            self = plain("Distinct", "Mode()", "exact with any number of different values, with memory for each value")
        case .minBy, .maxBy:
            let make = aggregate.function == .minBy ? "MinBy()" : "MaxBy()"
            self = Self("By", make, "(time, \(arguments.joined(separator: ", ")))", true, ties)
        case .list: self = timed("Listing", "Listing()")
        case .rate: self = timed("Change", "Rate()")
        case .delta: self = timed("Change", "Delta()")
        default:
            throw .refusal(
                Beam.name, aggregate.name, "job has no counterpart of \(aggregate.function.name)()",
                "use count, count_if, sum, avg, min, max, first, last, stddev, variance, median, quantile, distinct, top, "
                    + "mode, min_by, max_by, list, rate or delta")
        }
    }

    private init(_ block: String, _ make: String, _ input: String, _ usesTime: Bool, _ note: String?) {
        self.block = block
        self.make = make
        self.input = input
        self.usesTime = usesTime
        self.note = note
    }

    private static let quantile = "exact also beyond 10000 values, with memory for each value"
}

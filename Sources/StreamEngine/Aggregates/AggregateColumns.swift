/// The kinds of state. Functions of one kind over equal arguments can share a column.
enum StateKind: UInt8, CaseIterable, Sendable {
    case countRows, countValues, countIf, sum, least, greatest, extremes, first, last, moments, quantile, distinct, top
    case leastBy, greatestBy, list, rate, delta

    /// Bytes of one state in its column, without what it may hold on the heap.
    var stateBytes: Int {
        switch self {
        case .countRows: MemoryLayout<CountRows>.stride
        case .countValues: MemoryLayout<CountValues>.stride
        case .countIf: MemoryLayout<CountIf>.stride
        case .sum: MemoryLayout<Sum>.stride
        case .least: MemoryLayout<Extremum<Minimum>>.stride
        case .greatest: MemoryLayout<Extremum<Maximum>>.stride
        case .extremes: MemoryLayout<MinMax>.stride
        case .first: MemoryLayout<FirstOrLast<Minimum>>.stride
        case .last: MemoryLayout<FirstOrLast<Maximum>>.stride
        case .moments: MemoryLayout<Moments>.stride
        case .quantile: MemoryLayout<Quantile>.stride
        case .distinct: MemoryLayout<Distinct>.stride
        case .top: MemoryLayout<Top>.stride
        case .leastBy: MemoryLayout<ExtremumBy<Minimum>>.stride
        case .greatestBy: MemoryLayout<ExtremumBy<Maximum>>.stride
        case .list: MemoryLayout<List>.stride
        case .rate: MemoryLayout<Rate>.stride
        case .delta: MemoryLayout<Delta>.stride
        }
    }
}

/// An empty column of states of the given kind.
func makeColumn(for kind: StateKind) -> any AggregateColumn {
    switch kind {
    case .countRows: StateColumn<CountRows>()
    case .countValues: StateColumn<CountValues>()
    case .countIf: StateColumn<CountIf>()
    case .sum: StateColumn<Sum>()
    case .least: StateColumn<Extremum<Minimum>>()
    case .greatest: StateColumn<Extremum<Maximum>>()
    case .extremes: StateColumn<MinMax>()
    case .first: StateColumn<FirstOrLast<Minimum>>()
    case .last: StateColumn<FirstOrLast<Maximum>>()
    case .moments: StateColumn<Moments>()
    case .quantile: StateColumn<Quantile>()
    case .distinct: StateColumn<Distinct>()
    case .top: StateColumn<Top>()
    case .leastBy: StateColumn<ExtremumBy<Minimum>>()
    case .greatestBy: StateColumn<ExtremumBy<Maximum>>()
    case .list: StateColumn<List>()
    case .rate: StateColumn<Rate>()
    case .delta: StateColumn<Delta>()
    }
}

extension Query {
    /// The kind of state of an aggregate: `min` and `max` of the same have one together.
    func stateKind(of aggregate: Aggregate) -> StateKind {
        let other: AggregateFunction? =
            switch aggregate.function {
            case .min: .max
            case .max: .min
            default: nil
            }
        let arguments = aggregate.arguments.map(\.text)
        if let other,
            aggregates.contains(where: { $0.function == other && $0.arguments.map(\.text) == arguments })
        {
            return .extremes
        }
        return aggregate.function.stateKind(argumentCount: arguments.count)
    }
}

extension AggregateFunction {
    /// The kind of state that the function keeps when it is called with `argumentCount` expressions.
    func stateKind(argumentCount: Int) -> StateKind {
        switch self {
        case .count: argumentCount == 0 ? .countRows : .countValues
        case .countIf: .countIf
        case .sum, .avg: .sum
        case .min: .least
        case .max: .greatest
        case .first: .first
        case .last: .last
        case .stddev, .stddevPop, .variance: .moments
        case .median, .quantile: .quantile
        case .distinct: .distinct
        case .top: .top
        case .minBy: .leastBy
        case .maxBy: .greatestBy
        case .list: .list
        case .rate: .rate
        case .delta: .delta
        }
    }

    /// How the result is found, in words for `--explain`.
    package var method: String {
        switch self {
        case .count: "exact"
        case .countIf: "exact; counts what is true"
        case .sum: "exact; integers stay integers, doubles are rounded once at the end"
        case .avg: "exact sum, divided at the end"
        case .min, .max: "exact; over the numbers if there are any, else bytewise over the strings"
        case .first: "the earliest by event time, ties by arrival"
        case .last: "the latest by event time, ties by arrival"
        case .stddev, .variance: "of a sample; exact sums, rounded at the end"
        case .stddevPop: "of a population; exact sums, rounded at the end"
        case .median, .quantile: "exact to 1024 values a group, then DDSketch within 0.5 %; linear interpolation"
        case .distinct: "exact to 4096 values a group, then HyperLogLog (2^14 registers, about 0.8 %)"
        case .top: "exact; keeps every different value, ties by value"
        case .minBy, .maxBy: "exact; ties by event time, then arrival"
        case .list: "keeps every value; by event time, then arrival"
        case .rate: "keeps every value; increase per second of event time, a drop is a restart from 0"
        case .delta: "exact; last minus first by event time, ties by arrival"
        }
    }
}

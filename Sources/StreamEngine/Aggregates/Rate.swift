extension AggregateFunction {
    package static let rate = AggregateFunction(
        "rate", "increase of a counter per second",
        method: "keeps every value; increase per second of event time, a drop is a restart from 0", content: .double,
        state: Rate.self)
}

/// The state of `rate`: the numbers of a counter with their event times.
///
/// The result is the increase for each second between the first and the last one. A number smaller than the one
/// before means that the counter began again at 0. With fewer than two numbers, or no time between them, it is null.
struct Rate: Accumulator {
    private var samples: [Sample] = []

    init() {}

    mutating func update(_ arguments: borrowing AggregateArguments, row: Int) -> Bool {
        let number = NumericValue.of(arguments.first[row])
        guard number.kind == .integer || number.kind == .double else { return number.isNull }
        samples.append(Sample(time: arguments.times[row], order: arguments.order &+ Int64(row), number: number))
        return true
    }

    mutating func merge(_ other: borrowing Rate) { samples.append(contentsOf: other.samples) }

    func result(_ request: ResultRequest, arena: inout ByteArena) -> Value {
        let sorted = samples.sorted { $0.precedes($1) }
        guard let first = sorted.first, let last = sorted.last, first.time < last.time else { return .null }
        // The increases add up to last - first, plus each number at which the counter fell.
        var increase = Sum()
        increase.add(last.number)
        increase.add(first.number, negated: true)
        for i in 1..<sorted.count where KeyCoding.compareNumbers(sorted[i].number, sorted[i - 1].number) < 0 {
            increase.add(sorted[i - 1].number)
        }
        let (elapsed, overflow) = last.time.subtractingReportingOverflow(first.time)
        let seconds = (overflow ? Double(last.time) - Double(first.time) : Double(elapsed)) / 1e6
        return Value(increase.nearest / seconds)
    }
}

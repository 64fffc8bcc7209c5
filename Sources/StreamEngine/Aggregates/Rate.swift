extension AggregateFunction {
    package static let rate = AggregateFunction(
        "rate", "increase of a counter per second",
        method: "keeps every value; increase per second of event time, a drop is a reset to 0", content: .double,
        readsNumbers: true, state: Rate.self)
}

/// The state of `rate`: the readings of a counter with their event times.
///
/// The result is the increase per second between the first and the last reading. A reading below the previous one means
/// that the counter was reset to 0. Null for fewer than two readings or if no time passed between them.
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
        // The increases add up to last - first, plus each reading before a reset.
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

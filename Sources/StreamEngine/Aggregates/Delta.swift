extension AggregateFunction {
    package static let delta = AggregateFunction(
        "delta", "last number minus the first", method: "exact; last minus first by event time, ties by arrival",
        content: .number, readsNumbers: true, state: Delta.self)
}

/// The state of `delta`: last number minus first number by event time, ties by arrival. Exact for integers.
///
/// Null for fewer than two numbers.
struct Delta: Accumulator {
    private var first = Sample()
    private var last = Sample()

    init() {}

    mutating func update(_ arguments: borrowing AggregateArguments, row: Int) -> Bool {
        let number = NumericValue.of(arguments.first[row])
        guard number.kind == .integer || number.kind == .double else { return number.isNull }
        let sample = Sample(time: arguments.times[row], order: arguments.order &+ Int64(row), number: number)
        take(sample)
        return true
    }

    private mutating func take(_ sample: Sample) {
        if first.number.isNull || sample.precedes(first) { first = sample }
        if last.number.isNull || last.precedes(sample) { last = sample }
    }

    mutating func merge(_ other: borrowing Delta) {
        guard !other.first.number.isNull else { return }
        take(other.first)
        take(other.last)
    }

    func result(_ request: ResultRequest, arena: inout ByteArena) -> Value {
        guard first.precedes(last) else { return .null }
        var difference = Sum()
        difference.add(last.number)
        difference.add(first.number, negated: true)
        return difference.total(&arena)
    }
}

/// A number at an event time.
struct Sample {
    var time: Int64 = 0
    /// Arrival number of its record.
    var order: Int64 = 0
    var number: Value = .null

    @inline(__always) func precedes(_ other: Sample) -> Bool {
        time != other.time ? time < other.time : order < other.order
    }
}

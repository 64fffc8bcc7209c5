extension AggregateFunction {
    package static let first = AggregateFunction(
        "first", "first value by event time", method: "the earliest by event time, ties by arrival", state: First.self)
    package static let last = AggregateFunction(
        "last", "last value by event time", method: "the latest by event time, ties by arrival", state: Last.self)
}

struct First: ConcreteState { var state = FirstOrLast<Lower>() }
struct Last: ConcreteState { var state = FirstOrLast<Upper>() }

/// The value (not null) with the earliest or latest event time, ties by arrival.
struct FirstOrLast<End: OrderEnd>: Accumulator {
    private var time: Int64 = 0
    private var order: Int64 = 0
    private var held = OwnedValue()

    init() {}

    @inline(__always)
    mutating func update(_ arguments: borrowing AggregateArguments, row: Int) -> Bool {
        let value = arguments.first[row]
        guard !value.isNull else { return true }
        let newTime = arguments.times[row], newOrder = arguments.order &+ Int64(row)
        if isBetter(newTime, newOrder) {
            time = newTime
            order = newOrder
            held.set(value)
        }
        return true
    }

    @inline(__always) private func isBetter(_ newTime: Int64, _ newOrder: Int64) -> Bool {
        if held.isNull { return true }
        if newTime != time { return End.isLower == (newTime < time) }
        return newOrder != order && End.isLower == (newOrder < order)
    }

    mutating func merge(_ other: borrowing FirstOrLast) {
        guard !other.held.isNull, isBetter(other.time, other.order) else { return }
        self = copy other
    }

    func result(_ request: ResultRequest, arena: inout ByteArena) -> Value { held.copy(to: &arena) }
}

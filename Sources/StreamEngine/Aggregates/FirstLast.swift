extension AggregateFunction {
    package static let first = AggregateFunction(
        "first", "first value by event time", method: "the earliest by event time, ties by arrival", state: First.self)
    package static let last = AggregateFunction(
        "last", "last value by event time", method: "the latest by event time, ties by arrival", state: Last.self)
    package static let firstRow = AggregateFunction(
        "first_row", "value in the first record, even if null", method: "from the earliest record, ties by arrival",
        state: FirstRow.self)
    package static let lastRow = AggregateFunction(
        "last_row", "value in the last record, even if null", method: "from the latest record, ties by arrival",
        state: LastRow.self)
    /// Written for several expressions at once: a `last_row` of each.
    package static let latest = AggregateFunction(
        "latest", usage: "latest(x, y, ...)", "columns of the last record, even if null",
        method: "from the latest record, ties by arrival", arguments: 1...1000, state: LastRow.self)
}

struct First: ConcreteState { var state = FirstOrLast<Lower>() }
struct Last: ConcreteState { var state = FirstOrLast<Upper>() }
struct FirstRow: ConcreteState { var state = FirstOrLastRow<Lower>() }
struct LastRow: ConcreteState { var state = FirstOrLastRow<Upper>() }

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

    var memoryBytes: Int { held.memoryBytes }
}

/// The value, perhaps null, in the record with the earliest or latest event time, ties by arrival.
struct FirstOrLastRow<End: OrderEnd>: Accumulator {
    private var time: Int64 = 0
    /// Of the record; -1 before the first one.
    private var order: Int64 = -1
    private var held = OwnedValue()

    init() {}

    @inline(__always)
    mutating func update(_ arguments: borrowing AggregateArguments, row: Int) -> Bool {
        let newTime = arguments.times[row], newOrder = arguments.order &+ Int64(row)
        if isBetter(newTime, newOrder) {
            time = newTime
            order = newOrder
            held.set(arguments.first[row])
        }
        return true
    }

    @inline(__always) private func isBetter(_ newTime: Int64, _ newOrder: Int64) -> Bool {
        if order < 0 { return true }
        if newTime != time { return End.isLower == (newTime < time) }
        return newOrder != order && End.isLower == (newOrder < order)
    }

    mutating func merge(_ other: borrowing FirstOrLastRow) {
        guard other.order >= 0, isBetter(other.time, other.order) else { return }
        self = copy other
    }

    func result(_ request: ResultRequest, arena: inout ByteArena) -> Value { held.copy(to: &arena) }

    var memoryBytes: Int { held.memoryBytes }
}

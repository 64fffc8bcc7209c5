extension AggregateFunction {
    package static let minBy = AggregateFunction(
        "min_by", usage: "min_by(x, y)", "the value of x where y is smallest",
        method: "exact; ties by event time, then by arrival", arguments: 2...2, state: MinimumBy.self)
    package static let maxBy = AggregateFunction(
        "max_by", usage: "max_by(x, y)", "the value of x where y is largest",
        method: "exact; ties by event time, then by arrival", arguments: 2...2, state: MaximumBy.self)
}

struct MinimumBy: ConcreteState { var state = ExtremumBy<Lower>() }
struct MaximumBy: ConcreteState { var state = ExtremumBy<Upper>() }

/// The first argument in the row with the smallest or largest second argument.
///
/// The second argument is compared as in `min` and `max`: numbers if the group has any, otherwise strings. Rows with
/// null in either argument are ignored. Ties go to the earliest event time, then to the first arrival.
struct ExtremumBy<End: OrderEnd>: Accumulator {
    private var time: Int64 = 0
    private var order: Int64 = 0
    private var key = OwnedValue()
    private var held = OwnedValue()

    init() {}

    @inline(__always)
    mutating func update(_ arguments: borrowing AggregateArguments, row: Int) -> Bool {
        let value = arguments.first[row]
        var newKey = arguments.second[row]
        guard !value.isNull, !newKey.isNull else { return true }
        if newKey.kind != .integer && newKey.kind != .double && newKey.kind != .time {
            guard newKey.kind == .string || newKey.kind == .digits else { return false }
            newKey = NumericValue.exact(newKey.bytes) ?? newKey
        }
        let newTime = arguments.times[row], newOrder = arguments.order &+ Int64(row)
        if isBetter(newKey, newTime, newOrder) {
            time = newTime
            order = newOrder
            key.set(newKey)
            held.set(value)
        }
        return true
    }

    @inline(__always) private func isBetter(_ newKey: Value, _ newTime: Int64, _ newOrder: Int64) -> Bool {
        if key.isNull { return true }
        let isNewText = newKey.kind == .string
        if isNewText != (key.kind == .string) { return !isNewText }
        let comparison = key.with {
            isNewText ? compareBytes(newKey.bytes, $0.bytes) : KeyCoding.compareNumbers(newKey, $0)
        }
        if comparison != 0 { return End.isLower == (comparison < 0) }
        return newTime != time ? newTime < time : newOrder < order
    }

    mutating func merge(_ other: borrowing ExtremumBy) {
        let time = other.time, order = other.order
        guard !other.key.isNull, other.key.with({ isBetter($0, time, order) }) else { return }
        self = copy other
    }

    func result(_ request: ResultRequest, arena: inout ByteArena) -> Value { held.copy(to: &arena) }

    var memoryBytes: Int { key.memoryBytes + held.memoryBytes }
}

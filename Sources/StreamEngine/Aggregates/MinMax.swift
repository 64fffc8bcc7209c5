extension AggregateFunction {
    private static let extremumMethod = "exact; over the numbers if there are any, else bytewise over the strings"

    package static let min = AggregateFunction(
        "min", "smallest value", method: extremumMethod, readsNumbers: true, state: Minimum.self,
        joint: ("max", MinMax.self))
    package static let max = AggregateFunction(
        "max", "largest value", method: extremumMethod, readsNumbers: true, state: Maximum.self,
        variant: MinMax.maximum, joint: ("min", MinMax.self))
}

struct Minimum: ConcreteState { var state = Extremum<Lower>() }
struct Maximum: ConcreteState { var state = Extremum<Upper>() }

/// The shared state of `min` and `max` over the same expression, because they are often used together.
struct MinMax: Accumulator {
    private var least = Extremum<Lower>()
    private var greatest = Extremum<Upper>()

    /// The variant of `max`.
    static let maximum: UInt8 = 1

    init() {}

    @inline(__always)
    mutating func update(_ arguments: borrowing AggregateArguments, row: Int) -> Bool {
        let value = arguments.first[row]
        if value.kind == .double, least.holdsDouble, greatest.holdsDouble {
            // Adding zero turns -0.0 into 0.0.
            least.take(double: value.double + 0)
            greatest.take(double: value.double + 0)
            return true
        }
        return updateBoth(value)
    }

    @inline(never) private mutating func updateBoth(_ value: Value) -> Bool {
        let isGood = least.update(value)
        return greatest.update(value) && isGood
    }

    mutating func merge(_ other: borrowing MinMax) {
        least.merge(other.least)
        greatest.merge(other.greatest)
    }

    func result(_ request: ResultRequest, arena: inout ByteArena) -> Value {
        request.variant == MinMax.maximum
            ? greatest.result(request, arena: &arena) : least.result(request, arena: &arena)
    }
}

/// The state of `min` and `max` over the same values: both are asked for so often that one look at each value pays.
struct MinMax: Accumulator {
    private var least = Extremum<Minimum>()
    private var greatest = Extremum<Maximum>()

    init() {}

    @inline(__always)
    mutating func update(_ arguments: borrowing AggregateArguments, row: Int) -> Bool {
        let value = arguments.first[row]
        if value.kind == .double, least.holdsDouble, greatest.holdsDouble {
            // Zero added makes -0.0 a 0.0.
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
        request.function == .min
            ? least.result(request, arena: &arena) : greatest.result(request, arena: &arena)
    }
}

extension AggregateFunction {
    package static let countIf = AggregateFunction(
        "count_if", usage: "count_if(condition)", "number of records that meet a condition",
        method: "exact; counts records for which the condition is true", content: .integer, state: CountIf.self)
}

/// The state of `count_if`: the number of rows for which the condition is true. A value that is neither boolean nor
/// null is skipped and counted as such.
struct CountIf: Accumulator {
    private var count: Int64 = 0

    init() {}

    @inline(__always)
    mutating func update(_ arguments: borrowing AggregateArguments, row: Int) -> Bool {
        let kind = arguments.first[row].kind
        count &+= kind == .true ? 1 : 0
        return kind.rawValue <= Kind.true.rawValue
    }

    mutating func merge(_ other: borrowing CountIf) { count &+= other.count }

    func result(_ request: ResultRequest, arena: inout ByteArena) -> Value { Value(count) }
}

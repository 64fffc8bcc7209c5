extension AggregateFunction {
    package static let count = AggregateFunction(
        "count", usage: "count() or count(x)", "number of records", method: "exact", arguments: 0...1,
        content: .integer, state: CountValues.self, stateWithoutArguments: CountRows.self)
}

/// The state of `count()`: the number of rows.
struct CountRows: Accumulator {
    private var count: Int64 = 0

    init() {}

    @inline(__always)
    mutating func update(_ arguments: borrowing AggregateArguments, row: Int) -> Bool {
        count &+= 1
        return true
    }

    mutating func merge(_ other: borrowing CountRows) { count &+= other.count }

    func result(_ request: ResultRequest, arena: inout ByteArena) -> Value { Value(count) }
}

/// The state of `count(x)`: the number of values that are not null.
struct CountValues: Accumulator {
    private var count: Int64 = 0

    init() {}

    @inline(__always)
    mutating func update(_ arguments: borrowing AggregateArguments, row: Int) -> Bool {
        count &+= arguments.first[row].isNull ? 0 : 1
        return true
    }

    mutating func merge(_ other: borrowing CountValues) { count &+= other.count }

    func result(_ request: ResultRequest, arena: inout ByteArena) -> Value { Value(count) }
}

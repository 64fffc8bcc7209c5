/// The arguments of one aggregate over the rows of a batch. Every pointer is indexed by row.
struct AggregateArguments {
    /// First argument; `count()` has none and never looks.
    var first: UnsafePointer<Value>
    /// Second argument of `min_by` and `max_by`; otherwise the same as `first`.
    var second: UnsafePointer<Value>
    /// Event time of the row in microseconds; all 0 where there is no event time.
    var times: UnsafePointer<Int64>
    /// Arrival number of row 0; row r arrived as number `order + r`.
    var order: Int64
}

/// The state of one aggregate for one group in one window.
///
/// States merge, and neither the order of updates nor that of merges changes a result.
protocol Accumulator: ~Copyable {
    /// The empty state.
    init()
    /// Takes in one row. False: the value was no number where one is due, and was skipped.
    mutating func update(_ arguments: borrowing AggregateArguments, row: Int) -> Bool
    /// Takes in row `rows[i]` into `states[slots[i]]`, for i in 0..<count. Returns how many values were bad.
    static func update(
        _ states: UnsafeMutablePointer<Self>, slots: UnsafePointer<UInt32>, rows: UnsafePointer<UInt32>, count: Int,
        arguments: borrowing AggregateArguments
    ) -> Int
    /// Takes in all that `other` has seen.
    mutating func merge(_ other: borrowing Self)
    /// The value to print. Text is put into `arena`.
    borrowing func result(_ request: ResultRequest, arena: inout ByteArena) -> Value
}

extension Accumulator where Self: ~Copyable {
    @inline(__always)
    static func update(
        _ states: UnsafeMutablePointer<Self>, slots: UnsafePointer<UInt32>, rows: UnsafePointer<UInt32>, count: Int,
        arguments: borrowing AggregateArguments
    ) -> Int {
        var bad = 0
        for i in 0..<count where !states[Int(slots[i])].update(arguments, row: Int(rows[i])) { bad &+= 1 }
        return bad
    }
}

/// Which result of a state is wanted: several functions can share one kind of state.
struct ResultRequest {
    var function: AggregateFunction
    var parameter: Double
}

/// A column of states, one for each slot (group in a window). Calls are per run of rows, never per row.
protocol AggregateColumn: AnyObject {
    /// Makes room for slots below `capacity`.
    func reserve(_ capacity: Int)
    /// Makes the slot empty.
    func clear(_ slot: Int)
    /// Updates state `slots[i]` with row `rows[i]` for i in 0..<count. Returns how many values were bad.
    func update(
        slots: UnsafePointer<UInt32>, rows: UnsafePointer<UInt32>, count: Int, arguments: AggregateArguments
    ) -> Int
    /// Merges the state at `source` into that at `target`.
    func merge(_ source: Int, into target: Int)
    func result(_ slot: Int, _ request: ResultRequest, arena: inout ByteArena) -> Value
}

/// The column of states of one kind.
final class StateColumn<State: Accumulator & ~Copyable>: AggregateColumn {
    private var states: UnsafeMutablePointer<State>
    private var capacity = 0

    init() { states = .allocate(capacity: 1) }

    deinit {
        states.deinitialize(count: capacity)
        states.deallocate()
    }

    func reserve(_ wanted: Int) {
        guard wanted > capacity else { return }
        let larger = max(wanted, capacity * 2, 16)
        let moved = UnsafeMutablePointer<State>.allocate(capacity: larger)
        moved.moveInitialize(from: states, count: capacity)
        for slot in capacity..<larger { (moved + slot).initialize(to: State()) }
        states.deallocate()
        states = moved
        capacity = larger
    }

    func clear(_ slot: Int) { states[slot] = State() }

    @specialized(where State == CountRows)
    @specialized(where State == CountValues)
    @specialized(where State == CountIf)
    @specialized(where State == Sum)
    @specialized(where State == Extreme<Least>)
    @specialized(where State == Extreme<Greatest>)
    @specialized(where State == Outermost<Least>)
    @specialized(where State == Outermost<Greatest>)
    @specialized(where State == Moments)
    @specialized(where State == Quantile)
    @specialized(where State == Distinct)
    @specialized(where State == Top)
    @specialized(where State == ExtremeBy<Least>)
    @specialized(where State == ExtremeBy<Greatest>)
    @specialized(where State == List)
    @specialized(where State == Rate)
    @specialized(where State == Delta)
    func update(
        slots: UnsafePointer<UInt32>, rows: UnsafePointer<UInt32>, count: Int, arguments: AggregateArguments
    ) -> Int {
        State.update(states, slots: slots, rows: rows, count: count, arguments: arguments)
    }

    func merge(_ source: Int, into target: Int) { states[target].merge(states[source]) }

    func result(_ slot: Int, _ request: ResultRequest, arena: inout ByteArena) -> Value {
        states[slot].result(request, arena: &arena)
    }
}

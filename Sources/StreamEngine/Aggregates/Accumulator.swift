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

    // Loops over states. They are requirements, so that every kind of state has loops made for it.

    /// Updates state `slots[i]` with row `rows[i]` for i in 0..<count. Returns how many values were bad.
    static func updateAll(
        _ states: ChunkedArray<Self>.Chunks, isOnePiece: Bool, slots: UnsafePointer<UInt32>,
        rows: UnsafePointer<UInt32>,
        count: Int, _ arguments: AggregateArguments
    ) -> Int
    /// Puts the results of states `slots[i]` into `values[i]` for i in 0..<count.
    static func results(
        _ states: ChunkedArray<Self>.Chunks, slots: UnsafePointer<UInt32>, count: Int, _ request: ResultRequest,
        into values: UnsafeMutablePointer<Value>, arena: inout ByteArena)
    /// Makes raw memory empty states.
    static func begin(_ states: ChunkedArray<Self>.Chunks, _ range: Range<Int>)
    /// Makes states empty again.
    static func clear(_ states: ChunkedArray<Self>.Chunks, slots: UnsafePointer<UInt32>, count: Int)
    static func clear(_ states: ChunkedArray<Self>.Chunks, below limit: Int)
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

    static func updateAll(
        _ states: ChunkedArray<Self>.Chunks, isOnePiece: Bool, slots: UnsafePointer<UInt32>,
        rows: UnsafePointer<UInt32>,
        count: Int, _ arguments: AggregateArguments
    ) -> Int {
        if isOnePiece { return update(states[0], slots: slots, rows: rows, count: count, arguments: arguments) }
        var bad = 0
        for i in 0..<count {
            let state = ChunkedArray<Self>.place(Int(slots[i]), in: states)
            if !state.pointee.update(arguments, row: Int(rows[i])) { bad &+= 1 }
        }
        return bad
    }

    static func results(
        _ states: ChunkedArray<Self>.Chunks, slots: UnsafePointer<UInt32>, count: Int, _ request: ResultRequest,
        into values: UnsafeMutablePointer<Value>, arena: inout ByteArena
    ) {
        var start = 0
        while start < count {
            let end = min(start &+ 64, count)
            // Read in advance, so that the processor waits for many states at once. What is stored, if only to be
            // written over, the compiler does not leave out.
            for i in start..<end {
                let place = UnsafeRawPointer(ChunkedArray<Self>.place(Int(slots[i]), in: states))
                let last = place.load(fromByteOffset: MemoryLayout<Self>.size &- 1, as: UInt8.self)
                values[i].length = UInt32(place.load(as: UInt8.self) ^ last)
            }
            for i in start..<end {
                values[i] = ChunkedArray<Self>.place(Int(slots[i]), in: states).pointee.result(request, arena: &arena)
            }
            start = end
        }
    }

    static func begin(_ states: ChunkedArray<Self>.Chunks, _ range: Range<Int>) {
        for slot in range { ChunkedArray<Self>.place(slot, in: states).initialize(to: Self()) }
    }

    static func clear(_ states: ChunkedArray<Self>.Chunks, slots: UnsafePointer<UInt32>, count: Int) {
        for i in 0..<count { ChunkedArray<Self>.place(Int(slots[i]), in: states).pointee = Self() }
    }

    static func clear(_ states: ChunkedArray<Self>.Chunks, below limit: Int) {
        for slot in 0..<limit { ChunkedArray<Self>.place(slot, in: states).pointee = Self() }
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
    /// Makes the slots empty.
    func clear(_ slots: UnsafePointer<UInt32>, count: Int)
    /// Makes all slots below `limit` empty.
    func clear(below limit: Int)
    /// Updates state `slots[i]` with row `rows[i]` for i in 0..<count. Returns how many values were bad.
    func update(
        slots: UnsafePointer<UInt32>, rows: UnsafePointer<UInt32>, count: Int, arguments: AggregateArguments
    ) -> Int
    /// Merges the state at `source` into that at `target`.
    func merge(_ source: Int, into target: Int)
    /// Puts the results of `slots[i]` into `values[i]` for i in 0..<count. Text is put into `arena`.
    func results(
        _ slots: UnsafePointer<UInt32>, count: Int, _ request: ResultRequest,
        into values: UnsafeMutablePointer<Value>, arena: inout ByteArena)
}

/// The column of states of one kind.
///
/// The loops of kinds that are generic themselves have to be asked for by name.
final class StateColumn<State: Accumulator & ~Copyable>: AggregateColumn {
    private var states = ChunkedArray<State>()

    deinit {
        let piece = ChunkedArray<State>.mask + 1
        for start in stride(from: 0, to: states.capacity, by: piece) {
            states.place(start).deinitialize(count: min(piece, states.capacity - start))
        }
    }

    @specialized(where State == Extremum<Minimum>)
    @specialized(where State == Extremum<Maximum>)
    @specialized(where State == FirstOrLast<Minimum>)
    @specialized(where State == FirstOrLast<Maximum>)
    @specialized(where State == ExtremumBy<Minimum>)
    @specialized(where State == ExtremumBy<Maximum>)
    func reserve(_ wanted: Int) {
        let former = states.capacity
        states.reserve(wanted)
        State.begin(states.chunks, former..<states.capacity)
    }

    func clear(_ slots: UnsafePointer<UInt32>, count: Int) { State.clear(states.chunks, slots: slots, count: count) }

    func clear(below limit: Int) { State.clear(states.chunks, below: min(limit, states.capacity)) }

    @specialized(where State == Extremum<Minimum>)
    @specialized(where State == Extremum<Maximum>)
    @specialized(where State == FirstOrLast<Minimum>)
    @specialized(where State == FirstOrLast<Maximum>)
    @specialized(where State == ExtremumBy<Minimum>)
    @specialized(where State == ExtremumBy<Maximum>)
    func update(
        slots: UnsafePointer<UInt32>, rows: UnsafePointer<UInt32>, count: Int, arguments: AggregateArguments
    ) -> Int {
        let isOnePiece = states.capacity <= ChunkedArray<State>.mask &+ 1
        return State.updateAll(
            states.chunks, isOnePiece: isOnePiece, slots: slots, rows: rows, count: count, arguments)
    }

    func merge(_ source: Int, into target: Int) { states.place(target).pointee.merge(states.place(source).pointee) }

    @specialized(where State == Extremum<Minimum>)
    @specialized(where State == Extremum<Maximum>)
    @specialized(where State == FirstOrLast<Minimum>)
    @specialized(where State == FirstOrLast<Maximum>)
    @specialized(where State == ExtremumBy<Minimum>)
    @specialized(where State == ExtremumBy<Maximum>)
    func results(
        _ slots: UnsafePointer<UInt32>, count: Int, _ request: ResultRequest,
        into values: UnsafeMutablePointer<Value>, arena: inout ByteArena
    ) {
        State.results(states.chunks, slots: slots, count: count, request, into: values, arena: &arena)
    }
}

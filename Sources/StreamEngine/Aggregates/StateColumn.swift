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

/// The column of states of one type.
///
/// Nothing here is specialised, as calls come through an existential: the loops are requirements of `Accumulator`.
final class StateColumn<State: Accumulator & ~Copyable>: AggregateColumn {
    private var states = ChunkedArray<State>()

    deinit {
        let piece = ChunkedArray<State>.mask + 1
        for start in stride(from: 0, to: states.capacity, by: piece) {
            states.place(start).deinitialize(count: min(piece, states.capacity - start))
        }
    }

    func reserve(_ wanted: Int) {
        let former = states.capacity
        states.reserve(wanted)
        State.begin(states.chunks, former..<states.capacity)
    }

    func clear(_ slots: UnsafePointer<UInt32>, count: Int) { State.clear(states.chunks, slots: slots, count: count) }

    func clear(below limit: Int) { State.clear(states.chunks, below: min(limit, states.capacity)) }

    func update(
        slots: UnsafePointer<UInt32>, rows: UnsafePointer<UInt32>, count: Int, arguments: AggregateArguments
    ) -> Int {
        let isOnePiece = states.capacity <= ChunkedArray<State>.mask &+ 1
        return State.updateAll(
            states.chunks, isOnePiece: isOnePiece, slots: slots, rows: rows, count: count, arguments)
    }

    func merge(_ source: Int, into target: Int) { State.merge(states.chunks, source, into: target) }

    func results(
        _ slots: UnsafePointer<UInt32>, count: Int, _ request: ResultRequest,
        into values: UnsafeMutablePointer<Value>, arena: inout ByteArena
    ) {
        State.results(states.chunks, slots: slots, count: count, request, into: values, arena: &arena)
    }
}

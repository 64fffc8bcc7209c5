/// A column of states, one for each slot (a group in a window). Called once for a run of rows, never for each row.
protocol AggregateColumn: AnyObject {
    /// Extends the column to `capacity` slots. Returns the new ones, which must begin before anything else is called.
    func reserve(_ capacity: Int) -> Range<Int>
    /// Begins states that are new. Several threads may begin different ones.
    func begin(_ slots: Range<Int>)
    /// Resets the states of the slots.
    func clear(_ slots: UnsafePointer<UInt32>, count: Int)
    /// Resets all states below `limit`.
    func clear(below limit: Int)
    /// Adds row `rows[i]` to state `slots[i]` for i in 0..<count. Returns the number of non-numeric values.
    func update(
        slots: UnsafePointer<UInt32>, rows: UnsafePointer<UInt32>, count: Int, arguments: AggregateArguments
    ) -> Int
    /// Merges state `sources[i]` into state `targets[i]` for i in 0..<count.
    func merge(_ sources: UnsafePointer<UInt32>, into targets: UnsafePointer<UInt32>, count: Int)
    /// The same with the states of another column of the same type as sources.
    func merge(
        _ sources: UnsafePointer<UInt32>, of other: any AggregateColumn, into targets: UnsafePointer<UInt32>, count: Int
    )
    /// The memory of all states. Reads all of them.
    var memoryBytes: Int { get }
    /// Stores the results of states `slots[i]` in `values[i]` for i in 0..<count, and their text in `arena`.
    func results(
        _ slots: UnsafePointer<UInt32>, count: Int, _ request: ResultRequest,
        into values: UnsafeMutablePointer<Value>, arena: inout ByteArena)
}

/// A column of states of one type.
///
/// Its methods are called through an existential and are not specialised. The loops are specialised, because they are
/// requirements of `Accumulator`.
final class StateColumn<State: Accumulator & ~Copyable>: AggregateColumn {
    private var states = ChunkedArray<State>()

    deinit {
        let piece = ChunkedArray<State>.mask + 1
        for start in stride(from: 0, to: states.capacity, by: piece) {
            states.place(start).deinitialize(count: min(piece, states.capacity - start))
        }
    }

    func reserve(_ wanted: Int) -> Range<Int> {
        let former = states.capacity
        states.reserve(wanted)
        return former..<states.capacity
    }

    func begin(_ slots: Range<Int>) { State.begin(states.chunks, slots) }

    func clear(_ slots: UnsafePointer<UInt32>, count: Int) { State.clear(states.chunks, slots: slots, count: count) }

    func clear(below limit: Int) { State.clear(states.chunks, below: min(limit, states.capacity)) }

    func update(
        slots: UnsafePointer<UInt32>, rows: UnsafePointer<UInt32>, count: Int, arguments: AggregateArguments
    ) -> Int {
        let isOnePiece = states.capacity <= ChunkedArray<State>.mask &+ 1
        return State.updateAll(
            states.chunks, isOnePiece: isOnePiece, slots: slots, rows: rows, count: count, arguments)
    }

    func merge(_ sources: UnsafePointer<UInt32>, into targets: UnsafePointer<UInt32>, count: Int) {
        State.mergeAll(sources, of: states.chunks, into: targets, of: states.chunks, count: count)
    }

    func merge(
        _ sources: UnsafePointer<UInt32>, of other: any AggregateColumn, into targets: UnsafePointer<UInt32>, count: Int
    ) {
        guard let other = other as? Self else { return }
        State.mergeAll(sources, of: other.states.chunks, into: targets, of: states.chunks, count: count)
    }

    var memoryBytes: Int {
        var bytes = states.memoryBytes
        for slot in 0..<states.capacity { bytes += states.place(slot).pointee.memoryBytes }
        return bytes
    }

    func results(
        _ slots: UnsafePointer<UInt32>, count: Int, _ request: ResultRequest,
        into values: UnsafeMutablePointer<Value>, arena: inout ByteArena
    ) {
        State.results(states.chunks, slots: slots, count: count, request, into: values, arena: &arena)
    }
}

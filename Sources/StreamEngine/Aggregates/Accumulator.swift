/// The arguments of one aggregate over the rows of a batch. Every pointer is indexed by row.
struct AggregateArguments {
    /// First argument. `count()` has none and never reads it.
    var first: UnsafePointer<Value>
    /// Second argument of `min_by` and `max_by`; for other functions the same as `first`.
    var second: UnsafePointer<Value>
    /// Event time of the row in microseconds; 0 in a query without event time.
    var times: UnsafePointer<Int64>
    /// Arrival number of row 0; that of row r is `order + r`.
    var order: Int64
}

/// The state of one aggregate for one group in one window.
///
/// States can be merged. Neither the order of updates nor the order of merges changes a result.
protocol Accumulator: ~Copyable, SendableMetatype {
    /// The empty state.
    init()
    /// Adds one row. Returns false if the value was skipped because it is not numeric.
    mutating func update(_ arguments: borrowing AggregateArguments, row: Int) -> Bool
    /// Merges `other` into this state.
    mutating func merge(_ other: borrowing Self)
    /// The value to print. Its text is stored in `arena`.
    borrowing func result(_ request: ResultRequest, arena: inout ByteArena) -> Value
    /// The memory that it has allocated.
    var memoryBytes: Int { get }

    // Loops over states. They are requirements with default bodies, which the compiler specialises for every
    // non-generic conforming struct, so that no call per row is indirect.

    /// Adds row `rows[i]` to state `slots[i]` for i in 0..<count. Returns the number of non-numeric values.
    static func updateAll(
        _ states: ChunkedArray<Self>.Chunks, isOnePiece: Bool, slots: UnsafePointer<UInt32>,
        rows: UnsafePointer<UInt32>,
        count: Int, _ arguments: AggregateArguments
    ) -> Int
    /// Stores the results of states `slots[i]` in `values[i]` for i in 0..<count.
    static func results(
        _ states: ChunkedArray<Self>.Chunks, slots: UnsafePointer<UInt32>, count: Int, _ request: ResultRequest,
        into values: UnsafeMutablePointer<Value>, arena: inout ByteArena)
    /// Initializes raw memory with empty states.
    static func begin(_ states: ChunkedArray<Self>.Chunks, _ range: Range<Int>)
    /// Resets states.
    static func clear(_ states: ChunkedArray<Self>.Chunks, slots: UnsafePointer<UInt32>, count: Int)
    static func clear(_ states: ChunkedArray<Self>.Chunks, below limit: Int)
    /// Merges state `sources[i]` of `others` into state `targets[i]` of `states` for i in 0..<count.
    static func mergeAll(
        _ sources: UnsafePointer<UInt32>, of others: ChunkedArray<Self>.Chunks, into targets: UnsafePointer<UInt32>,
        of states: ChunkedArray<Self>.Chunks, count: Int)
    /// An empty column of states.
    static func makeColumn() -> any AggregateColumn
    /// Size of a state in its column, without its heap memory.
    static var stateBytes: Int { get }
}

extension Accumulator where Self: ~Copyable {
    static func updateAll(
        _ states: ChunkedArray<Self>.Chunks, isOnePiece: Bool, slots: UnsafePointer<UInt32>,
        rows: UnsafePointer<UInt32>,
        count: Int, _ arguments: AggregateArguments
    ) -> Int {
        var bad = 0
        if isOnePiece {
            let states = states[0]
            for i in 0..<count where !states[Int(slots[i])].update(arguments, row: Int(rows[i])) { bad &+= 1 }
            return bad
        }
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
            // Touch the states first, so that the processor waits for many of them at once. Storing the byte keeps the
            // compiler from removing the read.
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

    static func mergeAll(
        _ sources: UnsafePointer<UInt32>, of others: ChunkedArray<Self>.Chunks, into targets: UnsafePointer<UInt32>,
        of states: ChunkedArray<Self>.Chunks, count: Int
    ) {
        for i in 0..<count {
            let source = ChunkedArray<Self>.place(Int(sources[i]), in: others)
            ChunkedArray<Self>.place(Int(targets[i]), in: states).pointee.merge(source.pointee)
        }
    }

    static func makeColumn() -> any AggregateColumn { StateColumn<Self>() }

    static var stateBytes: Int { MemoryLayout<Self>.stride }

    var memoryBytes: Int { 0 }
}

/// A non-generic struct around a generic state: the compiler specialises loops only for non-generic structs.
protocol ConcreteState: Accumulator {
    associatedtype State: Accumulator
    var state: State { get set }
}

extension ConcreteState {
    @inline(__always)
    mutating func update(_ arguments: borrowing AggregateArguments, row: Int) -> Bool {
        state.update(arguments, row: row)
    }

    mutating func merge(_ other: borrowing Self) { state.merge(other.state) }

    func result(_ request: ResultRequest, arena: inout ByteArena) -> Value { state.result(request, arena: &arena) }

    var memoryBytes: Int { state.memoryBytes }
}

/// Selects the result of a state to return, because several functions can share a state.
struct ResultRequest {
    var variant: UInt8
    var parameter: Double

    init(function: AggregateFunction, parameter: Double) {
        variant = function.variant
        self.parameter = parameter
    }
}

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
protocol Accumulator: ~Copyable, SendableMetatype {
    /// The empty state.
    init()
    /// Takes in one row. False: the value was no number where one is due, and was skipped.
    mutating func update(_ arguments: borrowing AggregateArguments, row: Int) -> Bool
    /// Takes in all that `other` has seen.
    mutating func merge(_ other: borrowing Self)
    /// The value to print. Text is put into `arena`.
    borrowing func result(_ request: ResultRequest, arena: inout ByteArena) -> Value

    // Loops over states. The compiler specialises a default body for every struct that conforms, if the requirement
    // is there and the struct is not generic.

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
    /// Merges state `source` into state `target`.
    static func merge(_ states: ChunkedArray<Self>.Chunks, _ source: Int, into target: Int)
    /// An empty column of states.
    static func makeColumn() -> any AggregateColumn
    /// Bytes of a state in its column, without what it holds on the heap.
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

    static func merge(_ states: ChunkedArray<Self>.Chunks, _ source: Int, into target: Int) {
        ChunkedArray<Self>.place(target, in: states).pointee.merge(ChunkedArray<Self>.place(source, in: states).pointee)
    }

    static func makeColumn() -> any AggregateColumn { StateColumn<Self>() }

    static var stateBytes: Int { MemoryLayout<Self>.stride }
}

/// A state that is another one. A generic state has no loops of its own; a struct around each of its specialisations
/// has.
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
}

/// The result that is wanted of a state, which several functions may share.
struct ResultRequest {
    var variant: UInt8
    var parameter: Double

    init(function: AggregateFunction, parameter: Double) {
        variant = function.variant
        self.parameter = parameter
    }
}

extension AggregateFunction {
    private static let quantileMethod =
        "exact up to 10000 values per group, then DDSketch within 0.5 %; linear interpolation"

    package static let median = AggregateFunction(
        "median", "median of the numbers", method: quantileMethod, content: .double, readsNumbers: true,
        state: Quantile.self, variant: Quantile.median)
    package static let quantile = AggregateFunction(
        "quantile", usage: "quantile(x, 0.99)", "the value below which a fraction of the numbers lies",
        method: quantileMethod,
        parameter: AggregateParameter(
            flagForm: "Q:FIELD, such as 0.99:ms", range: 0...1,
            rule: "a quantile is between 0 and 1; the 99th percentile is 0.99", columnPrefix: quantileName),
        content: .double, readsNumbers: true, state: Quantile.self)

    /// The digits after the point, at least two, without a leading zero of two: p50, p99, p999, p5, p0, p100.
    @Sendable static func quantileName(_ rank: Double) -> String {
        if rank >= 1 { return "p100" }
        let text = "\(rank)"
        // Ranks below 0.0001 are written with an exponent.
        guard text.hasPrefix("0."), !text.contains("e") else { return "quantile" }
        var digits = text.dropFirst(2)
        if digits.count == 1 { return digits == "0" ? "p0" : "p\(digits)0" }
        if digits.count == 2, digits.first == "0" { digits.removeFirst() }
        return "p\(digits)"
    }
}

/// The state of `quantile` and `median`: up to 10 000 values, then a sketch.
struct Quantile: Accumulator, ~Copyable {
    /// Values kept exactly.
    static let exactLimit = 10_000
    /// The variant of `median`.
    static let median: UInt8 = 1

    private var values = ValueList()
    /// For each value, the difference between an integer of more than 53 bits and its double; 0 for all other values. nil
    /// while there are no such integers. Has the capacity of the values.
    private var rests: UnsafeMutablePointer<Double>?
    private var sketch: UnsafeMutablePointer<DDSketch>?

    init() {}

    deinit {
        freeRests()
        guard let sketch else { return }
        sketch.deinitialize(count: 1)
        StateMemory.free(sketch, capacity: 1)
    }

    private borrowing func freeRests() {
        if let rests { StateMemory.free(rests, capacity: Int(values.capacity)) }
    }

    var memoryBytes: Int {
        let restBytes =
            rests == nil ? 0 : StateMemory.blockSize(of: Double.self, capacity: Int(values.capacity))
        return values.memoryBytes + restBytes + (sketch?.pointee.memoryBytes ?? 0)
    }

    @inline(__always)
    mutating func update(_ arguments: borrowing AggregateArguments, row: Int) -> Bool {
        let value = arguments.first[row]
        if value.kind == .double {
            add(value.double)
            return true
        }
        return updateUnusual(value)
    }

    @inline(never) private mutating func updateUnusual(_ value: Value) -> Bool {
        let number = NumericValue.of(value)
        if number.kind == .integer, number.integer.magnitude > 1 << 53 {
            addLong(Int128(number.integer))
        } else if number.kind == .double, let integer = NumericValue.longInteger(value) {
            addLong(integer)
        } else {
            guard let value = NumericValue.double(number) else { return number.isNull }
            add(value)
        }
        return true
    }

    @inline(__always) private mutating func add(_ value: Double) {
        // As is the empty list of a sketch.
        if values.isFull {
            if let sketch {
                sketch.pointee.add(value)
                return
            }
            grow()
        }
        // Adding zero turns -0.0 into 0.0, so that equal values have equal bits.
        values.append(value + 0)
        if values.count > Quantile.exactLimit { _ = begunSketch() }
    }

    /// Adds an integer whose magnitude is above 2^53 and fits 64 bits.
    private mutating func addLong(_ integer: Int128) {
        let nearest = Double(UInt64(truncatingIfNeeded: integer.magnitude))
        let whole = Int128(nearest.significandBitPattern | 1 << 52) << Int128(nearest.exponent - 52)
        let rest = Double(Int64(truncatingIfNeeded: Int128(integer.magnitude) &- whole))
        add(integer < 0 ? -nearest : nearest, rest: integer < 0 ? -rest : rest)
    }

    private mutating func add(_ value: Double, rest: Double) {
        add(value)
        guard rest != 0, sketch == nil else { return }
        if rests == nil { rests = Quantile.zeros(values.capacity) }
        rests?[Int(values.count) - 1] = rest
    }

    private static func zeros(_ capacity: UInt32) -> UnsafeMutablePointer<Double> {
        let zeros: UnsafeMutablePointer<Double> = StateMemory.allocate(Int(capacity))
        zeros.initialize(repeating: 0, count: Int(capacity))
        return zeros
    }

    @inline(never) private mutating func grow() {
        let capacity = Int(values.capacity)
        values.grow()
        guard let former = rests else { return }
        let moved = Quantile.zeros(values.capacity)
        moved.update(from: former, count: capacity)
        StateMemory.free(former, capacity: capacity)
        rests = moved
    }

    @inline(never) private mutating func begunSketch() -> UnsafeMutablePointer<DDSketch> {
        if let sketch { return sketch }
        let new: UnsafeMutablePointer<DDSketch> = StateMemory.allocate(1)
        new.initialize(to: DDSketch())
        values.forEach { value, _ in new.pointee.add(value) }
        freeRests()
        rests = nil
        values = ValueList()
        sketch = new
        return new
    }

    mutating func merge(_ other: borrowing Quantile) {
        if let theirs = other.sketch { begunSketch().pointee.merge(theirs.pointee) }
        let rests = other.rests
        other.values.forEach { value, number in add(value, rest: rests?[number] ?? 0) }
    }

    borrowing func result(_ request: ResultRequest, arena: inout ByteArena) -> Value {
        let q = request.variant == Quantile.median ? 0.5 : request.parameter
        if let sketch { return sketch.pointee.quantile(q).map { Value($0) } ?? .null }
        let count = Int(values.count)
        guard count > 0 else { return .null }
        let rank = ExactRank(q, count: count)
        return withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { copy in
            values.copy(to: copy)
            if let rests { return Value(Self.longQuantile(rank, copy, rests)) }
            Selection.select(rank.below, of: copy)
            let low = copy[rank.below]
            guard rank.isBetween else { return Value(low) }
            return Value(rank.value(low, Selection.smallest(from: rank.below + 1, of: copy)))
        }
    }

    /// The quantile of numbers among which are integers of more than 53 bits.
    private static func longQuantile(
        _ rank: ExactRank, _ values: UnsafeMutableBufferPointer<Double>, _ rests: UnsafePointer<Double>
    ) -> Double {
        let order = values.indices.sorted {
            values[$0] != values[$1] ? values[$0] < values[$1] : rests[$0] < rests[$1]
        }
        func number(_ rank: Int) -> Dyadic { Dyadic(values[order[rank]]).plus(Dyadic(rests[order[rank]])) }
        if !rank.isBetween { return values[order[rank.below]] }
        return rank.value(number(rank.below), number(rank.below + 1))
    }
}

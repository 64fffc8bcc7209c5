extension AggregateFunction {
    package static let distinct = AggregateFunction(
        "distinct", "number of distinct values",
        method: "exact up to 4096 values per group, then HyperLogLog (2^14 registers, about 0.8 %)", content: .integer,
        state: Distinct.self)
}

/// The state of `distinct`: up to 4096 distinct values, then a sketch of their hashes.
struct Distinct: Accumulator, ~Copyable {
    /// Values counted exactly.
    static let exactLimit = 4096

    private var numbers = NumberSet()
    /// Typed bytes of all other values: text, booleans, times, and numbers of 2^53 and more, of which several integers
    /// may round to one double.
    private var others: UnsafeMutablePointer<ByteDictionary>?
    private var sketch: UnsafeMutablePointer<HyperLogLog>?

    init() {}

    deinit {
        freeOthers()
        guard let sketch else { return }
        sketch.deinitialize(count: 1)
        StateMemory.free(sketch, capacity: 1)
    }

    private borrowing func freeOthers() {
        guard let others else { return }
        others.deinitialize(count: 1)
        StateMemory.free(others, capacity: 1)
    }

    var memoryBytes: Int {
        let sketch = sketch == nil ? 0 : HyperLogLog.memoryBytes
        return numbers.memoryBytes + (others?.pointee.memoryBytes ?? 0) + sketch
    }

    /// Checks a block of values before inserting any into tables: most are known there, and the checks do not depend on each
    /// other, so their cache misses overlap.
    static func updateAll(
        _ states: ChunkedArray<Distinct>.Chunks, isOnePiece: Bool, slots: UnsafePointer<UInt32>,
        rows: UnsafePointer<UInt32>, count: Int, _ arguments: AggregateArguments
    ) -> Int {
        var start = 0
        while start < count {
            let end = min(start &+ 64, count)
            // One bit for each row: set if its value may be new.
            var others: UInt64 = 0
            for i in start..<end {
                let state = ChunkedArray<Distinct>.place(Int(slots[i]), in: states)
                others = others >> 1 | state.pointee.takeOrLack(arguments.first[Int(rows[i])])
            }
            others >>= UInt64(64 &- (end &- start))
            while others != 0 {
                let i = start &+ others.trailingZeroBitCount
                others &= others &- 1
                let state = ChunkedArray<Distinct>.place(Int(slots[i]), in: states)
                _ = state.pointee.update(arguments, row: Int(rows[i]))
            }
            start = end
        }
        return 0
    }

    /// Adds a value at once where that needs no check. Otherwise the highest bit, unless the value is certainly known.
    @inline(__always) private mutating func takeOrLack(_ value: Value) -> UInt64 {
        guard numbers.isList else { return lacks(value) }
        guard let key = NumberSet.key(of: value) else { return value.isNull ? 0 : 1 << 63 }
        if numbers.append(key) { limit() }
        return 0
    }

    /// The highest bit, unless the value is certainly known. Arithmetic instead of a comparison: a mispredicted branch
    /// would wait for memory.
    @inline(__always) private borrowing func lacks(_ value: Value) -> UInt64 {
        guard let sketch else {
            // Without the check of the limit: the set has no key from there on.
            if value.kind == .double { return numbers.lacks(NumberSet.key(value.double)) }
            if value.kind == .integer { return numbers.lacks(NumberSet.key(Double(value.integer))) }
            return value.isNull ? 0 : 1 << 63
        }
        guard let key = NumberSet.key(of: value) else { return value.isNull ? 0 : 1 << 63 }
        return sketch.pointee.lacks(key)
    }

    @inline(__always)
    mutating func update(_ arguments: borrowing AggregateArguments, row: Int) -> Bool {
        let value = arguments.first[row]
        if let key = NumberSet.key(of: value) {
            add(key)
        } else if value.kind == .digits, WrittenDecimal(value.bytes).count == 0 {
            // -0
            add(NumberSet.key(0))
        } else if !value.isNull {
            addOther(value)
        }
        return true
    }

    @inline(__always) private mutating func add(_ key: UInt64) {
        if let sketch {
            sketch.pointee.add(key)
        } else if numbers.insert(key) {
            limit()
        }
    }

    @inline(__always) private mutating func addOther(_ value: Value) {
        withTypedBytes(value) { bytes in
            let hash = ByteDictionary.hash(bytes)
            if let sketch {
                sketch.pointee.add(hash)
            } else {
                _ = texts().pointee.index(of: bytes, hash: hash)
                limit()
            }
        }
    }

    private mutating func texts() -> UnsafeMutablePointer<ByteDictionary> {
        if let others { return others }
        let new = StateMemory.allocate(1) as UnsafeMutablePointer<ByteDictionary>
        new.initialize(to: ByteDictionary())
        others = new
        return new
    }

    private var otherCount: Int { others?.pointee.count ?? 0 }

    /// Switches to the sketch if there are known to be too many values.
    @inline(__always) private mutating func limit() {
        if numbers.leastCount &+ otherCount > Distinct.exactLimit { _ = begunSketch() }
    }

    @inline(never) private mutating func begunSketch() -> UnsafeMutablePointer<HyperLogLog> {
        if let sketch { return sketch }
        let new = StateMemory.allocate(1) as UnsafeMutablePointer<HyperLogLog>
        new.initialize(to: HyperLogLog())
        addHashes(to: new)
        numbers = NumberSet()
        freeOthers()
        others = nil
        sketch = new
        return new
    }

    /// Adds the exact values to a sketch.
    private borrowing func addHashes(to sketch: UnsafeMutablePointer<HyperLogLog>) {
        numbers.forEach { sketch.pointee.add($0) }
        guard let others else { return }
        for i in 0..<others.pointee.count { sketch.pointee.add(others.pointee.hash(at: i)) }
    }

    mutating func merge(_ other: borrowing Distinct) {
        if let theirs = other.sketch {
            begunSketch().pointee.merge(theirs.pointee)
        } else if let sketch {
            other.addHashes(to: sketch)
        } else {
            other.numbers.forEach { _ = numbers.insert($0) }
            if let theirs = other.others { texts().pointee.insert(theirs.pointee) { _, _ in } }
            limit()
        }
    }

    borrowing func result(_ request: ResultRequest, arena: inout ByteArena) -> Value {
        if let sketch { return Value(Int64(sketch.pointee.estimate)) }
        let count = numbers.count &+ otherCount
        guard count > Distinct.exactLimit else { return Value(Int64(count)) }
        var sketch = HyperLogLog()
        withUnsafeMutablePointer(to: &sketch) { addHashes(to: $0) }
        return Value(Int64(sketch.estimate))
    }
}

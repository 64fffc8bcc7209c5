extension AggregateFunction {
    package static let top = AggregateFunction(
        "top", usage: "top(x, 3)", "the K most frequent values",
        method: "exact; keeps every distinct value, ties by value",
        parameter: AggregateParameter(
            flagForm: "K:FIELD, such as 3:path", range: 1...1_000_000, isWhole: true,
            rule: "the length of a top list is a whole number from 1 to 1000000"),
        content: .json, state: Top.self)
    package static let mode = AggregateFunction(
        "mode", "the most frequent value", method: "exact; keeps every distinct value, ties by value", state: Top.self,
        variant: Top.mode)
}

/// The state of `top` and `mode`: the exact count of each value that is not null.
///
/// `top` is a JSON array of values by descending count, ties in value order; `mode` is the first of them.
struct Top: Accumulator, ~Copyable {
    private var values = ByteDictionary()
    /// The counts, by the index of the value.
    private var counts: UnsafeMutablePointer<UInt64>?
    private var capacity = 0

    /// The variant of `mode`.
    static let mode: UInt8 = 1

    init() {}

    deinit { if let counts { StateMemory.free(counts, capacity: capacity) } }

    var memoryBytes: Int { values.memoryBytes + StateMemory.blockSize(of: UInt64.self, capacity: capacity) }

    mutating func update(_ arguments: borrowing AggregateArguments, row: Int) -> Bool {
        let value = arguments.first[row]
        guard !value.isNull else { return true }
        add(withTypedBytes(value) { values.index(of: $0) }, 1)
        return true
    }

    /// Adds to the count of a value.
    @inline(__always) private mutating func add(_ index: Int, _ count: UInt64) {
        if index >= capacity { grow() }
        counts?[index] &+= count
    }

    @inline(never) private mutating func grow() {
        let larger = max(4, capacity * 2)
        let moved: UnsafeMutablePointer<UInt64> = StateMemory.allocate(larger)
        moved.initialize(repeating: 0, count: larger)
        if let counts {
            moved.update(from: counts, count: capacity)
            StateMemory.free(counts, capacity: capacity)
        }
        counts = moved
        capacity = larger
    }

    mutating func merge(_ other: borrowing Top) {
        guard let theirs = other.counts else { return }
        for i in 0..<other.values.count {
            let hash = other.values.hash(at: i)
            add(other.values.withEntry(i) { values.index(of: $0, hash: hash) }, theirs[i])
        }
    }

    borrowing func result(_ request: ResultRequest, arena: inout ByteArena) -> Value {
        guard values.count > 0 else { return .null }
        if request.variant == Top.mode {
            guard let first = leading(1).first else { return .null }
            let most = values.value(at: first)
            return most.isText ? Value(arena.copy(most.bytes), kind: most.kind) : most
        }
        let wanted = request.parameter >= 1 ? Int(min(request.parameter, 1e9)) : 1
        var text = ByteBuffer(capacity: 256)
        text.append(UInt8(ascii: "["))
        for (i, index) in leading(wanted).enumerated() {
            if i > 0 { text.append(UInt8(ascii: ",")) }
            text.append(json: values.value(at: index))
        }
        text.append(UInt8(ascii: "]"))
        return Value(arena.copy(text), kind: .json)
    }

    /// Whether value a is more frequent than b, or as frequent and before b in value order.
    private borrowing func precedes(_ a: Int, _ b: Int) -> Bool {
        guard let counts, counts[a] == counts[b] else { return (counts?[a] ?? 0) > (counts?[b] ?? 0) }
        return KeyCoding.compare(values.value(at: a), values.value(at: b)) < 0
    }

    /// The indices of the `wanted` most frequent values, in result order.
    private borrowing func leading(_ wanted: Int) -> [Int] {
        // If few of many values are wanted, sort and truncate whenever there are twice as many candidates as wanted.
        let limit = wanted < values.count / 8 ? 2 * wanted : values.count
        var best: [Int] = []
        for index in 0..<values.count {
            best.append(index)
            if best.count >= limit {
                sort(&best)
                best.removeLast(max(0, best.count - wanted))
            }
        }
        sort(&best)
        return Array(best.prefix(wanted))
    }

    private borrowing func sort(_ indices: inout [Int]) {
        indices.sort { precedes($0, $1) }
    }
}

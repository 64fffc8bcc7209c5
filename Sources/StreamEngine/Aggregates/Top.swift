/// The state of `top`: how often each value that is not null occurs, exactly.
///
/// The result is a JSON array of the most frequent values, the most frequent first, ties in the order of values.
struct Top: Accumulator {
    private var values = ByteDictionary()
    private var counts: [UInt64] = []

    init() {}

    mutating func update(_ arguments: borrowing AggregateArguments, row: Int) -> Bool {
        let value = arguments.first[row]
        guard !value.isNull else { return true }
        add(withTypedBytes(value) { values.index(of: $0) }, 1)
        return true
    }

    private mutating func add(_ index: Int, _ count: UInt64) {
        if index == counts.count { counts.append(0) }
        counts[index] &+= count
    }

    mutating func merge(_ other: borrowing Top) {
        var counts = self.counts
        self.counts = []
        let theirs = other.counts
        values.insert(other.values) { old, new in
            if new == counts.count { counts.append(0) }
            counts[new] &+= theirs[old]
        }
        self.counts = counts
    }

    func result(_ request: ResultRequest, arena: inout ByteArena) -> Value {
        guard !counts.isEmpty else { return .null }
        let wanted = request.parameter >= 1 ? Int(min(request.parameter, 1e9)) : 1
        var text = ByteBuffer(capacity: 256)
        values.withEntries { bytes, start in
            guard let base = bytes.baseAddress else { return }
            func value(_ index: Int) -> Value {
                var offset = start(index)
                return TypedBytes.read(base, at: &offset)
            }
            func precedes(_ a: Int, _ b: Int) -> Bool {
                counts[a] != counts[b] ? counts[a] > counts[b] : TypedBytes.compare(value(a), value(b)) < 0
            }
            text.append(UInt8(ascii: "["))
            for (i, index) in leading(wanted, precedes).enumerated() {
                if i > 0 { text.append(UInt8(ascii: ",")) }
                text.append(json: value(index))
            }
            text.append(UInt8(ascii: "]"))
        }
        return Value(arena.copy(text.bytes), kind: .json)
    }

    /// The first `wanted` indices in the given order.
    private func leading(_ wanted: Int, _ precedes: (Int, Int) -> Bool) -> [Int] {
        guard wanted < counts.count / 8 else { return Array(counts.indices.sorted(by: precedes).prefix(wanted)) }
        // Few of many: sort and cut whenever there are twice as many as wanted.
        var best: [Int] = []
        for index in counts.indices {
            best.append(index)
            if best.count >= 2 * wanted {
                best.sort(by: precedes)
                best.removeLast(best.count - wanted)
            }
        }
        best.sort(by: precedes)
        return Array(best.prefix(wanted))
    }
}

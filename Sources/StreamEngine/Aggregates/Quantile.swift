/// The state of `quantile` and `median`: the values themselves up to 1024, from then on a sketch.
struct Quantile: Accumulator {
    /// So many values are kept exactly.
    static let exactLimit = 1024

    private var values: [Double] = []
    private var sketch: DDSketch?

    init() {}

    mutating func update(_ arguments: borrowing AggregateArguments, row: Int) -> Bool {
        let number = NumericValue.of(arguments.first[row])
        guard let value = NumericValue.double(number) else { return number.isNull }
        add(value)
        return true
    }

    private mutating func add(_ value: Double) {
        if sketch != nil {
            sketch?.add(value)
        } else {
            // Zero added makes -0.0 a 0.0, so that equal values are the same bits.
            values.append(value + 0)
            if values.count > Quantile.exactLimit { beginSketch() }
        }
    }

    private mutating func beginSketch() {
        var sketch = DDSketch()
        for value in values { sketch.add(value) }
        self.sketch = sketch
        values = []
    }

    mutating func merge(_ other: borrowing Quantile) {
        if let theirs = other.sketch {
            if sketch == nil { beginSketch() }
            sketch?.merge(theirs)
        }
        for value in other.values { add(value) }
    }

    func result(_ request: ResultRequest, arena: inout ByteArena) -> Value {
        let q = request.function == .median ? 0.5 : request.parameter
        if let sketch { return sketch.quantile(q).map { Value($0) } ?? .null }
        guard !values.isEmpty else { return .null }
        let sorted = values.sorted()
        let rank = InterpolatedRank(q, count: UInt64(sorted.count))
        return Value(rank.value(sorted[Int(rank.below)], sorted[Int(rank.above)]))
    }
}

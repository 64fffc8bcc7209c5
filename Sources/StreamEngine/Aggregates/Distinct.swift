/// The state of `distinct`: the different values themselves up to 4096, from then on a sketch of their hashes.
struct Distinct: Accumulator {
    /// So many values are counted exactly.
    static let exactLimit = 4096

    private var values = ByteDictionary()
    private var sketch: HyperLogLog?

    init() {}

    mutating func update(_ arguments: borrowing AggregateArguments, row: Int) -> Bool {
        let value = arguments.first[row]
        guard !value.isNull else { return true }
        withTypedBytes(value) { key in
            if sketch != nil {
                sketch?.add(ByteDictionary.hash(key))
            } else {
                _ = values.index(of: key)
                if values.count > Distinct.exactLimit { beginSketch() }
            }
        }
        return true
    }

    private mutating func beginSketch() {
        var sketch = HyperLogLog()
        for i in 0..<values.count { sketch.add(values.hash(at: i)) }
        self.sketch = sketch
        values = ByteDictionary()
    }

    mutating func merge(_ other: borrowing Distinct) {
        if sketch == nil && other.sketch == nil {
            values.insert(other.values) { _, _ in }
            if values.count > Distinct.exactLimit { beginSketch() }
            return
        }
        if sketch == nil { beginSketch() }
        if let theirs = other.sketch { sketch?.merge(theirs) }
        for i in 0..<other.values.count { sketch?.add(other.values.hash(at: i)) }
    }

    func result(_ request: ResultRequest, arena: inout ByteArena) -> Value {
        if let sketch { return Value(Int64(sketch.estimate)) }
        return Value(Int64(values.count))
    }
}

/// How many different hashes were added, within 0.8 % (one standard deviation).
///
/// HyperLogLog with 2^14 registers; the estimator is the improved one of Otmar Ertl, "New cardinality estimation
/// algorithms for HyperLogLog sketches" (2017), which needs no correction tables.
struct HyperLogLog {
    private static let bits = 14
    private static let highest = 64 - bits + 1
    private var registers = [UInt8](repeating: 0, count: 1 << bits)

    mutating func add(_ hash: UInt64) {
        let register = Int(hash >> UInt64(64 - HyperLogLog.bits))
        let rest = hash << UInt64(HyperLogLog.bits)
        let rank = UInt8(truncatingIfNeeded: min(rest.leadingZeroBitCount + 1, HyperLogLog.highest))
        if rank > registers[register] { registers[register] = rank }
    }

    mutating func merge(_ other: borrowing HyperLogLog) {
        for i in registers.indices { registers[i] = max(registers[i], other.registers[i]) }
    }

    var estimate: UInt64 {
        var histogram = [Double](repeating: 0, count: HyperLogLog.highest + 1)
        for register in registers { histogram[Int(register)] += 1 }
        let size = Double(registers.count)
        var z = size * HyperLogLog.tau(1 - histogram[HyperLogLog.highest] / size)
        for rank in (1..<HyperLogLog.highest).reversed() { z = 0.5 * (z + histogram[rank]) }
        z += size * HyperLogLog.sigma(histogram[0] / size)
        // 1 / (2 ln 2)
        let estimate = 0.7213475204444817 * size * size / z
        return estimate < 0x1p62 ? UInt64(estimate + 0.5) : 1 << 62
    }

    private static func sigma(_ x: Double) -> Double {
        if x >= 1 { return .infinity }
        var x = x, y = 1.0, z = x, before = -1.0
        while z != before {
            x *= x
            before = z
            z += x * y
            y += y
        }
        return z
    }

    private static func tau(_ x: Double) -> Double {
        if x <= 0 || x >= 1 { return 0 }
        var x = x, y = 1.0, z = 1 - x, before = -1.0
        while z != before {
            x = x.squareRoot()
            before = z
            y *= 0.5
            z -= (1 - x) * (1 - x) * y
        }
        return z / 3
    }
}

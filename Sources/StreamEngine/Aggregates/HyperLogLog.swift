/// Estimates the number of distinct hashes within 0.8 % (one standard error).
///
/// HyperLogLog with 2^14 registers and the improved estimator of Otmar Ertl, "New cardinality estimation algorithms for
/// HyperLogLog sketches" (2017), which needs no correction tables.
struct HyperLogLog: ~Copyable {
    private static let bits = 14
    private static let highest = 64 - bits + 1
    private let registers: UnsafeMutablePointer<UInt8>

    init() {
        registers = StateMemory.allocate(1 << HyperLogLog.bits)
        registers.initialize(repeating: 0, count: 1 << HyperLogLog.bits)
    }

    deinit { StateMemory.free(registers, capacity: 1 << HyperLogLog.bits) }

    static var memoryBytes: Int { StateMemory.blockSize(1 << bits) }

    @inline(__always) mutating func add(_ hash: UInt64) {
        let (register, rank) = HyperLogLog.place(hash)
        if rank > registers[register] { registers[register] = rank }
    }

    /// The highest bit if the hash would change a register, otherwise 0.
    @inline(__always) borrowing func lacks(_ hash: UInt64) -> UInt64 {
        let (register, rank) = HyperLogLog.place(hash)
        return (UInt64(registers[register]) &- UInt64(rank)) & 1 << 63
    }

    @inline(__always) private static func place(_ hash: UInt64) -> (register: Int, rank: UInt8) {
        // A bit below the hash limits the leading zeros.
        let rest = hash << UInt64(bits) | 1 << UInt64(bits - 1)
        return (Int(hash >> UInt64(64 - bits)), UInt8(truncatingIfNeeded: rest.leadingZeroBitCount &+ 1))
    }

    mutating func merge(_ other: borrowing HyperLogLog) {
        for i in 0..<1 << HyperLogLog.bits { registers[i] = max(registers[i], other.registers[i]) }
    }

    var estimate: UInt64 {
        var histogram = [Double](repeating: 0, count: HyperLogLog.highest + 1)
        for i in 0..<1 << HyperLogLog.bits { histogram[Int(registers[i])] += 1 }
        let size = Double(1 << HyperLogLog.bits)
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

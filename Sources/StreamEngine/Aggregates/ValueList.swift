/// Numbers in the order in which they were added, at most `limit` of them.
///
/// A short list moves when it grows. A longer one gets a further block each time, about as long as all before it, up to 8 KB:
/// nothing is copied, little is unused, and nothing is freed that other lists can no longer use. An empty one allocates
/// nothing.
struct ValueList: ~Copyable {
    typealias Values = UnsafeMutablePointer<Double>

    /// One more than the values that are kept exactly: with this one, the quantile switches to the sketch.
    static let limit = UInt32(Quantile.exactLimit) + 1
    /// The capacity of the first block when it moves no more.
    private static let firstBlock: UInt32 = 64
    /// The length of the longest blocks.
    private static let longestBlock: UInt32 = 1024

    /// Where the next value belongs. Before the values of every block but the first is the address of those of the block
    /// before it.
    private var next: Values?
    private(set) var count: UInt32 = 0
    private(set) var capacity: UInt32 = 0

    init() {}

    deinit {
        forEachBlock { values, first, _, room in
            StateMemory.free(first == 0 ? values : values - 1, capacity: first == 0 ? room : room + 1)
        }
    }

    @inline(__always) var isFull: Bool { count == capacity }

    var memoryBytes: Int {
        var bytes = 0
        forEachBlock { _, first, _, room in
            bytes += StateMemory.blockSize(of: Double.self, capacity: first == 0 ? room : room + 1)
        }
        return bytes
    }

    /// Adds a value to a list that is not full.
    @inline(__always) mutating func append(_ value: Double) {
        guard let place = next else { return }
        place.initialize(to: value)
        next = place + 1
        count &+= 1
    }

    /// Makes room in a full list whose capacity is below the limit.
    mutating func grow() {
        let larger = Self.extended(capacity)
        if capacity < Self.firstBlock {
            let moved: Values = StateMemory.allocate(Int(larger))
            if let next {
                let values = next - Int(count)
                moved.moveInitialize(from: values, count: Int(count))
                StateMemory.free(values, capacity: Int(capacity))
            }
            next = moved + Int(count)
        } else if let former = next {
            let start = former - Int(capacity - Self.reduced(capacity))
            let block: Values = StateMemory.allocate(Int(larger - capacity) + 1)
            UnsafeMutableRawPointer(block).storeBytes(of: start, as: Values.self)
            next = block + 1
        }
        capacity = larger
    }

    /// The capacity after a capacity.
    private static func extended(_ capacity: UInt32) -> UInt32 {
        if capacity < firstBlock { return max(4, capacity * 2) }
        // With the address, a block is as long as a power of two, which leaves no rest of its memory.
        let power = UInt32(1) << UInt32(UInt32.bitWidth - (capacity - 1).leadingZeroBitCount)
        let block = min(power, longestBlock)
        return min(capacity + block - 1, limit)
    }

    /// The capacity of the blocks before the last one.
    private static func reduced(_ capacity: UInt32) -> UInt32 {
        guard capacity > firstBlock else { return 0 }
        var former = firstBlock
        while extended(former) < capacity { former = extended(former) }
        return former
    }

    /// Calls `body` with the values of each block, the number of values before it, that of its values, and of those for
    /// which it has room; the last block first. It may free the block.
    private borrowing func forEachBlock(_ body: (Values, _ first: Int, _ count: Int, _ room: Int) -> Void) {
        guard let next else { return }
        var capacity = capacity, end = count
        var start = Self.reduced(capacity)
        var values = next - Int(end - start)
        while true {
            let former =
                start == 0 ? nil : UnsafeRawPointer(values - 1).load(as: Values.self)
            body(values, Int(start), Int(end - start), Int(capacity - start))
            guard let former else { return }
            capacity = start
            end = start
            start = Self.reduced(capacity)
            values = former
        }
    }

    /// Copies all values, in their order.
    borrowing func copy(to target: UnsafeMutableBufferPointer<Double>) {
        guard let target = target.baseAddress else { return }
        forEachBlock { values, first, count, _ in (target + first).initialize(from: values, count: count) }
    }

    /// Calls `body` with each value and its number.
    borrowing func forEach(_ body: (Double, _ number: Int) -> Void) {
        forEachBlock { values, first, count, _ in
            for i in 0..<count { body(values[i], first + i) }
        }
    }
}

/// The size of a block: a power of two, or that and one, two or three quarters of it.
struct BlockClass {
    /// The bytes of the largest pooled block. A slab has room for seven of them.
    private static let largest = 1 << 15
    /// The number of classes of pooled blocks.
    static let count = 4 * 10 + 1

    /// Usable bytes.
    let bytes: Int
    /// From 0, for 32 bytes, on; `count` or more for blocks that are not pooled.
    let number: Int

    /// The smallest class with at least `bytes` bytes.
    init(_ bytes: Int) {
        guard bytes > 32 else {
            self.init(number: 0)
            return
        }
        guard bytes <= Self.largest else {
            self.init(bytes: bytes, number: Self.count)
            return
        }
        let power = Int.bitWidth &- 1 &- (bytes &- 1).leadingZeroBitCount
        // In quarters of the power of two below.
        let quarters = ((bytes &- 1) >> (power &- 2)) &- 3
        self.init(number: (power &- 5) &* 4 &+ quarters)
    }

    init(number: Int) { self.init(bytes: (4 &+ number & 3) << (number >> 2 &+ 3), number: number) }

    private init(bytes: Int, number: Int) {
        self.bytes = bytes
        self.number = number
    }

    var isPooled: Bool { number < Self.count }
    /// With its part of the rest of the slab, or of what the allocator needs beside it.
    var memoryBytes: Int { bytes &+ 16 }
}

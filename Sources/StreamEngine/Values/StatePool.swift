import Synchronization

/// Free blocks of state, kept for the windows that open next.
///
/// Windows open and close all the time, with thousands of blocks of all sizes. When the allocator of the C library got
/// them back, it merged and cut them: the most bytes in use stayed the same over 12 minutes of hopping windows with
/// `top`, while its heap grew and shrank by 8 %. Blocks of few sizes that are used again do not scatter. What is kept
/// and what is in use never exceed what was once in use.
///
/// One engine uses it. A thread that finds it busy leaves it alone: a block is an allocation of its own in any case.
enum StatePool {
    /// The first of the free blocks of each class; each starts with the address of the next.
    private typealias Heads = UnsafeMutablePointer<UnsafeMutableRawPointer?>

    private static let isBusy = Atomic<Bool>(false)
    nonisolated(unsafe) private static var kept = 0
    nonisolated(unsafe) private static let heads: Heads = {
        let heads = Heads.allocate(capacity: BlockClass.count)
        heads.initialize(repeating: nil, count: BlockClass.count)
        return heads
    }()

    /// A free block; nil if there is none.
    static func take(_ block: BlockClass) -> UnsafeMutableRawPointer? {
        guard block.isPooled, enter() else { return nil }
        defer { leave() }
        if let found = pop(block) { return found }
        release()
        return nil
    }

    /// Keeps a block that is free now. Returns false if it is to be returned to the allocator.
    static func keep(_ memory: UnsafeMutableRawPointer, _ block: BlockClass) -> Bool {
        guard block.isPooled, enter() else { return false }
        defer { leave() }
        guard kept &+ block.memoryBytes &+ StateMemory.bytes <= StateMemory.peak else { return false }
        memory.storeBytes(of: heads[block.number], as: UnsafeMutableRawPointer?.self)
        heads[block.number] = memory
        kept += block.memoryBytes
        return true
    }

    private static func pop(_ block: BlockClass) -> UnsafeMutableRawPointer? {
        guard let found = heads[block.number] else { return nil }
        heads[block.number] = found.load(as: UnsafeMutableRawPointer?.self)
        kept -= block.memoryBytes
        return found
    }

    /// Returns blocks to the allocator, the largest first, until no more is kept than was once in use.
    private static func release() {
        var number = BlockClass.count - 1
        while number >= 0, kept &+ StateMemory.bytes > StateMemory.peak {
            if let block = pop(BlockClass(number: number)) { block.deallocate() } else { number -= 1 }
        }
    }

    private static func enter() -> Bool {
        isBusy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
    }

    private static func leave() { isBusy.store(false, ordering: .releasing) }
}

/// The size of a block: a power of two, or that and one, two or three quarters of it.
struct BlockClass {
    /// Blocks larger than a megabyte are left to the allocator, which returns them to the system.
    static let count = 4 * 15 + 1

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
        guard bytes <= 1 << 20 else {
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
    /// With what the allocator needs beside it.
    var memoryBytes: Int { bytes &+ 16 }
}

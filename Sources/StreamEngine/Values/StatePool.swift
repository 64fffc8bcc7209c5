import Synchronization

/// The memory of blocks of state, in slabs. All blocks of a slab have one size.
///
/// Windows open and close all the time, with thousands of blocks of all sizes. The allocator of the C library merges and
/// cuts free blocks, and mixes them with everything else: over 5 minutes of hopping windows with `top`, the most bytes in
/// use stayed the same, and the process still grew by a quarter. A free block of a slab serves the next block of that size;
/// an empty slab serves any size. Slabs are never returned: the process keeps what its state once needed.
///
/// Unchecked: it is used under the lock only.
struct StatePool: ~Copyable, @unchecked Sendable {
    private typealias SlabPointer = UnsafeMutablePointer<Slab>

    /// Bytes of a slab, which is aligned to its size.
    private static let slabBytes = 1 << 18
    /// Slabs are allocated together. Those that were never used take no memory.
    private static let slabsAtOnce = 16

    /// What a slab starts with.
    private struct Slab {
        /// The neighbours among the slabs of a class that have room, or the next empty slab.
        var next: SlabPointer?
        var previous: SlabPointer?
        /// The first of the free blocks; each starts with the address of the next.
        var free: UnsafeMutableRawPointer?
        /// The offset of what was never used.
        var fresh = 64
        /// The number of blocks in use.
        var living = 0

        func isFull(_ block: BlockClass) -> Bool { free == nil && fresh &+ block.bytes > slabBytes }
    }

    private static let shared = Mutex(StatePool())

    /// For each class, the first slab that has room.
    private let heads: UnsafeMutablePointer<SlabPointer?>
    /// The first empty slab.
    private var empty: SlabPointer?
    /// The slabs that were allocated last, and how many of them were never used.
    private var fresh: UnsafeMutableRawPointer
    private var unused = slabsAtOnce

    private init() {
        heads = .allocate(capacity: BlockClass.count)
        heads.initialize(repeating: nil, count: BlockClass.count)
        fresh = Self.allocateSlabs()
    }

    private static func allocateSlabs() -> UnsafeMutableRawPointer {
        .allocate(byteCount: slabsAtOnce * slabBytes, alignment: slabBytes)
    }

    static func allocate(_ block: BlockClass) -> UnsafeMutableRawPointer {
        guard block.isPooled else { return .allocate(byteCount: block.bytes, alignment: 16) }
        return shared.withLock { $0.take(block) }
    }

    static func free(_ memory: UnsafeMutableRawPointer, _ block: BlockClass) {
        guard block.isPooled else { return memory.deallocate() }
        shared.withLock { $0.put(memory, block) }
    }

    private mutating func take(_ block: BlockClass) -> UnsafeMutableRawPointer {
        let slab = heads[block.number] ?? open(block)
        let memory: UnsafeMutableRawPointer
        if let free = slab.pointee.free {
            memory = free
            slab.pointee.free = free.load(as: UnsafeMutableRawPointer?.self)
        } else {
            memory = UnsafeMutableRawPointer(slab) + slab.pointee.fresh
            slab.pointee.fresh &+= block.bytes
        }
        slab.pointee.living &+= 1
        if slab.pointee.isFull(block) { remove(slab, block) }
        return memory
    }

    private mutating func put(_ memory: UnsafeMutableRawPointer, _ block: BlockClass) {
        let offset = Int(bitPattern: memory) & (Self.slabBytes &- 1)
        let slab = (memory - offset).assumingMemoryBound(to: Slab.self)
        if slab.pointee.isFull(block) { insert(slab, block) }
        memory.storeBytes(of: slab.pointee.free, as: UnsafeMutableRawPointer?.self)
        slab.pointee.free = memory
        slab.pointee.living &-= 1
        guard slab.pointee.living == 0 else { return }
        remove(slab, block)
        slab.pointee = Slab(next: empty)
        empty = slab
    }

    /// Makes an empty slab one of a class.
    private mutating func open(_ block: BlockClass) -> SlabPointer {
        let slab = empty ?? makeSlab()
        empty = slab.pointee.next
        insert(slab, block)
        return slab
    }

    private mutating func makeSlab() -> SlabPointer {
        if unused == 0 {
            fresh = Self.allocateSlabs()
            unused = Self.slabsAtOnce
        }
        unused &-= 1
        let slab = (fresh + unused * Self.slabBytes).bindMemory(to: Slab.self, capacity: 1)
        slab.initialize(to: Slab())
        return slab
    }

    private func insert(_ slab: SlabPointer, _ block: BlockClass) {
        let next = heads[block.number]
        next?.pointee.previous = slab
        slab.pointee.next = next
        slab.pointee.previous = nil
        heads[block.number] = slab
    }

    private func remove(_ slab: SlabPointer, _ block: BlockClass) {
        let (next, previous) = (slab.pointee.next, slab.pointee.previous)
        next?.pointee.previous = previous
        if let previous { previous.pointee.next = next } else { heads[block.number] = next }
    }
}

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

/// The memory of blocks of state, in slabs. All blocks of a slab have one size.
///
/// Windows open and close all the time, with thousands of blocks of all sizes. The allocator of the C library merges and
/// cuts free blocks, and mixes them with everything else: over 5 minutes of hopping windows with `top`, the most bytes in
/// use stayed the same, and the process still grew by a quarter. A free block of a slab serves the next block of that size;
/// an empty slab serves any size.
///
/// Each thread takes blocks from a pool of its own. A block returns to the pool of its slab, which may be another
/// thread's.
///
/// Unchecked: it is used under its lock only.
struct StatePool: ~Copyable, @unchecked Sendable {
    fileprivate typealias SlabPointer = UnsafeMutablePointer<Slab>

    /// What a slab starts with.
    fileprivate struct Slab {
        /// The neighbours among the slabs of a class that have room, or the next empty slab.
        var next: SlabPointer?
        var previous: SlabPointer?
        /// The first of the free blocks; each starts with the address of the next.
        var free: UnsafeMutableRawPointer?
        /// The offset of what was never used.
        var fresh = 64
        /// The number of blocks in use.
        var living = 0
        /// The number of the pool. It changes only while the slab is empty.
        var pool = 0

        func isFull(_ block: BlockClass) -> Bool { free == nil && fresh &+ block.bytes > SlabReserve.slabBytes }
    }

    /// For each class, the first slab that has room.
    private let heads: UnsafeMutablePointer<SlabPointer?>

    fileprivate init() {
        heads = .allocate(capacity: BlockClass.count)
        heads.initialize(repeating: nil, count: BlockClass.count)
    }

    static func allocate(_ block: BlockClass) -> UnsafeMutableRawPointer {
        guard block.isPooled else { return LargeMemory.allocate(byteCount: block.bytes) }
        let number = StatePools.ofThisThread
        return StatePools.shared.withPool(number) { $0.take(block) } ?? allocate(block, fromNewSlabOf: number)
    }

    /// Seldom: outside of `allocate`, which is smaller without it.
    @inline(never) private static func allocate(_ block: BlockClass, fromNewSlabOf pool: Int) -> UnsafeMutableRawPointer
    {
        let slab = StatePools.shared.reserve.withLock { $0.take() }
        // The first write to a huge page takes long. Threads that free blocks of the pool do not wait for it.
        slab.initialize(to: Slab(pool: pool))
        return StatePools.shared.withPool(pool) {
            $0.insert(slab, block)
            return $0.take(block, of: slab)
        }
    }

    static func free(_ memory: UnsafeMutableRawPointer, _ block: BlockClass) {
        guard block.isPooled else { return memory.deallocate() }
        let offset = Int(bitPattern: memory) & (SlabReserve.slabBytes &- 1)
        let slab = (memory - offset).assumingMemoryBound(to: Slab.self)
        StatePools.shared.withPool(slab.pointee.pool) { $0.put(memory, block, slab) }
    }

    /// A block of a slab that has room; nil if there is none.
    private func take(_ block: BlockClass) -> UnsafeMutableRawPointer? {
        heads[block.number].map { take(block, of: $0) }
    }

    private func take(_ block: BlockClass, of slab: SlabPointer) -> UnsafeMutableRawPointer {
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

    private mutating func put(_ memory: UnsafeMutableRawPointer, _ block: BlockClass, _ slab: SlabPointer) {
        if slab.pointee.isFull(block) { insert(slab, block) }
        memory.storeBytes(of: slab.pointee.free, as: UnsafeMutableRawPointer?.self)
        slab.pointee.free = memory
        slab.pointee.living &-= 1
        guard slab.pointee.living == 0 else { return }
        remove(slab, block)
        StatePools.shared.reserve.withLock { $0.put(slab) }
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

/// The empty slabs. They are never returned: the process keeps what its state once needed.
private struct SlabReserve: ~Copyable, @unchecked Sendable {
    /// Bytes of a slab, which is aligned to its size.
    static let slabBytes = 1 << 18
    /// Slabs are allocated together, after the first ones in huge pages.
    private static let slabsAtOnce = LargeMemory.hugePage / slabBytes
    private static let firstSlabs = 16

    private var first: StatePool.SlabPointer?
    /// The slabs that were allocated last, and how many of them were never used.
    private var fresh: UnsafeMutableRawPointer?
    private var unused = 0

    mutating func take() -> StatePool.SlabPointer {
        if let slab = first {
            first = slab.pointee.next
            return slab
        }
        let slabs: UnsafeMutableRawPointer
        if unused > 0, let fresh {
            slabs = fresh
        } else {
            let isFirst = fresh == nil
            unused = isFirst ? Self.firstSlabs : Self.slabsAtOnce
            let bytes = unused * Self.slabBytes
            slabs =
                isFirst
                ? .allocate(byteCount: bytes, alignment: Self.slabBytes) : LargeMemory.allocate(byteCount: bytes)
            fresh = slabs
        }
        unused &-= 1
        return (slabs + unused * Self.slabBytes).bindMemory(to: StatePool.Slab.self, capacity: 1)
    }

    mutating func put(_ slab: StatePool.SlabPointer) {
        slab.pointee.next = first
        first = slab
    }
}

/// A pool for each thread.
private struct StatePools: ~Copyable, @unchecked Sendable {
    static let shared = StatePools()

    /// A power of two, and more than the threads of most machines.
    private static var countBits: Int { 6 }
    /// A pool and its lock have a cache line of their own.
    private static var stride: Int { 64 / MemoryLayout<BriefLock<StatePool>>.stride }

    let reserve = BriefLock(SlabReserve())
    private let pools: UnsafeMutablePointer<BriefLock<StatePool>>

    private init() {
        let count = 1 << Self.countBits
        pools = UnsafeMutableRawPointer.allocate(byteCount: 64 * count, alignment: 64)
            .bindMemory(to: BriefLock<StatePool>.self, capacity: count * Self.stride)
        for number in 0..<count { (pools + number * Self.stride).initialize(to: BriefLock(StatePool())) }
    }

    @inline(__always) func withPool<Result>(_ number: Int, _ body: (inout StatePool) -> Result) -> Result {
        (pools + number &* Self.stride).pointee.withLock(body)
    }

    /// A thread is recognised by where its stack is: anything else needs the C library. Two threads with one pool wait for
    /// each other, nothing else.
    @inline(__always) static var ofThisThread: Int {
        var local: UInt8 = 0
        let address = withUnsafeMutablePointer(to: &local) { UInt64(UInt(bitPattern: $0)) }
        // Stacks are 2 MB long or more. Multiplicative hashing (Knuth, TAOCP 6.4) gives neighbours different numbers.
        return Int(truncatingIfNeeded: ((address >> 20) &* 0x9E37_79B9_7F4A_7C15) >> (64 &- countBits))
    }
}

/// A growing array in chunks. A chunk of full size never moves, so a large array grows without being copied.
///
/// Elements are neither initialised nor deinitialised here. Those of the first chunk move while it grows. The others are
/// allocated several at a time, as many as fill huge pages, of which only those in use take memory.
struct ChunkedArray<Element: ~Copyable>: ~Copyable {
    typealias Chunks = UnsafeMutablePointer<UnsafeMutablePointer<Element>>

    /// Element n is number `n & mask` of chunk `n >> shift`.
    @inline(__always) static var shift: Int { 16 }
    @inline(__always) static var mask: Int { 1 << shift &- 1 }

    private(set) var chunks: Chunks
    private var chunkRoom = 1
    private var chunkCount = 0
    private(set) var capacity = 0
    /// The number of chunks that fill huge pages.
    private static var chunksAtOnce: Int {
        let (bytes, page) = ((mask &+ 1) &* MemoryLayout<Element>.stride, LargeMemory.hugePage)
        return page >> min(bytes.trailingZeroBitCount, page.trailingZeroBitCount)
    }

    init() { chunks = .allocate(capacity: 1) }

    deinit {
        StateMemory.remove(memoryBytes)
        for chunk in 0..<chunkCount where Self.isAllocated(chunk) {
            UnsafeMutableRawPointer(chunks[chunk]).deallocate()
        }
        chunks.deallocate()
    }

    /// The memory that it takes.
    var memoryBytes: Int { capacity &* MemoryLayout<Element>.stride }

    @inline(__always) func place(_ number: Int) -> UnsafeMutablePointer<Element> { Self.place(number, in: chunks) }

    @inline(__always) static func place(_ number: Int, in chunks: Chunks) -> UnsafeMutablePointer<Element> {
        chunks[number &>> shift] + (number & mask)
    }

    @inline(__always) subscript(number: Int) -> Element {
        _read { yield place(number).pointee }
        nonmutating _modify { yield &place(number).pointee }
    }

    /// Extends the capacity to at least `wanted`. The new elements are raw memory.
    mutating func reserve(_ wanted: Int) {
        guard wanted > capacity else { return }
        let size = Self.mask &+ 1
        let before = memoryBytes
        defer { StateMemory.add(memoryBytes - before) }
        if capacity < size, wanted > capacity {
            let larger = min(size, max(wanted, capacity * 2, 64))
            let moved = Self.allocate(larger)
            if capacity > 0 {
                moved.moveInitialize(from: chunks[0], count: capacity)
                UnsafeMutableRawPointer(chunks[0]).deallocate()
            }
            chunks[0] = moved
            chunkCount = 1
            capacity = larger
        }
        while capacity < wanted {
            if chunkCount == chunkRoom { growTable() }
            chunks[chunkCount] =
                Self.isAllocated(chunkCount)
                ? Self.allocate(size * Self.chunksAtOnce)
                : chunks[chunkCount - 1] + size
            chunkCount += 1
            capacity += size
        }
    }

    /// Whether an allocation begins with a chunk.
    private static func isAllocated(_ chunk: Int) -> Bool { chunk == 0 || (chunk &- 1) % chunksAtOnce == 0 }

    /// Aligned to a cache line, so that no element of 32 bytes spans two.
    private static func allocate(_ count: Int) -> UnsafeMutablePointer<Element> {
        LargeMemory.allocate(byteCount: count * MemoryLayout<Element>.stride)
            .bindMemory(to: Element.self, capacity: count)
    }

    private mutating func growTable() {
        let moved = Chunks.allocate(capacity: chunkRoom * 2)
        moved.moveInitialize(from: chunks, count: chunkCount)
        chunks.deallocate()
        chunks = moved
        chunkRoom *= 2
    }
}

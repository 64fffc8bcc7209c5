/// Memory for the bytes of long group keys, released as windows close.
///
/// Keys are packed into aligned chunks. Each chunk counts its live keys and is reused when none are left. Windows close
/// roughly in the order in which they opened, so whole chunks become free.
struct KeyMemory: ~Copyable {
    private static let chunkSize = 1 << 16
    private static let headerSize = 16
    /// The number of chunks to keep when all keys are released.
    private static let keptChunks = 1024

    private struct Header {
        var living: Int
        var size: Int
    }

    private var current: UnsafeMutableRawPointer?
    private var used = 0
    private var free: [UnsafeMutableRawPointer] = []
    private var all: Set<UnsafeMutableRawPointer> = []

    /// The memory of all chunks.
    private(set) var memoryBytes = 0

    deinit {
        StateMemory.remove(memoryBytes)
        for chunk in all { chunk.deallocate() }
    }

    init() {}

    /// Copies the key. The copy is valid until `release`.
    mutating func copy(_ key: UnsafeRawPointer, _ count: Int) -> UnsafeRawPointer {
        if count > Self.chunkSize / 8 {
            return place(key, count, in: makeChunk(size: Self.headerSize + count), at: Self.headerSize)
        }
        if let chunk = current, used + count <= Self.chunkSize {
            used += count
            return place(key, count, in: chunk, at: used - count)
        }
        if let full = current, header(full).pointee.living == 0 { free.append(full) }
        let chunk = free.popLast() ?? makeChunk(size: Self.chunkSize)
        current = chunk
        used = Self.headerSize + count
        return place(key, count, in: chunk, at: Self.headerSize)
    }

    /// Releases the key at `place`.
    mutating func release(_ place: UnsafeRawPointer) {
        // Chunks are aligned to their size. A key with a chunk of its own starts right after the header.
        let base = UInt(bitPattern: place) & ~UInt(Self.chunkSize - 1)
        guard let chunk = UnsafeMutableRawPointer(bitPattern: base) else { return }
        let head = header(chunk)
        head.pointee.living -= 1
        guard head.pointee.living == 0, chunk != current else { return }
        if head.pointee.size == Self.chunkSize {
            free.append(chunk)
        } else {
            all.remove(chunk)
            discard(chunk)
        }
    }

    /// Releases all keys.
    mutating func removeAll() {
        free.removeAll()
        current = nil
        used = 0
        var kept: Set<UnsafeMutableRawPointer> = []
        for chunk in all {
            if header(chunk).pointee.size == Self.chunkSize, kept.count < Self.keptChunks {
                header(chunk).pointee.living = 0
                free.append(chunk)
                kept.insert(chunk)
            } else {
                discard(chunk)
            }
        }
        all = kept
    }

    private func header(_ chunk: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Header> {
        chunk.assumingMemoryBound(to: Header.self)
    }

    private mutating func makeChunk(size: Int) -> UnsafeMutableRawPointer {
        let chunk = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: Self.chunkSize)
        chunk.initializeMemory(as: Header.self, to: Header(living: 0, size: size))
        all.insert(chunk)
        count(size)
        return chunk
    }

    private mutating func discard(_ chunk: UnsafeMutableRawPointer) {
        count(0 - header(chunk).pointee.size)
        chunk.deallocate()
    }

    private mutating func count(_ bytes: Int) {
        memoryBytes += bytes
        StateMemory.add(bytes)
    }

    private func place(
        _ key: UnsafeRawPointer, _ count: Int, in chunk: UnsafeMutableRawPointer, at offset: Int
    ) -> UnsafeRawPointer {
        (chunk + offset).copyMemory(from: key, byteCount: count)
        header(chunk).pointee.living += 1
        return UnsafeRawPointer(chunk + offset)
    }
}

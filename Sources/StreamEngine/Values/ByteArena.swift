/// Bump allocator for text that lives as long as a batch or an emission. Addresses are stable until `removeAll`.
package struct ByteArena: ~Copyable {
    private var chunks: [UnsafeMutableRawBufferPointer] = []
    private var current = 0
    private var used = 0
    private static let chunkSize = 64 * 1024

    package init() {}

    deinit { for chunk in chunks { chunk.deallocate() } }

    /// Uninitialised memory of `count` bytes.
    package mutating func allocate(_ count: Int) -> UnsafeMutableRawBufferPointer {
        while current < chunks.count {
            let chunk = chunks[current]
            if chunk.count - used >= count {
                let room = UnsafeMutableRawBufferPointer(rebasing: chunk[used..<(used + count)])
                used += count
                return room
            }
            current += 1
            used = 0
        }
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, Self.chunkSize), alignment: 16)
        chunks.append(chunk)
        used = count
        return UnsafeMutableRawBufferPointer(rebasing: chunk[0..<count])
    }

    /// A copy of `bytes`.
    package mutating func copy(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        let room = allocate(bytes.count)
        room.copyMemory(from: bytes)
        return UnsafeRawBufferPointer(room)
    }

    /// A copy of the contents of a buffer.
    package mutating func copy(_ buffer: borrowing ByteBuffer) -> UnsafeRawBufferPointer {
        buffer.withBytes { copy($0) }
    }

    /// Returns the end of the last allocation, so that a writer can allocate its upper bound first.
    package mutating func giveBack(_ count: Int) { used -= count }

    /// Frees the memory, except for a few chunks kept for reuse.
    package mutating func removeAll() {
        while chunks.count > 4 { chunks.removeLast().deallocate() }
        current = 0
        used = 0
    }
}

/// A copy of some bytes that counts as state. Copies of it share the memory until one of them is set.
struct OwnedText {
    private struct Header {
        var count: Int
        let capacity: Int
    }

    private final class Memory: ManagedBuffer<Header, UInt8> {
        deinit { StateMemory.remove(Memory.size(header.capacity)) }

        static func size(_ capacity: Int) -> Int { StateMemory.blockSize(capacity + 32) }

        static func make(_ capacity: Int) -> ManagedBuffer<Header, UInt8> {
            StateMemory.add(size(capacity))
            return create(minimumCapacity: capacity) { _ in Header(count: 0, capacity: capacity) }
        }
    }

    private var memory: ManagedBuffer<Header, UInt8>

    init(_ bytes: UnsafeRawBufferPointer) {
        memory = Memory.make(bytes.count)
        fill(bytes)
    }

    /// Replaces the bytes, in the same memory if they fit.
    mutating func set(_ bytes: UnsafeRawBufferPointer) {
        if memory.header.capacity < bytes.count || !isKnownUniquelyReferenced(&memory) {
            memory = Memory.make(bytes.count)
        }
        fill(bytes)
    }

    private func fill(_ bytes: UnsafeRawBufferPointer) {
        memory.withUnsafeMutablePointers { header, start in
            header.pointee.count = bytes.count
            if let source = bytes.baseAddress {
                UnsafeMutableRawPointer(start).copyMemory(from: source, byteCount: bytes.count)
            }
        }
    }

    /// Calls `body` with the bytes, which are valid until it returns.
    @inline(__always) func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        memory.withUnsafeMutablePointers { header, start in
            body(UnsafeRawBufferPointer(start: start, count: header.pointee.count))
        }
    }

    /// The memory that it takes.
    var memoryBytes: Int { Memory.size(memory.header.capacity) }
}

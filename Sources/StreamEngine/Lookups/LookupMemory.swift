import Synchronization

/// The entries of a table: bytes that never move, in chunks that are followed by some readable bytes.
///
/// Those who read the table take chunks, each for itself (`LookupArena`), without locks. An address is the number of a
/// chunk and an offset in it; 0 is none.
final class LookupMemory: @unchecked Sendable {
    /// The largest size of a chunk, unless a single entry is larger.
    fileprivate static let chunkSize = 1 << 24
    private static let chunkBits: UInt64 = 24
    private static let padding = 64
    /// Addresses have this many bits.
    static let addressBits: UInt64 = 36
    private static let mostChunks = 1 << Int(addressBits - chunkBits)

    private let taken = Atomic<Int>(0)
    /// Memory for all chunks that there may be.
    let chunks: UnsafeMutablePointer<UnsafeMutableRawPointer>

    init() { chunks = .allocate(capacity: Self.mostChunks) }

    deinit {
        for number in 0..<min(taken.load(ordering: .relaxed), Self.mostChunks) { chunks[number].deallocate() }
        chunks.deallocate()
    }

    /// Another chunk of at least `count` bytes; nil if there are no more addresses.
    fileprivate func take(_ count: Int) -> (number: Int, start: UnsafeMutableRawPointer)? {
        let number = taken.wrappingAdd(1, ordering: .relaxed).oldValue
        guard number < Self.mostChunks else { return nil }
        let start = LargeMemory.allocate(byteCount: count + Self.padding)
        (chunks + number).initialize(to: start)
        return (number, start)
    }

    fileprivate static func address(_ number: Int, _ offset: Int) -> UInt64 {
        UInt64(truncatingIfNeeded: number) << chunkBits | UInt64(truncatingIfNeeded: offset)
    }

    /// What is at an address.
    @inline(__always)
    static func place(
        _ address: UInt64, in chunks: UnsafeMutablePointer<UnsafeMutableRawPointer>
    ) -> UnsafeMutableRawPointer {
        chunks[Int(truncatingIfNeeded: address &>> chunkBits)]
            + Int(truncatingIfNeeded: address & UInt64(chunkSize &- 1))
    }
}

/// The part of the memory of a table to which one scanner writes entries, one after the other.
struct LookupArena: ~Copyable {
    /// A place to go back to.
    struct Mark {
        fileprivate var number: Int
        fileprivate var used: Int
    }

    private let memory: LookupMemory
    private var number = -1
    private var start = UnsafeMutableRawPointer(bitPattern: 64).unsafelyUnwrapped
    private var used = 0
    private var size = 0
    /// The size of the next chunk: a small table needs little.
    private var nextSize = 1 << 20

    init(_ memory: LookupMemory) { self.memory = memory }

    var mark: Mark { Mark(number: number, used: used) }

    /// Takes back what was written since then; if that is in several chunks, what is in the last one.
    mutating func goBack(to mark: Mark) { used = mark.number == number ? mark.used : Self.first(number) }

    /// The address of the next entry.
    @inline(__always) var address: UInt64 { LookupMemory.address(number, used) }

    /// Memory for an entry of at most `count` bytes; nil if there are no more addresses. Call `advance` after writing to it.
    @inline(__always) mutating func room(_ count: Int) -> UnsafeMutableRawPointer? {
        if used &+ count > size || used >= LookupMemory.chunkSize {
            guard takeChunk(count) else { return nil }
        }
        return start + used
    }

    @inline(__always) mutating func advance(_ written: Int) { used &+= written }

    /// What is at an address.
    func place(_ address: UInt64) -> UnsafeRawPointer {
        UnsafeRawPointer(LookupMemory.place(address, in: memory.chunks))
    }

    @inline(never) private mutating func takeChunk(_ count: Int) -> Bool {
        size = max(nextSize, count &+ 8)
        nextSize = min(nextSize &* 4, LookupMemory.chunkSize)
        guard let chunk = memory.take(size) else { return false }
        (number, start) = chunk
        used = Self.first(number)
        return true
    }

    /// The first offset in a chunk: address 0 is none.
    private static func first(_ number: Int) -> Int { number == 0 ? 8 : 0 }
}

/// The keys and rows of a table: bytes that never move, in chunks that are followed by some readable bytes.
///
/// An address is the number of a chunk and an offset in it; 0 is none.
struct LookupMemory {
    private static let chunkBits: UInt64 = 22
    private static let chunkSize = 1 << 22
    private static let padding = 64
    /// Addresses are less than this.
    static let addressLimit: UInt64 = 1 << 36

    private(set) var chunks: [UnsafeMutableRawPointer] = []
    private var used = chunkSize
    /// The bytes that keys and rows take.
    private(set) var byteCount = 0

    /// Uninitialised memory; nil if there are no more addresses.
    mutating func allocate(_ count: Int) -> (address: UInt64, place: UnsafeMutableRawPointer)? {
        if used + count > Self.chunkSize {
            guard UInt64(chunks.count + 1) << Self.chunkBits < Self.addressLimit else { return nil }
            let size = max(count + 8, Self.chunkSize) + Self.padding
            chunks.append(.allocate(byteCount: size, alignment: 64))
            // Address 0 is none.
            used = chunks.count == 1 ? 8 : 0
        }
        let number = chunks.count - 1
        let start = used
        used += count
        byteCount += count
        return (UInt64(number) << Self.chunkBits | UInt64(start), chunks[number] + start)
    }

    func place(_ address: UInt64) -> UnsafeMutableRawPointer {
        chunks[Int(address >> Self.chunkBits)] + Int(address & UInt64(Self.chunkSize - 1))
    }

    /// The same for chunks in an array of their own.
    @inline(__always)
    static func place(_ address: UInt64, in chunks: UnsafePointer<UnsafeMutableRawPointer>) -> UnsafeRawPointer {
        let chunk = chunks[Int(truncatingIfNeeded: address &>> chunkBits)]
        return UnsafeRawPointer(chunk) + Int(truncatingIfNeeded: address & UInt64(chunkSize &- 1))
    }
}

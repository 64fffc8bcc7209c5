import CCompression
import System

/// Decompresses bzip2 with libbz2.
struct Bzip2Decoder: Decoder, ~Copyable {
    private static let library = LoadedLibrary<Bzip2Calls>("the library libbz2.so.1.0 (Debian package libbz2-1.0)") {
        Bzip2Load($0)
    }

    private let calls: Bzip2Calls
    /// libbz2's state points back to it, so it must not move.
    private let stream: UnsafeMutablePointer<bz_stream>

    init() throws(ReadError) {
        let calls = try Self.library.use(for: .bzip2)
        let made = UnsafeMutablePointer<bz_stream>.allocate(capacity: 1)
        made.initialize(to: bz_stream())
        guard calls.BZ2_bzDecompressInit(made, 0, 0) == BZ_OK else {
            made.deallocate()
            throw .noMemory
        }
        self.calls = calls
        stream = made
    }

    deinit {
        _ = calls.BZ2_bzDecompressEnd(stream)
        stream.deallocate()
    }

    mutating func decode(_ input: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer) -> Decoded {
        let (available, free) = (UInt32(clamping: input.count), UInt32(clamping: room.count))
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress?.assumingMemoryBound(to: CChar.self))
        stream.pointee.avail_in = available
        stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: CChar.self)
        stream.pointee.avail_out = free
        let outcome: Decoded.Outcome =
            switch calls.BZ2_bzDecompress(stream) {
            case BZ_OK: .more
            case BZ_STREAM_END: .ended
            case BZ_MEM_ERROR: .failed(.memory)
            default: .failed(.damaged("a block or its checksum is wrong"))
            }
        return Decoded(
            consumed: Int(available - stream.pointee.avail_in), produced: Int(free - stream.pointee.avail_out),
            outcome: outcome)
    }

    mutating func restart() {
        // It was initialized before with the same memory available.
        _ = calls.BZ2_bzDecompressEnd(stream)
        _ = calls.BZ2_bzDecompressInit(stream, 0, 0)
    }
}

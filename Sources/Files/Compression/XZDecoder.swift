import CCompression
import System

/// Decompresses xz with liblzma.
struct XZDecoder: Decoder, ~Copyable {
    private static let library = LoadedLibrary<LzmaCalls>("the library liblzma.so.5 (Debian package liblzma5)") {
        LzmaLoad($0)
    }

    private let calls: LzmaCalls
    /// liblzma's state may point back to it, so it must not move.
    private let stream: UnsafeMutablePointer<lzma_stream>

    init() throws(ReadError) {
        let calls = try Self.library.use(for: .xz)
        let made = UnsafeMutablePointer<lzma_stream>.allocate(capacity: 1)
        made.initialize(to: lzma_stream())
        guard Self.start(made, calls) == LZMA_OK else {
            made.deallocate()
            throw .noMemory
        }
        self.calls = calls
        stream = made
    }

    deinit {
        calls.lzma_end(stream)
        stream.deallocate()
    }

    /// Also frees or reuses what an earlier member had allocated.
    private static func start(_ stream: UnsafeMutablePointer<lzma_stream>, _ calls: LzmaCalls) -> lzma_ret {
        calls.lzma_stream_decoder(stream, UInt64(DecodingError.mostMemory), 0)
    }

    mutating func decode(_ input: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer) -> Decoded {
        stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_in = input.count
        stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = room.count
        let outcome: Decoded.Outcome =
            switch calls.lzma_code(stream, LZMA_RUN) {
            // It reports the second call in a row that can do nothing.
            case LZMA_OK, LZMA_BUF_ERROR: .more
            case LZMA_STREAM_END: .ended
            case LZMA_MEM_ERROR: .failed(.memory)
            case LZMA_MEMLIMIT_ERROR: .failed(.memoryLimit)
            case LZMA_OPTIONS_ERROR: .failed(.damaged("its options are not supported"))
            default: .failed(.damaged("a block or its checksum is wrong"))
            }
        return Decoded(
            consumed: input.count - stream.pointee.avail_in, produced: room.count - stream.pointee.avail_out,
            outcome: outcome)
    }

    mutating func restart() { _ = Self.start(stream, calls) }
}

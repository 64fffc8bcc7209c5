import CCompression
import System

/// Decompresses gzip with zlib.
struct GzipDecoder: Decoder, ~Copyable {
    private static let library = LoadedLibrary<ZlibCalls>("the library libz.so.1 (Debian package zlib1g)") {
        ZlibLoad($0)
    }

    private let calls: ZlibCalls
    /// zlib's state points back to it, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>

    /// Only gzip, with windows of any size.
    private static let windowBits: Int32 = 15 + 16

    init() throws(ReadError) {
        let calls = try Self.library.use(for: .gzip)
        let made = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        made.initialize(to: z_stream())
        let size = Int32(MemoryLayout<z_stream>.size)
        let code = calls.inflateInit2_(made, Self.windowBits, calls.zlibVersion(), size)
        guard code == Z_OK else {
            _ = calls.inflateEnd(made)
            made.deallocate()
            guard code == Z_MEM_ERROR else { throw .library(.gzip, reason: "another libz.so.1 (error \(code))") }
            throw .noMemory
        }
        self.calls = calls
        stream = made
    }

    deinit {
        _ = calls.inflateEnd(stream)
        stream.deallocate()
    }

    mutating func decode(_ input: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer) -> Decoded {
        let (available, free) = (UInt32(clamping: input.count), UInt32(clamping: room.count))
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = available
        stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = free
        let code = calls.inflate(stream, Z_NO_FLUSH)
        let outcome: Decoded.Outcome =
            switch code {
            case Z_OK, Z_BUF_ERROR: .more
            case Z_STREAM_END: .ended
            case Z_MEM_ERROR: .failed(.memory)
            default: .failed(.damaged(stream.pointee.msg.map { String(cString: $0) } ?? "error \(code)"))
            }
        return Decoded(
            consumed: Int(available - stream.pointee.avail_in), produced: Int(free - stream.pointee.avail_out),
            outcome: outcome)
    }

    mutating func restart() { _ = calls.inflateReset(stream) }
}

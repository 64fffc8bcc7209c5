import CCompression
import System

/// Decompresses frames of Zstandard with libzstd.
struct ZstdDecoder: Decoder, ~Copyable {
    private static let library = LoadedLibrary<ZstdCalls>("the library libzstd.so.1 (Debian package libzstd1)") {
        ZstdLoad($0)
    }

    private let calls: ZstdCalls
    private let context: OpaquePointer
    /// Bytes with which the next call processes one block: an error then loses no block before it.
    private var wanted = firstBytes

    private static let firstBytes = 5
    /// ZSTD_error_frameParameter_windowTooLarge. The numbers of errors are part of the interface.
    private static let windowTooLarge = -16

    init() throws(ReadError) {
        let calls = try Self.library.use(for: .zstd)
        guard let made = calls.ZSTD_createDCtx() else { throw .noMemory }
        self.calls = calls
        context = made
        _ = calls.ZSTD_DCtx_setParameter(
            context, ZSTD_d_windowLogMax, Int32(DecodingError.mostMemory.trailingZeroBitCount))
    }

    deinit { _ = calls.ZSTD_freeDCtx(context) }

    mutating func decode(_ input: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer) -> Decoded {
        var from = ZSTD_inBuffer(src: input.baseAddress, size: min(input.count, max(wanted, 1)), pos: 0)
        var to = ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
        let code = calls.ZSTD_decompressStream(context, &to, &from)
        guard calls.ZSTD_isError(code) == 0 else {
            return Decoded(consumed: from.pos, produced: to.pos, outcome: .failed(error(code)))
        }
        wanted = code
        return Decoded(consumed: from.pos, produced: to.pos, outcome: code == 0 ? .ended : .more)
    }

    private func error(_ code: Int) -> DecodingError {
        if code == Self.windowTooLarge { return .memoryLimit }
        return .damaged(calls.ZSTD_getErrorName(code).map { String(cString: $0) } ?? "error \(code)")
    }

    mutating func restart() { wanted = Self.firstBytes }
}

import CCompression
import System

/// Decompresses frames of LZ4 with liblz4.
struct LZ4Decoder: Decoder, ~Copyable {
    private static let library = LoadedLibrary<LZ4Calls>("the library liblz4.so.1 (Debian package liblz4-1)") {
        LZ4Load($0)
    }

    private let calls: LZ4Calls
    private let context: OpaquePointer
    /// Bytes with which the next call processes one block: an error then loses no block before it.
    private var wanted = firstBytes

    private static let firstBytes = 15

    init() throws(ReadError) {
        let calls = try Self.library.use(for: .lz4)
        var made: OpaquePointer?
        let code = calls.LZ4F_createDecompressionContext(&made, UInt32(LZ4F_VERSION))
        guard let made, calls.LZ4F_isError(code) == 0 else { throw .noMemory }
        self.calls = calls
        context = made
    }

    deinit { _ = calls.LZ4F_freeDecompressionContext(context) }

    mutating func decode(_ input: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer) -> Decoded {
        var (used, filled) = (min(input.count, max(wanted, 1)), room.count)
        let code = calls.LZ4F_decompress(context, room.baseAddress, &filled, input.baseAddress, &used, nil)
        guard calls.LZ4F_isError(code) == 0 else {
            // Such as ERROR_contentChecksum_invalid.
            let name = calls.LZ4F_getErrorName(code).map { String(cString: $0) } ?? "error \(code)"
            let reason = name.hasPrefix("ERROR_") ? String(name.dropFirst(6)) : name
            return Decoded(consumed: 0, produced: 0, outcome: .failed(.damaged(reason)))
        }
        wanted = code
        return Decoded(consumed: used, produced: filled, outcome: code == 0 ? .ended : .more)
    }

    mutating func restart() { wanted = Self.firstBytes }
}

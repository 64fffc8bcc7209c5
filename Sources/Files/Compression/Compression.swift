/// A form of compressed data, recognized by its first bytes.
enum Compression: Sendable, CaseIterable {
    case gzip, zstd, bzip2, xz, lz4

    /// What the first bytes of a file, or of a part of it, say.
    enum Evidence: Equatable {
        case compressed(Compression)
        /// A frame whose content is to be skipped; its first eight bytes end with its length. Zstandard and LZ4 have it.
        case skippable
        /// More bytes are needed. So far they begin like this.
        case undecided(Compression)
        case other
    }

    /// The most bytes that `evidence` looks at.
    static let mostBytes = 10

    /// - Parameter head: the first bytes; as many as are known.
    static func evidence(_ head: UnsafeRawBufferPointer) -> Evidence {
        var undecided: Compression?
        for signature in signatures {
            guard zip(head, signature.bytes).allSatisfy({ $1.contains($0) }) else { continue }
            if head.count >= signature.bytes.count {
                return signature.isSkippable ? .skippable : .compressed(signature.compression)
            }
            undecided = undecided ?? signature.compression
        }
        return undecided.map { .undecided($0) } ?? .other
    }

    private struct Signature {
        let compression: Compression
        let bytes: [ClosedRange<UInt8>]
        let isSkippable: Bool

        init(_ compression: Compression, _ bytes: [ClosedRange<UInt8>], isSkippable: Bool = false) {
            self.compression = compression
            self.bytes = bytes
            self.isSkippable = isSkippable
        }

        init(_ compression: Compression, _ bytes: [UInt8]) { self.init(compression, bytes.map { $0...$0 }) }
    }

    private static let signatures: [Signature] = {
        // The size of the blocks, then the mark of a block or of the end: text may well begin with BZh.
        let bzip2: [ClosedRange<UInt8>] = [0x42...0x42, 0x5a...0x5a, 0x68...0x68, 0x31...0x39]
        func followed(by mark: [UInt8]) -> Signature { Signature(.bzip2, bzip2 + mark.map { $0...$0 }) }
        return [
            Signature(.gzip, [0x1f, 0x8b]), Signature(.zstd, [0x28, 0xb5, 0x2f, 0xfd]),
            Signature(.xz, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]), Signature(.lz4, [0x04, 0x22, 0x4d, 0x18]),
            Signature(.zstd, [0x50...0x5f, 0x2a...0x2a, 0x4d...0x4d, 0x18...0x18], isSkippable: true),
            followed(by: [0x31, 0x41, 0x59, 0x26, 0x53, 0x59]), followed(by: [0x17, 0x72, 0x45, 0x38, 0x50, 0x90]),
        ]
    }()
}

extension Compression {
    /// Its name in messages: the form of the data, before "data".
    var name: String {
        switch self {
        case .gzip: "gzip"
        case .zstd: "Zstandard"
        case .bzip2: "bzip2"
        case .xz: "xz"
        case .lz4: "LZ4"
        }
    }

    /// The command that decompresses the file that follows it to standard output.
    var command: String {
        switch self {
        case .gzip: "gzip -dc"
        case .zstd: "zstd -dc"
        case .bzip2: "bzip2 -dc"
        case .xz: "xz -dc"
        case .lz4: "lz4 -dc"
        }
    }

    /// Whether zeros after the end of the data mean nothing: they fill the last block of a tape.
    var allowsZeros: Bool { self == .gzip || self == .xz }

    /// The decoder of one member.
    ///
    /// - Throws: `unavailable` if its library is not installed.
    func makeDecoder() throws(ReadError) -> any Decoder & ~Copyable {
        switch self {
        case .gzip: try GzipDecoder()
        case .zstd: try ZstdDecoder()
        case .bzip2: try Bzip2Decoder()
        case .xz: try XZDecoder()
        case .lz4: try LZ4Decoder()
        }
    }
}

import StreamEngine
import System

@testable import Files

/// Bytes that are not those of a descriptor: as from a decompressor, in pieces, and now and then there is nothing yet.
struct MadeBytes: ByteStream, ~Copyable {
    let bytes: [UInt8]
    let piece: Int
    private var position = 0
    private var isReady = true

    init(_ bytes: [UInt8], piece: Int) {
        self.bytes = bytes
        self.piece = piece
    }

    var waitsFor: Int32? { nil }
    var size: Int? { nil }

    mutating func read(into room: UnsafeMutableRawBufferPointer) throws(ReadError) -> Int? {
        isReady.toggle()
        guard isReady else { return nil }
        let next = bytes[position...].prefix(min(piece, room.count))
        room.copyBytes(from: next)
        position += next.count
        return next.count
    }

    mutating func skip(to position: Int) { self.position = position }
}

import StreamEngine
import System

/// The bytes of one input, in order: those of a file or a pipe, or what they decompress to.
///
/// Positions in an input count the bytes of its stream, which are the bytes that the format sees.
protocol ByteStream: ~Copyable {
    /// The descriptor to wait for before a read; nil if a read need not wait, as in a regular file.
    var waitsFor: Int32? { get }

    /// The current size in bytes of the file that is read; nil if it is not a regular file, or compressed.
    var size: Int? { get }

    /// How much of a compressed file was needed for what was read, in bytes; nil if it is not compressed.
    var compressedPosition: Int? { get }

    /// Reads once, at most as many bytes as fit.
    ///
    /// - Returns: the number of bytes, 0 at the end; nil if nothing can be read now.
    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(ReadError) -> Int?

    /// Appends the next `count` bytes to a batch, which has room for them, but leaves a gap in it.
    ///
    /// - Parameter name: the input, as messages call it.
    /// - Returns: the end of the last line in the batch; nil if this is not possible here, and then nothing has changed.
    mutating func appendWithGap(_ count: Int, to batch: inout Batch, name: String) -> Int?

    /// The `PositionHash` of a position in the bytes that were read last, or at their end; nil if the bytes of the file are
    /// these bytes, or for other positions.
    func hash(at position: Int) -> Int64?
}

extension ByteStream where Self: ~Copyable {
    var compressedPosition: Int? { nil }
    func appendWithGap(_ count: Int, to batch: inout Batch, name: String) -> Int? { nil }
    func hash(at position: Int) -> Int64? { nil }
}

extension FileDescriptor {
    /// The descriptor to wait for before a read; nil for a regular file.
    var waitsFor: Int32? { isRegularFile ? nil : number }
}

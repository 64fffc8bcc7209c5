import System

/// The bytes of one input, in order: those of a file or a pipe.
///
/// Positions in an input count the bytes of its stream, which are the bytes that the format sees.
protocol ByteStream: ~Copyable {
    /// The descriptor to wait for before a read; nil if a read need not wait, as in a regular file.
    var waitsFor: Int32? { get }

    /// The current size in bytes of the file that is read; nil if it is not a regular file.
    var size: Int? { get }

    /// Reads once, at most as many bytes as fit.
    ///
    /// - Returns: the number of bytes, 0 at the end; nil if nothing can be read now.
    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int?

    /// Skips to a position, before the first read.
    mutating func skip(to position: Int) throws(FileError)
}

extension FileDescriptor: ByteStream {
    var waitsFor: Int32? { isRegularFile ? nil : number }

    func skip(to position: Int) throws(FileError) { try seek(to: position) }
}

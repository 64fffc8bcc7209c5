import System

/// The bytes of one input, in their order: those of a file or a pipe as they are there.
///
/// Positions in an input count the bytes that its stream gives, which are the bytes that the format sees.
protocol ByteStream: ~Copyable {
    /// The descriptor to wait for before a read; nil when a read need not wait, as in a regular file.
    var waitsFor: Int32? { get }

    /// Reads once, at most as many bytes as fit.
    ///
    /// - Returns: how many bytes there were, 0 at the end; nil when nothing can be read now.
    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int?

    /// Goes to a position of the bytes, before the first read.
    mutating func skip(to position: Int) throws(FileError)
}

extension FileDescriptor: ByteStream {
    var waitsFor: Int32? { isRegularFile ? nil : number }

    func skip(to position: Int) throws(FileError) { try seek(to: position) }
}

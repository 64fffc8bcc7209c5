import System

/// Decompresses the members of a file, one after the other. A member begins with the first bytes of its form and ends with
/// its trailer; files of every form may have several.
protocol Decoder: ~Copyable {
    /// Decompresses as much as there is of the input and as fits into the room. Neither is empty, except that the input may
    /// be empty after a call that filled the room.
    mutating func decode(_ input: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer) -> Decoded

    /// Prepares for the next member.
    mutating func restart()
}

/// What a decoder did.
struct Decoded {
    enum Outcome: Equatable {
        case more
        /// The member has ended, and its checksum is right.
        case ended
        case failed(DecodingError)
    }

    /// Bytes of the input that were used, and of the room that were filled.
    var consumed: Int
    var produced: Int
    var outcome: Outcome
}

/// Why a member cannot be decompressed.
enum DecodingError: Error, Equatable {
    /// The bytes are not such data, or a checksum does not match. The words of the library.
    case damaged(String)
    /// Decompressing it takes more than `mostMemory`.
    case memoryLimit
    /// There is no memory.
    case memory

    /// Bytes of memory that decompressing may take: the limit of `zstd` without an option. Its highest level without
    /// `--long` needs 8 MiB, and that of `xz` 65 MiB.
    static let mostMemory = 128 << 20
}

/// Why a stream cannot be read on.
enum ReadError: Error, Equatable {
    case file(FileError)
    /// The library for this form of data is not installed, or is too old.
    case library(Compression, reason: String)
    case noMemory
    case compressed(CompressedDefect)

    /// The result of what a file is asked for.
    static func asking<Answer: ~Copyable>(_ body: () throws(FileError) -> Answer) throws(ReadError) -> Answer {
        do throws(FileError) { return try body() } catch { throw .file(error) }
    }
}

/// What is wrong with compressed data, and where.
struct CompressedDefect: Equatable {
    enum Problem: Equatable {
        /// The file ends before the data does.
        case cut
        case member(DecodingError)
        /// After the end of the data, there is something that is not such data.
        case foreignEnd
    }

    let compression: Compression
    let problem: Problem
    /// The position in the file, in bytes, where the problem was found.
    let offset: Int
    /// The decompressed bytes of all members before this one, whose checksums are right.
    var verified: Int
}

extension LoadedLibrary {
    /// - Throws: `library` if it is not installed.
    func use(for compression: Compression) throws(ReadError) -> Calls {
        do throws(LibraryError) { return try calls.get() } catch { throw .library(compression, reason: error.reason) }
    }
}

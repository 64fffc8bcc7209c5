import Glibc
import StreamEngine
import System

/// Reads the bytes of a regular file that a source has left out of its batches.
final class FileGaps: GapReader {
    /// How many of the last bytes of a batch the source reads to find the end of a line, the second if the first do not hold
    /// one.
    private static let windows = [4 << 10, 32 << 10]

    private let file: FileDescriptor
    private let name: String

    /// - Parameter file: is duplicated: workers may read from it after the source has closed it.
    init(_ file: borrowing FileDescriptor, name: String) throws(FileError) {
        self.file = try file.duplicated()
        self.name = name
    }

    /// Appends the next `count` bytes of the file to a batch, but reads only the last ones.
    ///
    /// - Returns: the end of the last line in the batch; nil if the file has fewer bytes, they cannot be read, or no line ends
    ///   there. Then nothing has changed.
    func append(_ count: Int, to batch: inout Batch) -> Int? {
        guard let offset = file.offset, let size = file.size, size - offset >= count else { return nil }
        for window in Self.windows where window < count {
            let gap = count - window
            let room = UnsafeMutableRawBufferPointer(rebasing: batch.room()[gap..<count])
            guard (try? file.read(into: room, at: offset + gap)) == window else { return nil }
            guard let last = lastNewline(in: UnsafeRawBufferPointer(room)) else { continue }
            let end = batch.count + gap + last + 1
            guard (try? file.seek(to: offset + count)) != nil else { return nil }
            batch.leaveGap(gap, to: self, at: offset)
            batch.advance(window)
            return end
        }
        return nil
    }

    func fill(_ room: UnsafeMutableRawBufferPointer, from position: Int, input: Int) throws(RunError) {
        var done = 0
        while done < room.count {
            let count: Int?
            do throws(FileError) {
                count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: room[done...]), at: position + done)
            } catch {
                throw ReadError.file(error).ending(name)
            }
            if count == 0 { throw FileSource.truncated(name, to: file.size ?? 0, at: input) }
            done += count ?? 0
        }
    }
}

import Glibc
import StreamEngine
import System

/// The first bytes of inputs, by which their formats are decided.
package enum InputHead {
    /// The most bytes that are looked at.
    static let most = 64 * 1024

    /// How to read an input; nil if that cannot be seen yet, or if it cannot be read in the format that was asked for.
    ///
    /// Of a regular file, nothing is consumed. What is read of a pipe is kept for the source, which opens it next.
    ///
    /// - Parameter mayWait: whether to wait for the first records of a pipe.
    package static func format(of path: String, _ plan: FormatPlan, mayWait: Bool) -> InputFormat? {
        let choice = FormatChoice(plan)
        guard regularFileSize(path) == nil, path != "-" || standardInputSize() == nil else {
            return (try? choice.format(bytes(of: path), path: path, isWhole: true)) ?? nil
        }
        return mayWait ? InputsRead.shared.format(of: path, choice) : nil
    }

    /// The first bytes of a regular file; fewer if it is shorter, none if it cannot be read.
    static func bytes(of path: String) -> [UInt8] {
        if path == "-" { return read(.borrowing(STDIN_FILENO)) }
        guard let file = try? FileDescriptor.openForReading(path) else { return [] }
        return read(file)
    }

    private static func read(_ file: consuming FileDescriptor) -> [UInt8] {
        let start = lseek(file.number, 0, SEEK_CUR)
        guard start >= 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
            while count < most {
                let more = pread(file.number, buffer.baseAddress.map { $0 + count }, most - count, start + count)
                guard more > 0 else { return }
                count += more
            }
        }
    }
}

/// The inputs of which something was read before the source opens them.
final class InputsRead: @unchecked Sendable {
    static let shared = InputsRead()

    private let state = Monitor()
    private var streams: [String: Opened] = [:]

    private final class Opened {
        var stream: StreamAfterHead
        init(_ stream: consuming StreamAfterHead) { self.stream = stream }
    }

    /// Reads the first bytes of a pipe until they show its format.
    func format(of path: String, _ choice: FormatChoice) -> InputFormat? {
        state.lock()
        defer { state.unlock() }
        guard streams[path] == nil,
            let file = path == "-" ? FileDescriptor.borrowing(STDIN_FILENO) : try? .openForReading(path)
        else { return nil }
        let opened = Opened(StreamAfterHead(file))
        streams[path] = opened
        while wait(for: opened.stream.descriptor, interrupt: .process, deadline: nil) == .ready {
            let isWhole = !opened.stream.readMore(upTo: InputHead.most)
            do throws(FormatError) {
                let decided = try choice.format(opened.stream.head, path: path, isWhole: isWhole)
                if decided != nil || isWhole { return decided }
            } catch {
                return nil
            }
        }
        return nil
    }

    /// The stream of an input of which something was read; nil if nothing was.
    func take(_ path: String) -> StreamAfterHead? {
        state.lock()
        defer { state.unlock() }
        guard let opened = streams.removeValue(forKey: path) else { return nil }
        return opened.stream.moved()
    }
}

/// A stream whose first bytes were read before.
struct StreamAfterHead: ByteStream, ~Copyable {
    private var file: FileDescriptor
    /// What was read and not yet passed on.
    private(set) var head: [UInt8] = []
    private var isAtEnd = false

    init(_ file: consuming FileDescriptor) { self.file = file }

    var descriptor: Int32 { file.number }
    var changeTime: Int64? { file.changeTime }
    var waitsFor: Int32? { head.isEmpty && !isAtEnd ? file.waitsFor : nil }
    var size: Int? { file.size }

    /// Reads once. Returns false at the end, or if there are `most` bytes.
    mutating func readMore(upTo most: Int) -> Bool {
        guard head.count < most else { return false }
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: most - head.count, alignment: 16)
        defer { room.deallocate() }
        guard let count = try? file.read(into: room) else { return true }
        head += room[..<count]
        isAtEnd = count == 0
        return count > 0
    }

    /// The stream; this one is at its end.
    mutating func moved() -> StreamAfterHead {
        var other = StreamAfterHead(.none)
        swap(&other, &self)
        return other
    }

    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int? {
        guard head.isEmpty else {
            let count = min(head.count, buffer.count)
            buffer.copyBytes(from: head[..<count])
            head.removeFirst(count)
            return count
        }
        // At a terminal, the end is read only once.
        return isAtEnd ? 0 : try file.read(into: buffer)
    }

    func skip(to position: Int) throws(FileError) { throw .notRegular }
}

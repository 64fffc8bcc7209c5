import Glibc
import StreamEngine
import System
import Testing

@testable import Files

@Suite("file source")
struct FileSourceTests {
    private func source(_ paths: [String], block: Int = 1024, interrupt: Interrupt = Interrupt()) -> FileSource {
        FileSource(paths: paths, maxLine: 1 << 20, interrupt: interrupt, block: block)
    }

    @Test("files are read in the given order, each from position 0", arguments: [1, 2, 4, 1024])
    func order(block: Int) throws {
        let folder = TemporaryFolder()
        let paths = try [folder.file("b", "1\n2\n3"), folder.file("a", ""), folder.file("c", "4\n5\n")]
        var source = source(paths, block: block)
        var batch = Batch(capacity: 4)
        let pieces = try drain(&source, into: &batch)
        #expect(pieces.filter { $0.input == 0 }.map(\.text).joined() == "1\n2\n3")
        #expect(pieces.filter { $0.input == 2 }.map(\.text).joined() == "4\n5\n")
        #expect(pieces.filter(\.startsInput).map(\.input) == [0, 2])
        #expect(pieces.filter { $0.position == 0 }.map(\.input) == [0, 2])
        #expect(pieces.map(\.input) == pieces.map(\.input).sorted())
        #expect(source.name(ofInput: 2) == paths[2])
    }

    @Test("an end is final: what is appended to a delivered last line is not read")
    func end() throws {
        let folder = TemporaryFolder()
        let path = try folder.file("a", "1")
        var source = source([path])
        var batch = Batch()
        #expect(try source.read(into: &batch, deadline: nil) == .lines)
        #expect((wallClock() - 60_000_000...wallClock()).contains(batch.arrival))
        _ = try folder.file("a", "12\n")
        #expect(try source.read(into: &batch, deadline: nil) == .end)
        #expect(batch.count == 0)
    }

    @Test("a file that becomes shorter while it is read is an error, one that grows is not", arguments: [2, 4, 6, 12])
    func truncated(length: Int) throws {
        let folder = TemporaryFolder()
        let path = try folder.file("a", "1\n2\n3\n4\n")
        var source = source([path], block: 4)
        var batch = Batch()
        #expect(try source.read(into: &batch, deadline: nil) == .lines)
        #expect(truncate(path, length) == 0)
        do {
            let rest = try drain(&source, into: &batch)
            #expect(length == 12 && rest.map(\.text).joined().hasPrefix("3\n4\n"))
        } catch let error as RunError {
            #expect(error.kind == .noInput)
            #expect(error.text.hasPrefix("\(path): truncated to \(length) bytes while it was being read, up to byte "))
            #expect(length < 8)
        }
    }

    @Test("reading can start at any line")
    func seek() throws {
        let folder = TemporaryFolder()
        let paths = try [folder.file("a", "1\n"), folder.file("b", "first\nsecond\n")]
        var source = source(paths)
        var batch = Batch()
        try source.resume(from: InputCheckpoint(restart: InputPosition(input: 1, position: 6), committed: .start))
        let pieces = try drain(&source, into: &batch)
        #expect(pieces.map(\.text) == ["second\n"])
        #expect(pieces.map(\.position) == [6])
        #expect(pieces.map(\.startsInput) == [false])
    }

    @Test("a batch ends at the boundary, even if more is read with it", arguments: [1, 3, 7, 64])
    func boundary(block: Int) throws {
        let folder = TemporaryFolder()
        let long = String(repeating: "x", count: 100)
        let text = "first\nsecond\n\(long)\nthird\nlast"
        let paths = try [folder.file("a", text), folder.file("b", "1\n")]
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.utf8.count + 1 }
        let ends = (1...lines.count).map { lines[..<$0].reduce(0, +) }.dropLast() + [text.utf8.count]
        for start in [0] + ends {
            for end in ends where end >= start {
                var source = FileSource(paths: paths, maxLine: 20, interrupt: Interrupt(), block: block)
                var batch = Batch()
                try source.resume(
                    from: InputCheckpoint(
                        restart: InputPosition(input: 0, position: start),
                        committed: InputPosition(input: 0, position: end)))
                var places: [InputPosition] = []
                while try source.read(into: &batch, deadline: nil) == .lines {
                    places += batch.endsInsideLine ? [batch.start] : [batch.start, batch.end]
                }
                #expect(start == end || places.contains(InputPosition(input: 0, position: end)), "\(start) \(end)")
                #expect(places.last == InputPosition(input: 1, position: 2))
            }
        }
    }

    @Test("an input that cannot be opened is reported before anything is read")
    func unreadable() throws {
        let folder = TemporaryFolder()
        let good = try folder.file("a", "1\n")
        #expect(throws: Never.self) { try FileSource.check([good, "/dev/null"]) }
        for (path, reason) in [
            ("\(folder.path)/none", "No such file or directory"), (folder.path, "Is a directory"),
            ("\(good)/x", "Not a directory"), ("\(good)\0", "No such file or directory"),
        ] {
            let error = #expect(throws: RunError.self) { try FileSource.check([good, path]) }
            #expect(error == .noInput("\(path): \(reason)"))
            let later = #expect(throws: RunError.self) {
                var source = FileSource(paths: [path], maxLine: 10, interrupt: Interrupt())
                var batch = Batch()
                _ = try source.read(into: &batch, deadline: nil)
            }
            #expect(later == .noInput("\(path): \(reason)"))
        }
    }

    @Test("a pipe is live; a file and an endless device are not")
    func live() throws {
        let folder = TemporaryFolder()
        let file = try folder.file("a", "1\n")
        mkfifo("\(folder.path)/fifo", 0o600)
        #expect(FileSource.isLive(["\(folder.path)/fifo"]))
        #expect(FileSource.isLive([file, "\(folder.path)/fifo"]))
        #expect(!FileSource.isLive([file]))
        #expect(!FileSource.isLive(["/dev/null", "/dev/zero", "\(folder.path)/none"]))
    }

    @Test("a FIFO is quiet until its writer opens it, and ends when the writer closes it")
    func fifo() throws {
        let folder = TemporaryFolder()
        let path = "\(folder.path)/fifo"
        mkfifo(path, 0o600)
        try FileSource.check([path])
        var source = source([path])
        var batch = Batch()
        #expect(try source.read(into: &batch, deadline: wallClock()) == .quiet)
        let writer = FileDescriptor.owning(open(path, O_WRONLY))
        #expect(try source.read(into: &batch, deadline: wallClock()) == .quiet)
        try writer.write("1\n2")
        #expect(try source.read(into: &batch, deadline: wallClock()) == .lines)
        #expect(Piece(batch).text == "1\n")
        #expect(try source.read(into: &batch, deadline: wallClock()) == .quiet)
        #expect(batch.count == 0)
        try writer.write("34\n")
        #expect(try source.read(into: &batch, deadline: nil) == .lines)
        #expect(Piece(batch).text == "234\n")
        #expect(batch.position == 2)
        try writer.write("last")
        try writer.close()
        #expect(try source.read(into: &batch, deadline: nil) == .lines)
        #expect(Piece(batch).text == "last")
        #expect(try source.read(into: &batch, deadline: nil) == .end)
        #expect(try source.read(into: &batch, deadline: nil) == .end)
    }

    @Test("an interrupt ends a waiting read")
    func interruptWaiting() async throws {
        let folder = TemporaryFolder()
        let path = "\(folder.path)/fifo"
        mkfifo(path, 0o600)
        let interrupt = Interrupt()
        let raising = Task.detached {
            usleep(20_000)
            interrupt.raise(SIGTERM)
        }
        var source = source([path], interrupt: interrupt)
        var batch = Batch()
        #expect(try source.read(into: &batch, deadline: nil) == .interrupted)
        #expect(interrupt.signalNumber == SIGTERM)
        #expect(batch.count == 0)
        _ = await raising.value
    }

    @Test("an interrupt stops the reading of a regular file; only the first counts")
    func interruptFile() throws {
        let folder = TemporaryFolder()
        let interrupt = Interrupt()
        var source = source([try folder.file("a", "1\n2\n3\n")], block: 2, interrupt: interrupt)
        var batch = Batch()
        #expect(try source.read(into: &batch, deadline: nil) == .lines)
        #expect(interrupt.raise(SIGINT))
        #expect(!interrupt.raise(SIGTERM))
        #expect(try source.read(into: &batch, deadline: nil) == .interrupted)
        #expect(interrupt.signalNumber == SIGINT)
    }

    @Test("a reader that closes a quiet pipe ends the wait")
    func outputGone() throws {
        let folder = TemporaryFolder()
        let path = "\(folder.path)/fifo"
        mkfifo(path, 0o600)
        let interrupt = Interrupt()
        let (input, output) = FileDescriptor.pipe()
        let writing = FileDescriptor.owning(output)
        var source = FileSource(
            paths: [path], maxLine: 10, interrupt: interrupt, watchingOutput: writing.number)
        var batch = Batch()
        #expect(try source.read(into: &batch, deadline: wallClock()) == .quiet)
        close(input)
        #expect(try source.read(into: &batch, deadline: nil) == .interrupted)
        #expect(interrupt.signalNumber == SIGPIPE)
    }
}

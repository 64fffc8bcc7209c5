import Glibc
import StreamEngine
import System
import Testing

@testable import Files

@Suite("byte sink")
struct ByteSinkTests {
    private func write(_ text: String, to sink: inout ByteSink) throws {
        var text = text
        var result: Result<Void, RunError> = .success(())
        text.withUTF8 { bytes in
            do throws(RunError) { try sink.write(UnsafeRawBufferPointer(bytes)) } catch { result = .failure(error) }
        }
        try result.get()
    }

    @Test("rows of any size arrive in order", arguments: [1, 100, 65_535, 65_536, 65_537, 200_000])
    func order(size: Int) throws {
        let folder = TemporaryFolder()
        let path = try folder.file("a", "old contents")
        var sink = try ByteSink.creating(path)
        var expected = ""
        for letter in ["a", "b", "c", "d"] {
            let row = String(repeating: letter, count: size)
            try write(row, to: &sink)
            try write("\n", to: &sink)
            expected += row + "\n"
        }
        #expect(sink.position == expected.utf8.count)
        try sink.close()
        try #require(try contents(of: path) == expected)
    }

    @Test("rows wait for a flush")
    func flush() throws {
        let folder = TemporaryFolder()
        var sink = try ByteSink.creating("\(folder.path)/a")
        try write("row\n", to: &sink)
        #expect(try contents(of: "\(folder.path)/a") == "")
        try sink.flush()
        #expect(try contents(of: "\(folder.path)/a") == "row\n")
        try sink.close()
    }

    @Test("a full disk is reported once")
    func full() throws {
        var sink = try ByteSink.creating("/dev/full")
        try write("row\n", to: &sink)
        do {
            try sink.flush()
            Issue.record("the disk was not full")
        } catch {
            #expect(error == .writeFailed(output: "/dev/full", reason: "No space left on device"))
        }
        try sink.close()
    }

    @Test("a closed reader ends the run quietly")
    func readerGone() throws {
        signal(SIGPIPE, SIG_IGN)
        let folder = TemporaryFolder()
        let path = "\(folder.path)/fifo"
        mkfifo(path, 0o600)
        let reader = try FileDescriptor.openForReading(path)
        var sink = try ByteSink.creating(path)
        try write("row\n", to: &sink)
        try sink.flush()
        try reader.close()
        try write("row\n", to: &sink)
        do {
            try sink.flush()
            Issue.record("nobody reads, yet it was written")
        } catch {
            #expect(error.kind == .readerGone)
        }
    }

    @Test("a file that cannot be created is reported with the reason", arguments: ["/nowhere/x", "/tmp", ""])
    func cannotCreate(path: String) throws {
        do {
            let sink = try ByteSink.creating(path)
            Issue.record("created \(sink.name)")
        } catch {
            let reason = path == "/tmp" ? "Is a directory" : "No such file or directory"
            #expect(error == .cannotCreate(output: path, reason: reason))
        }
    }

    @Test("resuming truncates what was written after the position")
    func resume() throws {
        let folder = TemporaryFolder()
        let path = try folder.file("a", "kept\nuncertain\n")
        var sink = try ByteSink.resuming(path, at: 5)
        #expect(sink.position == 5)
        try write("new\n", to: &sink)
        try sink.synchronize()
        #expect(try contents(of: path) == "kept\nnew\n")
        #expect(sink.position == 9)
        try sink.close()
        #expect(throws: RunError.self) { _ = try ByteSink.resuming(path, at: 100) }
        #expect(try contents(of: path) == "kept\nnew\n")
    }

    @Test("opening a file changes nothing, and one sink at a time has it")
    func opening() throws {
        let folder = TemporaryFolder()
        let path = try folder.file("a", "old\n")
        var first = try ByteSink.opening(path)
        try first.lock()
        #expect(try contents(of: path) == "old\n")
        var second = try ByteSink.opening(path, appends: true)
        let identity = second.identity
        do {
            try second.lock(isShared: true) { $0 == identity ? "j" : nil }
            Issue.record("two sinks have locked one file")
        } catch {
            #expect(error == .temporary("\(path): job 'j' is writing to it; give each run a file of its own"))
        }
        try first.start(at: 1)
        try write("new\n", to: &first)
        try first.close()
        try second.lock(isShared: true)
        #expect(try contents(of: path) == "onew\n")
    }

    @Test("two names of one file are detected")
    func sameFile() throws {
        let folder = TemporaryFolder()
        let path = try folder.file("a", "1\n")
        let other = try folder.file("b", "1\n")
        symlink(path, "\(folder.path)/c")
        #expect(isSameFile(input: path, output: "\(folder.path)/c"))
        #expect(!isSameFile(input: path, output: other))
        #expect(!isSameFile(input: path, output: "\(folder.path)/none"))
        #expect(!isSameFile(input: "/dev/null", output: "/dev/null"))
    }
}

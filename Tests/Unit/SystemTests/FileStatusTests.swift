import Glibc
import Testing

@testable import System

@Suite("files by name")
struct FileStatusTests {
    /// Calls the body with the path of a folder that is removed afterwards, with the files a and b in it.
    private func withFolder(_ body: (String) throws -> Void) rethrows {
        let folder = "/tmp/system-tests-\(randomSeed())"
        mkdir(folder, 0o700)
        defer {
            for name in ["a", "b", "fifo"] { unlink("\(folder)/\(name)") }
            rmdir(folder)
        }
        try body(folder)
    }

    private func write(_ text: String, _ path: String) throws {
        let file = try FileDescriptor.openForWriting(path)
        var text = text
        var failure: FileError?
        text.withUTF8 { bytes in
            do throws(FileError) { try file.write(UnsafeRawBufferPointer(bytes)) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    @Test("only regular files have a size")
    func sizes() throws {
        try withFolder { folder in
            try write("12345", "\(folder)/a")
            #expect(regularFileSize("\(folder)/a") == 5)
            #expect(regularFileSize("\(folder)/b") == nil && !exists("\(folder)/b"))
            #expect(regularFileSize(folder) == nil && exists(folder))
            mkfifo("\(folder)/fifo", 0o600)
            #expect(regularFileSize("\(folder)/fifo") == nil && exists("\(folder)/fifo"))
        }
    }

    @Test("a file is the same under every name of it")
    func sameFile() throws {
        try withFolder { folder in
            try write("1", "\(folder)/a")
            #expect(isSameFile(input: "\(folder)/a", output: "\(folder)/../\(folder.dropFirst(5))/a"))
            #expect(!isSameFile(input: "\(folder)/a", output: "\(folder)/b"))
            link("\(folder)/a", "\(folder)/b")
            #expect(isSameFile(input: "\(folder)/a", output: "\(folder)/b"))
        }
        #expect(!isSameFile(input: "/dev/null", output: "/dev/null"))
    }

    @Test("the text of a file is read up to a limit")
    func text() throws {
        try withFolder { folder in
            let long = String(repeating: "0123456789", count: 1000)
            try write(long, "\(folder)/a")
            #expect(fileText("\(folder)/a", most: 10_000) == long)
            #expect(fileText("\(folder)/a", most: 9_999) == nil)
            #expect(fileText("\(folder)/b", most: 10) == nil)
            #expect(fileText(folder, most: 10) == nil)
        }
    }

    @Test("a name with a NUL names no file")
    func names() {
        #expect(throws: FileError(code: ENOENT)) { _ = try FileDescriptor.openForReading("/dev/null\0x") }
    }
}

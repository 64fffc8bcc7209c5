import Glibc
import Testing

@testable import Files

@Suite("folders of rotated files")
struct RotatedFoldersTests {
    private static let names = ["app.log", "web-1.log", "a-b.log"]
    private static let others = [
        "app.log.1", "app.log.2.gz", "app.log-20260301", "app-2026-03-01.log", "web-1.log.3", "a-b-2026-03-01.log",
        "app.log.bak", "app-2.log", "web.1.log", "a.log.1",
    ]

    /// Calls `body` with the path of a folder of empty files.
    private func withFiles(_ names: [String], _ body: (String) throws -> Void) throws {
        let folder = "/tmp/rotated-folders-\(UInt64.random(in: 0...UInt64.max))/"
        mkdir(folder, 0o700)
        defer {
            for name in names { unlink(folder + name) }
            rmdir(folder)
        }
        for name in names { close(open(folder + name, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)) }
        try body(folder)
    }

    @Test("a folder has none of a name exactly where a listing of the name finds nothing", arguments: 0..<40)
    func alike(number: Int) throws {
        let rotated = RotatedFiles(patterns: [], takesAll: false)
        let present = Self.others.filter { _ in Int.random(in: 0..<4) == 0 }
        try withFiles(Self.names + present) { folder in
            var folders = RotatedFolders()
            for name in Self.names {
                let isEmpty = rotated.candidates(of: folder + name).isEmpty
                let hasNone = folders.hasNone(of: folder + name, rotated)
                #expect(hasNone == isEmpty, "\(name) beside \(present)")
            }
        }
    }

    @Test("a file that has come since counts once the folders are forgotten")
    func forget() throws {
        let rotated = RotatedFiles(patterns: [], takesAll: false)
        try withFiles(["app.log", "app.log.1"]) { folder in
            unlink(folder + "app.log.1")
            var folders = RotatedFolders()
            func hasNone(_ name: String) -> Bool { folders.hasNone(of: folder + name, rotated) }
            #expect(hasNone("app.log"))
            rename(folder + "app.log", folder + "app.log.1")
            close(open(folder + "app.log", O_CREAT | O_WRONLY | O_CLOEXEC, 0o600))
            #expect(hasNone("app.log"))
            folders.forget()
            #expect(!hasNone("app.log"))
        }
    }

    @Test("links to files of other names, and --rotated, are left to a listing of the name")
    func leftAlone() throws {
        let rotated = RotatedFiles(patterns: [], takesAll: false)
        try withFiles(["app-2026-03-02.log", "app.log", "plain.log"]) { folder in
            unlink(folder + "app.log")
            symlink("app-2026-03-02.log", folder + "app.log")
            var folders = RotatedFolders()
            func hasNone(_ name: String) -> Bool { folders.hasNone(of: folder + name, rotated) }
            #expect(!hasNone("app.log"))
            #expect(hasNone("plain.log"))
            let named = RotatedFiles(patterns: ["/var/old/*"], takesAll: true)
            let hasNoneNamed = folders.hasNone(of: folder + "plain.log", named)
            #expect(!hasNoneNamed)
            #expect(!hasNone("missing.log"))
        }
    }
}

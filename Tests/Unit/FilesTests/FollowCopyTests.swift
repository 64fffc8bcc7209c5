import Glibc
import StreamEngine
import Synchronization
import System
import Testing

@testable import Files

/// Files that may be copies of each other: they begin with the same line, or were truncated.
@Suite("copies of followed files")
final class FollowCopyTests: FollowRace {
    @Test("a file with only a header that was rotated before it was seen is not a copy if a program has it open")
    func rotatedBeforeSeen() throws {
        var source = try started("printf 'h\\na1\\n' > app.log", reading: ["h", "a1"])
        shell("mv app.log app.log.2; echo h > app.log")
        let program = open(name, O_WRONLY | O_CLOEXEC)
        shell("mv app.log app.log.1; printf 'h\\nc1\\n' > app.log")
        #expect(try read(&source) == [])
        shell("echo b1 >> app.log.1")
        close(program)
        let found = try readRest(&source)
        #expect(found == ["h", "b1", "h", "c1"])
    }

    @Test("a file that had the name when it was seen is not a copy, whatever is in it")
    func rotatedAfterSeen() throws {
        var source = try started("printf 'h\\na1\\n' > app.log", reading: ["h", "a1"])
        let older = open(name, O_WRONLY | O_CLOEXEC)
        shell("mv app.log app.log.2; echo h > app.log")
        let program = open(name, O_WRONLY | O_CLOEXEC)
        #expect(try read(&source) == [])
        shell("mv app.log app.log.1; printf 'h\\nc1\\n' > app.log")
        #expect(try read(&source) == [])
        close(older)
        var found = try read(&source)
        shell("echo b1 >> app.log.1")
        close(program)
        found += try readRest(&source)
        #expect(found == ["h", "b1", "h", "c1"])
    }

    @Test("a copy of the only line of a file that is being made is not read")
    func copyOfLine() throws {
        var source = try started("echo a1 > app.log", reading: ["a1"])
        shell("mv app.log app.log.3; echo b1 > app.log; echo b1 > app.log.1")
        let program = open(folder + "/app.log.1", O_WRONLY | O_CLOEXEC)
        var found = try read(&source)
        close(program)
        awaitNoWriter("app.log.1")
        found += try readRest(&source)
        shell("echo c1 > app.log")
        found += try readRest(&source)
        #expect(found == ["b1", "c1"])
    }

    @Test("a copy of a line is not read if the program that makes it ends while it is looked at", arguments: 0..<40)
    func copyEndsDuringLook(attempt: Int) throws {
        var source = try started("echo a1 > app.log", reading: ["a1"])
        shell("mv app.log app.log.3; echo b1 > app.log; echo b1 > app.log.1")
        let copy = folder + "/app.log.1"
        let program = open(copy, O_WRONLY | O_CLOEXEC)
        var found = try read(&source)
        let isOver = Atomic<Bool>(false)
        let programs = BackgroundThread.start {
            while !isOver.load(ordering: .relaxed) { close(open(copy, O_WRONLY | O_CLOEXEC)) }
        }
        close(program)
        for _ in 0..<20 {
            clock.advance(250_000)
            found += try read(&source)
        }
        isOver.store(true, ordering: .relaxed)
        try #require(programs).join()
        awaitNoWriter("app.log.1")
        found += try readRest(&source)
        #expect(found == ["b1"])
    }

    @Test("a compressed file is not the copy of another one of which less was seen than both begin with")
    func alikeAndCompressed() throws {
        var source = try started("printf 'x1\\nx2\\n' > app.log", reading: ["x1", "x2"])
        let program = open(name, O_WRONLY | O_CLOEXEC)
        shell("mv app.log app.log.1; printf x > app.log")
        #expect(try read(&source) == [])
        close(program)
        shell("gzip app.log.1; : > app.log")
        var found = try read(&source)
        shell("echo y >> app.log")
        found += try readRest(&source)
        #expect(found == ["y"])
    }

    @Test("copies of a file that is truncated again while it is seen first are read in order", arguments: 0..<12)
    func truncatedWhileSeen(moment: Int) throws {
        var source = try started("echo a1 > app.log", reading: ["a1"])
        shell("mv app.log app.log.3; : > app.log")
        #expect(try read(&source) == [])
        shell("echo b1 >> app.log; cp app.log app.log.2; echo c1 > app.log")
        changes.commands = Array(repeating: "", count: moment) + ["cp app.log app.log.1; echo d1 > app.log"]
        var found = try read(&source)
        while let next = changes.next() { shell(next) }
        found += try readRest(&source)
        #expect(found == ["b1", "c1", "d1"])
    }

    @Test(
        "the start of a file decides about its format, whatever has its name", arguments: ["true", "gzip app.log.1"])
    func renamedBeforeRead(after: String) throws {
        format = FormatPlan().name
        var source = try started("printf 'n,k\\n1,a\\n' > app.log", reading: ["n,k", "1,a"])
        store(source)
        shell("echo 2,b >> app.log; mv app.log app.log.1; \(after)")
        source = try follow(from: checkpoint)
        shell("mv app.log.1* app.log.2; : > app.log")
        let found = try readRest(&source)
        #expect(found == ["2,b"])
        #expect(source.files[0].format?.columns == ["n", "k"])
    }

    @Test("copies of a file that changes during the looks that find it truncated are read", arguments: 0..<10, 0..<8)
    func truncatedDuringLooks(moment: Int, between: Int) throws {
        var source = try started("printf 'a1\\na2\\n' > app.log", reading: ["a1", "a2"])
        shell("echo a3 >> app.log; cp app.log app.log.2; : > app.log")
        changes.commands = Array(repeating: "", count: moment) + ["printf 'b1\\nb2\\nb3\\n' > app.log"]
        changes.commands += Array(repeating: "", count: between) + ["cp app.log app.log.1; echo c1 > app.log"]
        var found = try read(&source)
        while let next = changes.next() { if !next.isEmpty { shell(next) } }
        found += try readRest(&source)
        #expect(found == ["a3", "b1", "b2", "b3", "c1"])
    }

    @Test(
        "the copy of a file that is written, copied, truncated and renamed during two looks is read", arguments: 0..<8,
        0..<16)
    func renamedDuringLooks(moment: Int, between: Int) throws {
        var source = try started("echo a1 > app.log", reading: ["a1"])
        shell("mv app.log app.log.3; : > app.log")
        #expect(try read(&source) == [])
        changes.commands = Array(repeating: "", count: moment) + ["printf 'b1\\nb2\\nb3\\n' > app.log"]
        changes.commands += Array(repeating: "", count: between % 4) + ["cp app.log app.log.2; echo c1 > app.log"]
        changes.commands += Array(repeating: "", count: between / 4) + ["mv app.log app.log.1; echo d1 > app.log"]
        clock.advance(1_000_000)
        var found = try read(&source)
        while let next = changes.next() { if !next.isEmpty { shell(next) } }
        found += try readRest(&source)
        #expect(found == ["b1", "b2", "b3", "c1", "d1"])
    }
}

import Glibc
import Plan
import StreamEngine
import System
import Testing

@testable import Files

/// What happens to files between two steps of one look.
@Suite("followed files that change during a look")
final class FollowRaceTests: FollowRace {
    @Test("a file that is copied, truncated and renamed after it was looked at is not read again from the copy")
    func truncatedAfterLook() throws {
        var source = try started("printf 'a1\\na2\\n' > app.log", reading: ["a1", "a2"])
        shell("echo a3 >> app.log; cp app.log app.log.2; echo b1 > app.log; mv app.log app.log.1; echo c1 > app.log")
        // The look has not found the truncation, but sees the new name.
        try source.lookAtName(of: source.files[0], 0)
        #expect(try read(&source) == ["a3", "b1", "c1"])
    }

    @Test("a file that is written, rotated and compressed after a look is not read again")
    func compressedAfterLook() throws {
        var source = try started(": > app.log", reading: [])
        shell("echo a1 >> app.log; gzip -c app.log > app.log.1.gz; rm app.log; echo b1 > app.log")
        // The look has found it empty, but sees the new name.
        try source.lookAtName(of: source.files[0], 0)
        #expect(try read(&source) == ["a1", "b1"])
    }

    @Test("a file of which nothing was seen is not lost if it is copied, truncated and renamed before the next look")
    func unknownAndRenamed() throws {
        var source = try started(": > app.log", reading: [])
        shell("echo a1 >> app.log; cp app.log app.log.2; : > app.log; echo b1 >> app.log")
        shell("mv app.log app.log.1; echo c1 > app.log")
        #expect(try read(&source) == ["a1", "b1", "c1"])
    }

    @Test("what is written while the ends of a file are read is not taken for its content")
    func rewrittenWhileHeld() throws {
        var source = try started("printf 'a1\\na2\\n' > app.log", reading: ["a1", "a2"])
        let generation = try #require(source.files[0].generations.first)
        let held = generation.held.hash
        shell("echo a3 >> app.log; cp app.log app.log.1; printf 'b1\\nb2\\nb3\\nb4\\n' > app.log")
        _ = generation.content.look()
        try generation.hold()
        #expect(generation.held.hash == held)
        #expect(try read(&source) == ["a3", "b1", "b2", "b3", "b4"])
    }

    @Test("a truncation is seen where the new content has the same bytes before the position, but begins differently")
    func truncatedAndAlike() throws {
        let alike = Array(repeating: String(repeating: "=", count: 99), count: 20)
        let writes = { "printf 'LINE\\n' > app.log; yes \(alike[0]) | head -20 >> app.log".replacing("LINE", with: $0) }
        var source = try started(writes("a1"), reading: ["a1"] + alike)
        shell("echo a3 >> app.log; cp app.log app.log.1; \(writes("b1")); echo b3 >> app.log; echo b4 >> app.log")
        #expect(try readRest(&source) == ["a3", "b1"] + alike + ["b3", "b4"])
    }

    @Test("the first content of a new file is not lost if it is copied and truncated before it is seen")
    func truncatedBeforeSeen() throws {
        var source = try started("echo a1 > app.log", reading: ["a1"])
        shell("mv app.log app.log.2; echo b1 > app.log")
        let opened = try OpenedFile(name, decompresses: true)
        shell("cp app.log app.log.1; : > app.log; echo c1 >> app.log")
        // The look has listed the files before.
        source.files[0].generations.first?.isNamed = false
        try source.insert(opened, into: source.files[0], at: 1, isNamed: true, 0)
        #expect(try read(&source) == ["b1", "c1"])
    }

    @Test("a truncated file that was removed comes before the files that took its name")
    func truncatedAndRemoved() throws {
        var source = try started("echo a1 > app.log", reading: ["a1"])
        shell("echo a2 >> app.log; cp app.log app.log.2; printf 'b1\\nb2\\nb3\\n' > app.log; rm app.log")
        shell("echo c1 > app.log; mv app.log app.log.1; echo d1 > app.log")
        let found = try read(&source)
        #expect(found == ["a2", "b1", "b2", "b3", "c1", "d1"])
    }

    @Test("the copy of a file of which nothing was seen comes before it, even if it was removed")
    func unknownAndRemoved() throws {
        var source = try started(": > app.log", reading: [])
        shell("echo a1 >> app.log; cp app.log app.log.1; touch -d '1 minute ago' app.log.1")
        shell("echo b1 > app.log; rm app.log; echo c1 > app.log")
        let found = try read(&source)
        #expect(found == ["a1", "b1", "c1"])
    }

    @Test(
        "a copy that lacks what was written before the truncation, and read, is not read again",
        arguments: ["true", "gzip app.log.1"])
    func shorterCopy(after: String) throws {
        var source = try started("echo a1 > app.log", reading: ["a1"])
        shell("cp app.log app.log.1; echo a2 >> app.log")
        #expect(try read(&source) == ["a2"])
        shell("\(after); : > app.log")
        #expect(try read(&source) == [])
        shell("touch app.log.other; echo b1 >> app.log")
        let found = try readRest(&source)
        #expect(found == ["b1"])
    }

    @Test("half a line in a rotated file that a program keeps open for ever does not stop the files after it")
    func halfLineKeptOpen() throws {
        var source = try started("echo a1 > app.log", reading: ["a1"])
        shell("mv app.log app.log.2; printf b1 > app.log; mv app.log app.log.1; echo c1 > app.log")
        let program = open(folder + "/app.log.1", O_WRONLY | O_CLOEXEC)
        defer { close(program) }
        #expect(try read(&source) == [])
        clock.advance(61_000_000)
        #expect(try read(&source) == ["b1", "c1"])
    }

    @Test("files that are rotated while a job starts again are read", arguments: 0..<8)
    func rotatedAtStart(moment: Int) throws {
        var source = try started("echo a1 > app.log", reading: ["a1"])
        shell("echo a2 >> app.log; mv app.log app.log-20260301; echo b1 > app.log")
        rotate(after: moment)
        store(source)
        source = try follow(from: checkpoint)
        var found = try read(&source)
        // Those for which there was no step.
        while let next = changes.next() { shell(next) }
        found += try readRest(&source)
        #expect(found == ["a2", "b1", "c1", "d1"])
    }

    @Test("files that are rotated while a name is followed for the first time are read", arguments: 1..<4)
    func rotatedAtFirstStart(moment: Int) throws {
        shell("echo a1 > app.log")
        rotate(after: moment)
        var source = try follow()
        var found = try read(&source)
        // Those for which there was no step.
        while let next = changes.next() { shell(next) }
        found += try readRest(&source)
        #expect(found == ["a1", "c1", "d1"])
    }

    @Test("a file that was rotated empty after a truncation, and is written later, is not lost")
    func emptyAfterTruncation() throws {
        var source = try started("echo a1 > app.log", reading: ["a1"])
        shell("echo b1 > app.log; mv app.log app.log.2; : > app.log")
        let program = open(name, O_WRONLY | O_CLOEXEC)
        shell("mv app.log app.log.1; echo d1 > app.log")
        #expect(try read(&source) == ["b1"])
        shell("echo c1 >> app.log.1")
        close(program)
        let found = try readRest(&source)
        #expect(found == ["c1", "d1"])
    }

    @Test("what is copied and truncated while a job starts again is read from the copy", arguments: 0..<8)
    func truncatedAtStart(moment: Int) throws {
        var source = try started("echo a1 > app.log", reading: ["a1"])
        shell("echo a2 >> app.log; mv app.log app.log-20260301; : > app.log")
        let change = "echo b1 > app.log; cp app.log app.log-20260302; echo c1 > app.log"
        let found = try restarted(&source, change, at: moment)
        #expect(found == ["a2", "b1", "c1"])
    }

    @Test("the positions of a rotated file that was truncated before it was read are before those of later files")
    func truncatedBetweenOthers() throws {
        var source = try started("echo a1 > app.log", reading: ["a1"])
        let program = open(name, O_WRONLY | O_CLOEXEC)
        shell("mv app.log app.log.2; echo b1 > app.log; mv app.log app.log.1; echo c1 > app.log")
        #expect(try read(&source) == [])
        shell("echo b2 > app.log.1")
        clock.advance(1_000_000)
        #expect(try read(&source) == [])
        close(program)
        let found = try readRest(&source)
        #expect(found == ["b2", "c1"])
    }

    @Test("a checkpoint has only the generations that are there")
    func checkpointed() throws {
        var source = try started(": > app.log", reading: [])
        shell("echo a1 > app.log; cp app.log app.log.1; : > app.log")
        #expect(try read(&source) == ["a1"])
        source.input.seal(&checkpoint.input)
        // The copy, and the file after it.
        #expect(checkpoint.input.files.generations.map(\.number) == [1, 2])
    }

    @Test("the copy of a file of which nothing was seen is found by the next run")
    func copiedBeforeRestart() throws {
        var source = try started(": > app.log", reading: [])
        shell("echo a1 > app.log; cp app.log app.log.1; : > app.log")
        // It is killed before it reads the copy.
        source.listUnknown()
        try source.look(at: source.files[0], 0)
        store(source)
        source = try follow(from: checkpoint)
        #expect(try read(&source) == ["a1"])
    }

    @Test("a file that is copied and truncated after the next run has found it is read from the copy", arguments: 0..<6)
    func truncatedAfterFound(moment: Int) throws {
        var source = try started("echo a1 > app.log", reading: ["a1"])
        shell("echo a2 >> app.log")
        let change = "cp app.log app.log.1; printf 'b1\\nb2\\nb3\\n' > app.log"
        let found = try restarted(&source, change, at: moment)
        #expect(found == ["a2", "b1", "b2", "b3"])
    }

    @Test("a compressed file is not taken for another one of which only the first byte was written")
    func compressedAfterFirstByte() throws {
        var source = try started(": > app.log", reading: [])
        let program = open(name, O_WRONLY | O_CLOEXEC)
        shell("printf n >> app.log; mv app.log app.log.2; echo n1 > app.log; gzip -c app.log > app.log.1.gz")
        shell("rm app.log; echo n2 > app.log")
        #expect(try read(&source) == [])
        shell("echo 0 >> app.log.2")
        close(program)
        let found = try readRest(&source)
        #expect(found == ["n0", "n1", "n2"])
    }

    @Test("a file that a job has seen, but not read, and that is deleted while it is stopped is a gap")
    func deletedUnread() throws {
        var source = try started("echo a1 > app.log", reading: ["a1"])
        let program = open(name, O_WRONLY | O_CLOEXEC)
        shell("mv app.log app.log.1; echo b1 > app.log")
        #expect(try read(&source) == [])
        store(source)
        let stored = checkpoint
        close(program)
        shell("mv app.log app.log.old; echo c1 > app.log")
        source = try follow(from: checkpoint)
        #expect(try readRest(&source) == ["b1", "c1"])
        shell("rm app.log.old")
        let error = try #require(throws: RunError.self) { _ = try follow(from: stored) }
        #expect(
            error
                == .noInput(
                    "\(name): \(name), of which 3 bytes were seen and not read, is gone (no match in app.log.1); "
                        + "--on-gap skip goes on without it"))
        source = try follow(from: stored, onGap: .skip)
        #expect(try readRest(&source) == ["c1"])
    }

    @Test("what comes after a gap has positions after it")
    func positionsAfterGap() throws {
        var source = try started("echo a1 > app.log", reading: ["a1"])
        store(source)
        shell("rm app.log")
        source = try follow(from: checkpoint, onGap: .skip)
        #expect(try read(&source) == [])
        store(source)
        shell("echo b1 > app.log")
        source = try follow(from: checkpoint, onGap: .skip)
        #expect(try read(&source) == ["b1"])
    }

    @Test("of several copies that begin like the little that was seen of a file, the oldest is its copy")
    func severalCopies() throws {
        var source = try started("printf n > app.log", reading: [])
        shell("echo 1 >> app.log; cp app.log app.log.3; echo n2 > app.log; cp app.log app.log.2")
        shell("echo n3 > app.log; cp app.log app.log.1; : > app.log")
        let found = try read(&source)
        #expect(found == ["n1", "n2", "n3"])
    }

    @Test("a file that a link will point to next was not rotated away")
    func nextTarget() throws {
        var source = try started("echo a1 > app.log-20260301; ln -s app.log-20260301 app.log", reading: ["a1"])
        shell("echo b1 > app.log-20260302; ln -sfn app.log-20260302 app.log; echo c1 > app.log-20260303")
        #expect(try readRest(&source) == ["b1"])
        shell("ln -sfn app.log-20260303 app.log")
        #expect(try readRest(&source) == ["c1"])
    }

    @Test("a file that loses its name during the look that finds it is read", arguments: 0..<10)
    func rotatedDuringLook(moment: Int) throws {
        var source = try started("echo a1 > app.log", reading: ["a1"])
        shell("mv app.log app.log-20260301; echo b1 > app.log")
        changes.commands = Array(repeating: "", count: moment) + ["mv app.log app.log-20260302"]
        let found = try readRest(&source)
        #expect(found == ["b1"])
    }

    @Test("a file that was read and then compressed is not the copy of one of which little was seen")
    func compressedBeforeCopy() throws {
        var source = try started("echo n1 > app.log", reading: ["n1"])
        shell("mv app.log app.log.1; printf n > app.log")
        #expect(try readRest(&source) == [])
        shell("gzip app.log.1; mv app.log.1.gz app.log.2.gz; echo 2 >> app.log; cp app.log app.log.1; : > app.log")
        #expect(try readRest(&source) == ["n2"])
    }

    @Test(
        "a file that was there at the start is not read when it is compressed, however new",
        arguments: ["o1", "o1\\no2"])
    func compressedAfterStart(lines: String) throws {
        var source = try started(
            "printf '\(lines)\\n' > app.log.1; touch -d '1 minute' app.log.1; echo a1 > app.log", reading: ["a1"])
        shell("gzip app.log.1; rm app.log; echo b1 > app.log")
        let found = try readRest(&source)
        #expect(found == ["b1"])
    }

    @Test("the next run finds a compressed file that begins with NUL bytes")
    func nulsBeforeRestart() throws {
        var source = try started("echo a1 > app.log", reading: ["a1"])
        shell("rm app.log; (head -c 100000 /dev/zero; echo b1) | gzip > app.log.1.gz")
        #expect(try readRest(&source) == ["b1"])
        store(source)
        source = try follow(from: checkpoint)
        shell("echo c1 > app.log")
        #expect(try readRest(&source) == ["c1"])
    }

    @Test("a compressed file that has come between two looks is read, whatever its time")
    func compressedBetweenLooks() throws {
        var source = try started("echo o1 > app.log.2; echo a1 > app.log", reading: ["a1"])
        shell(
            "rm app.log app.log.2; echo b1 > app.log.1; touch -d '1 hour ago' app.log.1; gzip app.log.1; echo c1 > app.log"
        )
        let found = try readRest(&source)
        #expect(found == ["b1", "c1"])
    }

    @Test(
        "a file of which nothing was read is found by what was seen of it, not by its inode",
        arguments: ["cp app.log app.log.2", "gzip -c app.log > app.log.2.gz"])
    func seenBeforeRestart(copy: String) throws {
        shell("printf 'a1\\na2\\n' > app.log")
        var source = try follow()
        try source.look(at: source.files[0], 0)
        store(source)
        // In the same inode is another content.
        shell("\(copy); echo b1 > app.log; mv app.log app.log.1; echo c1 > app.log")
        source = try follow(from: checkpoint)
        let found = try readRest(&source)
        #expect(found == ["a1", "a2", "b1", "c1"])
    }
}

import Foundation
import Glibc
import Testing

/// A signal ends a run that waits for another process.
struct StalledTests {
    static let signals = [SIGTERM, SIGINT, SIGHUP]
    private static let demo = "demo:sensors?records=3000000"

    private static func makeFIFO(_ name: String, in folder: URL) throws {
        try #require(mkfifo(folder.appendingPathComponent(name).path, 0o600) == 0)
    }

    @Test(
        "one signal ends a run whose reader takes nothing any more, and a message says that rows are missing",
        arguments: signals, [["-j", "1"], ["-j", "3", "--where", "temperature > 0"]])
    func stalledReader(_ number: Int32, _ flags: [String]) throws {
        let child = try Child([Self.demo] + flags, input: .file("/dev/null"))
        child.waitUntilBlocked()
        child.signal(number)
        var outcome = try child.endedUnread()
        #expect(outcome.signal == number)
        outcome = try child.rest()
        #expect(outcome.messages.hasPrefix("streamctl: stdout: stopped before all rows were written"))
    }

    @Test("QUIT, which does not ask for an orderly stop, ends it at once") func quit() throws {
        let child = try Child([Self.demo], input: .file("/dev/null"))
        child.waitUntilBlocked()
        child.signal(SIGQUIT)
        #expect(try child.endedUnread().signal == SIGQUIT)
    }

    @Test("the end of a run can stall too: the open windows of a stopped run") func stalledEnd() throws {
        let flags = ["demo:sensors?rate=200000&keys=50000", "-g", "sensor_id", "-a", "all=list(temperature)"]
        let child = try Child(flags, input: .file("/dev/null"))
        // Nothing is printed before the signal.
        usleep(1_500_000)
        child.signal(SIGTERM)
        #expect(try child.endedUnread().signal == SIGTERM)
        #expect(try child.rest().messages.contains("stopped before all rows were written"))
    }

    @Test("a reader that is slow, but reads, gets every row") func slowReader() throws {
        let flags = ["-t", "t", "-w", "1s", "-W", "0s", "-g", "k"]
        let child = try Child(flags)
        var text = ""
        for number in 0..<40_000 { text += "{\"t\":\(number / 10),\"k\":\(number)}\n" }
        // Fills the pipe: nothing of it is read before the signal.
        try child.write(Array(text.utf8), readingOutput: false)
        child.waitUntilBlocked()
        child.signal(SIGTERM)
        for _ in 0..<8 {
            usleep(300_000)
            try child.readSome(4096)
        }
        let outcome = try child.ended()
        #expect(outcome.signal == SIGTERM)
        let rows = outcome.text.split(separator: "\n")
        let last = rows.last.map(String.init) ?? ""
        #expect(last.hasSuffix(#""count":1}"#) && !outcome.messages.contains("stopped before"))
        // More than a pipe holds.
        #expect(outcome.out.count > 1_000_000)
    }

    @Test("a FIFO without a reader is waited for until a signal comes", arguments: ["-o", "--rejects"], signals)
    func openingOutput(_ flag: String, _ number: Int32) throws {
        try withScratchFolder { folder in
            try Self.makeFIFO("fifo", in: folder)
            let child = try Child(["demo:sensors", flag, "fifo"], input: .file("/dev/null"), in: folder)
            usleep(300_000)
            child.signal(number)
            let outcome = try child.ended()
            #expect(outcome.signal == number)
            #expect(outcome.messages == "streamctl: fifo: stopped while waiting for a reader of the FIFO\n")
        }
    }

    @Test("a FIFO as output gets its rows when a reader comes") func fifoAsOutput() throws {
        try withScratchFolder { folder in
            let outcome = try shell(
                """
                mkfifo f r; printf '{"a":1}\\nbad\\n' >in
                streamctl in -o f --rejects r 2>/dev/null & sleep 0.3; cat r >bad & cat f; wait; wc -l <bad
                """, in: folder)
            #expect(outcome.text == "{\"a\":1}\n1\n")
        }
    }

    @Test("a FIFO that nothing writes to ends by a signal, as an input", arguments: signals)
    func openingInput(_ number: Int32) throws {
        try withScratchFolder { folder in
            try Self.makeFIFO("fifo", in: folder)
            let child = try Child(["fifo", "--count"], input: .file("/dev/null"), in: folder)
            usleep(300_000)
            child.signal(number)
            let outcome = try child.ended()
            #expect(outcome.text == "{\"count\":0}\n" && outcome.signal == number)
        }
    }

    @Test("rejects that stall, and messages that stall, do not outlive a signal")
    func stalledMessages() throws {
        try withScratchFolder { folder in
            try Self.makeFIFO("fifo", in: folder)
            try Data(String(repeating: "bad\n", count: 200_000).utf8).write(to: folder.appendingPathComponent("in"))
            // Opened for both, it has a reader, which reads nothing.
            let held = open(folder.appendingPathComponent("fifo").path, O_RDWR)
            defer { close(held) }
            let child = try Child(["in", "--rejects", "fifo"], input: .file("/dev/null"), in: folder)
            usleep(700_000)
            child.signal(SIGTERM)
            let outcome = try child.ended()
            #expect(outcome.signal == SIGTERM && outcome.messages.contains("fifo: stopped before all rows"))
        }
    }

    @Test("a job that was ended while its pipe stalled resumes at its checkpoint and loses nothing")
    func stalledJob() throws {
        try withScratchFolder { folder in
            var text = ""
            for number in 0..<100_000 { text += "{\"t\":\(number),\"n\":\(number)}\n" }
            try Data(text.utf8).write(to: folder.appendingPathComponent("in"))
            let flags = ["in", "--select", "n", "--job", "j", "--state-dir", "s", "--commit-every", "10ms"]
            let child = try Child(flags, input: .file("/dev/null"), in: folder)
            child.waitUntilBlocked()
            child.signal(SIGTERM)
            #expect(try child.endedUnread().signal == SIGTERM)
            let first = try child.rest().text
            let next = try Child(flags, input: .file("/dev/null"), in: folder).ended()
            #expect(next.status == 0)
            func numbers(_ text: String) -> Set<Int> {
                Set(text.split(separator: "\n").compactMap { Int($0.dropFirst(5).dropLast()) })
            }
            // A pipe gets rows at least once.
            #expect(numbers(first).union(numbers(next.text)) == Set(0..<100_000))
        }
    }
}

import Foundation
import Glibc
import Testing

/// How the program behaves between other programs.
struct UnixTests {
    static let seconds = ["-t", "t", "-w", "5s", "-W", "0s"]

    static func row(_ start: Int, _ end: Int, _ rest: String) -> String {
        func time(_ second: Int) -> String {
            "1970-01-01T00:00:" + (second < 10 ? "0" : "") + "\(second)Z"
        }
        return #"{"window_start":"\#(time(start))","window_end":"\#(time(end))",\#(rest)}"#
    }

    // MARK: The end of a pipe

    @Test(
        "a reader that has enough ends an endless run quietly",
        arguments: ["--where 'a == 1'", "--let b=a", "--select a"])
    func headOfEndless(_ flags: String) throws {
        try withScratchFolder { folder in
            let outcome = try shell(#"yes '{"a":1}' | streamctl \#(flags) | head -n 1"#, in: folder)
            #expect(outcome.text.hasPrefix(#"{"a":1"#))
            #expect(outcome.text.count { $0 == "\n" } == 1)
            #expect(outcome.messages == "")
            #expect(outcome.status == 0)
        }
    }

    @Test("-n ends an endless run")
    func countOfEndless() throws {
        try withScratchFolder { folder in
            let outcome = try shell(#"yes '{"a":1}' | streamctl -n 100000 --sum a"#, in: folder)
            #expect(outcome.text == "{\"sum_a\":100000}\n")
            #expect(outcome.messages == "")
        }
    }

    @Test("-n ends the run with the last record it takes, though more could come", arguments: [[], ["--count"]])
    func countOfOpen(_ flags: [String]) throws {
        let child = try Child(["-n", "2"] + flags)
        try child.write("{\"a\":1}\n{\"a\":2}\n")
        let outcome = try child.ended(within: 20)
        #expect(outcome.text == (flags.isEmpty ? "{\"a\":1}\n{\"a\":2}\n" : "{\"count\":2}\n"))
        #expect(outcome.messages == "")
        #expect(outcome.status == 0)
    }

    @Test(
        "a closed output ends the run by SIGPIPE, as it ends cat",
        arguments: [["--where", "a == 1"], ["-g", "a", "-t", "a", "-w", "1s", "-W", "0s"]])
    func brokenPipe(_ flags: [String]) throws {
        let child = try Child(flags)
        child.closeOutput()
        var number = 0
        var isRead = true
        while isRead, number < 200_000 {
            isRead = try child.write(#"{"a":1,"n":\#(number)}"# + "\n{\"a\":\(number * 10)}\n")
            number += 1
        }
        let outcome = try child.end()
        #expect(outcome.signal == SIGPIPE)
        #expect(outcome.messages == "")
    }

    @Test("a reader that goes away is noticed while the input is quiet")
    func readerGoneWhileQuiet() throws {
        let child = try Child(Self.seconds)
        try child.write("{\"t\":1}\n")
        try child.waitUntilRead()
        child.closeOutput()
        let outcome = try child.ended()
        #expect(outcome.signal == SIGPIPE)
        #expect(outcome.messages == "")
    }

    // MARK: Descriptors

    @Test(
        "a full disk is told, with status 74",
        arguments: [["--count"], ["--select", "a"], [], ["-o", "/dev/full"], ["--rejects", "/dev/full"]])
    func fullDisk(_ flags: [String]) throws {
        let isNamed = flags.contains("/dev/full")
        let child = try Child(flags, output: isNamed ? .pipe : .file("/dev/full"))
        try child.write("{\"a\":1}\nbad\n")
        let outcome = try child.end()
        let name = isNamed ? "/dev/full" : "stdout"
        #expect(outcome.messages.hasSuffix("streamctl: \(name): write failed: No space left on device\n"))
        #expect(outcome.status == 74)
    }

    @Test("a limit on the size of files gives a message, not a core")
    func fileSizeLimit() throws {
        try withScratchFolder { folder in
            let outcome = try shell("ulimit -f 8; streamctl -o f demo:sensors?records=10000", in: folder)
            #expect(outcome.messages == "streamctl: f: write failed: File too large\n")
            #expect(outcome.status == 74)
        }
    }

    @Test("a closed standard input cannot be opened: 66")
    func closedInput() throws {
        let outcome = try Child(["--count"], input: .closed).ended()
        #expect(outcome.text == "")
        #expect(outcome.messages == "streamctl: stdin: Bad file descriptor\n")
        #expect(outcome.status == 66)
    }

    @Test("a closed standard input does not matter to files")
    func closedInputUnused() throws {
        try withScratchFolder { folder in
            try Data("{\"a\":1}\n".utf8).write(to: folder.appendingPathComponent("f"))
            let outcome = try Child(["--count", "f"], input: .closed, in: folder).ended()
            #expect(outcome.text == "{\"count\":1}\n")
            #expect(outcome.status == 0)
        }
    }

    @Test("a closed standard output cannot be written: 74", arguments: [["--count"], []])
    func closedOutput(_ flags: [String]) throws {
        let child = try Child(flags, output: .closed)
        try child.write("{\"a\":1}\n")
        let outcome = try child.end()
        #expect(outcome.messages == "streamctl: stdout: write failed: Bad file descriptor\n")
        #expect(outcome.status == 74)
    }

    @Test("rows for a file never get into another descriptor when the standard ones are closed")
    func allClosed() throws {
        try withScratchFolder { folder in
            try Data("{\"a\":1}\nbad\n".utf8).write(to: folder.appendingPathComponent("in"))
            let child = try Child(
                ["-o", "out", "--rejects", "bad", "in"], input: .closed, output: .closed, errors: .closed, in: folder)
            #expect(try child.ended().status == 0)
            let out = try String(contentsOf: folder.appendingPathComponent("out"), encoding: .utf8)
            let bad = try String(contentsOf: folder.appendingPathComponent("bad"), encoding: .utf8)
            #expect(out == "{\"a\":1}\n")
            #expect(bad.hasPrefix(#"{"reason":"malformed""#) && bad.count { $0 == "\n" } == 1)
        }
    }

    @Test("a directory as standard input cannot be read: 66")
    func directoryAsInput() throws {
        let outcome = try Child(["--count"], input: .file("/")).ended()
        #expect(outcome.messages == "streamctl: stdin: Is a directory\n")
        #expect(outcome.status == 66)
    }

    @Test("a named pipe is read like any input")
    func namedPipe() throws {
        try withScratchFolder { folder in
            let outcome = try shell(#"mkfifo p; echo '{"a":1}' >p & streamctl p; wait"#, in: folder)
            #expect(outcome.text == "{\"a\":1}\n")
            #expect(outcome.status == 0)
        }
    }

    @Test("streams that do not block lose nothing")
    func nonBlocking() throws {
        let bytes = Self.demo
        let child = try Child([], blocks: false)
        try child.write(bytes)
        let outcome = try child.end()
        expectSame(outcome.out, bytes)
        #expect(outcome.status == 0)
    }

    // MARK: Signals

    @Test("INT, TERM and HUP close and print the open windows, then end the run", arguments: [SIGINT, SIGTERM, SIGHUP])
    func signals(_ number: Int32) throws {
        let child = try Child(Self.seconds)
        try child.write("{\"t\":1}\n{\"t\":6}\n{\"t\":7}\n")
        #expect(try child.lines(1) == [Self.row(0, 5, #""count":1"#)])
        child.signal(number)
        let outcome = try child.ended()
        #expect(outcome.text == Self.row(0, 5, #""count":1"#) + "\n" + Self.row(5, 10, #""count":2"#) + "\n")
        #expect(
            outcome.messages
                == "streamctl: windows that start before 1970-01-01T00:00:01Z or end after 1970-01-01T00:00:07Z are not "
                + "covered whole\n")
        #expect(outcome.signal == number)
    }

    @Test("USR1 prints the counts, and the run goes on") func report() throws {
        let child = try Child(Self.seconds)
        try child.write("{\"t\":1}\n{\"t\":6}\n{\"t\":7}\n")
        #expect(try child.lines(1) == [Self.row(0, 5, #""count":1"#)])
        child.signal(SIGUSR1)
        try child.write("{\"t\":8}\n")
        try child.waitUntilRead()
        let outcome = try child.end()
        #expect(outcome.text.hasSuffix(Self.row(5, 10, #""count":3"#) + "\n"))
        #expect(outcome.messages.hasPrefix("streamctl: ") && outcome.messages.contains(" records so far: "))
        #expect(outcome.messages.count { $0 == "\n" } == 1)
        #expect(outcome.status == 0)
    }

    @Test("a signal in the middle of a file tells how much of it the rows cover") func stoppedFile() throws {
        try withScratchFolder { folder in
            let line = "{\"a\":1,\"b\":\"\(String(repeating: "x", count: 80))\"}\n"
            let file = folder.appendingPathComponent("big.jsonl")
            try Data(String(repeating: line, count: 300_000).utf8).write(to: file)
            // A debug build reads it for seconds, a full pipe holds any other build.
            let child = try Child(["--select", "a", "big.jsonl"], in: folder)
            _ = try child.lines(1)
            child.signal(SIGTERM)
            let outcome = try child.ended()
            #expect(outcome.messages.hasPrefix("streamctl: stopped after "))
            #expect(outcome.messages.contains(" % of big.jsonl ("))
            #expect(outcome.messages.hasSuffix("records); the rows cover only this part\n"))
            #expect(outcome.signal == SIGTERM)
        }
    }

    @Test("the shell sees 130 and 143", arguments: [("INT", 130), ("TERM", 143)])
    func signalStatus(_ name: String, _ status: Int32) throws {
        try withScratchFolder { folder in
            // A run in the background of a shell ignores INT from its start, unless env undoes that.
            let outcome = try shell(
                """
                mkfifo p; exec 3<>p; >rows
                env --default-signal=INT streamctl -t t -w 5s -W 0s <p >rows & run=$!
                echo '{"t":1}' >&3
                echo '{"t":6}' >&3
                until [ -s rows ]; do sleep 0.1; done
                kill -\(name) $run; wait $run; status=$?
                cat rows; exit $status
                """, in: folder)
            let rows = [Self.row(0, 5, #""count":1"#), Self.row(5, 10, #""count":1"#)]
            #expect(outcome.text.split(separator: "\n").map(String.init) == rows)
            #expect(outcome.status == status)
        }
    }

    @Test("an ignored INT stays ignored")
    func ignoredSignal() throws {
        try withScratchFolder { folder in
            let outcome = try shell(
                #"trap '' INT; { echo '{"a":1}'; sleep 1; kill -INT 0; sleep 1; echo '{"a":2}'; } | streamctl --sum a"#,
                in: folder)
            #expect(outcome.text == "{\"sum_a\":3}\n")
            #expect(outcome.status == 0)
        }
    }

    @Test("a second signal ends a run that cannot get rid of its rows", arguments: [SIGINT, SIGTERM])
    func secondSignal(_ number: Int32) throws {
        let child = try Child(["demo:sensors?records=1000000"], input: .file("/dev/null"))
        child.waitUntilBlocked()
        child.signal(number)
        usleep(1_200_000)
        child.signal(number)
        #expect(try child.endedUnread().signal == number)
    }

    @Test("a signal that is repeated at once is the same one: no row is lost", arguments: [SIGINT, SIGTERM, SIGHUP])
    func repeatedSignal(_ number: Int32) throws {
        for _ in 0..<5 {
            let child = try Child(Self.seconds)
            try child.write("{\"t\":1}\n{\"t\":6}\n{\"t\":7}\n")
            #expect(try child.lines(1) == [Self.row(0, 5, #""count":1"#)])
            child.signal(number)
            child.signal(number)
            let outcome = try child.ended()
            #expect(outcome.text == Self.row(0, 5, #""count":1"#) + "\n" + Self.row(5, 10, #""count":2"#) + "\n")
            #expect(outcome.signal == number)
        }
    }

    @Test("timeout, which signals twice, ends a run without losing a row", arguments: ["", "--preserve-status"])
    func timeout(_ option: String) throws {
        let outcome = try withScratchFolder { folder in
            try shell(
                """
                for i in 1 2 3; do
                { echo '{"t":1}'; sleep 3; } | timeout \(option) 2 streamctl -t t -w 5s -W 0s --count
                done
                """, in: folder)
        }
        let rows = Array(repeating: Self.row(0, 5, #""count":1"#), count: 3)
        #expect(outcome.text.split(separator: "\n").map(String.init) == rows)
    }

    // MARK: Where jobs are kept

    @Test("a job is kept in STATE_DIRECTORY, then XDG_STATE_HOME, then HOME; without them --state-dir is required")
    func stateDirectory() throws {
        try withScratchFolder { folder in
            let outcome = try shell(
                """
                echo '{"t":1}' >in
                run() { env -u STATE_DIRECTORY -u XDG_STATE_HOME -u HOME "$@" streamctl in -t t -w 5s --job j -o out; }
                run STATE_DIRECTORY="$PWD/a:$PWD/b" XDG_STATE_HOME="$PWD/c" HOME="$PWD/d" && ls a/j.job
                run XDG_STATE_HOME="$PWD/c" HOME="$PWD/d" && ls c/streamctl/j.job
                run HOME="$PWD/d" && ls d/.local/state/streamctl/j.job
                run A=b
                """, in: folder)
            #expect(outcome.text == "a/j.job\nc/streamctl/j.job\nd/.local/state/streamctl/j.job\n")
            #expect(outcome.status == 64)
            #expect(outcome.messages.contains("--state-dir DIR"))
        }
    }

    // MARK: Time goes by

    @Test("--idle closes the last window of a quiet pipe")
    func idle() throws {
        let child = try Child(["-t", "t", "-w", "1s", "-W", "0s", "--idle", "100ms"])
        try child.write("{\"t\":7}\n")
        #expect(try child.lines(1) == [Self.row(7, 8, #""count":1"#)])
        #expect(try child.end().status == 0)
    }

    @Test("rows come while the input is open, as soon as the watermark has passed their window")
    func rowsAreFlushed() throws {
        let child = try Child(Self.seconds + ["--idle", "off"])
        for start in stride(from: 0, to: 50, by: 5) {
            try child.write("{\"t\":\(start)}\n")
            if start > 0 { #expect(try child.lines(start / 5).last == Self.row(start - 5, start, #""count":1"#)) }
        }
        #expect(try child.end().text.count { $0 == "\n" } == 10)
    }

    @Test("records that pass through come out while the input is open")
    func recordsAreFlushed() throws {
        let child = try Child(["--where", "a > 0"])
        for number in 1...5 {
            try child.write("{\"a\":\(number)}\n")
            #expect(try child.lines(number).last == "{\"a\":\(number)}")
        }
        #expect(try child.end().status == 0)
    }

    @Test("--early prints the open windows again and again, and the final row at their end")
    func early() throws {
        let child = try Child(["-t", "t", "-w", "5s", "--idle", "off", "--early", "100ms", "--sum", "v"])
        try child.write("{\"t\":1,\"v\":1}\n")
        let first = Self.row(0, 5, #""sum_v":1,"final":false"#)
        #expect(try child.lines(2).prefix(2) == [first, first])
        try child.write("{\"t\":2,\"v\":2}\n")
        let second = Self.row(0, 5, #""sum_v":3,"final":false"#)
        try child.wait { String(decoding: $0, as: UTF8.self).contains(second) }
        let rows = try child.end().text.split(separator: "\n").map(String.init)
        #expect(rows.last == Self.row(0, 5, #""sum_v":3,"final":true"#))
        #expect(Set(rows.dropLast()) == [first, second])
    }

    @Test("a second stage prints its first row while the input of the first is open")
    func stages() throws {
        let command = """
            streamctl -t t -w 1s -W 0s --idle off --punctuate \
            | streamctl -t window_start -w 2s --idle off --sum count
            """
        try withScratchFolder { folder in
            let child = try Child(["-c", command], executable: "/bin/sh", in: folder)
            try child.write("{\"t\":0}\n{\"t\":1}\n{\"t\":1}\n{\"t\":2}\n{\"t\":3}\n")
            #expect(try child.lines(1) == [Self.row(0, 2, #""sum_count":3"#)])
            try child.write("{\"t\":4}\n")
            #expect(try child.lines(2).last == Self.row(2, 4, #""sum_count":2"#))
            #expect(try child.end().text.hasSuffix(Self.row(4, 6, #""sum_count":1"#) + "\n"))
        }
    }

    // MARK: A function of the bytes and the flags

    /// Every kind of line that is treated in its own way.
    static let oddities = Array(
        """
        \u{feff}{"t":1,"k":"\\u00e9","v":1.5}\r
        {"t":8,"k":"é","v":"2"}

        {"t":2,"k":null}
        nonsense
        {"t":9,"note":"far too long to be taken, all of it"}
        {"t":9.25,"v":1e2}\r
        {"t":12,"v":-1}
        """.utf8)

    static let cutFlags = [
        ["-t", "t", "-w", "5s", "-W", "2s", "-g", "k", "--count", "--sum", "v"],
        ["-t", "t", "--session", "3s", "-W", "2s", "--last", "v"], ["--where", "v > 0"], ["--let", "w=v"],
        ["--rows", "2", "--every", "1", "--max", "v"],
    ]

    /// Messages without those of a slow pipe while it is still read.
    private static func withoutProgress(_ messages: [UInt8]) -> [UInt8] {
        let lines = String(decoding: messages, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        // The counts are also reported every minute, which a busy machine may need.
        let counts = lines.lastIndex { $0.contains(" passed, ") }
        let final = lines.indices.filter { number in
            !lines[number].contains(" so far") && (number == counts || !lines[number].contains(" passed, "))
        }
        return Array(final.map { lines[$0] }.joined(separator: "\n").utf8)
    }

    @Test("where the bytes are cut does not matter", arguments: cutFlags)
    func everyCut(_ flags: [String]) throws {
        try withScratchFolder { folder in
            let file = folder.appendingPathComponent("in")
            try Data(Self.oddities).write(to: file)
            let common = ["--max-line", "40", "--rejects", "r", "-v"]
            let clocks = flags.contains("-t") ? ["--idle", "off", "--max-ahead", "off"] : []
            // The next run would append to the file.
            let rejects = {
                let file = folder.appendingPathComponent("r")
                defer { try? FileManager.default.removeItem(at: file) }
                return try Data(contentsOf: file)
            }
            let whole = try Child(flags + common + clocks, input: .file(file.path), in: folder).ended()
            let wholeRejects = try rejects()
            #expect(whole.status == 0 && !whole.out.isEmpty && !whole.err.isEmpty)
            func check(_ pieces: [ArraySlice<UInt8>], _ context: String) throws {
                let child = try Child(flags + common + clocks, in: folder)
                for piece in pieces {
                    try child.write(Array(piece))
                    try child.waitUntilRead()
                }
                let outcome = try child.end()
                expectSame(outcome.out, whole.out, context)
                expectSame(Self.withoutProgress(outcome.err), whole.err, context)
                expectSame(Array(try rejects()), Array(wholeRejects), context)
            }
            let bytes = Self.oddities
            for size in [1, 2, 3, 5, 8, 13, 21, 34, 55] {
                let starts = stride(from: 0, to: bytes.count, by: size)
                try check(starts.map { bytes[$0...].prefix(size) }, "in pieces of \(size)")
            }
            guard flags == Self.cutFlags[0] else { return }
            for cut in bytes.indices { try check([bytes[..<cut], bytes[cut...]], "cut at \(cut)") }
        }
    }

    /// About two megabytes of records.
    static let demo: [UInt8] = {
        let child = try? Child(["demo:sensors?records=20000&disorder=10m&seed=7&keys=50"], input: .file("/dev/null"))
        return (try? child?.ended().out) ?? []
    }()

    @Test(
        "neither the cuts nor the number of threads change a byte",
        arguments: [
            [
                "-w", "1h", "-g", "sensor_id", "--avg", "temperature", "--quantile", "0.9:humidity", "--last",
                "humidity",
            ],
            ["--hopping", "2h", "--every", "7m", "--sum", "temperature", "--distinct", "sensor_id"],
            ["--session", "40s", "-g", "sensor_id", "--count"],
            ["--rows", "100", "-g", "sensor_id", "--stddev", "humidity"],
            ["--where", "temperature > 15", "--let", "f=temperature*1.8+32"],
            ["-g", "sensor_id", "--top", "3:temperature"],
        ])
    func everyWay(_ flags: [String]) throws {
        let bytes = Self.demo
        #expect(bytes.count > 1_800_000)
        let all = ["-t", "event_time", "-W", "2m", "--idle", "off", "--max-ahead", "off", "-v"] + flags
        try withScratchFolder { folder in
            let file = folder.appendingPathComponent("in")
            try Data(bytes).write(to: file)
            let whole = try Child(all + ["-j", "1"], input: .file(file.path)).ended()
            #expect(whole.status == 0 && whole.out.count > 1000)
            for jobs in ["2", "4"] {
                let outcome = try Child(all + ["-j", jobs], input: .file(file.path)).ended()
                expectSame(outcome.out, whole.out, "-j \(jobs)")
                expectSame(outcome.err, whole.err, "-j \(jobs)")
            }
            var random = SystemRandomNumberGenerator()
            for jobs in ["1", "3"] {
                let seed = UInt64.random(in: 0...UInt64.max, using: &random)
                var cuts = SeededGenerator(seed: seed)
                let child = try Child(all + ["-j", jobs])
                var rest = bytes[...]
                while !rest.isEmpty {
                    let piece = rest.prefix(Int.random(in: 1...100_000, using: &cuts))
                    try child.write(Array(piece))
                    if Bool.random(using: &cuts) { try child.waitUntilRead() }
                    rest = rest.dropFirst(piece.count)
                }
                let outcome = try child.end()
                expectSame(outcome.out, whole.out, "seed \(seed)")
                expectSame(Self.withoutProgress(outcome.err), whole.err, "seed \(seed)")
            }
        }
    }

    // MARK: Files

    @Test(
        "every rejected and every late record is in the rejects file, in the order of the input",
        arguments: ["1", "4"])
    func rejectsAreComplete(_ jobs: String) throws {
        try withScratchFolder { folder in
            var lines = ""
            var expected: [String] = []
            for number in 1...20_000 {
                switch number % 5 {
                case 0:
                    lines += "{\"broken\":\(number)\n"
                    expected.append("malformed \(number)")
                case 1 where number > 1:
                    lines += "{\"t\":0,\"n\":\(number)}\n"
                    expected.append("late \(number)")
                case 2:
                    lines += "{\"n\":\(number)}\n"
                    expected.append("no-time \(number)")
                default: lines += "{\"t\":\(number)}\n"
                }
            }
            try Data(lines.utf8).write(to: folder.appendingPathComponent("in"))
            let outcome = try Child(
                ["-j", jobs, "-t", "t", "-w", "1s", "-W", "0s", "--rejects", "r", "-q", "in"], in: folder
            ).end()
            #expect(outcome.status == 0)
            let text = try String(contentsOf: folder.appendingPathComponent("r"), encoding: .utf8)
            let found = try text.split(separator: "\n").map { line in
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                return "\(object?["reason"] ?? "") \(object?["line"] ?? "")"
            }
            #expect(found == expected)
        }
    }

    @Test("a run does not read what it appends to its own input")
    func appendToInput() throws {
        try withScratchFolder { folder in
            let file = folder.appendingPathComponent("in")
            let bytes = Data(Self.demo)
            try bytes.write(to: file)
            let outcome = try shell("ulimit -f 20480; streamctl in >>in", in: folder)
            #expect(outcome.messages == "streamctl: stdout: it is also an input; write to a different file\n")
            #expect(outcome.status == 73)
            #expect(try Data(contentsOf: file) == bytes)
        }
    }

    @Test("-o FILE holds what standard output would have got")
    func outputFile() throws {
        try withScratchFolder { folder in
            let flags = ["demo:sensors?records=20000", "--let", "f=temperature*2"]
            let printed = try Child(flags, input: .file("/dev/null"), in: folder).ended()
            let written = try Child(flags + ["-o", "f"], input: .file("/dev/null"), in: folder).ended()
            #expect(written.out.isEmpty && written.status == 0)
            let bytes = [UInt8](try Data(contentsOf: folder.appendingPathComponent("f")))
            expectSame(bytes, printed.out)
        }
    }
}

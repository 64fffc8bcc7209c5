import Foundation
import Testing

/// What `--stats` writes and `--progress` shows.
struct StatisticsTests {
    private static let times = "2026-01-01T00:"

    /// Records of all kinds, drawn from a seed.
    private static func input(_ seed: UInt64) -> String {
        var random = SeededGenerator(seed: seed)
        var text = ""
        for number in 0..<500 {
            let second = max(0, number - Int.random(in: 0...90, using: &random))
            let time = Self.times + String(format: "%02d:%02dZ", second / 60, second % 60)
            switch Int.random(in: 0..<20, using: &random) {
            case 0: text += "{broken\n"
            case 1: text += #"{"n":1}"# + "\n"
            case 2: text += #"{"t":"x","n":1}"# + "\n"
            case 3: text += #"{"t":"\#(time)","n":"many"}"# + "\n"
            default: text += #"{"t":"\#(time)","n":\#(number)}"# + "\n"
            }
        }
        return text
    }

    private func object(_ line: some StringProtocol) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    @Test(
        "each record is in exactly one of the counts, which are those of --verbose",
        arguments: 1...8 as ClosedRange<UInt64>,
        ["-w 10s -W 20s", "--hopping 30s --every 7s -W 20s", "--session 3s -W 10s", "--rows 10", "--select n"])
    func counts(_ seed: UInt64, _ flags: String) throws {
        try withScratchFolder { folder in
            let text = Self.input(seed)
            try Data(text.utf8).write(to: folder.appendingPathComponent("in.jsonl"))
            let aggregate = flags.contains("select") ? "" : "--sum n"
            let outcome = try shell(
                "streamctl in.jsonl -t t \(flags) \(aggregate) --where 'n != 7' --stats s.json -v", in: folder)
            let lines = try String(contentsOf: folder.appendingPathComponent("s.json"), encoding: .utf8).split(
                separator: "\n")
            #expect(lines.count == 1)
            let statistics = try object(lines[0])
            func number(_ name: String) -> Int { statistics[name] as? Int ?? -1 }
            let rejected = try #require(statistics["rejected"] as? [String: Int]).values.reduce(0, +)
            #expect(number("records") == 500 && number("bytes") == text.utf8.count && number("status") == 0)
            let parts = ["in_windows", "in_no_window", "filtered", "late", "duplicates", "tombstones", "reread"]
                .map(number)
            #expect(parts.reduce(rejected, +) == 500, "\(statistics)")
            let rows = outcome.text.split(separator: "\n").count
            #expect(number("rows") == rows)
            // What counts the rows of a group outlives its windows.
            #expect(number("open_groups") == 0 || flags.contains("--rows"))
            let what = flags.contains("select") ? "passed" : "in windows"
            let message =
                "500 records: \(parts[0]) \(what), \(parts[1]) in no window, \(parts[2]) filtered, \(parts[3]) late, "
                + "\(rejected) rejected; \(rows) rows"
            #expect(outcome.messages.contains(message), "\(outcome.messages)")
            let inputs = try #require(statistics["inputs"] as? [[String: Any]])
            #expect(inputs.map { $0["name"] as? String } == ["in.jsonl"])
            #expect(inputs.map { $0["position"] as? Int } == [text.utf8.count])
            #expect(statistics["read_share"] as? Double == 1)
        }
    }

    @Test("with every=, lines are written while the run waits, and one at its end") func interval() throws {
        try withScratchFolder { folder in
            let file = folder.appendingPathComponent("s.json")
            let child = try Child(
                ["-t", "t", "-w", "1m", "-W", "5s", "--max-ahead", "off", "--count", "--stats", "s.json?every=20ms"],
                in: folder)
            try child.write(#"{"t":"2026-01-01T00:00:30Z"}"# + "\n" + #"{"t":"2026-01-01T00:01:01Z"}"# + "\n")
            func lines() -> [Substring] {
                ((try? String(contentsOf: file, encoding: .utf8)) ?? "").split(separator: "\n")
            }
            let deadline = Date(timeIntervalSinceNow: 60)
            while lines().dropFirst(3).isEmpty, Date() < deadline { usleep(5000) }
            child.closeInput()
            _ = try child.end()
            let objects = try lines().map { try object($0) }
            #expect(objects.count > 3)
            #expect(objects.dropLast().allSatisfy { $0["status"] is NSNull } && objects.last?["status"] as? Int == 0)
            let last = try #require(objects.last)
            #expect(last["records"] as? Int == 2 && last["rows"] as? Int == 2)
            let open = objects.dropLast().last
            #expect(open?["open_windows"] as? Int == 2 && open?["open_groups"] as? Int == 2)
            #expect(open?["watermark"] as? String == "2026-01-01T00:00:56Z")
            #expect(open?["latest_time"] as? String == "2026-01-01T00:01:01Z")
        }
    }

    @Test("a file that cannot be created ends the run before it reads or writes anything") func unwritable() throws {
        try withScratchFolder { folder in
            try Data("{\"n\":1}\n".utf8).write(to: folder.appendingPathComponent("in.jsonl"))
            let outcome = try shell("streamctl in.jsonl --count --stats no/where", in: folder)
            #expect(outcome.status == 73 && outcome.text.isEmpty && outcome.messages.contains("no/where"))
        }
    }

    // MARK: - Progress

    /// What a terminal shows after it was sent text: carriage returns, newlines, and erasing to the end of the line.
    private func screen(_ text: String) -> [String] {
        var lines: [[Character]] = [[]]
        var column = 0
        let rest = Array(text.replacingOccurrences(of: "\u{1b}[K", with: "\u{0}").unicodeScalars)
        for scalar in rest {
            switch scalar {
            case "\r": column = 0
            case "\n":
                lines.append([])
                column = 0
            case "\0": lines[lines.count - 1].removeLast(lines[lines.count - 1].count - column)
            default:
                var line = lines.removeLast()
                if column < line.count { line[column] = Character(scalar) } else { line.append(Character(scalar)) }
                lines.append(line)
                column += 1
            }
        }
        return lines.map { String($0) }.filter { !$0.isEmpty }
    }

    /// Runs over a pipe until the terminal shows something.
    private func shown(_ flags: [String], output: Child.Stream, until isEnough: (String) -> Bool) throws -> String {
        let terminal = try Terminal()
        let child = try Child(
            ["-t", "t", "-w", "1m", "-W", "5s", "--max-ahead", "off", "--count"] + flags, output: output,
            errors: .file(terminal.path))
        try child.write(#"{"t":"2026-01-01T00:00:30Z"}"# + "\n")
        let deadline = Date(timeIntervalSinceNow: 60)
        while !isEnough(terminal.text), Date() < deadline {
            try child.write("not JSON\n")
            usleep(20_000)
            terminal.read()
        }
        child.closeInput()
        // Hardly any record could be read.
        #expect(try child.ended().status == 65)
        terminal.read()
        return terminal.text
    }

    @Test("the progress line is erased before messages and at the end") func erased() throws {
        let text = try shown([], output: .file("/dev/null")) { $0.contains(" records, ") && $0.contains("malformed") }
        #expect(text.contains("\rstreamctl: ") && text.contains(" rejected") && text.contains("B/s"))
        let lines = screen(text)
        #expect(
            !lines.isEmpty && lines.allSatisfy { $0.hasPrefix("streamctl: ") && $0.contains("malformed") }, "\(lines)")
    }

    @Test("rows for a pipe erase it: the last program may print them on the same terminal") func pipe() throws {
        let terminal = try Terminal()
        try withScratchFolder { folder in
            // Rows come after more than half a second, then the program waits for its input to end.
            let script =
                "(printf '{\"t\":\"2026-01-01T00:00:30Z\"}\\n'; sleep 1.5; "
                + "printf '{\"t\":\"2026-01-01T00:05:30Z\"}\\n'; sleep 0.1) | "
                + "streamctl -t t -w 1m -W 5s --max-ahead off --count | cat"
            let child = try Child(
                ["-c", script], executable: "/bin/sh", input: .file("/dev/null"), output: .file(terminal.path),
                errors: .file(terminal.path), in: folder)
            #expect(try child.ended().status == 0)
        }
        terminal.read()
        #expect(terminal.text.contains("\rstreamctl: 1 record"))
        let lines = screen(terminal.text)
        #expect(lines.count == 2 && lines.allSatisfy { $0.hasPrefix("{\"window_start\"") }, "\(lines)")
    }

    @Test("rows that go elsewhere leave a terminal to the progress") func elsewhere() throws {
        let terminal = try Terminal()
        try withScratchFolder { folder in
            let outcome = try Child(
                ["demo:sensors?records=300000&rate=300000", "-t", "event_time", "-w", "1d", "--count", "-o", "rows"],
                input: .file("/dev/null"), output: .file(terminal.path), errors: .file(terminal.path), in: folder
            ).ended()
            #expect(outcome.status == 0)
        }
        terminal.read()
        #expect(terminal.text.contains(" records, ") && screen(terminal.text).isEmpty)
    }

    @Test(
        "there is none with --no-progress, --quiet or rows on the terminal",
        arguments: [["--no-progress"], ["-q"], []])
    func absent(_ flags: [String]) throws {
        let terminal = try Terminal()
        let outcome = try Child(
            ["demo:sensors?records=400000", "-t", "event_time", "-w", "1d", "--count", "--stats", "-"] + flags,
            input: .file("/dev/null"), output: flags.isEmpty ? .file(terminal.path) : .file("/dev/null"),
            errors: .file(terminal.path)
        ).ended()
        #expect(outcome.status == 0)
        terminal.read()
        #expect(!terminal.text.contains("\u{1b}[K"), "\(terminal.text)")
    }
}

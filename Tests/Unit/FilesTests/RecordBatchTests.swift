import System
import Testing

@testable import Files
@testable import StreamEngine

/// Records that are not the lines of their input: the same whatever the pieces in which the bytes come.
@Suite struct RecordBatchTests {
    /// The rows of an input: the number of the first line, and the values of the fields; for a rejected record `-`.
    private func rows(_ input: String, _ plan: FormatPlan, _ fields: String, maxLine: Int = 1000, piece: Int) throws
        -> [String]
    {
        var rows: [String] = []
        var end = 0
        try readInPieces(Array(input.utf8), plan, fields, maxLine: maxLine, piece: piece) {
            records, layout, batch, lines in
            #expect(batch.position == end)
            end = batch.end.position
            for row in 0..<records.count {
                let values = layout.selectColumns.map { column in
                    let value = records.columns[column][row]
                    return value.kind == .string || value.kind == .json
                        ? String(decoding: value.bytes, as: UTF8.self)
                        : value.kind == .integer ? String(value.bits) : "null"
                }
                let isGood = records.places[row].status == .accepted
                let number = lines + Int(records.places[row].line) + 1
                rows.append("\(number):" + (isGood ? values.joined(separator: "|") : "-"))
            }
        }
        #expect(end == input.utf8.count)
        return rows
    }

    private func expectRows(
        _ input: String, _ plan: FormatPlan, _ fields: String, maxLine: Int = 1000, _ expected: [String],
        _ place: SourceLocation = #_sourceLocation
    ) throws {
        for piece in Array(1...min(64, input.utf8.count + 1)) + [100_000] {
            let found = try rows(input, plan, fields, maxLine: maxLine, piece: piece)
            #expect(found == expected, "pieces of \(piece)", sourceLocation: place)
        }
    }

    private static func starting(_ pattern: String, _ name: FormatName = .lines) throws -> FormatPlan {
        var plan = FormatPlan(name)
        plan.recordStart = try Regex(pattern)
        return plan
    }

    @Test("a record begins at each line that matches and has the lines after it")
    func recordStart() throws {
        let plan = try Self.starting("^\\d")
        try expectRows("1 a\n  b\n\tc\n2 d\n3 e\n  f\n", plan, "line", ["1:1 a\n  b\n\tc", "4:2 d", "5:3 e\n  f"])
        // The last line without its end, carriage returns, blank lines inside and at the end of a record.
        try expectRows("1 a\r\n  b\r\n2 c\r\n", plan, "line", ["1:1 a\r\n  b", "3:2 c"])
        try expectRows("1 a\n\n  b\n\n\n2 c\n d", plan, "line", ["1:1 a\n\n  b", "6:2 c\n d"])
        try expectRows("\u{feff}1 a\n b\n2", plan, "line", ["1:1 a\n b", "3:2"])
        try expectRows("", plan, "line", [])
        try expectRows("\n\n", plan, "line", [])
        // Lines before the first start are records of their own.
        try expectRows("x\n y\n1 a\n b\n", plan, "line", ["1:x", "2: y", "3:1 a\n b"])
        try expectRows("x\ny", plan, "line", ["1:x", "2:y"])
        try expectRows("1 a\n b\n", plan, "@line_number,@line", ["1:1|1 a\n b"])
    }

    @Test("a record that is too long is rejected as a whole")
    func recordStartTooLong() throws {
        let plan = try Self.starting("^\\d")
        let long = String(repeating: "x", count: 30)
        try expectRows("1\n\(long)\n\(long)\n y\n2 a\n b\n", plan, "line", maxLine: 20, ["1:-", "5:2 a\n b"])
        try expectRows("1 \(long)\n y\n2 a\n", plan, "line", maxLine: 20, ["1:-", "3:2 a"])
        try expectRows("\(long)\(long)\ny\n2 a\n", plan, "line", maxLine: 20, ["1:-", "2:y", "3:2 a"])
        try expectRows("1\na\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\n2\n", plan, "line", maxLine: 20, ["1:-", "13:2"])
        try expectRows("1\naaaa\nbbbb\ncccc\ndddd\n2\n", plan, "line", maxLine: 20, ["1:-", "6:2"])
        try expectRows(
            "1\naaaa\nbbbb\ncccc\nddd\n2\n", plan, "line", maxLine: 20, ["1:1\naaaa\nbbbb\ncccc\nddd", "6:2"])
        try expectRows("1\n\(long)\(long)\(long)", plan, "line", maxLine: 20, ["1:-"])
    }

    @Test("other formats read the first line, and a text goes to the end of the record")
    func recordStartOfFormats() throws {
        var plan = try Self.starting("^level=", .logfmt)
        try expectRows(
            "level=error a=1\n at f\n at g\nlevel=info a=2\n", plan, "level,a,@line",
            ["1:error|1|level=error a=1\n at f\n at g", "4:info|2|level=info a=2"])
        plan = try Self.starting("^[A-Z][a-z][a-z] ", .syslog)
        try expectRows(
            "Mar  1 10:00:00 h app: boom\n at f\nMar  1 10:00:01 h app: ok\n", plan, "app,message",
            ["1:app|boom\n at f", "3:app|ok"])
        plan = try Self.starting("^\\d", .regex)
        plan.pattern = try RegexLayout(try Regex("(?<n>\\d+) (?<text>.*)"))
        try expectRows("1 a\n at f\n2 b\n", plan, "n,text", ["1:1|a", "3:2|b"])
        plan.pattern = try RegexLayout(try Regex("(?s)(?<n>\\d+) (?<text>.*)"))
        try expectRows("1 a\n at f\n2 b\n", plan, "n,text", ["1:1|a\n at f", "3:2|b"])
    }

    @Test("formats whose records are not lines of text have no starts")
    func recordStartRefused() throws {
        for name in [FormatName.json, .jsonStream, .csv, .tsv, .cri, .docker, .journal] {
            let choice = FormatChoice(try Self.starting("x", name))
            #expect(throws: FormatError.self) { try choice.format(Array("a,b\n".utf8), path: "", isWhole: true) }
        }
    }

    @Test("a regular expression makes the fields of a line")
    func regex() throws {
        var plan = FormatPlan(.regex)
        plan.pattern = try RegexLayout(try Regex("(?<a>\\d+)(?:-(?<b>\\w*))?"))
        try expectRows("x 1-y z\n22\n3-\nno\n\n4\r\n", plan, "a,b", ["1:1|y", "2:22|null", "3:3|", "4:-", "6:4|null"])
        // The last of several groups of a name that took part, and groups without a name.
        plan.pattern = try RegexLayout(try Regex("(?<a>x)|(?<a>y)(.)(?<b>.)(.)"), columns: ["c", "d"])
        try expectRows("x\ny123\n", plan, "a,b,c,d", ["1:x|null|null|null", "2:y|2|1|3"])
        plan.pattern = try RegexLayout(try Regex("(?<a>x)"), skipsUnmatched: true)
        try expectRows("x\nno\nx\n", plan, "a", ["1:x", "2:-", "3:x"])
    }

    private static let time = "2026-03-01T10:00:00.00000000"

    @Test("parts of lines in the logs of containerd are joined for each stream")
    func cri() throws {
        let plan = FormatPlan(.cri)
        func line(_ second: Int, _ rest: String) -> String { "\(Self.time)\(second)Z \(rest)\n" }
        try expectRows(
            line(1, "stdout F a") + line(2, "stderr F b"), plan, "stream,message", ["1:stdout|a", "2:stderr|b"])
        // The record is at the place of its first part and has its time.
        try expectRows(
            line(1, "stdout P a") + line(2, "stderr F x") + line(3, "stdout P b") + line(4, "stdout F c")
                + line(5, "stdout F d"),
            plan, "time,message",
            ["1:\(Self.time)1Z|abc", "2:\(Self.time)2Z|x", "5:\(Self.time)5Z|d"])
        // Both streams have an open line.
        try expectRows(
            line(1, "stdout P a") + line(2, "stderr P x") + line(3, "stdout F b") + line(4, "stderr F y"), plan,
            "stream,message", ["1:stdout|ab", "2:stderr|xy"])
        // More tags, an empty text, and a stream that ends with a part.
        try expectRows(
            line(1, "stdout P:x a") + line(2, "stdout F:y") + line(3, "stderr P b") + line(4, "stdout F c"), plan,
            "@line", ["1:\(Self.time)1Z stdout F:x a", "3:\(Self.time)3Z stderr F b", "4:\(Self.time)4Z stdout F c"])
        try expectRows(
            line(1, "stdout P a") + "no line of the log\n" + line(3, "stdout F b"), plan, "message",
            ["1:ab", "2:-"])
    }

    @Test("a line whose parts are too long is rejected as a whole")
    func criTooLong() throws {
        let plan = FormatPlan(.cri)
        let part = String(repeating: "x", count: 40)
        let input =
            (0..<8).map { "\(Self.time)\($0)Z stdout P \(part)\n" }.joined() + "\(Self.time)8Z stdout F z\n"
            + "\(Self.time)9Z stdout F ok\n"
        try expectRows(input, plan, "message", maxLine: 100, ["1:-", "10:ok"])
        // A stream without an end does not hold the other one back for ever.
        let others = (0..<9).map { "\(Self.time)\($0)Z stderr F \($0)\n" }.joined()
        try expectRows(
            "\(Self.time)0Z stdout P a\n" + others + "\(Self.time)9Z stdout F b\n", plan, "message", maxLine: 100,
            ["1:a"] + (0..<9).map { "\($0 + 2):\($0)" } + ["11:b"])
    }

    @Test("parts of lines in the logs of Docker are joined for each stream")
    func docker() throws {
        let plan = FormatPlan(.docker)
        func line(_ log: String, _ stream: String = "stdout", _ more: String = "") -> String {
            "{\"log\":\"\(log)\",\"stream\":\"\(stream)\"\(more),\"time\":\"\(Self.time)1Z\"}\n"
        }
        try expectRows(line("a\\n") + line("b\\n", "stderr"), plan, "log,stream", ["1:a|stdout", "2:b|stderr"])
        try expectRows(
            line("a\\\\") + line("x\\n", "stderr") + line("n\\\\n") + line("\\u003cb\\u003e\\n"), plan, "log",
            ["1:a\\n\\n<b>", "2:x"])
        try expectRows(
            line("a", "stdout", ",\"attrs\":{\"stream\":\"x\"}") + line("b\\n", "stdout", ",\"attrs\":{\"k\":\"\\n\"}"),
            plan,
            "log", ["1:ab"])
        try expectRows(line("a") + line("x", "stderr"), plan, "log", ["1:a", "2:x"])
        try expectRows(line("a\\n\\n") + "{\"other\":1}\n", plan, "log", ["1:a\n", "2:null"])
    }

    @Test("inside of a broken value, reading goes on at its lines with an object, and else behind it")
    func brokenStream() throws {
        let plan = FormatPlan(.jsonStream)
        let broken = "{\"a\":\n{\n 1}\n[{\"b\":2},\"\\\"x\"}"
        try expectRows(broken + "]\n{\"a\":3}", plan, "a", ["1:-", "2:-", "5:3"])
        try expectRows(broken, plan, "a", ["1:-", "2:-"])
    }

    @Test("a blank line is a null of the only column") func blankLines() throws {
        try expectRows("a\n\n1\n\r\n", FormatPlan(.csv), "a", ["2:null", "3:1", "4:null"])
    }

    @Test("bytes in the journal are text, other arrays stay")
    func journal() throws {
        let input = """
            {"__REALTIME_TIMESTAMP":"1700000000000000","MESSAGE":[104,105,255,33],"TAG":["a","b"]}
            {"__REALTIME_TIMESTAMP":"1700000000000001","MESSAGE":null,"TAG":[[1,2],[3]]}
            {"MESSAGE":[256],"TAG":[]}

            """
        try expectRows(
            input, FormatPlan(.journal), "MESSAGE,TAG",
            ["1:hi\u{fffd}!|[\"a\",\"b\"]", "2:null|[[1,2],[3]]", "3:[256]|[]"])
    }

    @Test(
        "the first line tells the logs of Docker and the journal from other JSON",
        arguments: [
            (#"{"log":"a\n","stream":"stdout","time":"2026-03-01T10:00:00Z"}"#, "docker"),
            (#"{"log":"a\n","stream":"stderr","attrs":{"a":"b"},"time":"2026-03-01T10:00:00Z"}"#, "docker"),
            (#"{"log":"a\n","stream":"stdout","time":"2026-03-01T10:00:00Z","x":1}"#, "json"),
            (#"{"log":"a\n","stream":"other","time":"2026-03-01T10:00:00Z"}"#, "json"),
            (#"{"log":{"a":1},"stream":"stdout","time":"2026-03-01T10:00:00Z"}"#, "json"),
            (#"{"MESSAGE":"a","__REALTIME_TIMESTAMP":"1700000000000000","X":null}"#, "journal"),
            (#"{"MESSAGE":"\"__REALTIME_TIMESTAMP\""}"#, "json"),
        ])
    func auto(line: String, name: String) throws {
        #expect(try FormatChoice(FormatPlan()).format(Array("\(line)\n".utf8), path: "", isWhole: true)?.name == name)
    }
}

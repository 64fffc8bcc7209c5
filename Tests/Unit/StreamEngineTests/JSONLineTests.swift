import Testing

@testable import StreamEngine

/// Lines that hold several objects, or text before an object.
@Suite("JSON lines that are more than one object") struct JSONLineTests {
    private static func rows(_ text: String, _ fields: String..., maxLine: Int = 1 << 20) throws -> [String] {
        let paths = try fields.map { try FieldPath.parse($0) }
        return scanRows(Array(text.utf8), paths, maxLine: maxLine).map { line, record in
            let values = record.status.isRejected ? record.status.name : record.values.joined(separator: " ")
            return "\(line): \(record.text) = \(values)"
        }
    }

    @Test("each object of a line is a record of that line, with blanks or a comma after it")
    func several() throws {
        let lines = #"""
            {"a":1}{"a":2}
            {"a":3} 	{"a":4},{"a":5} , {"a":6},
            {"a":7}

            {"a":8},{}
            """#
        #expect(
            try Self.rows(lines, "a") == [
                #"0: {"a":1} = 1"#, #"0: {"a":2} = 2"#, #"1: {"a":3} = 3"#, #"1: {"a":4} = 4"#, #"1: {"a":5} = 5"#,
                #"1: {"a":6} = 6"#, #"2: {"a":7} = 7"#, #"4: {"a":8} = 8"#, "4: {} = missing",
            ])
    }

    @Test("behind the first object that is broken, the rest of the line is one malformed record")
    func broken() throws {
        #expect(
            try Self.rows("{\"a\":1}{\"a\":}{\"a\":2}\n{\"a\":3}\n", "a") == [
                #"0: {"a":1} = 1"#, #"0: {"a":}{"a":2} = badSyntax"#, #"1: {"a":3} = 3"#,
            ])
        for junk in ["x", "}", "]", ",,", ", ,", ";{\"a\":2}", "1", "\"x\"", ",1", ",x{}"] {
            #expect(try scanLine("{\"a\":1}\(junk)", "a").status.isRejected, "\(junk)")
        }
    }

    @Test("a source that supplies the ends of records supplies one object each")
    func framed() {
        for text in ["{\"a\":1}{\"a\":2}", "{\"a\":1},", "text {\"a\":1}"] {
            var format = JSONFormat(fields: [FieldPath(name: Array("$watermark".utf8))], maxLine: 100)
            var batch = Batch()
            Array(text.utf8).withUnsafeBytes { batch.append(record: $0) }
            var records = Records(columnCount: 1)
            format.read(&batch, into: &records)
            #expect(records.count == 1 && records.places[0].status.isRejected, "\(text)")
        }
    }

    @Test("of a line longer than the limit, the objects before the limit are records if they can be told apart")
    func tooLong() throws {
        let line = String(repeating: "{\"a\":1}", count: 5)
        #expect(try Self.rows(line, "a", maxLine: 35).count == 5)
        let expected = [#"0: {"a":1} = 1"#]
        let rows = try Self.rows(line + "\n{\"a\":2}", "a", maxLine: 30)
        #expect(Array(rows.prefix(1)) == expected && rows.count == 3 && rows[1].hasSuffix("= tooLong"), "\(rows)")
        // A source keeps a few bytes more than the limit.
        for kept in 31...35 {
            let cut = try Self.rows(String(line.prefix(kept)), "a", maxLine: 30)
            #expect(cut == Array(rows.prefix(2)), "\(kept): \(cut)")
        }
        #expect(try Self.rows("web {\"a\":1}", "a", maxLine: 10) == [#"0: web {"a":1} = tooLong"#])
    }

    @Test(
        "text before an object is @prefix",
        arguments: [
            (#"web_1  | {"a":1}"#, "web_1"), (#"[pod/web-1/app] {"a":1}"#, "[pod/web-1/app]"),
            (#"2026-02-03T07:08:09.123456789Z {"a":1}"#, "2026-02-03T07:08:09.123456789Z"),
            (
                "2026-02-03T07:08:09Z\tINFO\tsome {thing} {} x\t{\"a\":1} \r",
                "2026-02-03T07:08:09Z\tINFO\tsome {thing} {} x"
            ),
            (#"data: {"a":1}"#, "data:"), (#"@cee:{"a":1}"#, "@cee:"), (#"é | { "a":1}"#, "é"),
            (#"x {"b"} y {"a":1}"#, #"x {"b"} y"#),
            (#"  topic/1   {"a":1}"#, "topic/1"), ("\u{1b}[36mweb |\u{1b}[0m {\"a\":1}", "\u{1b}[36mweb |\u{1b}[0m"),
            (#"x | {"a":1},"#, ""), (#"| {"a":1}"#, "missing"), (#"{"a":1}"#, "missing"),
            (#"{"@prefix":"own","a":1}"#, "own"),
        ])
    func prefix(_ line: String, _ prefix: String) throws {
        let scanned = try scanLine(Array(line.utf8), "@prefix", "a")
        if prefix.isEmpty {
            #expect(scanned.status == .notAnObject)
        } else {
            #expect(scanned.values == [prefix == "missing" ? "missing" : "string \(prefix)", "1"])
        }
    }

    @Test(
        "the rest of a torn line, and text that is none, stay malformed",
        arguments: [
            #"":1,"b":{"c":2}}"#, #"b": {"c":2}"#, #"x" : {"c":2}"#, #"1,{"c":2}"#, #"[{"c":2}"#, #""x" {"c":2}"#,
            #"text {"c":2} more"#, #"text {"c":2}}"#, #"text {"c":2}{"d":3}"#, "void run() {}", "text { }",
            #"text {"c":}"#, #"x {"b" {"c":1}"#, #"text {x} {"c":1}"#, #"text {"c":2"#, #"x\{"c":2}"#, #"}{"c":2}"#,
            "a\0b {\"c\":1}",
        ])
    func torn(_ line: String) throws {
        let scanned = try scanLine(line, "c")
        #expect(scanned.status == .notAnObject)
        #expect(scanned.text == line)
        // Nothing of a failed try is left.
        let rows = try Self.rows("\(line)\n{\"d\":1}\n", "c", "d")
        #expect(rows.last == #"1: {"d":1} = missing 1"# && rows.count == 2)
    }

    @Test("a hostile line is scanned a few times only, and nothing of its tries is kept")
    func hostile() throws {
        let nested = "x " + String(repeating: "{\"a\":", count: 400) + "1" + String(repeating: "}", count: 399)
        #expect(try scanLine(nested, "a.a.a").status == .notAnObject)
        let many = "x " + String(repeating: "{\"a\" ", count: 100_000) + "{\"a\":1}"
        #expect(try scanLine(many, "a").status == .notAnObject)
        let braces = "x " + String(repeating: "{", count: 500_000) + "\"a\":1}"
        #expect(try scanLine(braces, "a").status == .notAnObject)
        // The routes of keys with dots are ranked for each record.
        #expect(
            try Self.rows(#"x {"a.b":{"c":1} y {"a":{"b.c":2}}"# + "\n" + #"{"a":{"b.c":3}}"#, "a.b.c").map {
                String($0.suffix(3))
            } == ["= 2", "= 3"])
    }

    @Test("random lines are read as the model says, in one batch and in two")
    func random() throws {
        var random = SeededGenerator(seed: 5)
        let pieces = [
            "{\"a\":1}", "{\"a\":2, \"b\":{\"c\":3}}", "{}", "{\"b\":{\"c\":4}}", " ", ",", "|", "web", ":", "\"", "{",
            "}",
            "[", "{\"a\":", "\t", "\\", "é", "\r", "{\"b\":{\"c\":", "x ",
        ]
        let fields = try ["a", "b.c", "@prefix"].map { try FieldPath.parse($0) }
        for round in 0..<400 {
            let lines = (0..<20).map { _ in
                Array((0..<random.below(7)).map { _ in random.pick(pieces) }.joined().utf8)
            }
            let found = scanRows(Array(lines.joined(separator: [0x0a])), fields)
            let expected = lines.enumerated().flatMap { number, line in
                let model = recordsOfLine(line)
                return model.records.map { tree in
                    let prefix = model.prefix.flatMap { $0.isEmpty ? nil : "string \($0)" } ?? "missing"
                    let values = tree.map { tree in
                        fields.prefix(2).map { tree.find($0)?.description ?? "missing" } + [prefix]
                    }
                    return "\(number): \(values ?? [])"
                }
            }
            let rows = found.map { "\($0.line): \($0.record.status.isRejected ? [] : $0.record.values)" }
            #expect(rows == expected, "round \(round)")
            guard rows == expected else { return }
        }
    }

    @Test(
        "auto reads such lines as what is given",
        arguments: [
            (#"web_1  | {"a":1}"#, "json"), (#"2026-02-03T07:08:09.123456789Z {"a": 1, "b": "x: y"}"#, "json"),
            (#"[pod/a/b] {"a":1}"#, "json"), (#"level=info x=1 {"a":1}"#, "json"),
            (#"2026-02-03T07:08:09.1Z stdout F {"a":1}"#, "cri"), (#"Feb  3 07:08:09 h app[1]: {"a":1}"#, "syslog"),
            (#"<34>1 2026-02-03T07:08:09Z h a p - - {"a":1}"#, "syslog"), (#"{"a":1}"#, "json"),
            ("2026-02-03T07:08:09Z heroku[router]: at=info method=GET status=200", "syslog"),
            (#"{"a":1},"#, "json-stream"), (#"{"a":1}{"a":2}"#, "json-stream"),
        ])
    func auto(_ line: String, _ name: String) throws {
        let choice = FormatChoice(FormatPlan())
        #expect(try choice.format(Array("\(line)\n".utf8), path: "in", isWhole: true)?.name == name)
    }

    @Test(
        "a first line that its writer has not ended yet decides as it will once it is whole",
        arguments: [
            (#"{"a":1,"b"#, "json"), ("{", "json"), ("{\n", "json-stream"), (#"{"a":1}"#, "json"),
            (#"[{"a":1"#, "json-stream"),
        ])
    func torn(_ head: String, _ name: String) throws {
        #expect(try FormatChoice(FormatPlan()).format(Array(head.utf8), path: "in", isWhole: true)?.name == name)
    }
}

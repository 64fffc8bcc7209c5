import Testing

@testable import StreamEngine

@Suite("what an input that is not JSON lines looks like") struct ForeignContentTests {
    private static let access = #"1.2.3.4 - - [03/Feb/2026:07:08:09 +0000] "GET / HTTP/1.1" 200 12 "-" "curl""#

    static let texts: [(ForeignContent, [String])] = [
        (
            .jsonArray,
            ["[{\"a\":1},{\"a\":2}]\n", "[\n {\"a\":1},\n {\"a\":2}\n]\n", "[", "[]\n", "[ {\n  \"a\": 1\n}"]
        ),
        (
            .prettyJSON,
            [
                "{\n  \"a\": 1\n}\n", "{\r\n\t\"a\": {\r\n", "{ \"a\": 1,\n  \"b\": 2 }\n", "{\"a\": [\n1]}\n",
                "{\"a\":{\n}}",
            ]
        ),
        (
            .csv,
            [
                "id,amount\n1,2\n", "\"id\",\"a,b\"\n1,2\n", "ts,level,ms\n2026-02-03,info,1\n2026-02-03,warn,2\n",
                "a,b\r\n1,\r\n", "name,note\nx,\"y, z\"\n",
            ]
        ),
        (
            .semicolonCSV,
            ["id;amount\n1;2,5\n", "a;b;c\n1;2;3\n", "x;y\n;\n", "Datum;Betrag\n03.02.;1\n", "a;b\n\"1;2\";3\n"]
        ),
        (
            .tsv,
            ["id\tamount\n1\t2\n", "a\tb\tc\n1\t2\t3\n", "x\ty\n\t\n", "k\tv\nhello world\t1, 2\n", "a\tb\r\n1\t2\r\n"]
        ),
        (
            .accessLog,
            [
                access, "\(access)\n\(access)\n",
                #"::1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 2326"#,
                #"h 1.2.3.4 - - [03/Feb/2026:07:08:09 +0000] "POST /x" 500 0"#,
                #"10.0.0.1 - - [01/Jan/2026:00:00:00 +0100] "-" 408 - "-" "-""#,
            ]
        ),
        (
            .logfmt,
            [
                "level=info msg=\"a b\" ms=3\n", "ts=2026-02-03T00:00:00Z caller=x.go:1 err=\"no\"\n",
                "a=1 b=2\nc=3 d=4\n",
                "time=\"x\" level=error user.id=7\n", "at=info method=GET path=/ host=h status=200\n",
            ]
        ),
        (.html, ["<!DOCTYPE html>\n<html>", "<html><body>", "<!doctype html>", "<HTML>", "<head><title>502</title>"]),
        (.xml, ["<?xml version=\"1.0\"?>\n<a/>", "<records>\n", "<a b=\"c\">", "<feed>", "<log><entry/></log>"]),
        (
            .text,
            [
                "Cannot connect to the Docker daemon\n", "Feb  3 07:08:09 host sshd[1]: accepted\n", "oops\noops\n",
                "null\n", "Traceback (most recent call last):\n  File \"x.py\", line 1\n",
            ]
        ),
    ]

    @Test("text is named by its first lines", arguments: texts)
    func text(_ content: ForeignContent, _ examples: [String]) {
        for example in examples { #expect(ForeignContent(Array(example.utf8)) == content, "\(example)") }
    }

    @Test("compressed and binary data are named by their first bytes")
    func binary() {
        let heads: [(ForeignContent, [[UInt8]])] = [
            (.gzip, [[0x1f, 0x8b, 8, 0, 0], [0x1f, 0x8b]]), (.zstd, [[0x28, 0xb5, 0x2f, 0xfd, 4]]),
            (.xz, [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]]), (.bzip2, [Array("BZh91AY".utf8)]),
            (.lz4, [[0x04, 0x22, 0x4d, 0x18]]), (.zip, [[0x50, 0x4b, 3, 4]]), (.parquet, [Array("PAR1".utf8)]),
            (.avro, [Array("Obj\u{1}x".utf8)]), (.arrow, [Array("ARROW1\u{0}\u{0}".utf8)]),
            (
                .utf16,
                [
                    [0xff, 0xfe, 0x7b, 0], [0xfe, 0xff, 0, 0x7b], [0x7b, 0, 0x22, 0, 0x61, 0, 0x22, 0],
                    [0, 0x7b, 0, 0x22, 0, 0x61, 0, 0x22],
                ]
            ),
            (.binary, [[1, 2, 3], Array("abc".utf8) + [0], [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]]),
        ]
        for (content, examples) in heads {
            for head in examples { #expect(ForeignContent(head) == content, "\(head)") }
        }
    }

    @Test("a message in Confluent's wire format is named with its schema")
    func confluent() {
        let message: [UInt8] = [0, 0, 0, 0, 17, 8, 0x61, 0x62]
        #expect(ForeignContent(message: message) == .confluent)
        #expect(ForeignContent.schema(of: message) == 17)
        #expect(ForeignContent.schema(of: [0, 0, 1, 0, 1, 2]) == 65537)
        for other: [UInt8] in [
            [], [0], [0, 0, 0, 0, 17], [0, 0, 0, 0, 0, 1], [0, 0xff, 0, 0, 1, 2], [1, 0, 0, 0, 17, 8],
        ] {
            #expect(ForeignContent.schema(of: other) == nil)
        }
        let found = message.withUnsafeBytes { JSONDiagnosis.defect(in: $0) }
        #expect(found?.message == "in Confluent wire format (schema 17), not JSON" && found?.showsText == false)
    }

    @Test("a message of a topic is named by its first bytes, and text is not named")
    func messages() {
        #expect(ForeignContent(message: [0x1f, 0x8b, 8, 0]) == .gzip)
        #expect(ForeignContent(message: [0x0a, 3, 1, 2]) == .binary)
        #expect(ForeignContent(message: Array("oops".utf8)) == nil)
        #expect(ForeignContent(message: Array("[1]".utf8)) == nil)
        let gzip: [UInt8] = [0x1f, 0x8b, 8, 0]
        #expect(gzip.withUnsafeBytes { JSONDiagnosis.defect(in: $0) }?.message == "gzip data, not JSON")
        // A control character in a string is named where it is.
        let object = Array("{\"a\":\"\u{1}\"}".utf8)
        #expect(object.withUnsafeBytes { JSONDiagnosis.defect(in: $0) }?.offset == 6)
    }

    @Test(
        "a line of text gets a pattern that takes its time and level",
        arguments: [
            ("2026-02-03 07:08:09.123 UTC [1234] LOG:  x", "2026-02-03 07:08:09.123 UTC", nil),
            ("2026-02-03 07:08:09,123 INFO  [main] com.acme.App - x", "2026-02-03 07:08:09,123", "INFO"),
            ("2026/02/03 07:08:09 [error] 123#0: *1 x", "2026/02/03 07:08:09", "error"),
            ("2026-02-03T07:08:09.123456Z my-lb 1.2.3.4:5678 x", "2026-02-03T07:08:09.123456Z", nil),
            ("1770102489.123    123 1.2.3.4 TCP_MISS/200 x", "1770102489.123", nil),
            ("abc bucket [03/Feb/2026:07:08:09 +0000] 1.2.3.4 x", "03/Feb/2026:07:08:09 +0000", nil),
            ("[Tue Feb  3 07:08:09 2026] usb 1-1: x", "Tue Feb  3 07:08:09 2026", nil),
            ("[2026-02-03 07:08:09] app.ERROR: x", "2026-02-03 07:08:09", nil),
            ("[2026-02-03 07:08:09] ERROR: x", "2026-02-03 07:08:09", "ERROR"),
            ("Feb  3 07:08:09.123 y x", "Feb  3 07:08:09.123", nil),
            ("I0203 07:08:09.123456   12345 controller.go:116] x", "0203 07:08:09.123456", "I"),
            ("INFO:root:hello", nil, nil), ("[    0.123456] usb 1-1: x", nil, nil), ("5 apples", nil, nil),
            ("[pid: 1] [Tue Feb  3 07:08:09 2026] x", nil, nil),
        ] as [(String, String?, String?)])
    func patterns(text: String, time: String?, level: String?) throws {
        let line = Array(text.utf8)
        let pattern = ForeignText.pattern(line + [0x0a])?.regex
        try #require((pattern == nil) == (time == nil), "\(pattern ?? "none")")
        guard let pattern else { return }
        let regex = try Regex(pattern)
        let machine = try PikeVM(regex, capturing: Array(1..<regex.groupCount + 1))
        let slots = try #require(line.withUnsafeBytes { machine.match($0) })
        func group(_ name: String) throws -> String? {
            guard let number = regex.groupNames.firstIndex(of: name) else { return nil }
            return String(decoding: line[Int(slots[2 * number])..<Int(slots[2 * number + 1])], as: UTF8.self)
        }
        #expect(try group("time") == time)
        #expect(try group("level") == level)
        #expect(try group("message")?.hasSuffix("x") == true)
    }

    @Test("text in other encodings and archives are named")
    func encodings() {
        #expect(ForeignContent([0xff, 0xfe, 0, 0, 0x7b, 0, 0, 0]) == .utf32)
        #expect(ForeignContent([0xff, 0xfe, 0x7b, 0, 0x7d, 0]) == .utf16)
        #expect(ForeignContent(Array("{\"a\":\"caf".utf8) + [0xe9] + Array("\"}\n".utf8)) == .oneByteText)
        #expect(ForeignContent(Array("x\ncaf".utf8) + [0xc3]) == .text)
        #expect(ForeignContent(Array("%PDF-1.4\n".utf8)) == .binary)
        var archive = [UInt8](repeating: 0, count: 512)
        archive.replaceSubrange(257..<262, with: "ustar".utf8)
        #expect(ForeignContent(archive) == .tar)
        #expect(ForeignText.encoding([0xfe, 0xff, 0, 0x7b]) == "UTF-16")
        #expect(
            ForeignText.encoding([0, 0x7b, 0, 0x7d]) == "UTF-16BE" && ForeignText.encoding([0x7b, 0]) == "UTF-16LE")
        let text: [UInt8] = [0x61, 0, 0x2c, 0, 0x62, 0, 0x0a, 0]
        #expect(throws: FormatError.self) {
            try FormatChoice(FormatPlan(.csv)).format(text, path: "", isWhole: true)
        }
    }

    @Test("nothing is said about an empty input") func empty() {
        #expect(ForeignContent([]) == nil)
        #expect(ForeignContent(Array("\n\n".utf8)) == nil)
    }
}

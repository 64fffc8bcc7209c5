import Testing

@testable import StreamEngine

/// What a text format makes of a text: each record as a JSON object with all its fields, or the reason why it is rejected.
func recordsOf(_ text: String, _ format: InputFormat) -> [String] { recordsOf(Array(text.utf8), format) }

func recordsOf(_ text: [UInt8], _ format: InputFormat) -> [String] {
    var batch = Batch()
    batch.startsInput = true
    text.withUnsafeBytes { batch.append($0) }
    return recordsOf(&batch, format)
}

func recordsOf(_ batch: inout Batch, _ format: InputFormat) -> [String] {
    var records = Records(columnCount: 1)
    let reader = format.make([FieldPath(name: Array("$watermark".utf8))], 1 << 20)
    read(reader, &batch, &records)
    records.describe(format.traits)
    return (0..<records.count).map { row in
        records.isReadable(row)
            ? records.objects(of: [row])[0].map { String(decoding: $0, as: UTF8.self) } ?? "{}"
            : records.detail(of: records.places[row].status).description
    }
}

private func read(
    _ format: consuming any RecordFormat & ~Copyable, _ batch: inout Batch, _ records: inout Records
) { format.read(&batch, into: &records) }

@Suite("logfmt") struct LogfmtTests {
    private static let table: [(String, String)] = [
        (#"a=1 b="x y""#, #"{"a":"1","b":"x y"}"#),
        ("flag", "no NAME=VALUE"),
        ("a=1 flag", #"{"a":"1","flag":"true"}"#),
        ("k=", #"{"k":null}"#),
        (#"k="""#, #"{"k":""}"#),
        ("a=b=c", #"{"a":"b=c"}"#),
        ("url=http://h/p?q=1&r=2 s=3", #"{"url":"http://h/p?q=1&r=2","s":"3"}"#),
        (#""k"=v"#, #"{"k":"v"}"#),
        (#"k"x=v"#, "a misplaced quote"),
        (#"a=1 k="unclosed"#, "unclosed quote"),
        ("a=1 a=2", #"{"a":"2"}"#),
        (#"a="\"q\" \\ \n \t é \x41 \'""#, #"{"a":"\"q\" \\ \n \t é A '"}"#),
        (#"a="\c \d""#, #"{"a":"\\c \\d"}"#),
        (#"a=C:\temp\n"#, #"{"a":"C:\\temp\\n"}"#),
        ("a='x y'", #"{"a":"'x","y'":"true"}"#),
        ("k = v", #"{"k":"true","=":"true","v":"true"}"#),
        ("a=1\tb=2", #"{"a":"1","b":"2"}"#),
        (
            "time=2026-02-03T07:08:09Z level=info msg=ok ms=12ms n=007",
            #"{"time":"2026-02-03T07:08:09Z","#
                + #""level":"info","msg":"ok","ms":"12ms","n":"007"}"#
        ),
        (#"a="x"b=1"#, "a misplaced quote"),
    ]

    @Test("each edge case is read as it should be", arguments: table) func edge(_ text: String, _ expected: String) {
        #expect(recordsOf(text + "\n", .logfmt) == [expected])
        #expect(recordsOf(text, .logfmt) == [expected], "without a line end")
        #expect(recordsOf(text + "\r\n", .logfmt) == [expected], "with a carriage return")
        // The layout that an earlier line has left must not matter.
        #expect(recordsOf("a=1 b=2\n" + text + "\n" + text + "\n", .logfmt).suffix(2) == [expected, expected])
    }

    @Test("a blank line is not a record, and a quoted text ends with its line") func lines() {
        #expect(recordsOf("\n  \na=1\n\n", .logfmt) == [#"{"a":"1"}"#])
        #expect(recordsOf("a=\"x\nb=2\n", .logfmt) == ["unclosed quote", #"{"b":"2"}"#])
    }

    @Test("bytes that are not UTF-8 reject a record; escapes that make such bytes give U+FFFD") func encoding() {
        #expect(recordsOf([0x61, 0x3d, 0xff, 0x0a], .logfmt) == ["not valid UTF-8"])
        #expect(recordsOf(#"a="\xff\xc3\xa9""#, .logfmt) == ["{\"a\":\"\u{fffd}é\"}"])
    }
}

@Suite("CSV and TSV") struct DelimitedTests {
    private static func csv(_ header: String, separator: Character = ",") -> InputFormat {
        .delimited(
            DelimitedLayout(
                separator: separator.asciiValue ?? 0, hasQuotes: separator != "\t",
                names: header.split(separator: separator).map(String.init), header: Array(header.utf8)))
    }

    private static let table: [(String, [String])] = [
        ("1,a,2", [#"{"id":"1","name":"a","v":"2"}"#]),
        (#"1,"a, b",2"#, [#"{"id":"1","name":"a, b","v":"2"}"#]),
        (#"1,"say ""hi""",2"#, [#"{"id":"1","name":"say \"hi\"","v":"2"}"#]),
        ("1,\"two\nlines\",2", [#"{"id":"1","name":"two\nlines","v":"2"}"#]),
        ("4,short", [#"{"id":"4","name":"short"}"#]),
        ("4,a,b,long", ["more values than the header has names"]),
        ("6,,8", [#"{"id":"6","name":null,"v":"8"}"#]),
        (#"7,"",9"#, [#"{"id":"7","name":"","v":"9"}"#]),
        (#"1, "lead",2"#, [#"{"id":"1","name":" \"lead\"","v":"2"}"#]),
        (#"1,a"b,2"#, [#"{"id":"1","name":"a\"b","v":"2"}"#]),
        (#"1,"a"b,2"#, ["a misplaced quote"]),
        ("1,\"open,2", ["unclosed quote"]),
        ("id,name,v", []),
        ("# a comment,b,c", [##"{"id":"# a comment","name":"b","v":"c"}"##]),
        ("1,a\rb,2", [#"{"id":"1","name":"a\rb","v":"2"}"#]),
    ]

    @Test("each edge case of CSV is read as it should be", arguments: table)
    func edge(_ text: String, _ expected: [String]) {
        let format = Self.csv("id,name,v")
        #expect(recordsOf("id,name,v\n" + text + "\n", format) == expected)
        #expect(recordsOf("id,name,v\n" + text, format) == expected, "without a line end")
        if !text.contains("\n") { #expect(recordsOf("id,name,v\r\n" + text + "\r\n", format) == expected, "with CRLF") }
    }

    @Test("after a quote that never ends, reading goes on at the next line") func unclosed() {
        #expect(
            recordsOf("id,name,v\n1,\"open,2\n3,b,4\n", Self.csv("id,name,v"))
                == ["unclosed quote", #"{"id":"3","name":"b","v":"4"}"#])
    }

    @Test("in TSV, a backslash escapes, and \\N is null") func tabs() {
        let format = Self.csv("a\tb", separator: "\t")
        #expect(recordsOf("a\tb\n1\tx\\ty\\n\\\\z\n", format) == [#"{"a":"1","b":"x\ty\n\\z"}"#])
        #expect(recordsOf("\\N\t\"q\"\n", format) == [#"{"a":null,"b":"\"q\""}"#])
        #expect(recordsOf("\t\n", format) == [#"{"a":null,"b":null}"#])
    }
}

@Suite("access logs") struct AccessLogTests {
    private static let head = #"1.2.3.4 - - [03/Feb/2026:07:08:09 +0000] "#
    private static let client = #""host":"1.2.3.4","ident":null,"user":null,"time":"03/Feb/2026:07:08:09 +0000""#

    /// The request and what follows it; the fields that are expected behind those of the client.
    private static let table: [(String, String)] = [
        (
            #""GET /a?b=1 HTTP/1.1" 200 12"#,
            #""request":"GET /a?b=1 HTTP/1.1","method":"GET","path":"/a?b=1","protocol":"HTTP/1.1","status":200,"bytes":12"#
        ),
        (
            #""GET / HTTP/1.1" 304 - "-" "curl/8""#,
            #""request":"GET / HTTP/1.1","method":"GET","path":"/","protocol":"HTTP/1.1","status":304,"bytes":null,"#
                + #""referer":null,"agent":"curl/8""#
        ),
        (
            #""-" 408 0 "-" "-""#,
            #""request":null,"method":null,"path":null,"protocol":null,"status":408,"bytes":0,"referer":null,"agent":null"#
        ),
        (
            #""\x16\x03\x01" 400 150 "-" "-""#,
            #""request":"\u0016\u0003\u0001","method":null,"path":null,"protocol":null,"status":400,"bytes":150,"#
                + #""referer":null,"agent":null"#
        ),
        (
            #""GET /" 200 5"#,
            #""request":"GET /","method":"GET","path":"/","protocol":null,"status":200,"bytes":5"#
        ),
        (
            #""GET /a b c HTTP/1.0" 200 5"#,
            #""request":"GET /a b c HTTP/1.0","method":"GET","path":"/a b c","protocol":"HTTP/1.0","status":200,"bytes":5"#
        ),
        (
            #""GET /\"q\"\\ HTTP/1.1" 200 5 "-" "a \"b\"""#,
            #""request":"GET /\"q\"\\ HTTP/1.1","method":"GET","path":"/\"q\"\\","protocol":"HTTP/1.1","status":200,"#
                + #""bytes":5,"referer":null,"agent":"a \"b\"""#
        ),
        (
            #""GET / HTTP/1.1" 200 5 "-" "x" 0.031"#,
            #""request":"GET / HTTP/1.1","method":"GET","path":"/","protocol":"HTTP/1.1","status":200,"bytes":5,"#
                + #""referer":null,"agent":"x","extra":"0.031","request_time":0.031"#
        ),
    ]

    private func objects(_ text: String) -> Set<Set<String>> {
        Set(
            recordsOf(text + "\n", .accessLog).map {
                Set($0.dropFirst().dropLast().split(separator: ",").map(String.init))
            })
    }

    @Test("each variant of a line is read as it should be", arguments: table)
    func variant(_ text: String, _ expected: String) {
        let expected = Set("\(Self.client),\(expected)".split(separator: ",").map(String.init))
        #expect(objects(Self.head + text) == [expected])
    }

    @Test("the client may be a list, come behind a virtual host, and have a name with blanks") func clients() {
        let rest = #" [03/Feb/2026:07:08:09 +0000] "GET / HTTP/1.1" 200 5"#
        #expect(recordsOf("www.x.org:443 1.2.3.4 - bob" + rest, .accessLog)[0].contains(#""vhost":"www.x.org:443""#))
        #expect(recordsOf("1.2.3.4, 5.6.7.8 - -" + rest, .accessLog)[0].contains(#""host":"1.2.3.4, 5.6.7.8""#))
        #expect(recordsOf("1.2.3.4 - Bob Smith" + rest, .accessLog)[0].contains(#""user":"Bob Smith""#))
    }

    @Test("a line that is cut off is rejected") func cut() {
        #expect(recordsOf(Self.head + #""GET / HTTP/1.1" 200 5 "-" "Mozilla"#, .accessLog) == ["unclosed quote"])
        #expect(recordsOf(Self.head + #""GET / HTTP/1.1" 200"#, .accessLog) == ["not a line of this format"])
        #expect(recordsOf("hello", .accessLog) == ["not a line of this format"])
        // Nothing before the first blank.
        let line = Self.head + #""GET / HTTP/1.1" 200 5"#
        #expect(recordsOf(String(line.drop { $0 != " " }), .accessLog) == ["not a line of this format"])
    }

    @Test("pairs behind the agent are fields, and so are the columns of ingress-nginx") func tails() {
        let line = Self.head + #""GET / HTTP/1.1" 200 5 "-" "x" "#
        let pairs = recordsOf(line + #"rt=0.031 uct="-" urt="0.010, 0.020""#, .accessLog)[0]
        for pair in [#""rt":"0.031""#, #""urt":"0.010, 0.020""#] { #expect(pairs.contains(pair), "\(pairs)") }
        let ingress = recordsOf(
            line + "310 0.005 [default-web-80] [] 10.0.0.1:80, 10.0.0.2:80 0, 12 0.001, 0.004 502, 200 ab12", .accessLog
        )[0]
        for pair in [
            #""request_length":310"#, #""request_time":0.005"#, #""upstream_name":"default-web-80""#,
            #""upstream_addr":"10.0.0.1:80, 10.0.0.2:80""#, #""upstream_time":"0.001, 0.004""#,
            #""upstream_status":"502, 200""#, #""req_id":"ab12""#,
        ] { #expect(ingress.contains(pair), "\(ingress)") }
    }
}

@Suite("syslog") struct SyslogTests {
    private static let table: [(String, String)] = [
        (
            #"<34>1 2026-03-01T10:00:00.003Z host app 123 ID47 [ex@1 k="v\]" n="a\"b"][x] the message"#,
            #"{"priority":34,"facility":"auth","severity":"crit","version":1,"time":"2026-03-01T10:00:00.003Z","#
                + #""host":"host","app":"app","pid":"123","msgid":"ID47","#
                + #""data":{"ex@1":{"k":"v]","n":"a\"b"},"x":{}},"message":"the message"}"#
        ),
        (
            "<165>1 2026-03-01T10:00:00Z - - - - -",
            #"{"priority":165,"facility":"local4","severity":"notice","version":1,"time":"2026-03-01T10:00:00Z","#
                + #""host":null,"app":null,"pid":null,"msgid":null,"data":null}"#
        ),
        (
            "<13>Mar  1 10:00:00 host sshd[99]: Failed password",
            #"{"priority":13,"facility":"user","severity":"notice","time":"Mar  1 10:00:00","host":"host","app":"sshd","#
                + #""pid":"99","message":"Failed password"}"#
        ),
        (
            "Mar 11 10:00:00 host kernel: [12.3] usb",
            #"{"time":"Mar 11 10:00:00","host":"host","app":"kernel","message":"[12.3] usb"}"#
        ),
        (
            "2026-03-01T10:00:00.123456+01:00 host app[1]: msg",
            #"{"time":"2026-03-01T10:00:00.123456+01:00","host":"host","app":"app","pid":"1","message":"msg"}"#
        ),
        (
            "Mar  1 10:00:00 host app: last message repeated 5 times",
            #"{"time":"Mar  1 10:00:00","host":"host","app":"app","message":"last message repeated 5 times","repeated":5}"#
        ),
        ("<999>Mar  1 10:00:00 host app: x", "not a line of this format"),
        ("hello world", "not a line of this format"),
        (#"<34>1 2026-03-01T10:00:00Z h a 1 - [x k="v] m"#, "unclosed quote"),
    ]

    @Test("each form of a line is read as it should be", arguments: table) func line(_ text: String, _ expected: String)
    {
        // The order of members is that of the targets.
        func members(_ object: String) -> [String] { object.split(separator: ",").sorted().map(String.init) }
        for text in [text, text + "\n", text + "\r\n"] {
            #expect(recordsOf(text, .syslog).map { members($0.trimmed) } == [members(expected.trimmed)])
        }
    }
}

extension String {
    /// Without the braces of an object.
    fileprivate var trimmed: String { hasPrefix("{") ? String(dropFirst().dropLast()) : self }
}

@Suite("JSON in any arrangement") struct JSONStreamTests {
    private func texts(_ text: String) -> [String] {
        var batch = Batch()
        batch.startsInput = true
        Array(text.utf8).withUnsafeBytes { batch.append($0) }
        var records = Records(columnCount: 1)
        read(InputFormat.jsonStream.make([FieldPath(name: Array("$watermark".utf8))], 1 << 20), &batch, &records)
        records.describe(InputFormat.jsonStream.traits)
        return (0..<records.count).map { row in
            records.isReadable(row)
                ? String(decoding: records.text(of: row), as: UTF8.self)
                : "line \(records.places[row].line + 1): \(records.detail(of: records.places[row].status))"
        }
    }

    @Test("values one after the other, with any white space, commas or record separators") func sequences() {
        for text in [
            #"{"a":1}{"a":[2]}"#, "{\"a\":1}\n\n{\"a\":[2]}\n", "[{\"a\":1},{\"a\":[2]}]",
            "[\n  {\"a\":1},\n  {\"a\":[2]}\n]\n",
            "{\"a\":1},\n{\"a\":[2]}", "\u{1e}{\"a\":1}\n\u{1e}{\"a\":[2]}\n", "\u{feff}{\"a\":1}{\"a\":[2]}",
        ] { #expect(texts(text) == [#"{"a":1}"#, #"{"a":[2]}"#], "\(text)") }
        #expect(texts("{\n  \"a\": {\"b\": \"}\"}\n}\n{}") == ["{\n  \"a\": {\"b\": \"}\"}\n}", "{}"])
        #expect(texts("[]").isEmpty && texts("").isEmpty && texts(" \n").isEmpty)
    }

    @Test("after a broken value, reading goes on at the next line that begins with an object") func recovery() {
        #expect(
            texts("{\"a\":1}\n{\"b\":\n{\"a\":2}\n{\"a\":3}\n").filter { !$0.hasPrefix("line") }
                == [#"{"a":1}"#, #"{"a":2}"#, #"{"a":3}"#])
        #expect(texts("{\"a\":1}\nnull\n{\"a\":2}").count == 3)
    }
}

import Testing

@testable import StreamEngine

@Suite("JSON, base64 and URLs in text") struct TextInTextTests {
    private static func bad(_ call: String, _ text: String) throws -> Int {
        try evaluate(call, over: [["s": .string(text)]]).badValues
    }

    @Test(
        "json() gives the value at a path of a string that holds JSON",
        arguments: [
            (#"{"a":{"b":[1,{"c":"x"}]}}"#, "a.b[1].c", .string("x")), (#"{"a":1}"#, "a", .int(1)),
            (#"{"a":1.50}"#, "a", .double(1.5)),
            (#"{"a":null}"#, "a", .null), (#"{"a":true}"#, "a", .bool(true)),
            (#" {"a" : "é\n" } "#, "a", .string("é\n")),
            (#"{"a":[1, 2]}"#, "a", .json("[1, 2]")), (#"{"a":1}"#, "b", .null), (#"{"a":1}"#, "a.b", .null),
            ("[5,6]", "x", .null),
            (#"{"a.b":1,"a":{"b":2}}"#, "a.b", .int(1)), (#"{"a":{"b.c":3}}"#, "a.b.c", .int(3)),
            (#"{"a[0]":4,"a":[5]}"#, "a[0]", .int(4)),
            (#"{"a":[5]}"#, "a[1]", .null), (#"{"a":1,"a":2}"#, "a", .int(2)), (#"{"\u0061":1}"#, "a", .int(1)),
            (#"{"a":"}{\"]["}"#, "a", .string("}{\"][")), (#"{"":7}"#, "\"\"", .int(7)), ("1", "a", .null),
            ("\"x\"", "a", .null),
            (#"{"a":NaN,"b":1}"#, "b", .int(1)), (#"{"a":NaN,"b":1}"#, "a", .null), (#"{"@type":1}"#, "@type", .int(1)),
            (#"{"@key":1}"#, "@key", .int(1)), (#"{"a":18446744073709551615}"#, "a", .json("18446744073709551615")),
            (#"{"a":{"b":1},"a.b":null}"#, "a.b", .null), ("{}", "a", .null), ("[]", "a", .null),
        ] as [(String, String, OwnedValue)])
    func paths(text: String, path: String, expected: OwnedValue) throws {
        #expect(try value("json(s, '\(path)')", ["s": .string(text)]) == expected)
        #expect(try Self.bad("json(s, '\(path)')", text) == 0)
    }

    @Test(
        "json() without a path gives the whole value",
        arguments: [
            ("5", .int(5)), (" [1] ", .json("[1]")), ("\"x\\ty\"", .string("x\ty")), ("null", .null),
            ("{\"a\":1}", .json("{\"a\":1}")),
            ("-0.5", .double(-0.5)), ("[\n 1,\r\n 2\n]\n", .json("[\t 1,\t\t 2\t]")), ("Infinity", .null),
            ("-Infinity", .null),
        ] as [(String, OwnedValue)])
    func wholes(text: String, expected: OwnedValue) throws {
        #expect(try value("json(s)", ["s": .string(text)]) == expected)
        #expect(try value("json(s, '$')", ["s": .string(text)]) == expected)
        #expect(try Self.bad("json(s)", text) == 0)
    }

    @Test(
        "a text that is not JSON gives null and is counted, even if the path leads to something",
        arguments: [
            "", " ", "x", "{", "}", "{\"a\":1", "{\"a\":1}}", "{\"a\":1,}", "{a:1}", "{'a':1}", "[1,]", "[1 2]",
            "{\"a\":1} x", "01", "1.", "nul",
            "tru", "nan", "inf", "-Inf", "NaNx", "\"a", "\"\\x\"", "\"\\ud800\"", "{\"a\"}", "{\"a\":}", "{1:2}", "[",
            "]", "1e400", "\u{feff}{}",
            "{\"a\":1}{\"a\":2}", "\"\u{1}\"", "-", "+1",
        ])
    func notJSON(text: String) throws {
        #expect(try value("json(s, 'a')", ["s": .string(text)]) == .null)
        #expect(try Self.bad("json(s, 'a')", text) == 1)
    }

    @Test("json() checks what the scanner of records checks")
    func differential() throws {
        var random = SeededGenerator(seed: 11)
        let pieces = [
            "{", "}", "[", "]", ",", ":", "\"a\"", "\"b\"", "1", "-2.5", "true", "null", " ", "\"\\n\"", "NaN",
            "Infinity", "-Infinity", "0", "e",
        ]
        var accepted = 0
        for round in 0..<20_000 {
            var text = ""
            for _ in 0..<Int.random(in: 1...9, using: &random) { text += pieces.randomElement(using: &random)! }
            if round % 2 == 0 { text = "{\"a\":\(text)}" }
            let tree = JSONTree.record(Array("{\"x\":\(text)}".utf8))
            #expect(try Self.bad("json(s)", text) == (tree == nil ? 1 : 0), "\(text)")
            accepted += tree == nil ? 0 : 1
        }
        #expect(accepted > 500)
    }

    @Test("JSON nests 512 deep and no deeper, without recursion", arguments: [("[", "]"), ("{\"x\":", "}")])
    func depth(open: String, close: String) throws {
        func nested(_ depth: Int) -> String {
            String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
        }
        #expect(try Self.bad("json(s)", nested(512)) == 0)
        #expect(try Self.bad("json(s)", nested(513)) == 1)
        #expect(try Self.bad("json(s)", nested(200_000)) == 1)
    }

    @Test("an array or object is JSON already; a number or boolean is a whole text")
    func values() throws {
        #expect(try value("json(j, 'a')", ["j": .json("{\"a\":3}")]) == .int(3))
        #expect(try value("json(j)", ["j": .json("{\"a\":3}")]) == .json("{\"a\":3}"))
        #expect(try value("json(x)", ["x": .int(5)]) == .int(5))
        #expect(try value("json(x, 'a')", ["x": .int(5)]) == .null)
        #expect(try value("json(x)", ["x": .null]) == .null)
        #expect(try value("json(json(s, 'a'), 'b')", ["s": .string(#"{"a":"{\"b\":9}"}"#)]) == .int(9))
    }

    @Test("paths of other languages are read or answered")
    func otherPaths() throws {
        #expect(try value("get_json_object(s, '$.a.b')", ["s": .string(#"{"a":{"b":1}}"#)]) == .int(1))
        for (path, remedy) in [("a[*]", "one element"), ("a..b", "path 'a..b'"), ("/a/b", "path '/a/b'")] {
            do {
                _ = try Expression.parse("json(s, '\(path)')")
                Issue.record("\(path) was accepted")
            } catch {
                #expect(error.reason.contains(remedy), "\(error.reason)")
            }
        }
        #expect(throws: ExpressionError.self) { try Expression.parse("json(s, path)") }
    }

    @Test(
        "base64 of both alphabets is decoded, with and without padding",
        arguments: [
            ("aGVsbG8=", "hello"), ("aGVsbG8", "hello"), ("aGk=", "hi"), ("aA==", "h"), ("aA", "h"), ("", ""),
            ("w6k=", "é"), ("8J2Eng==", "\u{1d11e}"),
            ("Pz8/", "???"), ("Pz8_", "???"), ("fn5-", "~~~"), ("aGVs\nbG8=\n", "hello"), (" a G k = ", "hi"),
            ("eyJpZCI6N30=", "{\"id\":7}"),
        ])
    func base64(text: String, expected: String) throws {
        #expect(try value("from_base64(s)", ["s": .string(text)]) == .string(expected))
        #expect(try Self.bad("from_base64(s)", text) == 0)
    }

    @Test(
        "what is not base64 of UTF-8 gives null and is counted",
        arguments: [
            "a", "aGVsbG8==", "aGVsbG8===", "=", "====", "aA=a", "aGk=aGk=", "a*b=", "é", "/w==", "gA==", "7aCA",
            "AAAA=", "aGVsb",
        ])
    func notBase64(text: String) throws {
        #expect(try value("from_base64(s)", ["s": .string(text)]) == .null)
        #expect(try Self.bad("from_base64(s)", text) == 1)
    }

    @Test(
        "host, path and parameter of a URL",
        arguments: [
            ("https://user:pw@Example.COM:8443/a/b?x=1#f", .string("example.com"), .string("/a/b"), .string("1")),
            ("http://[2001:DB8::1]:80/", .string("2001:db8::1"), .string("/"), .null),
            ("//cdn.example/x.js?x", .string("cdn.example"), .string("/x.js"), .string("")),
            ("/a/b?x=1", .null, .string("/a/b"), .string("1")),
            ("/a/b?y=2&x=3&x=4", .null, .string("/a/b"), .string("3")), ("a/b", .null, .string("a/b"), .null),
            ("https://h", .string("h"), .string("/"), .null),
            ("https://h?x=5", .string("h"), .string("/"), .string("5")),
            ("https://h#x=5", .string("h"), .string("/"), .null),
            ("", .null, .string(""), .null), ("/", .null, .string("/"), .null),
            ("?x=6", .null, .string(""), .string("6")), ("#?x=6", .null, .string(""), .null),
            ("/p?x=red+shoes", .null, .string("/p"), .string("red shoes")),
            ("/p?x=%C3%A9%26", .null, .string("/p"), .string("é&")), ("/p?%78=7", .null, .string("/p"), .string("7")),
            ("/p?x=%", .null, .string("/p"), .string("%")), ("/p?x=%4", .null, .string("/p"), .string("%4")),
            ("/p?x=%zz", .null, .string("/p"), .string("%zz")),
            ("/p?x=%ff", .null, .string("/p"), .string("\u{fffd}")), ("/p?x=a=b", .null, .string("/p"), .string("a=b")),
            ("/p?&&x=1&", .null, .string("/p"), .string("1")),
            ("/p?xx=1&X=2", .null, .string("/p"), .null),
            ("/p%20q;v=1?x=1", .null, .string("/p%20q;v=1"), .string("1")),
            ("localhost:8080/a?x=1", .null, .string("localhost:8080/a"), .string("1")),
            ("x=1&y=2", .null, .string("x=1&y=2"), .string("1")), ("http:///a", .null, .string("/a"), .null),
            ("ftp://h/a?b?x=1", .string("h"), .string("/a"), .null),
            ("https://a@b@h/", .string("h"), .string("/"), .null),
            ("https://[::1", .string("::1"), .string("/"), .null), ("://h/a", .null, .string("://h/a"), .null),
            ("https://:80/a", .null, .string("/a"), .null), ("http://h:80", .string("h"), .string("/"), .null),
        ] as [(String, OwnedValue, OwnedValue, OwnedValue)])
    func urls(url: String, host: OwnedValue, path: OwnedValue, x: OwnedValue) throws {
        #expect(try value("url_host(s)", ["s": .string(url)]) == host)
        #expect(try value("url_path(s)", ["s": .string(url)]) == path)
        #expect(try value("query_param(s, 'x')", ["s": .string(url)]) == x)
    }

    @Test("null, a number and a name that is null are no URL")
    func otherValues() throws {
        #expect(try value("url_host(s)", ["s": .null]) == .null)
        #expect(try value("url_path(s)", ["s": .int(5)]) == .string("5"))
        #expect(try value("query_param(s, n)", ["s": .string("/a?x=1"), "n": .null]) == .null)
        #expect(try value("query_param(s, n)", ["s": .string("/a?x=1"), "n": .string("x")]) == .string("1"))
        #expect(try value("query_param(s, '')", ["s": .string("/a?=1")]) == .string("1"))
    }

    @Test(
        "a part of ill-formed UTF-8 becomes one U+FFFD",
        arguments: [
            ("%e2%82", "\u{fffd}"), ("%e2%28%a1", "\u{fffd}(\u{fffd}"), ("%f0%9f%92", "\u{fffd}"),
            ("%f0%9f%92x", "\u{fffd}x"), ("%ed%a0%80", "\u{fffd}\u{fffd}\u{fffd}"),
            ("%c0%af", "\u{fffd}\u{fffd}"), ("%f5%80", "\u{fffd}\u{fffd}"), ("a%80b", "a\u{fffd}b"), ("%e2%82%ac", "€"),
        ])
    func repaired(text: String, expected: String) throws {
        #expect(try value("query_param(s, 'x')", ["s": .string("?x=" + text)]) == .string(expected))
    }
}

import Testing

@testable import StreamEngine

@Suite struct JSONVectorTests {
    private static func value(_ line: String, _ path: String) throws -> String {
        let scanned = try scanLine(line, path)
        return scanned.values.first ?? scanned.status.name
    }

    @Test(
        "the value that a path finds",
        arguments: [
            // Of equal keys the last.
            ("{\"x\":1,\"x\":2}", "x", "2"), ("{\"x\":1,\"x\":null}", "x", "null"),
            ("{\"x\":1,\"\\u0078\":2}", "x", "2"),
            ("{\"x\":{\"y\":1},\"x\":2}", "x.y", "missing"), ("{\"x\":2,\"x\":{\"y\":1}}", "x.y", "1"),
            ("{\"x\":{\"y\":1},\"x\":{\"z\":2}}", "x.y", "missing"), ("{\"x\":{\"y\":1},\"x\":[]}", "x.y", "missing"),
            ("{\"x\":[1,2],\"x\":[3]}", "x[1]", "missing"), ("{\"x\":{\"y\":{\"z\":1},\"y\":2}}", "x.y.z", "missing"),
            ("{\"x\":{\"y\":1},\"x\":{}}", "x.y", "missing"),
            ("{\"x\":{\"y\":1,\"y\":{\"a\":3}}}", "x.y", "json {\"a\":3}"),
            // The flat key hides the path, wherever it stands.
            ("{\"x.y\":1,\"x\":{\"y\":2}}", "x.y", "1"), ("{\"x\":{\"y\":2},\"x.y\":1}", "x.y", "1"),
            ("{\"x.y\":null,\"x\":{\"y\":2}}", "x.y", "null"), ("{\"x.y\":1,\"x.y\":3,\"x\":{\"y\":2}}", "x.y", "3"),
            ("{\"x.y\":1,\"x\":{\"y\":2},\"x\":4}", "x.y", "1"), ("{\"x[0]\":1,\"x\":[2]}", "x[0]", "1"),
            ("{\"x.y.z\":1,\"x\":{\"y\":{\"z\":2}}}", "x.y.z", "1"), ("{\"x\":{\"y.z\":1}}", "x.\"y.z\"", "1"),
            // At each level the longest key that is there, whatever it holds and wherever it stands.
            ("{\"x.y\":{\"z\":1}}", "x.y.z", "1"), ("{\"x\":{\"y.z\":1}}", "x.y.z", "1"),
            ("{\"x\":{\"y.z\":1,\"y\":{\"z\":2}}}", "x.y.z", "1"),
            ("{\"x\":{\"y\":{\"z\":2},\"y.z\":1}}", "x.y.z", "1"),
            ("{\"x\":{\"y\":{\"z\":2}},\"x.y\":{\"z\":1}}", "x.y.z", "1"),
            ("{\"x.y\":{\"z\":1},\"x\":{\"y.z\":2}}", "x.y.z", "1"),
            ("{\"x.y\":{\"a\":1},\"x\":{\"y.z\":2}}", "x.y.z", "missing"),
            ("{\"x\":{\"y.z\":2},\"x.y\":5}", "x.y.z", "missing"),
            ("{\"x\":{\"y.z\":1},\"x\":{\"y\":{\"z\":2}}}", "x.y.z", "2"),
            ("{\"x.y\":{\"z\":1},\"x.y\":{},\"x\":{\"y\":{\"z\":2}}}", "x.y.z", "missing"),
            ("{\"x\":[{\"y.z\":1}]}", "x[0].y.z", "1"), ("{\"x[0].y\":{\"z\":1}}", "x[0].y.z", "1"),
            ("{\"x[0]\":{\"y.z\":1},\"x\":[{\"y\":{\"z\":2}}]}", "x[0].y.z", "1"),
            ("{\"a\":{\"b\":{\"c.d\":{\"e\":{\"f\":{\"g\":{\"h.i\":1}}}}}}}", "a.b.c.d.e.f.g.h.i", "missing"),
            ("{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":{\"g\":{\"h.i\":1}}}}}}}}", "a.b.c.d.e.f.g.h.i", "1"),
            // Arrays.
            ("{\"x\":[1,[2,3],{\"y\":4}]}", "x[1][1]", "3"), ("{\"x\":[1,[2,3],{\"y\":4}]}", "x[2].y", "4"),
            ("{\"x\":[]}", "x[0]", "missing"), ("{\"x\":{\"0\":1}}", "x[0]", "missing"),
            ("{\"x\":[ [ ] , 5 ]}", "x[1]", "5"),
            // Keys that agree in their first bytes, or in all but the last.
            ("{\"abcdefgh\":1,\"abcdefghi\":2}", "abcdefgh", "1"),
            ("{\"abcdefgh\":1,\"abcdefghi\":2}", "abcdefghi", "2"),
            ("{\"abcdefghj\":1}", "abcdefghi", "missing"), ("{\"abcdefg\":1}", "abcdefgh", "missing"),
            ("{\"a name of more than sixteen bytes\":1}", "\"a name of more than sixteen bytes\"", "1"),
            ("{\"a name of more than sixteen bytez\":1}", "\"a name of more than sixteen bytes\"", "missing"),
            ("{\"abcdefgh\\u0069\":1}", "abcdefghi", "1"), ("{\"\":1}", "\"\"", "1"),
            ("{\"a\\u0000\":1}", "a", "missing"),
            ("{\"\u{e9}\":1}", "e\u{301}", "missing"), ("{\"\\u00e9\":1}", "\u{e9}", "1"),
            // Escapes.
            ("{\"x\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}", "x", "string \"\\/\u{8}\u{c}\n\r\t"),
            (
                "{\"x\":\"\\u0000\\u007f\\u0080\\u07ff\\u0800\\uffff\"}", "x",
                "string \0\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}"
            ),
            ("{\"x\":\"\\ud834\\udd1e\\uD800\\uDC00\\udbff\\udfff\"}", "x", "string \u{1d11e}\u{10000}\u{10ffff}"),
            // White space, also where nothing is.
            (" \t{ \"x\"\t:\r1 , \"y\" : [ ] } \t\r", "x", "1"), ("{\t}", "x", "missing"),
            ("{\"x\":{ }}", "x", "json { }"),
            ("{\"x\":[ 1 ,2 ] }", "x", "json [ 1 ,2 ]"),
            // Numbers.
            ("{\"x\":-0}", "x", "digits -0"), ("{\"x\":-0.0}", "x", "double -0.0"), ("{\"x\":1e0}", "x", "double 1.0"),
            ("{\"x\":9223372036854775807}", "x", "9223372036854775807"),
            ("{\"x\":9223372036854775808}", "x", "digits 9223372036854775808"),
            ("{\"x\":1e-400}", "x", "digits 1e-400"),
        ])
    func found(line: String, path: String, expected: String) throws { #expect(try Self.value(line, path) == expected) }

    @Test(
        "lines that are malformed, and how",
        arguments: [
            ("[]", RecordStatus.notAnObject), ("1", .notAnObject), ("null", .notAnObject), ("\"{}\"", .notAnObject),
            ("x", .notAnObject),
            ("{", .badSyntax), ("}", .notAnObject), ("{}}", .badSyntax), ("{} 1", .badSyntax),
            ("{\"x\"}", .badSyntax), ("{\"x\":}", .badSyntax), ("{\"x\" 1}", .badSyntax), ("{\"x\":1,}", .badSyntax),
            ("{,\"x\":1}", .badSyntax), ("{\"x\":1 \"y\":2}", .badSyntax), ("{x:1}", .badSyntax),
            ("{'x':1}", .badSyntax),
            ("{\"x\":[1,]}", .badSyntax), ("{\"x\":[,1]}", .badSyntax), ("{\"x\":[1 2]}", .badSyntax),
            ("{\"x\":[1}", .badSyntax),
            ("{\"x\":[1}]", .badSyntax), ("{\"x\":{]}", .badSyntax), ("{\"x\":[}]}", .badSyntax),
            ("{\"x\":tru}", .badSyntax),
            ("{\"x\":True}", .badSyntax), ("{\"x\":nulll}", .badSyntax), ("{\"x\":nan}", .badSyntax),
            ("{\"x\":NaNx}", .badSyntax), ("{\"x\":Na}", .badSyntax), ("{\"x\":inf}", .badSyntax),
            ("{\"x\":Inf}", .badSyntax), ("{\"x\":-Inf}", .badNumber), ("{\"x\":-NaN}", .badNumber),
            ("{\"x\":Infinit}", .badSyntax), ("{\"x\":-Infinit}", .badNumber), ("{\"x\":+Infinity}", .badSyntax),
            ("{\"x\":- Infinity}", .badNumber), ("{NaN:1}", .badSyntax), ("NaN", .notAnObject),
            ("{\"x\":-}", .badNumber),
            ("{\"x\":01}", .badNumber), ("{\"x\":1.}", .badNumber), ("{\"x\":.5}", .badNumber),
            ("{\"x\":+1}", .badSyntax),
            ("{\"x\":1e}", .badNumber), ("{\"x\":1e400}", .badNumber), ("{\"x\":-1e400}", .badNumber),
            ("{\"x\":0x10}", .badSyntax),
            ("{\"x\":\"\u{1}\"}", .badString), ("{\"x\":\"\t\"}", .badString), ("{\"x\":\"\\x\"}", .badString),
            ("{\"x\":\"\\u12g4\"}", .badString), ("{\"x\":\"\\ud800\"}", .badString),
            ("{\"x\":\"\\ud800\\u0041\"}", .badString),
            ("{\"x\":\"\\udc00\"}", .badString), ("{\"x\":\"\\ud800x\"}", .badString), ("{\"x\":\"", .badString),
            ("{\"x\":\"\\", .badString), ("{\"x\":\"\\u00", .badString), ("{\"\\ud800\":1}", .badString),
            ("{\"x\":\"\\U0041\"}", .badString),
            ("{\"x\":1}\u{0}", .badSyntax), ("{\"x\":1\u{0}}", .badSyntax), ("{\u{c}}", .badSyntax),
            ("{}\u{b}", .badSyntax),
            ("{\u{a0}}", .badSyntax), ("{\"x\":\u{feff}1}", .badSyntax), ("\u{feff}{}", .notAnObject),
            ("{} // y", .badSyntax),
        ])
    func malformed(line: String, status: RecordStatus) throws {
        for field in ["x", "other"] { #expect(try scanLine(line, field).status == status) }
    }

    @Test(
        "NaN and infinities, which Python writes, are null wherever a value can be",
        arguments: ["NaN", "Infinity", "-Infinity"])
    func notFinite(word: String) throws {
        for (line, path, expected) in [
            ("{\"x\":\(word)}", "x", "null"), ("{\"x\": \(word) }", "x", "null"), ("{\"x\":[\(word),1]}", "x[1]", "1"),
            ("{\"x\":[1,\(word)]}", "x[1]", "null"), ("{\"x\":{\"y\":\(word),\"z\":2}}", "x.y", "null"),
            ("{\"x\":{\"y\":\(word),\"z\":2}}", "x.z", "2"), ("{\"w\":\(word),\"x\":3}", "x", "3"),
            ("{\"w\":[\(word), \(word)],\"x\":3}", "x", "3"), ("{\"x\":1,\"x\":\(word)}", "x", "null"),
            ("{\"x\":[\(word)]}", "x", "json [\(word)]"), ("{\"x\":{\"y\":1},\"x\":\(word)}", "x.y", "missing"),
        ] {
            #expect(try Self.value(line, path) == expected, "\(line)")
        }
    }

    @Test("records with and without NaN follow each other, on the fast path and off it")
    func notFiniteAmongOthers() {
        var text = ""
        for number in 0..<50 {
            let (a, b) = (number % 3 == 0 ? "NaN" : "1", number % 5 == 0 ? "-Infinity" : "0.5")
            text += "{\"a\":\(a),\"b\":\(b),\"c\":\(number)}\n"
        }
        let rows = scanLines(Array(text.utf8), ["a", "b", "c"].map { FieldPath(name: Array($0.utf8)) })
        #expect(rows.count == 50 && rows.values.allSatisfy { $0.status == .accepted })
    }

    @Test(
        "arrays and objects nest 512 deep and no deeper", arguments: [("[", "]"), ("{\"x\":", "}"), ("[{\"y\":", "}]")])
    func depth(open: String, close: String) throws {
        let levels = open.hasPrefix("[{") ? 2 : 1
        for depth in [510, 511, 512, 513, 5000] where (depth - 1) % levels == 0 || levels == 1 {
            let count = (depth - 1) / levels
            let text =
                "{\"x\":" + String(repeating: open, count: count) + "1" + String(repeating: close, count: count) + "}"
            let status = try scanLine(text, "x").status
            #expect(status == (count * levels + 1 <= 512 ? .accepted : .tooDeep), "depth \(depth)")
        }
        #expect(try scanLine("{\"x\":" + String(repeating: open, count: 100_000), "x").status == .tooDeep)
    }

    @Test("two-byte UTF-8: every pair of bytes is judged as by table 3-7")
    func twoBytes() {
        var bytes: [UInt8] = []
        var expected: [Bool] = []
        for first in UInt8(0x80)...0xff {
            for second in UInt8(0)...0xff where second != 0x0a && second != 0x22 && second != 0x5c {
                bytes += Array("{\"x\":\"".utf8) + [first, second] + Array("\"}\n".utf8)
                expected.append(second >= 0x20 && String(validating: [first, second], as: UTF8.self) != nil)
            }
        }
        let lines = scanLines(bytes)
        for (number, isText) in expected.enumerated() {
            #expect((lines[number]?.status == .accepted) == isText, "pair \(number)")
        }
    }

    @Test("three and four bytes of UTF-8 around the limits of table 3-7, at every place in a block")
    func longerSequences() {
        let limits: [UInt8] = [0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff]
        var texts: [[UInt8]] = []
        for first in UInt8(0xe0)...0xf8 {
            for second in limits {
                for third in limits {
                    texts.append([first, second, third])
                    if first >= 0xf0 {
                        for fourth in [0x41, 0x7f, 0x80, 0xbf, 0xc0] as [UInt8] {
                            texts.append([first, second, third, fourth])
                        }
                    }
                }
            }
        }
        var bytes: [UInt8] = []
        for (number, text) in texts.enumerated() {
            let filler = [UInt8](repeating: UInt8(ascii: "a"), count: number % 35)
            bytes += Array("{\"x\":\"".utf8) + filler + text + Array("\"}\n".utf8)
        }
        let lines = scanLines(bytes)
        for (number, text) in texts.enumerated() {
            let isText = text.allSatisfy { $0 >= 0x20 } && String(validating: text, as: UTF8.self) != nil
            #expect((lines[number]?.status == .accepted) == isText, "\(text)")
        }
    }

    @Test("every control character in a string is refused, every other ASCII character is itself")
    func ascii() throws {
        for byte in UInt8(0)...0x7f where byte != 0x0a && byte != 0x22 && byte != 0x5c {
            for filler in [0, 7, 15, 16, 30] {
                let pad = [UInt8](repeating: UInt8(ascii: "a"), count: filler)
                let scanned = try scanLine(Array("{\"x\":\"".utf8) + pad + [byte] + pad + Array("\"}".utf8), "x")
                #expect(scanned.status == (byte < 0x20 ? .badString : .accepted), "byte \(byte)")
            }
        }
    }

    @Test("a byte order mark before an input is not part of its first line, and before another line it is text")
    func byteOrderMark() {
        let mark: [UInt8] = [0xef, 0xbb, 0xbf]
        let line = Array("{\"x\":1}\n".utf8)
        #expect(scanLines(mark + line, startsInput: true)[0]?.status == .accepted)
        // As where files with marks are put together.
        #expect(scanLines(mark + line)[0]?.status == .accepted)
        #expect(scanLines(mark + line + mark + line, startsInput: true)[1]?.status == .accepted)
        #expect(scanLines(mark + mark + line, startsInput: true)[0]?.status == .accepted)
        #expect(scanLines([0xef, 0xbb] + line, startsInput: true)[0]?.status == .notAnObject)
        #expect(scanLines(mark, startsInput: true).isEmpty)
    }

    @Test("blank lines are lines but no records; a carriage return before the newline is white space")
    func lineEnds() {
        let lines = scanLines(Array("\r\n{}\r\n \t \n\n{ }".utf8))
        #expect(lines.keys.sorted() == [1, 4])
        #expect(lines.values.allSatisfy { $0.status == .accepted })
    }

    @Test("a line of --max-line bytes is taken, one more is too long, whatever is in it")
    func maxLine() {
        for length in 20...24 {
            let good = "{\"x\":\"" + String(repeating: "a", count: length - 8) + "\"}"
            let bad = String(repeating: "x", count: length)
            let lines = scanLines(Array((good + "\n" + bad + "\n" + good).utf8), maxLine: 22)
            #expect(lines[0]?.status == (length <= 22 ? .accepted : .tooLong))
            #expect(lines[1]?.status == (length <= 22 ? .notAnObject : .tooLong))
            #expect(lines[2]?.status == (length <= 22 ? .accepted : .tooLong))
            // A reader may have cut off what followed the blanks.
            let blank = scanLines([UInt8](repeating: 0x20, count: length) + [0x0a], maxLine: 22)
            #expect(blank[0]?.status == (length <= 22 ? nil : .tooLong))
        }
    }

    @Test("a quoted name and a path of the same text are two fields that find the same flat key")
    func sameFlatKey() throws {
        for paths in [["a.b", "\"a.b\""], ["\"a.b\"", "a.b"], ["a.b.c", "a.\"b.c\""], ["x[0]", "\"x[0]\""]] {
            let fields = try paths.map { try FieldPath.parse($0) }
            let text = "{\"a.b\":1,\"a.b.c\":1,\"x[0]\":1}\n{\"a\":{\"b\":2,\"b.c\":2},\"x\":[2]}\n"
            let lines = scanLines(Array(text.utf8), fields)
            #expect(lines[0]?.values == ["1", "1"], "\(paths)")
            let tree = try #require(JSONTree.record(Array("{\"a\":{\"b\":2,\"b.c\":2},\"x\":[2]}".utf8)))
            #expect(lines[1]?.values == fields.map { tree.find($0)?.description ?? "missing" }, "\(paths)")
        }
    }
}

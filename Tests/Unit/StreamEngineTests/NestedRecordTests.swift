import Testing

@testable import StreamEngine

/// A query that prints fields of records that are inside of others.
private func selecting(each: [String] = [], unwrap: [Nesting.PackedText] = [], _ fields: String...) throws -> Query {
    var query = Query()
    query.nesting.arrays = try each.map { try FieldPath.parse($0) }
    query.nesting.texts = unwrap
    if !fields.isEmpty {
        query.select = try fields.map { NamedExpression(name: $0, expression: .field(try FieldPath.parse($0))) }
    }
    return query
}

private func packed(_ field: String, _ format: Nesting.TextFormat = .auto) throws -> Nesting.PackedText {
    Nesting.PackedText(field: try FieldPath.parse(field), format: format)
}

private func run(_ query: Query, _ text: String, _ format: InputFormat = .json) throws -> EngineResult {
    try runEngine(query, [.lines(Array(text.utf8), startsInput: true)], format: format)
}

@Suite("--each: the elements of arrays as records") struct EachTests {
    private static let trail = #"""
        {"region":"eu","Records":[{"e":"A","n":1.50},{"e":"B","n":2}],"x":{"y":1}}
        {"region":"us","Records":[]}
        {"Records" : [ {"e":"C","s":"},]"} ,[1,{"a":2}],"t,}","\"]", null,-1.0e5 ,true,{}]}
        """#

    @Test("objects are records, other elements are the field value, and an empty array gives none")
    func elements() throws {
        let result = try run(try selecting(each: ["Records"]), Self.trail)
        #expect(
            result.lines == [
                #"{"e":"A","n":1.50}"#, #"{"e":"B","n":2}"#, #"{"e":"C","s":"},]"}"#, #"{"value":[1,{"a":2}]}"#,
                #"{"value":"t,}"}"#, #"{"value":"\"]"}"#, #"{"value":null}"#, #"{"value":-1.0e5}"#, #"{"value":true}"#,
                "{}",
            ])
        #expect(result.figures.isComplete && result.figures.records == 10)
    }

    @Test("fields of the record around them are outer.NAME, and no others")
    func outer() throws {
        let query = try selecting(each: ["Records"], "e", "n", "outer.region", "outer.x.y", "region", "outer.none")
        #expect(
            Array(try run(query, Self.trail).lines.prefix(3)) == [
                #"{"e":"A","n":1.50,"outer.region":"eu","outer.x.y":1,"region":null,"outer.none":null}"#,
                #"{"e":"B","n":2,"outer.region":"eu","outer.x.y":1,"region":null,"outer.none":null}"#,
                #"{"e":"C","n":null,"outer.region":null,"outer.x.y":null,"region":null,"outer.none":null}"#,
            ])
    }

    private static let spans = #"""
        {"t":"T","rs":[{"r":1,"sc":[{"s":1,"lr":[{"b":1},{"b":2}]},{"s":2,"lr":[{"b":3}]}]},{"r":2,"sc":[{"s":3,"lr":[{"b":4}]}]}]}
        {"t":"U","rs":[{"r":3,"sc":[{"s":4,"lr":[{"b":5}]}]},{"r":4},{"r":5,"sc":[{"s":5}]}]}
        """#

    @Test("arrays inside of arrays: each level has its own outer")
    func nested() throws {
        let query = try selecting(
            each: ["rs", "sc", "lr"], "b", "outer.s", "outer.outer.r", "outer.outer.outer.t", "outer.t")
        let result = try run(query, Self.spans)
        #expect(
            result.lines == [
                #"{"b":1,"outer.s":1,"outer.outer.r":1,"outer.outer.outer.t":"T","outer.t":null}"#,
                #"{"b":2,"outer.s":1,"outer.outer.r":1,"outer.outer.outer.t":"T","outer.t":null}"#,
                #"{"b":3,"outer.s":2,"outer.outer.r":1,"outer.outer.outer.t":"T","outer.t":null}"#,
                #"{"b":4,"outer.s":3,"outer.outer.r":2,"outer.outer.outer.t":"T","outer.t":null}"#,
                #"{"b":5,"outer.s":4,"outer.outer.r":3,"outer.outer.outer.t":"U","outer.t":null}"#,
            ])
        // The elements without an array are rejected, at the line of the record around them.
        #expect(result.reasons == ["malformed": 2])
        #expect(result.rejectText.contains(#""line":2"#) && result.rejectText.contains(#"{\"r\":4}"#))
    }

    @Test("a record without the array is rejected, a broken one too, and a null is an empty array")
    func rejected() throws {
        let text = #"""
            {"a":1}
            {"Records":{"a":1}}
            {"Records":"[1]"}
            {"Records":[{"e":1},]}
            {"Records":null}
            not JSON
            {"Records":[{"e":1}]} x

            {"Records":[{"e":2}]}
            """#
        let result = try run(try selecting(each: ["Records"]), text)
        #expect(result.lines == [#"{"e":2}"#])
        #expect(result.reasons == ["malformed": 6] && result.figures.isComplete)
        let lines = result.rejectText.split(separator: "\n")
        #expect(lines.map { $0.contains("no array at") } == [true, true, true, false, false, false])
        #expect(
            zip(lines, [1, 2, 3, 4, 6, 7]).allSatisfy { $0.contains("\"line\":\($1),") }, "\(result.rejectText)")
    }

    @Test("--max-line limits the elements, not the record around them")
    func tooLong() throws {
        var query = try selecting(each: ["a"])
        query.maxLine = 20
        let elements = (0..<100).map { "{\"n\":\($0)}" }.joined(separator: ",")
        let result = try run(query, "{\"a\":[\(elements),{\"n\":\"a text that is too long\"}]}\n")
        #expect(result.lines.count == 100 && result.reasons == ["too-long": 1])
    }

    @Test("pretty-printed documents and JSON in any other arrangement")
    func streams() throws {
        let text = "{\n  \"r\": [\n    {\n      \"e\": 1\n    },\n    {\"e\":\n 2}\n  ]\n}\n{\"r\":[3,\n4]}"
        let query = try selecting(each: ["r"], "e", "value")
        let result = try run(query, text, .jsonStream)
        #expect(
            result.lines == [
                #"{"e":1,"value":null}"#, #"{"e":2,"value":null}"#, #"{"e":null,"value":3}"#, #"{"e":null,"value":4}"#,
            ])
        #expect(try run(try selecting(each: ["r"]), text, .jsonStream).lines.count == 4)
    }

    @Test("control lines are handed on") func control() throws {
        let text = "{\"a\":[{\"t\":1}]}\n{\"$watermark\":{\"t\":\"2026-01-01T00:00:00Z\"}}\n{\"a\":[{\"t\":2}]}\n"
        #expect(
            try run(try selecting(each: ["a"]), text).lines == [
                #"{"t":1}"#, #"{"$watermark":{"t":"2026-01-01T00:00:00Z"}}"#, #"{"t":2}"#,
            ])
    }

    @Test("event time, groups and windows are of the elements")
    func windows() throws {
        var query = try Query.timed(.tumbling(size: 10, align: 0), by: ["e"])
        query.nesting.arrays = [try FieldPath.parse("r")]
        let text = #"{"r":[{"t":1,"e":"a"},{"t":5,"e":"a"},{"t":11,"e":"b"},{"e":"b"}]}"# + "\n"
        let result = try run(query, text)
        #expect(result.lines.count == 2 && result.lines[0].contains(#""count":2"#))
        #expect(result.reasons == ["no-time": 1])
    }

    @Test("every cut of the input between lines gives the same")
    func cuts() throws {
        let query = try selecting(each: ["rs", "sc", "lr"], "b", "outer.s", "outer.outer.outer.t")
        let text = Self.spans + "\n" + Self.spans + "\n{\"rs\":[1,{\"sc\":3}]}\n{\"x\n"
        let whole = try run(query, text)
        let lines = text.split(separator: "\n").map { Array($0.utf8) + [0x0a] }
        for cut in 0...lines.count {
            let parts = [Array(lines[..<cut].joined()), Array(lines[cut...].joined())].filter { !$0.isEmpty }
            let result = try runEngine(query, batches: parts)
            #expect(result.lines == whole.lines && result.figures == whole.figures && result.rejects == whole.rejects)
        }
    }

    @Test("hostile elements: deep, endless, torn")
    func hostile() throws {
        let deep = String(repeating: "[", count: 500) + String(repeating: "]", count: 500)
        #expect(try run(try selecting(each: ["a"]), "{\"a\":[\(deep)]}\n").lines == ["{\"value\":\(deep)}"])
        var random = SeededGenerator(seed: 3)
        let pieces = [
            "[", "]", "{", "}", "\"a\"", ":", ",", "1", "\"", "\\", " ", "{\"a\":[", "]}", "null", "\"a\":[{}]",
        ]
        for _ in 0..<3000 {
            let line = "{\"a\":[" + (0..<random.below(8)).map { _ in random.pick(pieces) }.joined() + "]}"
            var expected: [String] = []
            for tree in recordsOfLine(Array(line.utf8)).records {
                guard case .array(let elements, _)? = tree?.find(try FieldPath.parse("a")) else { continue }
                for element in elements {
                    if case .object(_, let text) = element {
                        expected.append(String(decoding: text, as: UTF8.self))
                    } else {
                        expected.append("{\"value\":")
                    }
                }
            }
            let lines = try run(try selecting(each: ["a"]), line + "\n").lines
            #expect(lines.count == expected.count && zip(lines, expected).allSatisfy { $0.hasPrefix($1) }, "\(line)")
        }
    }
}

@Suite("--unwrap: records that are written as text in a field") struct UnwrapTests {
    private static let docker = #"""
        {"log":"{\"level\":\"info\",\"ms\":1.50,\"time\":\"inner\"}\n","stream":"stdout","time":"T1"}
        {"log":"level=warn ms=7 msg=\"a b\"\n","stream":"stderr","time":"T2"}
        {"log":"plain text, no record\n","stream":"stdout","time":"T3"}
        {"log":"{1 2 foo}\n","time":"T4"}
        {"log":{"level":"own","deep":{"x":[1]}},"time":"T5"}
        {"time":"T6"}
        {"log":null,"time":"T7"}
        """#

    @Test("fields of the text stand at the top, and those that they hide are outer.NAME")
    func docker() throws {
        let query = try selecting(unwrap: [try packed("log")], "level", "ms", "stream", "time", "outer.time")
        #expect(
            try run(query, Self.docker).lines == [
                #"{"level":"info","ms":1.50,"stream":"stdout","time":"inner","outer.time":"T1"}"#,
                #"{"level":"warn","ms":"7","stream":"stderr","time":"T2","outer.time":"T2"}"#,
                #"{"level":null,"ms":null,"stream":"stdout","time":"T3","outer.time":"T3"}"#,
                #"{"level":null,"ms":null,"stream":null,"time":"T4","outer.time":"T4"}"#,
                #"{"level":"own","ms":null,"stream":null,"time":"T5","outer.time":"T5"}"#,
                #"{"level":null,"ms":null,"stream":null,"time":"T6","outer.time":"T6"}"#,
                #"{"level":null,"ms":null,"stream":null,"time":"T7","outer.time":"T7"}"#,
            ])
    }

    @Test("without --select, records are printed as they were read")
    func unchanged() throws {
        let lines = Self.docker.split(separator: "\n").map(String.init)
        #expect(try run(try selecting(unwrap: [try packed("log")]), Self.docker).lines == lines)
    }

    @Test("text that begins like an object and is none makes the record malformed")
    func broken() throws {
        let query = try selecting(unwrap: [try packed("log")], "a")
        let result = try run(
            query,
            #"""
            {"log":"{\"a\":1"}
            {"log":"{\"a\":2}"}
            {"log":"{\"a\":3} x"}
            {"log":"a=\"open b=2 c=3"}
            """#)
        #expect(result.lines == [#"{"a":2}"#, #"{"a":null}"#])
        #expect(result.reasons == ["malformed": 2] && result.figures.isComplete)
        #expect(result.rejectText.contains("the text of --unwrap is not valid JSON"))
    }

    @Test("a text in a text, and the three levels of a name")
    func twice() throws {
        let query = try selecting(
            unwrap: [try packed("log"), try packed("msg")], "x", "outer.x", "outer.outer.x", "y", "z")
        #expect(
            try run(query, #"{"x":1,"log":"{\"x\":2,\"y\":2,\"msg\":\"x=3 z=3\"}"}"# + "\n" + #"{"x":1,"msg":"x=9"}"#)
                .lines
                == [
                    #"{"x":"3","outer.x":2,"outer.outer.x":1,"y":2,"z":"3"}"#,
                    #"{"x":"9","outer.x":1,"outer.outer.x":1,"y":null,"z":null}"#,
                ])
    }

    @Test("elements whose field is a text: --each first, then --unwrap")
    func eachThenUnwrap() throws {
        let query = try selecting(
            each: ["Records"], unwrap: [try packed("body")], "a", "id", "outer.id", "outer.outer.q")
        let text = #"{"q":"Q","Records":[{"id":1,"body":"{\"a\":1,\"id\":7}"},{"id":2,"body":"{\"a\":2}"}]}"#
        #expect(
            try run(query, text).lines == [
                #"{"a":1,"id":7,"outer.id":1,"outer.outer.q":"Q"}"#,
                #"{"a":2,"id":2,"outer.id":2,"outer.outer.q":"Q"}"#,
            ])
    }

    @Test("a named format: CSV and TSV take the names of their values from the flag")
    func named() throws {
        let csv = try packed("m", .csv(columns: ["a", "b"], separator: UInt8(ascii: ",")))
        #expect(
            try run(try selecting(unwrap: [csv], "a", "b", "m"), #"{"m":"1,\"x, y\""}"# + "\n" + #"{"m":"1,2,3"}"#)
                .lines
                == [#"{"a":"1","b":"x, y","m":"1,\"x, y\""}"#, #"{"a":null,"b":null,"m":"1,2,3"}"#])
        let tsv = try packed("m", .tsv(columns: ["a", "b"]))
        #expect(try run(try selecting(unwrap: [tsv], "a", "b"), #"{"m":"\t2\n"}"#).lines == [#"{"a":null,"b":"2"}"#])
        let logfmt = try packed("m", .logfmt)
        #expect(try run(try selecting(unwrap: [logfmt], "a"), #"{"m":"some text a=1"}"#).lines == [#"{"a":"1"}"#])
    }

    @Test("any format around the text")
    func formats() throws {
        let query = try selecting(unwrap: [try packed("message")], "a", "host", "app")
        let syslog =
            "Feb  3 07:08:09 h app[1]: {\"a\":1}\nFeb  3 07:08:09 h app[1]: a=2 b=3\nFeb  3 07:08:09 h app: text\n"
        #expect(
            try run(query, syslog, .syslog).lines == [
                #"{"a":1,"host":"h","app":"app"}"#, #"{"a":"2","host":"h","app":"app"}"#,
                #"{"a":null,"host":"h","app":"app"}"#,
            ])
        let cri = "2026-02-03T07:08:09Z stdout F {\"a\":\"é\\u00e9\\n\"}\n"
        #expect(
            try run(try selecting(unwrap: [try packed("message")], "a", "stream"), cri, .cri).lines
                == [#"{"a":"éé\n","stream":"stdout"}"#])
    }

    @Test("event time may be inside of the text, and values of an earlier batch are not seen again")
    func windows() throws {
        var query = try Query.timed(.tumbling(size: 10, align: 0), by: ["k"])
        query.nesting.texts = [try packed("log")]
        let batches = [#"{"log":"{\"t\":1,\"k\":\"a\"}"}"#, #"{"log":"none"}"#, #"{"log":"{\"t\":12,\"k\":\"b\"}"}"#]
        let result = try runEngine(query, batches: batches.map { Array("\($0)\n".utf8) })
        #expect(result.lines.count == 2 && result.reasons == ["no-time": 1])
    }

    @Test("texts that look like logfmt")
    func logfmt() {
        func isLogfmt(_ text: String) -> Bool { Array(text.utf8).withUnsafeBytes { PackedRecord.isLogfmt($0) } }
        for text in ["a=1", "a=1 b=2", "ts=1 msg=\"a b c d e f\" x=\"\\\" y\"", "at=info flag", " a.b/c-d=1 ", "k="] {
            #expect(isLogfmt(text), "\(text)")
        }
        for text in ["", " ", "text", "GET /x?a=b HTTP/1.1", "one two a=1", "=1", "\"a\"=1", "a\"=", "a = 1"] {
            #expect(!isLogfmt(text), "\(text)")
        }
        var random = SeededGenerator(seed: 9)
        for _ in 0..<2000 {
            _ = isLogfmt(
                (0..<random.below(9)).map { _ in random.pick(["a", "=", "\"", "\\", " ", "é", "\0"]) }.joined())
        }
    }
}

import Testing

@testable import StreamEngine

@Suite("The fields of an input") struct FieldSurveyTests {
    private func survey(_ text: String, most: Int? = nil, pieces: Int = 1) -> FieldSurvey {
        let survey = FieldSurvey(most: most)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let size = max(1, (lines.count + pieces - 1) / pieces)
        var start = 0
        while start < lines.count {
            var batch = Batch()
            batch.startsInput = start == 0
            let end = min(lines.count, start + size)
            var part = lines[start..<end].joined(separator: "\n") + (end < lines.count ? "\n" : "")
            part.withUTF8 { batch.append(UnsafeRawBufferPointer($0)) }
            survey.take(&batch)
            start = end
        }
        return survey
    }

    private func field(_ path: String, _ text: String) throws -> FieldProfile {
        try #require(survey(text).fields.first { $0.path == path })
    }

    @Test("are listed in the order of their first occurrence, members after their object") func order() {
        let fields = survey("{\"b\":1,\"a\":{\"y\":1}}\n{\"c\":2,\"a\":{\"x\":{\"z\":3}}}\n").fields
        #expect(fields.map(\.path) == ["b", "a", "a.y", "a.x", "a.x.z", "c"])
        #expect(fields.map(\.depth) == [1, 1, 2, 2, 3, 1])
    }

    @Test(
        "names that need quotes have them",
        arguments: [
            (#"{"user agent":1}"#, #""user agent""#), (#"{"request":{"user agent":1}}"#, #"request."user agent""#),
            (#"{"a-b":1}"#, "a-b"), (#"{"@timestamp":1}"#, "@timestamp"), (#"{"@key":1}"#, #""@key""#),
            (#"{"":1}"#, #""""#), (#"{"a\"b":1}"#, #""a\"b""#), (#"{"id.orig_h":1}"#, "id.orig_h"),
            (#"{"l":{"app.version":1}}"#, #"l."app.version""#), (#"{"é":1}"#, "é"), (#"{"a.":1}"#, #""a.""#),
            (#"{"\u0061b":1}"#, "ab"), (#"{"a[0]":1}"#, #""a[0]""#),
        ])
    func names(_ text: String, _ path: String) throws {
        let fields = survey(text).fields
        #expect(fields.last?.path == path)
        // Options read it back as the same name.
        #expect((try? FieldPath.parse(path)) != nil)
    }

    @Test(
        "kinds",
        arguments: [
            ("1\n2", "integer"), ("1\n2.5", "number"), ("\"a\"", "text"), ("true\nfalse", "boolean"), ("null", "null"),
            ("[1]", "array"), ("{}", "object"), ("\"1\"\n\"2.5\"", "number in text"), ("1\n\"a\"", "integer or text"),
            ("\"2026-01-01T00:00:00Z\"", "time"), ("null\n1", "integer"), ("1\n[1]", "integer or array"),
        ])
    func kinds(_ values: String, _ kind: String) throws {
        let text = values.split(separator: "\n").map { "{\"v\":\($0)}\n" }.joined()
        #expect(try field("v", text).kind == kind)
    }

    @Test("numbers are times by their name, their size and their order") func epochs() throws {
        #expect(try field("ts", "{\"ts\":1767225600}\n{\"ts\":1767225601}\n").isTime)
        #expect(try field("created_at", "{\"created_at\":1767225600123}\n").isTime)
        #expect(try !field("id", "{\"id\":1767225600}\n{\"id\":1767225601}\n").isTime)
        #expect(try !field("ts", "{\"ts\":12}\n{\"ts\":13}\n").isTime)
        let many = (0..<100).map { "{\"x\":\(1_767_225_600 + $0)}\n" }.joined()
        #expect(try field("x", many).isTime)
        #expect(try field("__REALTIME_TIMESTAMP", "{\"__REALTIME_TIMESTAMP\":\"1774731600000000\"}\n").isTime)
    }

    @Test("the order of times is that of the records") func disorder() throws {
        let text = ["10:00:00", "10:00:30", "10:00:05", "10:01:00"].map { "{\"t\":\"2026-01-01T\($0)Z\"}\n" }.joined()
        let times = try field("t", text).times
        #expect(times.count == 4 && times.disorderedCount == 1 && times.worstDisorder == 25_000_000)
        #expect(times.latest - times.earliest == 60_000_000)
    }

    @Test("a field counts once for each record that has it, and not where it is null") func shares() throws {
        let text = "{\"a\":1,\"b\":1}\n{\"a\":2,\"a\":3}\n{\"a\":null}\n{}\n"
        let survey = survey(text)
        #expect(survey.recordCount == 4)
        #expect(survey.fields.map(\.count) == [2, 1])
    }

    @Test("ranges are those of all numbers") func ranges() throws {
        let range = try #require(try field("v", "{\"v\":-1.5}\n{\"v\":\"7\"}\n{\"v\":3}\n").range)
        #expect(range.least == -1.5 && range.greatest == 7)
        #expect(try field("v", "{\"v\":1}\n{\"v\":\"x\"}\n").range == nil)
    }

    @Test("what has few values can be grouped by, what tells records apart cannot") func groups() throws {
        let text = (0..<50).map { "{\"s\":\"\($0 % 3)x\",\"id\":\"u\($0)\",\"n\":\($0).5,\"k\":\($0 % 2)}\n" }.joined()
        let fields = survey(text).fields
        #expect(fields.filter(\.isGroup).map(\.path) == ["s", "k"])
        #expect(fields[0].examples.map(\.text) == ["0x", "1x", "2x"])
        #expect(fields[1].hasMoreExamples)
    }

    @Test("records that are no objects are counted, the first with its place") func rejects() throws {
        let survey = survey("{\"a\":1}\n\noops\n{\"a\":\n{\"a\":2}\n", pieces: 5)
        #expect(survey.recordCount == 2 && survey.rejectedCount == 2)
        let first = try #require(survey.firstRejected)
        #expect(first.position == RecordPosition(input: 0, line: 3))
        #expect(!first.detail.isEmpty)
    }

    @Test("the same records in one batch or in many have the same fields", arguments: [1, 2, 3, 7, 100])
    func batches(_ pieces: Int) {
        let text = (0..<60).map { "{\"a\":\($0),\"b\":{\"c\":\"\($0 % 7)\",\"d\":[1,{\"x\":\"}\"}]},\"e\":null}\n" }
            .joined()
        let (one, many) = (survey(text), survey(text, pieces: pieces))
        #expect(one.fields.map(\.path) == many.fields.map(\.path))
        #expect(one.fields.map(\.count) == many.fields.map(\.count))
        #expect(one.fields.map(\.kind) == many.fields.map(\.kind))
    }

    @Test("memory is bounded: by the number of fields, of values, and by depth") func bounds() {
        let wide = "{" + (0..<1000).map { "\"f\($0)\":1" }.joined(separator: ",") + "}\n"
        let survey1 = survey(wide)
        #expect(survey1.fields.count == FieldSurvey.mostFields && survey1.hasMore)
        let many = (0..<1000).map { "{\"v\":\"\(String(repeating: "x", count: 200))\($0)\",\"w\":\($0)}\n" }.joined()
        for field in survey(many).fields {
            #expect(field.examples.count <= FieldProfile.mostExamples)
            #expect(field.examples.allSatisfy { $0.text.utf8.count <= FieldProfile.longestExample + 3 })
        }
        let deep = String(repeating: "{\"a\":", count: 300) + "1" + String(repeating: "}", count: 300) + "\n"
        #expect(survey(deep).fields.count == FieldSurvey.mostDepth)
    }

    @Test("no more records are looked at than asked for") func most() {
        let survey = survey("{\"a\":1}\n{\"b\":1}\n{\"c\":1}\n", most: 2)
        #expect(survey.recordCount == 2 && survey.isFull)
        #expect(survey.fields.map(\.path) == ["a", "b"])
    }

    @Test("control lines, blank lines and carriage returns are not records") func lines() {
        let survey = survey("{\"$watermark\":{}}\r\n\r\n{\"a\":1}\r\n")
        #expect(survey.recordCount == 1 && survey.rejectedCount == 0)
        #expect(survey.fields.map(\.path) == ["a"])
    }

    @Test("escapes, white space and nested text do not confuse it") func syntax() {
        let survey = survey(
            " { \"a\" : [ \"]\" , { \"b\" : \"\\\"}\" } ] , \"c\\n\" : \"\\u00e9\" , \"d\" : -1.5e3 , \"e\" : { } } \n")
        #expect(survey.fields.map(\.kind) == ["array", "text", "number", "object"])
        #expect(survey.fields[1].examples.first?.text == "é")
    }
}

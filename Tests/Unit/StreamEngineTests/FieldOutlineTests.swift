import Testing

@testable import StreamEngine

@Suite("the fields of sample records") struct FieldOutlineTests {
    private func outline(_ records: String...) -> FieldOutline { FieldOutline(of: records.map { Array($0.utf8) }) }

    private func field(_ outline: FieldOutline, _ text: String) -> FieldOutline.Field? {
        outline.fields.first { $0.text == text }
    }

    @Test("paths are listed in order of appearance, as flags accept them") func paths() throws {
        let found = outline(
            #"{"ts":1,"request":{"id":"x","user agent":"y"},"a-b":[],"q\"u":2,"":3,"é":{"b":null}}"#, #"{"late":true}"#)
        #expect(
            found.fields.map(\.text) == [
                "ts", "request", "request.id", #"request."user agent""#, "a-b", #""q\"u""#, #""""#, "é", "é.b", "late",
            ])
        for item in found.fields where !item.text.isEmpty {
            #expect(try FieldPath.parse(item.text).steps == item.path.map { .name($0) })
        }
    }

    @Test("the kind and the value are those of the first value that is not null") func kinds() {
        let found = outline(
            #"{"n":null,"b":false,"i":-1.50,"s":"x\n\u00e9","a":[{"p":1,"q":{"r":2}}],"o":{}}"#, #"{"n":7,"b":1}"#)
        #expect(field(found, "n")?.kind == .number && field(found, "b")?.kind == .boolean)
        #expect(field(found, "i")?.value == Array("-1.50".utf8))
        #expect(field(found, "s")?.value == Array("x\né".utf8))
        #expect(field(found, "a")?.kind == .array && field(found, "o")?.kind == .object)
        #expect(field(found, "n")?.value == Array("7".utf8))
    }

    @Test(
        "fields inside of arrays and texts are found, with the flags that read them",
        arguments: [
            (#"{"Records":[{"a":1}]}"#, "a", "Records", [], "a"),
            (#"{"hits":{"hits":[{"_source":{"a":1}}]}}"#, "a", "hits.hits", [], "_source.a"),
            (#"{"hits":{"hits":[{"_source":{"a":1}}]}}"#, "_source.a", "hits.hits", [], "_source.a"),
            (#"{"r":[{"s":[{"l":[{"t":1}]}]}]}"#, "t", "r[].s[].l", [], "t"),
            (#"{"message":"{\"a\":1}"}"#, "a", nil, ["message"], "a"),
            (#"{"log":"a=1 b=2\n"}"#, "b", nil, ["log"], "b"),
            (#"{"e":[{"m":"{\"x\":\"{\\\"a\\\":1}\"}"}]}"#, "a", "e", ["m", "x"], "a"),
            (#"{"o":[{"n":{"a":1}}],"x":[{"a":1}]}"#, "a", "x", [], "a"),
        ])
    func inner(record: String, field: String, each: String?, texts: [String], name: String) throws {
        let found = try #require(outline(record).innerField(try FieldPath.parse(field)))
        #expect(found.each == each && found.unwraps == texts && found.name == name)
    }

    @Test(
        "what no flag reads is not found inside",
        arguments: [#"{"m":"[{\"a\":1}]"}"#, #"{"m":"text a"}"#, #"{"m":["a"]}"#, #"{"m":"{\"r\":[{\"a\":1}]}"}"#])
    func outOfReach(record: String) throws {
        let path = try FieldPath.parse("a")
        #expect(outline(record).innerField(path) == nil)
    }

    @Test("arrays are listed as --each names them") func arrays() {
        #expect(outline(#"{"r":[{"s":[{"l":[1]}]}],"x":[]}"#).arrays == ["r", "r[].s", "r[].s[].l", "x"])
    }

    @Test("times are told from other values") func times() {
        let found = outline(
            #"{"t":"2026-02-03T07:08:09Z","s":1770102489,"ms":1770102489123,"small":200,"x":"abc","n":"12"}"#)
        for name in ["t", "s", "ms"] { #expect(field(found, name)?.time != nil, "\(name)") }
        for name in ["small", "x", "n"] { #expect(field(found, name)?.time == nil, "\(name)") }
    }

    @Test("any bytes are read without a trap, and to their end", arguments: 0..<200 as Range<UInt64>)
    func anyBytes(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let alphabet = Array("{}[]\",:\\ 1ae\n\u{1}".utf8)
        let text = (0..<Int.random(in: 0...60, using: &random)).map { _ in
            alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
        }
        _ = FieldOutline(of: [[UInt8(ascii: "{")] + text])
        _ = text.withUnsafeBytes { JSONDiagnosis.defect(in: $0) }
        _ = ForeignContent(text)
    }

    @Test("deep and wide records are cut off") func limits() {
        let deep = String(repeating: "{\"a\":", count: 500) + "1" + String(repeating: "}", count: 500)
        #expect(outline(deep).fields.count < 10)
        let wide = "{" + (0..<1000).map { "\"f\($0)\":1" }.joined(separator: ",") + "}"
        #expect(outline(wide).fields.count == 256)
    }
}

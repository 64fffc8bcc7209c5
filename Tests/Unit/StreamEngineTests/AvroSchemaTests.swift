import Testing

@testable import StreamEngine

@Suite("schemas of Avro") struct AvroSchemaTests {
    /// Why a schema cannot be used.
    private static func problem(_ text: String) -> String? {
        do throws(AvroSchemaError) {
            _ = try AvroSchema(text)
            return nil
        } catch {
            return error.text
        }
    }

    @Test(
        "what is wrong with a schema is described",
        arguments: [
            ("", "it is not JSON, or nested too deeply"), ("{", "it is not JSON, or nested too deeply"),
            ("strings", "it is not JSON, or nested too deeply"), (#""strings""#, "unknown type 'strings'"),
            ("5", "a type is neither a name nor an object nor an array"),
            ("true", "a type is neither a name nor an object nor an array"), ("{}", "a type has no 'type'"),
            (#"{"type":"x"}"#, "unknown type 'x'"),
            (#"{"type":"record","fields":[]}"#, "a type has no name"),
            (#"{"type":"record","name":"R"}"#, "a record has no fields"),
            (#"{"type":"record","name":"R","fields":[{}]}"#, "a field has no name or no type"),
            (#"{"type":"record","name":"R","fields":[{"name":"a","type":"S"}]}"#, "unknown type 'S'"),
            (#"{"type":"enum","name":"E"}"#, "an enum has no symbols"),
            (#"{"type":"enum","name":"E","symbols":[1]}"#, "a symbol of an enum is not text"),
            (#"{"type":"fixed","name":"F"}"#, "a fixed has no size"),
            (#"{"type":"fixed","name":"F","size":-1}"#, "a fixed has no size"),
            (#"{"type":"fixed","name":"F","size":4294967296}"#, "a fixed has no size"),
            (#"{"type":"array"}"#, "an array has no items"), (#"{"type":"map"}"#, "a map has no values"),
            (#"["null",["int","x"]]"#, "unknown type 'x'"),
        ])
    func problems(text: String, words: String) {
        #expect(Self.problem(text) == words)
    }

    @Test("deep nesting is refused, not followed")
    func depth() {
        let start = String(repeating: #"{"type":"array","items":"#, count: 5000)
        let deep = start + #""int""# + String(repeating: "}", count: 5000)
        #expect(Self.problem(deep) == "it is not JSON, or nested too deeply")
        #expect(Self.problem(String(repeating: "[", count: 100_000)) != nil)
        let flat = String(repeating: "[", count: 90) + #""int""# + String(repeating: "]", count: 90)
        #expect(Self.problem(flat) == nil)
    }

    @Test("names are found in the namespace around them, by full name, and in schemas that are referred to")
    func names() throws {
        let inner = #"{"type":"enum","name":"x.E","symbols":["A","B"]}"#
        func record(_ type: String, _ namespace: String) -> String {
            #"{"type":"record","name":"R","namespace":"\#(namespace)","fields":[{"name":"e","type":\#(type)}]}"#
        }
        #expect(try avroText([2], record(#""x.E""#, "y"), references: [inner]) == #"{"e":"B"}"#)
        #expect(try avroText([2], record(#""E""#, "x"), references: [inner]) == #"{"e":"B"}"#)
        #expect(throws: AvroSchemaError(text: "unknown type 'E'")) {
            try avroText([2], record(#""E""#, "y"), references: [inner])
        }
        // Both `type` as an object around another type, and an alias, which is not a name of its own.
        #expect(try avroText([2], #"{"type":{"type":"long"}}"#) == "1")
        #expect(Self.problem(record(#"{"type":"array","items":"Old"}"#, "x")) == "unknown type 'Old'")
    }

    @Test("names with quotes and escapes become JSON names")
    func escapedNames() throws {
        let record = #"{"type":"record","name":"R","fields":[{"name":"a\"é\n","type":"null"}]}"#
        #expect(try avroText([], record) == #"{"a\"é\n":null}"#)
    }

    @Test("any change of a schema gives a schema or a reason")
    func changes() {
        let text = Array(
            (#"{"type":"record","name":"a.R","fields":[{"name":"e","type":["null",{"type":"enum","name":"E","#
                + #""symbols":["A"]}]},{"name":"d","type":{"type":"bytes","logicalType":"decimal","precision":9}}]}"#)
                .utf8)
        var noise = SeededGenerator(seed: 51)
        for _ in 0..<5000 {
            var changed = text
            for _ in 0..<Int.random(in: 1...4, using: &noise) {
                let place = Int.random(in: 0..<changed.count, using: &noise)
                switch Int.random(in: 0..<3, using: &noise) {
                case 0: changed[place] = text.randomElement(using: &noise) ?? 0
                case 1: changed.removeSubrange(place..<min(changed.count, place + 5))
                default: changed.insert(contentsOf: text[(place / 2)...].prefix(7), at: place)
                }
            }
            _ = Self.problem(String(decoding: changed, as: UTF8.self))
        }
    }
}

import Testing

@testable import StreamEngine

/// The JSON text of a message, or what is wrong with it.
func avroText(
    _ bytes: [UInt8], _ schema: String, references: [String] = [], limit: Int = 1 << 20, isKey: Bool = false
) throws -> String {
    let schema = try AvroSchema(schema, references: references)
    var reader = AvroReader()
    let defect = bytes.withUnsafeBytes { reader.read($0, schema, limit: limit, isKey: isKey) }
    if let defect { return "\(defect.offset): \(defect.message)" }
    return reader.withText { String(decoding: $0, as: UTF8.self) }
}

/// A type with a logical type.
private func logical(_ type: String, _ name: String, _ rest: String = "") -> String {
    #"{"type":"\#(type)","logicalType":"\#(name)"\#(rest)}"#
}

private func fixed(_ size: Int, _ name: String = "", _ rest: String = "") -> String {
    #"{"type":"fixed","name":"f","size":\#(size),"logicalType":"\#(name)"\#(rest)}"#
}

/// A number in Avro's form.
private func long(_ number: Int64) -> [UInt8] {
    var rest = UInt64(bitPattern: number << 1 ^ number >> 63)
    var bytes: [UInt8] = []
    while rest >= 0x80 {
        bytes.append(UInt8(rest & 0x7f) | 0x80)
        rest >>= 7
    }
    return bytes + [UInt8(rest)]
}

@Suite("Avro as JSON text") struct AvroReaderTests {
    @Test(
        "plain values",
        arguments: [
            ("null", [], "null"), ("boolean", [1], "true"), ("boolean", [0], "false"), ("int", [0x7f], "-64"),
            ("long", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], "-9223372036854775808"),
            ("long", [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], "9223372036854775807"),
            ("float", [0xcd, 0xcc, 0xcc, 0x3d], "0.1"), ("float", [0, 0, 0x80, 0x7f], "Infinity"),
            ("float", [0, 0, 0x80, 0xff], "-Infinity"), ("float", [0, 0, 0xc0, 0x7f], "NaN"),
            ("double", [0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9, 0x3f], "0.1"),
            ("string", [8, 0x61, 0x22, 0x5c, 0x0a], #""a\"\\\n""#), ("string", [0], #""""#),
            (#"{"type":"array","items":"bytes"}"#, [2, 4, 0, 0xff, 0], #"["\\x00ff"]"#),
            (fixed(2), [1, 0xab], #""\\x01ab""#),
        ] as [(String, [UInt8], String)])
    func plain(schema: String, bytes: [UInt8], text: String) throws {
        #expect(try avroText(bytes, schema) == text)
    }

    @Test(
        "times",
        arguments: [
            (logical("long", "timestamp-millis"), 1_767_225_600_123, #""2026-01-01T00:00:00.123Z""#),
            (logical("long", "timestamp-micros"), -1, #""1969-12-31T23:59:59.999999Z""#),
            (logical("long", "timestamp-nanos"), -1, #""1969-12-31T23:59:59.999999999Z""#),
            (logical("long", "timestamp-nanos"), 1_000, #""1970-01-01T00:00:00.000001Z""#),
            (logical("long", "local-timestamp-millis"), 500, #""1970-01-01T00:00:00.500""#),
            (logical("long", "local-timestamp-nanos"), 1, #""1970-01-01T00:00:00.000000001""#),
            (logical("long", "timestamp-millis"), Int64.max, "9223372036854775807"),
            (logical("int", "date"), 20_454, #""2026-01-01""#), (logical("int", "date"), 2_932_897, #""+10000-01-01""#),
            (logical("int", "date"), 2_000_000_000, "2000000000"),
            (logical("int", "time-millis"), 86_399_999, #""23:59:59.999""#),
            (logical("long", "time-micros"), 1, #""00:00:00.000001""#),
            (logical("int", "time-millis"), 86_400_000, "86400000"), (logical("int", "time-millis"), -1, "-1"),
            // Not for this type: ignored.
            (logical("int", "timestamp-millis"), 5, "5"), (logical("long", "date"), 5, "5"),
            (logical("long", "moon-phase"), 5, "5"),
        ])
    func times(schema: String, number: Int64, text: String) throws {
        #expect(try avroText(long(number), schema) == text)
    }

    @Test(
        "decimals have all their digits",
        arguments: [
            ([0x04, 0xd2], 2, "12.34"), ([0xff], 2, "-0.01"), ([0], 3, "0.000"), ([], 2, "0.00"), ([0x80], 0, "-128"),
            ([0x7f] + [UInt8](repeating: 0xff, count: 15), 0, "170141183460469231731687303715884105727"),
            ([0x80] + [UInt8](repeating: 0, count: 15), 1, "-17014118346046923173168730371588410572.8"),
            ([1] + [UInt8](repeating: 0, count: 16), 0, "340282366920938463463374607431768211456"),
            ([0xff] + [UInt8](repeating: 0, count: 16), 38, "-3.40282366920938463463374607431768211456"),
            ([UInt8](repeating: 0, count: 20), 2, "0.00"), ([UInt8](repeating: 0xff, count: 20), 2, "-0.01"),
        ] as [([UInt8], Int, String)])
    func decimals(bytes: [UInt8], scale: Int, text: String) throws {
        let rest = #","precision":100,"scale":\#(scale)"#
        #expect(try avroText(long(Int64(bytes.count)) + bytes, logical("bytes", "decimal", rest)) == text)
        #expect(try avroText(bytes, fixed(bytes.count, "decimal", rest)) == text)
    }

    @Test("a decimal with a scale that is invalid is bytes")
    func invalidDecimals() throws {
        for rest in [#","precision":2,"scale":3"#, "", #","precision":0"#, #","precision":2,"scale":-1"#] {
            #expect(try avroText([5], fixed(1, "decimal", rest)) == #""\\x05""#)
        }
    }

    @Test("fixed: uuid and duration")
    func fixedTypes() throws {
        let bytes = (0..<16).map { UInt8($0) }
        #expect(try avroText(bytes, fixed(16, "uuid")) == #""00010203-0405-0607-0809-0a0b0c0d0e0f""#)
        func duration(_ parts: UInt32...) throws -> String {
            try avroText(
                parts.flatMap { part in (0..<4).map { UInt8(truncatingIfNeeded: part >> (8 * $0)) } },
                fixed(12, "duration"))
        }
        #expect(try duration(14, 3, 5250) == #""P14M3DT5.250S""#)
        #expect(try duration(0, 0, 0) == #""PT0S""#)
        #expect(try duration(1, 0, 0) == #""P1M""#)
        #expect(try duration(0, UInt32.max, 4000) == #""P4294967295DT4S""#)
    }

    private static let nulls = #"{"type":"array","items":"null"}"#
    private static let tree =
        #"{"type":"record","name":"a.T","fields":[{"name":"n","type":"int"},{"name":"next","type":["null","T"]}]}"#

    @Test("records, recursive ones, unions without wrappers, enums, arrays in blocks, maps")
    func nested() throws {
        #expect(try avroText([2, 2, 4, 0], Self.tree) == #"{"n":1,"next":{"n":2,"next":null}}"#)
        let colour = #"{"type":"enum","name":"C","symbols":["RED","a\"b"]}"#
        #expect(try avroText([2], colour) == #""a\"b""#)
        let list = #"{"type":"array","items":["null","int",\#(colour)]}"#
        #expect(try avroText([4, 0, 2, 6, 1, 4, 4, 0, 0], list) == #"[null,3,"RED"]"#)
        #expect(try avroText([0], list) == "[]")
        let map = #"{"type":"map","values":"long"}"#
        #expect(try avroText([4, 2, 0x61, 2, 4, 0x22, 0x62, 3, 0], map) == #"{"a":1,"\"b":-2}"#)
        #expect(try avroText([], #"{"type":"record","name":"E","fields":[]}"#) == "{}")
    }

    @Test("a key is text without quotes, a number or an object")
    func keys() throws {
        #expect(try avroText([4, 0x61, 0x22], #""string""#, isKey: true) == "a\"")
        #expect(try avroText([3], "long", isKey: true) == "-2")
        #expect(try avroText([2, 0], Self.tree, isKey: true) == #"{"n":1,"next":null}"#)
        #expect(try avroText([0x61, 0x62], "bytes", isKey: true) == "ab")
    }

    @Test(
        "damage is described with its place",
        arguments: [
            ([], "int", "0: the message ends inside a value"), ([0x80], "long", "1: the message ends inside a value"),
            ([1, 2], "double", "0: the message ends inside a value"),
            ([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2], "long", "9: a number has more than 10 bytes"),
            (long(1 << 31), "int", "5: an int is beyond 32 bits"), ([2], "boolean", "0: a boolean is neither 0 nor 1"),
            ([4, 0], #"["null","int"]"#, "1: the union has no such branch"),
            ([1], #"["null","int"]"#, "1: the union has no such branch"),
            ([0], "[]", "1: the union has no such branch"),
            ([2], #"{"type":"enum","name":"E","symbols":["A"]}"#, "1: the enum has no such symbol"),
            ([1], "string", "1: a length is negative or beyond the end of the message"),
            ([4, 0x61], "string", "1: a length is negative or beyond the end of the message"),
            (long(Int64.max), "string", "10: a length is negative or beyond the end of the message"),
            (long(Int64.min) + [0, 0], nulls, "11: a block has a bad number of elements"),
            ([1, 8, 0], nulls, "2: a block has a bad number of elements"),
            (long(Int64.max), nulls, "10: as JSON, it is longer than --max-line"),
            ([2, 2], "int", "1: bytes are left after the value; they were written with another schema"),
            ([UInt8](repeating: 2, count: 2000), tree, "1024: nested too deeply"),
            ([0xff, 0xff, 3], fixed(1), "1: bytes are left after the value; they were written with another schema"),
        ] as [([UInt8], String, String)])
    func damage(bytes: [UInt8], schema: String, text: String) throws {
        #expect(try avroText(bytes, schema) == text)
    }

    @Test("a record that contains itself is nested too deeply, without end")
    func endless() throws {
        let endless = #"{"type":"record","name":"R","fields":[{"name":"r","type":"R"}]}"#
        #expect(try avroText([], endless) == "0: nested too deeply")
    }

    @Test("a small message does not grow beyond the limit")
    func growth() throws {
        // Each level has the one below eight times.
        var schema = #""null""#
        for level in 0..<12 {
            let fields = (0..<8).map { n in
                #"{"name":"f\#(n)","type":\#(n == 0 ? schema : level == 0 ? #""null""# : #""L\#(level - 1)""#)}"#
            }
            schema = #"{"type":"record","name":"L\#(level)","fields":[\#(fields.joined(separator: ","))]}"#
        }
        #expect(try avroText([], schema, limit: 10_000) == "0: as JSON, it is longer than --max-line")
    }

    @Test("changed and cut messages give JSON or a defect, whatever the schema")
    func anyBytes() throws {
        let decimal = logical("bytes", "decimal", #","precision":9,"scale":2"#)
        let schemas = [
            Self.tree, #"{"type":"array","items":["null","string",{"type":"map","values":"double"}]}"#,
            #"{"type":"record","name":"R","fields":[{"name":"d","type":\#(decimal)},{"name":"t","type":"#
                + #"\#(logical("long", "timestamp-nanos"))},{"name":"x","type":{"type":"array","items":"R"}}]}"#,
        ].map { try? AvroSchema($0) }
        var noise = SeededGenerator(seed: 15)
        var reader = AvroReader()
        var good = 0
        for round in 0..<30_000 {
            let bytes = (0..<Int.random(in: 0...24, using: &noise)).map { _ in
                UInt8.random(in: 0...(Bool.random(using: &noise) ? 8 : 255), using: &noise)
            }
            let schema = try #require(schemas[round % schemas.count])
            if bytes.withUnsafeBytes({ reader.read($0, schema, limit: 1 << 12) }) == nil {
                good += 1
                let text = reader.withText { Array($0) }
                // Its texts may not be UTF-8, which the format of the records rejects.
                if String(validating: text, as: UTF8.self) != nil {
                    #expect(text.withUnsafeBytes { SchemaTree($0) } != nil)
                }
            }
        }
        #expect(good > 20)
    }
}

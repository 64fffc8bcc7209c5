import Testing

@testable import StreamEngine

/// Says what its columns are, and keeps what does not fit.
private final class Table: RowTable {
    let types: [CopyColumn]
    var contents: [ColumnContent] = []
    var refusals: [String] = []

    init(_ types: [CopyColumn]) { self.types = types }

    func columns(for contents: [ColumnContent]) throws(RunError) -> [CopyColumn] {
        self.contents = contents
        return types
    }
    func refuse(_ row: UnsafeRawBufferPointer, reason: String) throws(RunError) {
        refusals.append("\(String(decoding: row, as: UTF8.self)) \(reason)")
    }
}

/// What COPY gets for the values of a JSON array each, in one column of a type; nil for a value that is refused.
private func copy(
    _ values: [String], to type: ColumnType, zone: ZoneOffsets = .utc, isTime: Bool = false,
    _ change: (inout CopyColumn) -> Void = { _ in }
) throws -> (texts: [String?], table: Table) {
    var column = CopyColumn(name: "v", type: type, source: 0)
    change(&column)
    let table = Table([column])
    var texts: [String?] = []
    for value in values {
        var query = Query()
        query.select = try Expression.parseSelection("v")
        let layout = ColumnLayout(query, seed: 1)
        var stage = try ScanStage(query, layout)
        var batch = Batch(capacity: 64)
        var records = Records(columnCount: layout.columnCount)
        Array("{\"v\":\(value)}\n".utf8).withUnsafeBytes { batch.append($0) }
        stage.run(&batch, into: &records)
        try #require(records.count == 1 && records.places[0].status == .accepted, "\(value)")
        var schema = RowSchema(names: ["v"], columns: layout.selectColumns)
        schema.zone = zone
        if isTime { schema.times = (Set(layout.selectColumns), .auto) }
        let encoder = CopyEncoder(table, schema)
        var rows = EncodedRows()
        var keep = [true]
        try keep.withUnsafeMutableBufferPointer { flags in
            guard let flags = flags.baseAddress else { return }
            try encoder.encode(records.columns, rows: 0..<1, keep: flags, into: &rows)
        }
        let text = rows.buffer.text
        texts.append(text.isEmpty ? nil : String(text.dropLast()))
    }
    return (texts, table)
}

@Suite("rows for COPY")
struct CopyEncoderTests {
    struct Sample: CustomTestStringConvertible, Sendable {
        var type: ColumnType
        var values: [(json: String, text: String?)]
        var testDescription: String { type.name }
    }

    static let samples: [Sample] = [
        Sample(
            type: .text,
            values: [
                (#""a\tb\nc\rd\\e""#, #"a\tb\nc\rd\\e"#), (#""""#, ""), (#""\\N""#, #"\\N"#), ("12", "12"),
                ("1.50", "1.50"), ("true", "true"), (#"{"a": 1}"#, #"{"a": 1}"#), ("null", #"\N"#),
                (#""a\u0000b""#, nil), (#""é\u007f""#, "é\u{7f}"),
            ]),
        Sample(
            type: .smallint,
            values: [
                ("32767", "32767"), ("-32768", "-32768"), ("32768", nil), (#""7""#, "7"), ("3.0", "3"), ("3.5", nil),
                ("true", nil), (#""x""#, nil), (#""0x1""#, nil), (#"" 7""#, nil),
            ]),
        Sample(type: .integer, values: [("2147483647", "2147483647"), ("2147483648", nil), ("1e3", "1000")]),
        Sample(
            type: .bigint,
            values: [
                ("9223372036854775807", "9223372036854775807"), ("9223372036854775808", nil), ("1e300", nil),
                ("-9223372036854775808", "-9223372036854775808"), ("-1e19", nil),
            ]),
        Sample(
            type: .numeric,
            values: [
                ("12", "12"), ("0.1", "0.1"),
                (#""123456789012345678901234567890.5""#, "123456789012345678901234567890.5"),
                ("1e308", "1e308"), (#""NaN""#, "NaN"), (#""1e400""#, nil), ("[1]", nil),
            ]),
        Sample(type: .double, values: [("1", "1"), ("0.1", "0.1"), (#""1e-400""#, "0.0"), (#""-2.5""#, "-2.5")]),
        Sample(type: .real, values: [("1.5", "1.5"), ("1e39", nil), ("1e-50", nil), ("0", "0")]),
        Sample(
            type: .boolean,
            values: [
                ("true", "t"), ("false", "f"), ("1", "t"), ("0", "f"), ("2", nil), ("1.5", nil), (#""true""#, "t"),
                (#""Yes""#, "t"), (#""OFF""#, "f"), (#""n""#, "f"), (#""maybe""#, nil), (#""""#, nil), ("[]", nil),
            ]),
        Sample(
            type: .timestamptz,
            values: [
                (#""2026-01-01T10:00:00.25Z""#, "2026-01-01T10:00:00.250Z"),
                (#""2026-01-01 10:00:00+02:00""#, "2026-01-01T08:00:00Z"), (#""now""#, nil), ("[]", nil),
                // Texts as --time reads them.
                ("1767225600", nil), ("1767225600123", nil),
                (#""1767225600.5""#, "2026-01-01T00:00:00.500Z"), ("true", nil),
                (#""02/Jan/2026:10:00:00 +0100""#, "2026-01-02T09:00:00Z"), (#""Feb  3 07:08:09""#, nil),
                (#""0001-01-01T00:00:00Z""#, "0001-01-01T00:00:00Z"),
                (#""0000-12-31T23:59:59Z""#, "0001-12-31 23:59:59.000000+00 BC"),
            ]),
        Sample(type: .timestamp, values: [(#""2026-01-01T10:00:00+01:00""#, "2026-01-01T09:00:00")]),
        Sample(type: .date, values: [(#""2026-01-01""#, "2026-01-01T00:00:00"), (#""2026-01-01T01:00:00Z""#, nil)]),
        Sample(
            type: .json,
            values: [
                (#""a\"b""#, #""a\\"b""#), ("1", "1"), (#"{"x":"\u0000"}"#, #"{"x":"\\u0000"}"#), ("null", #"\N"#),
            ]),
        Sample(
            type: .jsonb,
            values: [
                (#"{"x":"\u0000"}"#, nil), (#"{"x":"\\u0000"}"#, #"{"x":"\\\\u0000"}"#), (#""a\u0000""#, nil),
                ("[1,2]", "[1,2]"),
            ]),
        Sample(
            type: .uuid,
            values: [
                (#""a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11""#, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
                (#""a0eebc999c0b4ef8bb6d6bb9bd380a11xxxx""#, nil), ("1", nil),
            ]),
        Sample(type: .other("inet"), values: [(#""10.0.0.1""#, "10.0.0.1"), ("5", "5")]),
    ]

    @Test("a value is written as the type of its column reads it, or refused", arguments: samples)
    func types(sample: Sample) throws {
        let result = try copy(sample.values.map(\.json), to: sample.type)
        for (index, value) in sample.values.enumerated() {
            #expect(result.texts[index] == value.text, "\(value.json)")
        }
        #expect(result.table.refusals.count == sample.values.count { $0.text == nil })
    }

    @Test("a time without a zone is a time of --time-zone, and a date is one of its days") func zone() throws {
        let zone = ZoneOffsets(name: "+02:00", offsets: [(Int64.min, 7200)])
        let times = [#""2026-01-01 10:00:00""#, #""2026-01-01T10:00:00Z""#, "1767225600", #""2026/01/01 00:00:00""#]
        #expect(
            try copy(times, to: .timestamptz, zone: zone, isTime: true).texts
                == ["2026-01-01T08:00:00Z", "2026-01-01T10:00:00Z", "2026-01-01T00:00:00Z", "2025-12-31T22:00:00Z"])
        #expect(
            try copy(times, to: .timestamp, zone: zone, isTime: true).texts
                == ["2026-01-01T08:00:00", "2026-01-01T10:00:00", "2026-01-01T00:00:00", "2025-12-31T22:00:00"])
        #expect(
            try copy([#""2026-01-01""#, #""2025-12-31T22:00:00Z""#, #""2026-01-01T00:00:00Z""#], to: .date, zone: zone)
                .texts == ["2026-01-01T00:00:00", "2026-01-01T00:00:00", nil])
    }

    @Test("what the column and its key do not allow is refused with the row and the reason")
    func limits() throws {
        let notNull = try copy(["null", "1"], to: .bigint) { $0.isNotNull = true }
        #expect(notNull.texts == [nil, "1"])
        #expect(notNull.table.refusals == [#"{"v":null} v: null, but the column is NOT NULL"#])
        let short = try copy([#""abc""#, #""abc ""#, #""\t\\é""#, #""éééé""#, "12", "1234"], to: .text) { $0.limit = 3 }
        #expect(short.texts == ["abc", nil, #"\t\\é"#, nil, "12", nil])
        let key = try copy(["null", "\"\(String(repeating: "k", count: 2700))\"", "\"k\""], to: .text) {
            $0.isKey = true
            $0.nullsRepeat = true
        }
        #expect(key.texts == [nil, nil, "k"])
        #expect(key.table.refusals.last?.hasSuffix("v: the key is longer than 2600 bytes") == true)
    }

    @Test("a number is a time only in the column of the event time", arguments: ["1", "1.5"])
    func numberForTime(number: String) throws {
        let refused = try copy([number, "true"], to: .timestamptz)
        #expect(
            refused.table.refusals == [
                "{\"v\":\(number)} v: a number for type timestamptz; if it counts from 1970, select v=time(v)",
                "{\"v\":true} v: not a value of type timestamptz",
            ])
        #expect(try copy([number], to: .timestamptz, isTime: true).texts.compactMap(\.self).count == 1)
    }

    @Test("a JSON array is the literal of an array") func arrays() throws {
        let values = [
            #"["a","b,c","d\"e","f\\g","",null,"NULL"]"#, "[1,2.50,null]", "[[1,2],[3,4]]", "[]", #"[{"a":"b"},true]"#,
            #""{1,2}""#, "[[[[[[[1]]]]]]]",
        ]
        #expect(
            try copy(values, to: .other("text[]")).texts == [
                #"{"a","b,c","d\\"e","f\\\\g","",NULL,"NULL"}"#, "{1,2.50,NULL}", "{{1,2},{3,4}}", "{}",
                #"{"{\\"a\\":\\"b\\"}",true}"#, "{1,2}", nil,
            ])
        // Only for arrays.
        #expect(try copy(["[1]"], to: .other("inet")).texts == ["[1]"])
    }

    @Test("a UUID is written in one form, whatever form it has") func uuids() throws {
        let usual = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
        let forms = [
            usual, usual.uppercased(), "{\(usual)}", "a0eebc999c0b4ef8bb6d6bb9bd380a11",
            "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11",
        ]
        for form in forms { #expect(try copy(["\"\(form)\""], to: .uuid).texts == [usual], "\(form)") }
        let others = [
            "\(usual)0", "\(usual.dropLast())", "{\(usual)", "\(usual)}", "{", "", "-\(usual)", "\(usual)-",
            "a0eebc99--9c0b-4ef8-bb6d-6bb9bd380a11", "a0e-ebc999c0b4ef8bb6d6bb9bd380a11",
            "g0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        ]
        for other in others { #expect(try copy(["\"\(other)\""], to: .uuid).texts == [nil], "\(other)") }
    }

    @Test("numbers without digits are for columns that hold them") func unusualNumbers() throws {
        let words = [#""NaN""#, #""-Infinity""#, #""nano""#]
        #expect(try copy(words, to: .double).texts == ["NaN", "-Infinity", nil])
        #expect(try copy(words, to: .numeric).texts == ["NaN", "-Infinity", nil])
        #expect(try copy(words, to: .bigint).texts == [nil, nil, nil])
    }

    @Test("equal keys that are numbers are written alike") func numericKeys() throws {
        for type in [ColumnType.double, .bigint] {
            let texts = try copy(["3", "3.0", "3e0", #""3.0""#, "-0.0"], to: type) { $0.isKey = true }.texts
            #expect(texts == ["3", "3", "3", "3", "0"])
        }
        let large = ["123456789012345678", "123456789012345680.0", #""123456789012345678.1""#]
        let texts = try copy(large, to: .double) { $0.isKey = true }.texts
        #expect(texts == [String?](repeating: "123456789012345680", count: 3))
    }

    @Test("what loses something is refused with a way to keep the rest") func remedies() throws {
        #expect(
            try copy(["1.5"], to: .bigint).table.refusals
                == [#"{"v":1.5} v: it has a fraction, which the type of the column does not hold; select v=round(v)"#])
        let day = try copy([#""2026-01-01T10:00:00Z""#], to: .date).table.refusals.first ?? ""
        #expect(day.hasSuffix("select v=format_time(time(v), '%Y-%m-%d')"))
    }

    @Test("the contents of a column are what all of its first values are")
    func contents() throws {
        for (values, expected) in [
            ("1", ColumnContent.integer), ("1,2.5", .double), ("2.5,1", .double), ("1,\"a\"", .mixed),
            ("null", .unknown),
            ("null,true", .boolean), ("{},[1]", .json), ("\"a\",\"b\"", .text), ("true,1", .mixed),
        ] {
            var query = Query()
            query.select = try Expression.parseSelection("v")
            let table = Table([CopyColumn(name: "v", type: .text, source: 0)])
            final class Writer: RowWriter {
                let table: any RowTable
                init(_ table: any RowTable) { self.table = table }
                func makeEncoder(_ schema: RowSchema) -> any RowEncoder { CopyEncoder(table, schema) }
                func write(_ rows: borrowing EncodedRows, count: Int) throws(RunError) {}
                func flush() throws(RunError) {}
            }
            let layout = ColumnLayout(query, seed: 1)
            var stage = try ScanStage(query, layout)
            let engine = try makeEngine(query, layout, EngineOptions(inputNames: ["a"]), Writer(table))
            var batch = Batch(capacity: 64)
            var records = Records(columnCount: layout.columnCount)
            let lines = splitMembers(values).map { "{\"v\":\($0)}\n" }.joined()
            Array(lines.utf8).withUnsafeBytes { batch.append($0) }
            stage.run(&batch, into: &records)
            try engine.process(records, of: batch)
            #expect(table.contents == [expected], "\(values)")
        }
    }

    /// At commas outside brackets.
    private func splitMembers(_ text: String) -> [String] {
        text.replacing("[1]", with: "[]").split(separator: ",").map(String.init)
    }

    @Test("columns are written in the order of the table, the key first")
    func order() throws {
        let table = Table([
            CopyColumn(name: "b", type: .text, source: 1, isKey: true), CopyColumn(name: "a", type: .bigint, source: 0),
        ])
        let columns = ColumnSet(columnCount: 2)
        columns[0][0] = Value(Int64(5))
        columns[1][0] = Value.null
        let encoder = CopyEncoder(table, RowSchema(names: ["a", "b"], columns: [0, 1]))
        var rows = EncodedRows()
        var keep = true
        try encoder.encode(columns, rows: 0..<1, keep: &keep, into: &rows)
        #expect(rows.buffer.text == "\\N\t5\n")
    }
}

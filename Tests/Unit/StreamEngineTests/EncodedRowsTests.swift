import Testing

@testable import StreamEngine

/// Collects marked rows, over as many writes as there are.
private final class RowCollector: RowWriter {
    var rows = EncodedRows()
    var writes = 0

    func makeEncoder(_ schema: RowSchema) -> any RowEncoder { TextEncoder(schema, marksRows: true) }
    func write(_ rows: borrowing EncodedRows, count: Int) throws(RunError) {
        self.rows.append(rows)
        writes += 1
    }
    func flush() throws(RunError) {}
}

/// A row and its key, as an output finds them.
private struct KeyedRow: Equatable {
    var line: String
    var key: String?
}

private func keyedRows(_ rows: borrowing EncodedRows) -> [KeyedRow] {
    let places = rows.rows
    return rows.withBytes { bytes in
        places.map { row in
            KeyedRow(
                line: String(decoding: bytes[row.line], as: UTF8.self),
                key: row.key.map { String(decoding: bytes[$0], as: UTF8.self) })
        }
    }
}

/// Values in columns, with the memory of their texts.
final class Cells {
    var columns: ColumnSet
    private var arena = ByteArena()

    init(_ columnCount: Int, capacity: Int = 1024) { columns = ColumnSet(columnCount: columnCount, capacity: capacity) }

    func set(_ column: Int, _ row: Int, _ value: Value) { columns[column][row] = value }
    func set(_ column: Int, _ row: Int, text: String, kind: Kind = .string) {
        set(column, row, Value(Array(text.utf8).withUnsafeBytes { arena.copy($0) }, kind: kind))
    }

    /// Encodes `rows`, but for those that are left out.
    func encode(
        _ rows: Range<Int>, with encoder: any RowEncoder, into output: inout EncodedRows,
        without: (Int) -> Bool = { _ in false }
    ) throws {
        var keep = (0..<rows.upperBound).map { !without($0) }
        try keep.withUnsafeMutableBufferPointer { flags in
            guard let flags = flags.baseAddress else { return }
            try encoder.encode(columns, rows: rows, keep: flags, into: &output)
        }
    }
}

/// What is hard to find again in text.
private let hardTexts = [
    "", "a", "a\tb", "a\nb", "a\r\nb", "\"", "\"\"", "a,b", "\\", "\\N", "\\t", "\\\\\t\\", "\u{1}\u{7f}", "é", "日本\t語",
    "👩‍👩‍👧", "null", "5", "{\"a\":\"}\\n\"}", " ", "$watermark", String(repeating: "long \\ text\t", count: 40),
]

/// Columns of random values: texts, numbers, times, nulls and JSON.
private func randomCells(_ columnCount: Int, rows: Int, _ random: inout SeededGenerator) -> Cells {
    let cells = Cells(columnCount, capacity: rows)
    for column in 0..<columnCount {
        for row in 0..<rows {
            switch random.below(10) {
            case 0...4: cells.set(column, row, text: random.pick(hardTexts))
            case 5: cells.set(column, row, .null)
            case 6: cells.set(column, row, Value(Int64.random(in: -1000...1000, using: &random)))
            case 7: cells.set(column, row, Value(Double(random.below(4000)) / 16 - 100))
            case 8: cells.set(column, row, Value(time: Int64(random.below(1_000_000_000)) * 1_000_003))
            default: cells.set(column, row, text: #"[1,"\t\n",{"a":"]"}]"#, kind: .json)
            }
        }
    }
    return cells
}

/// The key that scanning a row of JSON gives: the value of a string, the JSON text of another, an array of several.
private func keyByScanning(_ line: String, _ fields: [String]) throws -> String? {
    var query = Query()
    query.select = fields.enumerated().map { number, name in
        NamedExpression(name: "k\(number)", expression: .field(FieldPath(name: Array(name.utf8))))
    }
    let layout = ColumnLayout(query)
    var stage = try ScanStage(query, layout)
    var batch = Batch()
    var records = Records(columnCount: layout.columnCount)
    Array("\(line)\n".utf8).withUnsafeBytes { batch.append($0) }
    stage.run(&batch, into: &records)
    try #require(records.count == 1 && records.places[0].status == .accepted, "\(line)")
    let columns = layout.selectColumns
    var texts: [String] = []
    var isNull = true
    for column in columns {
        let value = records.columns[column][0]
        isNull = isNull && value.isNull
        var text = ByteBuffer()
        if columns.count == 1, value.kind == .string { text.append(value.bytes) } else { text.append(json: value) }
        texts.append(text.text)
    }
    if isNull { return nil }
    return columns.count == 1 ? texts[0] : "[\(texts.joined(separator: ","))]"
}

@Suite("encoded rows and their keys")
struct EncodedRowsTests {
    @Test("the keys of rows: text of a string, JSON of another value, an array of several; null when all are null")
    func keys() throws {
        let cells = Cells(2)
        let values: [(Value?, String, key: String?)] = [
            (nil, "a\tb\"\n\\é", "a\tb\"\n\\é"), (nil, "", ""), (.null, "", nil), (.missing, "", nil),
            (Value(Int64(-5)), "", "-5"), (Value(2.0), "", "2.0"), (Value(true), "", "true"),
            (Value(time: 1_500_000), "", "1970-01-01T00:00:01.500Z"),
        ]
        for (row, value) in values.enumerated() {
            if let simple = value.0 { cells.set(0, row, simple) } else { cells.set(0, row, text: value.1) }
            cells.set(1, row, row == 2 ? .null : Value(Int64(row)))
        }
        let expected = [
            #"["a\tb\"\n\\é",0]"#, #"["",1]"#, nil, "[null,3]", "[-5,4]", "[2.0,5]", "[true,6]",
            #"["1970-01-01T00:00:01.500Z",7]"#,
        ]
        for format in [OutputFormat.json, .csv, .tsv] {
            for (key, wanted) in [([], values.map { _ in nil }), ([0], values.map(\.key)), ([0, 1], expected)] {
                let schema = RowSchema(names: ["k", "n"], columns: [0, 1], key: key, format: format)
                var output = EncodedRows()
                try cells.encode(0..<values.count, with: TextEncoder(schema, marksRows: true), into: &output)
                #expect(keyedRows(output).map(\.key) == wanted, "\(format) \(key)")
            }
        }
    }

    @Test(
        "JSON, CSV, TSV: marked rows are those that are written without marks",
        arguments: [OutputFormat.json, .csv, .tsv])
    func marks(format: OutputFormat) throws {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<40 {
            let names = ["k", "odd \"name\"", "v"]
            let key = random.pick([[], [0], [1], [0, 2], [2, 1, 0]])
            let schema = RowSchema(names: names, columns: [0, 1, 2], key: key, format: format)
            let count = 1 + random.below(60)
            let cells = randomCells(3, rows: count, &random)
            let left = random.below(count)
            let (marked, plain) = (TextEncoder(schema, marksRows: true), TextEncoder(schema))
            // Cut over several writes, some of them empty.
            var all = EncodedRows(capacity: 16)
            var text = EncodedRows()
            var lines: [String] = []
            var start = 0
            while start < count {
                let end = start + random.below(count - start + 1)
                var some = EncodedRows()
                var part = EncodedRows()
                try cells.encode(start..<end, with: marked, into: &some) { $0 == left }
                try cells.encode(start..<end, with: plain, into: &part) { $0 == left }
                #expect(part.rows.isEmpty)
                all.append(some)
                text.append(part)
                start = end
            }
            for row in 0..<count where row != left {
                var one = EncodedRows()
                var schema = schema
                schema.hasHeader = true
                try cells.encode(row..<row + 1, with: TextEncoder(schema), into: &one)
                lines.append(String(one.buffer.text.dropLast()))
            }
            let rows = keyedRows(all)
            #expect(rows.map(\.line) == lines)
            // After the header, the rows are the whole of what is written without marks.
            let body = lines.map { "\($0)\n" }.joined()
            let header = text.buffer.text.dropLast(body.count)
            #expect(text.buffer.text == header + body)
            #expect(lines.isEmpty || format == .json ? header == "" : header.hasSuffix("v\n"))
            let bytes = all.withBytes { Array($0) }
            #expect(all.rows.allSatisfy { bytes[$0.lineWithEnd].last == UInt8(ascii: "\n") })
            guard format == .json else { continue }
            for row in rows {
                #expect(try row.key == (key.isEmpty ? nil : keyByScanning(row.line, key.map { names[$0] })))
            }
        }
    }

    @Test("rows of windows, cut over many writes, have the keys of their groups")
    func windows() throws {
        var query = Query()
        query.groupKeys = try ["k", "n"].map { GroupKeySpec(name: $0, field: try FieldPath.parse($0)) }
        query.aggregates = [Aggregate(name: "count", function: .count)]
        query.rowKey = query.groupKeys.compactMap(\.field)
        var lines: [String] = []
        for row in 0..<9000 {
            var name = ByteBuffer()
            name.append(quotedName: "\(hardTexts[row % hardTexts.count])\(row)")
            lines.append(
                #"{"k":\#(name.text),"n":\#(row % 7 == 0 ? "null" : "\(row)")}"#)
        }
        let text = lines.map { "\($0)\n" }.joined()
        let collector = try run(query, [text])
        let rows = keyedRows(collector.rows)
        #expect(collector.writes > 2)
        #expect(rows.map(\.line) == (try runEngine(query, text)).lines)
        #expect(rows.count == 9000)
        for row in rows.prefix(400) { #expect(try row.key == keyByScanning(row.line, ["k", "n"])) }
        query.rowKey = [FieldPath(name: Array("count".utf8))]
        query.select = try Expression.parseSelection("k,count=count+1")
        #expect(keyedRows(try run(query, [text]).rows).allSatisfy { $0.key == "2" })
    }

    @Test("headers follow the key of a row; a null is none", arguments: [nil, "k"]) func headers(key: String?) throws {
        var query = Query()
        query.select = try Expression.parseSelection("k,s,n")
        if let key { query.rowKey = [try FieldPath.parse(key)] }
        query.rowHeaders = try ["s", "n", "k"].map { ("h-\($0)", try FieldPath.parse($0)) }
        let text = #"""
            {"k":"a","s":"é","n":1.50}
            {"k":"b","s":null,"n":{"x":[1]}}
            {"k":null,"s":"","n":true}

            """#
        let collector = try run(query, [text])
        let places = collector.rows.rows
        let found = collector.rows.withBytes { bytes in
            places.map { row in
                var texts: [String] = []
                row.eachHeader(3, in: bytes) { texts.append("\($0)=\(String(decoding: $1, as: UTF8.self))") }
                return texts
            }
        }
        #expect(found == [["0=é", "1=1.5", "2=a"], [#"1={"x":[1]}"#, "2=b"], ["0=", "1=true"]])
    }

    @Test("records that pass through keep their bytes; control lines have no key") func passThrough() throws {
        var query = Query()
        query.lets = [NamedExpression(name: "c", expression: try Expression.parse("a + 1"))]
        let text = """
              {"a":1, "b" : {"x":"\\u0041\\t"}}\u{20}
            {"$watermark":{}}
            {"b.x":"flat","b":{"x":"nested"}}\r
            broken
            {"b":{"x":null},"a":2.50,"c":"replaced"}

            {"b":{"x":[1, 2]}}
            """
        func rows(_ key: String) throws -> [KeyedRow] {
            query.rowKey = try key.split(separator: ",").map { try FieldPath.parse(String($0)) }
            // In one batch, and one line a batch.
            let whole = keyedRows(try run(query, [text]).rows)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { "\($0)\n" }
            #expect(keyedRows(try run(query, lines).rows) == whole)
            #expect(whole.map(\.line) == (try runEngine(query, text)).lines)
            return whole
        }
        #expect(try rows("b.x").map(\.key) == ["A\t", nil, "flat", nil, "[1, 2]"])
        #expect(try rows("c").map(\.key) == ["2", nil, nil, "3.5", nil])
        #expect(try rows("a,c").map(\.key) == ["[1,2]", nil, nil, "[2.5,3.5]", nil])
        #expect(try rows("").map(\.key) == [nil, nil, nil, nil, nil])
        query.lets = []
        #expect(
            try rows("c,b.x").map(\.key) == [
                #"[null,"A\t"]"#, nil, #"[null,"flat"]"#, #"["replaced",null]"#, "[null,[1, 2]]",
            ])
        #expect(try rows("a").first == KeyedRow(line: #"  {"a":1, "b" : {"x":"\u0041\t"}} "#, key: "1"))
        query.select = try Expression.parseSelection("n=a * 2,b.x")
        #expect(try rows("n,b.x").map(\.key) == [#"[2,"A\t"]"#, nil, #"[null,"flat"]"#, "[5.0,null]", "[null,[1, 2]]"])
    }

    private func run(_ query: Query, _ batches: [String]) throws -> RowCollector {
        let layout = ColumnLayout(query, seed: 3)
        var stage = try ScanStage(query, layout)
        let collector = RowCollector()
        let engine = try makeEngine(query, layout, EngineOptions(inputNames: ["a"]), collector)
        var batch = Batch(capacity: 64)
        var records = Records(columnCount: layout.columnCount)
        for (number, text) in batches.enumerated() {
            batch.removeAll()
            Array(text.utf8).withUnsafeBytes { batch.append($0) }
            batch.sequence = number
            stage.run(&batch, into: &records)
            try engine.process(records, of: batch)
        }
        try engine.finish()
        return collector
    }
}

/// A table whose columns are those of the rows, the key first.
private final class TextColumns: RowTable {
    let targets: [CopyColumn]
    var refusedCount = 0

    init(key: [Int], others: [Int]) {
        targets = (key + others).map { source in
            CopyColumn(
                name: "c\(source)", type: source == 1 ? .json : .text, source: source, isNotNull: source == 2,
                isKey: key.contains(source))
        }
    }

    func columns(for contents: [ColumnContent]) throws(RunError) -> [CopyColumn] { targets }
    func refuse(_ row: UnsafeRawBufferPointer, reason: String) throws(RunError) { refusedCount += 1 }
}

@Suite("rows for COPY, their keys and values")
struct CopyRowsTests {
    @Test("rows and keys are where the marks say, over several writes, and values between tabs")
    func marks() throws {
        var random = SeededGenerator(seed: 12)
        for _ in 0..<60 {
            let (key, others) = random.pick([([0], [1, 2]), ([1, 0], [2]), ([], [0, 1, 2]), ([2, 1, 0], [])])
            let table = TextColumns(key: key, others: others)
            let schema = RowSchema(names: ["c0", "c1", "c2"], columns: [0, 1, 2])
            let encoder = CopyEncoder(table, schema)
            let count = 1 + random.below(50)
            let cells = randomCells(3, rows: count, &random)
            // Column 2 takes no nulls: these rows are refused and leave nothing behind.
            let isRefused = { (row: Int) in cells.columns[2][row].isNull }
            var all = EncodedRows()
            var start = 0
            while start < count {
                let end = start + 1 + random.below(count - start)
                var some = EncodedRows()
                try cells.encode(start..<end, with: encoder, into: &some)
                all.append(some)
                start = end
            }
            let sources = (0..<count).filter { !isRefused($0) }
            #expect(table.refusedCount == count - sources.count)
            #expect(all.rows.count == sources.count)
            let bytes = all.withBytes { Array($0) }
            var end = 0
            for (number, row) in all.rows.enumerated() {
                #expect(row.lineWithEnd.lowerBound == end)
                end = row.lineWithEnd.upperBound
                // In this text, tabs and newlines are separators only.
                let line = String(decoding: bytes[row.line], as: UTF8.self)
                let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
                #expect(fields.count == 3 && !line.contains("\n"))
                let keyText = row.key.map { String(decoding: bytes[$0], as: UTF8.self) }
                #expect(keyText == (key.isEmpty ? nil : fields.prefix(key.count).joined(separator: "\t")))
                for (place, target) in table.targets.enumerated() where fields.indices.contains(place) {
                    let value = cells.columns[target.source][sources[number]]
                    #expect((fields[place] == "\\N") == value.isNull)
                    guard !value.isNull else { continue }
                    var quoted = ByteBuffer()
                    var expected = ByteBuffer()
                    Array(fields[place].utf8).withUnsafeBytes { quoted.append(quotedCopy: $0) }
                    expected.append(quotedText: value, asJSON: target.type == .json)
                    #expect(quoted.text == expected.text)
                }
            }
            #expect(end == all.byteCount)
        }
    }

    @Test("rows are removed with their marks") func truncated() {
        var rows = EncodedRows()
        for text in ["a", "bc", "d"] {
            let start = rows.buffer.count
            rows.buffer.append(text)
            rows.buffer.append("\n")
            rows.endRow(from: start)
        }
        for (count, lines) in [(7, [0..<1, 2..<4, 5..<6]), (5, [0..<1, 2..<4]), (2, [0..<1]), (0, [])] {
            rows.truncate(to: count)
            let (found, byteCount) = (rows.rows.map(\.line), rows.byteCount)
            #expect(found == lines && byteCount == count)
        }
    }
}

extension ByteBuffer {
    /// A value's text as a JSON string.
    fileprivate mutating func append(quotedText value: Value, asJSON: Bool) {
        var text = ByteBuffer()
        switch value.kind {
        case .string where !asJSON: text.append(value.bytes)
        case .time where !asJSON: text.append(time: value.integer)
        default: text.append(json: value)
        }
        text.withBytes { append(quoted: $0) }
    }
}

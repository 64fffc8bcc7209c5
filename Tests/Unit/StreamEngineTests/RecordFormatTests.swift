import Testing

@testable import StreamEngine

/// The smallest format: a record is a text, and every wanted field is that text. A text that begins with `!` is malformed.
private struct WholeLine: RecordFormat, ~Copyable {
    static let content = RecordContent.text
    static let isSelfDelimiting = false
    static let defects: [StaticString] = ["nothing", "begins with !"]

    private let columns: Range<Int>
    private let maxLine: Int

    init(fields: [FieldPath], maxLine: Int) {
        columns = 0..<max(0, fields.count - 1)
        self.maxLine = maxLine
    }

    mutating func read(_ batch: inout Batch, into records: inout Records) {
        records.begin(batch)
        var rows = RowCursor(&records, from: 0, maxLine: maxLine)
        var ranges = RecordRanges(batch)
        while let range = ranges.next() {
            guard !range.isEmpty || batch.framing == .records else {
                rows.skipLine()
                continue
            }
            rows.begin(range.lowerBound, &records)
            let text = UnsafeRawBufferPointer(rebasing: batch.bytes[range])
            let status: RecordStatus =
                text.count > maxLine ? .tooLong : text.first == UInt8(ascii: "!") ? .malformed(1) : .accepted
            for column in columns where !status.isRejected { records.columns[column][rows.row] = Value(text) }
            rows.put(RecordSlice(range.lowerBound, length: range.count, line: rows.line, status))
            if status != .accepted { records.unusualRows += 1 }
        }
        records.end(count: rows.row, lines: rows.line, filled: Array(columns))
    }
}

extension InputFormat {
    fileprivate static let wholeLine = InputFormat("line") { WholeLine(fields: $0, maxLine: $1) }
}

@Suite("A format is a file and a line") struct RecordFormatTests {
    private static let text = "b\r\na\n\n!c\nb\nd \\ \"q\"\na"

    private func run(_ query: Query, _ text: String, cuts: [Int] = []) throws -> EngineResult {
        let bytes = Array(text.utf8)
        let bounds = [0] + cuts + [bytes.count]
        let steps = zip(bounds, bounds.dropFirst()).enumerated().map { number, bounds in
            EngineStep.lines(Array(bytes[bounds.0..<bounds.1]), startsInput: number == 0)
        }
        return try runEngine(query, steps, format: .wholeLine)
    }

    @Test("JSON is a format like any other") func list() {
        #expect(Set(InputFormat.all.map(\.name)).isSubset(of: FormatName.allCases.map(\.rawValue)))
        #expect(InputFormat.json.traits.content == .json && InputFormat.json.traits.isSelfDelimiting)
        #expect(InputFormat.json.traits.defects.count == JSONDefect.allCases.count)
    }

    @Test("records pass through as they came, blank lines left out, and a malformed one is rejected with its reason")
    func passThrough() throws {
        let result = try run(Query(), Self.text)
        #expect(result.lines == ["b", "a", "b", "d \\ \"q\"", "a"])
        #expect(result.figures == AccountFigures(records: 6, inWindow: 5, rejected: 1, rows: 5))
        #expect(
            result.rejectText
                == #"{"reason":"malformed","detail":"begins with !","source":"a","line":4,"record":"!c"}"# + "\n")
    }

    @Test("a computed field makes an object of the record") func spliced() throws {
        var query = Query()
        query.lets = [NamedExpression(name: "n", expression: try .parse("length(x)"))]
        #expect(
            try run(query, Self.text).lines == [
                #"{"record":"b","n":1}"#, #"{"record":"a","n":1}"#, #"{"record":"b","n":1}"#,
                #"{"record":"d \\ \"q\"","n":7}"#, #"{"record":"a","n":1}"#,
            ])
        query.lets = [NamedExpression(name: "record", expression: try .parse("upper(x)"))]
        #expect(try run(query, "b\n").lines == [#"{"record":"B"}"#])
    }

    @Test("fields, filters, groups and aggregates work on its columns, wherever the input is cut between lines")
    func groups() throws {
        var query = Query()
        query.filter = try .parse("x != 'd \\\\ \"q\"'")
        query.groupKeys = [GroupKeySpec(name: "x", field: try FieldPath.parse("x"))]
        query.aggregates = [Aggregate(name: "count", function: .count), try .over(.max, "y")]
        for cuts in [[], [3], [3, 5, 6, 9], [11]] {
            let result = try run(query, Self.text, cuts: cuts)
            #expect(
                result.lines == [#"{"x":"a","count":2,"max_y":"a"}"#, #"{"x":"b","count":2,"max_y":"b"}"#], "\(cuts)")
            #expect(result.figures == AccountFigures(records: 6, inWindow: 4, filtered: 1, rejected: 1, rows: 2))
        }
    }

    @Test("a record that is too long is rejected, and one with a byte order mark before it is not changed by it")
    func limits() throws {
        var query = try Query.selecting("x")
        query.maxLine = 3
        let result = try run(query, "\u{feff}abc\nabcd\nab\r\n")
        #expect(result.lines == [#"{"x":"abc"}"#, #"{"x":"ab"}"#] && result.reasons == ["too-long": 1])
    }

    @Test("records whose ends the source gives may hold line breaks") func records() throws {
        let query = try Query.selecting("x, @offset")
        let layout = ColumnLayout(query)
        var stage = try ScanStage(query, layout, .wholeLine)
        var batch = Batch(capacity: 8)
        var records = Records(columnCount: layout.columnCount)
        batch.fill([
            TopicMessage(3, "a\r\nb\n"), TopicMessage(4, ""), TopicMessage(7, nil), TopicMessage(8, "!\n"),
            TopicMessage(9, "z"),
        ])
        stage.run(&batch, into: &records)
        let rows = (0..<records.count).map { row in
            // The name of a defect would be that of JSON's.
            let status = records.places[row].status
            let name = status.isRejected && status != .noValue ? "rejected" : status.name
            return "\(name) \(String(decoding: records.columns[0][row].bytes, as: UTF8.self))"
        }
        // Only what a format rejects can be told from an empty text; a record without a value is not a text.
        #expect(rows == ["accepted a\r\nb\n", "accepted ", "noValue ", "rejected ", "accepted z"])
        #expect((0..<records.count).map { records.content(of: $0) } == [.text, .text, .nothing, .text, .text])
        #expect(records.detail(of: records.places[3].status).description == "begins with !")
    }

    @Test("a line without its end is torn: in JSON only if it is not a whole object, in other formats always")
    func torn() throws {
        func isTorn(_ text: String, _ format: InputFormat, end: Int? = nil) throws -> Bool {
            var query = try Query.selecting("x")
            query.maxLine = 20
            let layout = ColumnLayout(query)
            var stage = try ScanStage(query, layout, format)
            var batch = Batch(capacity: 8)
            var records = Records(columnCount: layout.columnCount)
            // What was read before does not count.
            for text in ["{\"x\"", text] {
                batch.removeAll()
                Array(text.utf8).withUnsafeBytes { batch.append($0) }
                batch.nextPosition = end
                stage.run(&batch, into: &records)
            }
            return records.isTornLine
        }
        let lines: [(line: String, isTornJSON: Bool, isTornText: Bool)] = [
            ("{\"x\":1}", false, true), ("{\"x\":1", true, true), ("{\"x\":1\r", true, true), ("x", true, true),
            ("{\"x\":1}\n", false, false), ("{\"x\":1\n", false, false), ("{}\n{\"x\"", false, false),
            (String(repeating: "x", count: 21), true, true), ("", false, false), ("\n", false, false),
        ]
        for line in lines {
            #expect(try isTorn(line.line, .json) == line.isTornJSON, "\(line.line)")
            #expect(try isTorn(line.line, .wholeLine) == line.isTornText, "\(line.line)")
        }
        // The end of a line that is too long has been read.
        for format in [InputFormat.json, .wholeLine] {
            #expect(try !isTorn(String(repeating: "x", count: 21), format, end: 100))
        }
        // The line is blank: there is nothing that could be torn.
        #expect(try !isTorn("  ", .json))
        // Where the source says where a record ends, none is torn.
        let query = try Query.selecting("x")
        let layout = ColumnLayout(query)
        for format in [InputFormat.json, .wholeLine] {
            var stage = try ScanStage(query, layout, format)
            var batch = Batch(capacity: 8)
            var records = Records(columnCount: layout.columnCount)
            batch.fill([TopicMessage(1, "{\"x\":")])
            stage.run(&batch, into: &records)
            let isTorn = records.isTornLine
            #expect(!isTorn)
        }
    }

    @Test("the records of a batch are found as its framing says") func ranges() {
        func texts(_ batch: borrowing Batch) -> [String] {
            var ranges = RecordRanges(batch)
            var texts: [String] = []
            while let range = ranges.next() { texts.append(String(decoding: batch.bytes[range], as: UTF8.self)) }
            #expect(ranges.count == texts.count)
            return texts
        }
        var batch = Batch(capacity: 8)
        #expect(texts(batch) == [])
        Array("\u{feff}a\r\n\r\n\r\r\n\nb".utf8).withUnsafeBytes { batch.append($0) }
        batch.startsInput = true
        #expect(texts(batch) == ["a", "", "\r", "", "b"])
        batch.startsInput = false
        batch.removeAll()
        for text in ["a\n", "", "\r"] { Array(text.utf8).withUnsafeBytes { batch.append(record: $0) } }
        batch.append(record: nil)
        #expect(texts(batch) == ["a\n", "", "\r", ""])
    }
}

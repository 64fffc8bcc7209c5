import Testing

@testable import StreamEngine

/// Rows that are written as CSV or TSV and read back.
@Suite("CSV and TSV that we write are what we read") struct DelimitedRoundTripTests {
    private static let pieces = [
        "", "a", "\t", "\n", "\r\n", "\r", "\"", "\"\"", ",", ";", "|", "\\", "\\N", "\\t", " ", "é", "日本", "\u{1}",
        "null",
        "5", "1.50", "x,y", String(repeating: "long text ", count: 9),
    ]

    /// Reads delimited text with a header.
    ///
    /// - Returns: the values of each row: a text in brackets, or null.
    private static func read(_ text: [UInt8], _ name: FormatName, _ columns: [String]) throws -> [[String]] {
        let format = try #require(try FormatChoice(FormatPlan(name)).format(text, path: "x", isWhole: true))
        let fields = (columns + ["$watermark"]).map { FieldPath(name: Array($0.utf8)) }
        return Self.rows(format.make(fields, 1 << 20), text, columns.count)
    }

    private static func rows(
        _ format: consuming any RecordFormat & ~Copyable, _ text: [UInt8], _ columnCount: Int
    ) -> [[String]] {
        var batch = Batch()
        text.withUnsafeBytes { batch.append($0) }
        batch.startsInput = true
        var records = Records(columnCount: columnCount + 1)
        format.read(&batch, into: &records)
        return (0..<records.count).map { row in
            guard records.places[row].status == .accepted else { return ["rejected"] }
            return (0..<columnCount).map { column in
                let value = records.columns[column][row]
                return value.isNull ? "null" : "[\(String(decoding: value.bytes, as: UTF8.self))]"
            }
        }
    }

    @Test("random rows", arguments: [OutputFormat.csv, .tsv], [1, 2, 5])
    func random(format: OutputFormat, columnCount: Int) throws {
        var random = SeededGenerator(seed: UInt64(40 + columnCount))
        let names = (0..<columnCount).map { ["k", "an odd \"name\"", "x,y", "é", "v"][$0] }
        for round in 0..<200 {
            let count = 1 + random.below(40)
            let cells = Cells(columnCount, capacity: count)
            var expected: [[String]] = []
            for row in 0..<count {
                expected.append([])
                for column in 0..<columnCount {
                    let text = (0..<random.below(4)).map { _ in random.pick(Self.pieces) }.joined()
                    if random.below(5) == 0 {
                        cells.set(column, row, .null)
                        expected[row].append("null")
                    } else {
                        cells.set(column, row, text: text)
                        // TSV has no empty text.
                        expected[row].append(text.isEmpty && format == .tsv ? "null" : "[\(text)]")
                    }
                }
            }
            let schema = RowSchema(names: names, columns: Array(0..<columnCount), format: format)
            var output = EncodedRows()
            try cells.encode(0..<count, with: TextEncoder(schema), into: &output)
            let text = output.withBytes { Array($0) }
            let found = try Self.read(text, format == .csv ? .csv : .tsv, names)
            #expect(found == expected, "round \(round): \(String(decoding: text, as: UTF8.self))")
            guard found == expected else { return }
        }
    }

    @Test("a row that is equal to the header is not taken for one")
    func header() throws {
        let cells = Cells(2)
        for (row, values) in [["a", "b"], ["b", "a"], ["a", "b"]].enumerated() {
            for (column, value) in values.enumerated() { cells.set(column, row, text: value) }
        }
        var output = EncodedRows()
        let schema = RowSchema(names: ["a", "b"], columns: [0, 1], format: .csv)
        try cells.encode(0..<3, with: TextEncoder(schema), into: &output)
        let text = output.withBytes { Array($0) }
        #expect(try Self.read(text, .csv, ["a", "b"]) == [["[a]", "[b]"], ["[b]", "[a]"], ["[a]", "[b]"]])
    }
}

import Plan
import Testing

@testable import Postgres
@testable import StreamEngine

struct RowsTests {
    private func kept(_ text: String, keyColumns: Int) -> (rows: [String], replaced: Int) {
        let encoded = EncodedRows(copy: text, keyColumns: keyColumns)
        let places = encoded.rows
        return encoded.withBytes { bytes in
            var rows = Rows(places, in: bytes)
            rows.keepLast(seed: 1)
            let texts = rows.pending.map { String(decoding: bytes[places[$0].lineWithEnd], as: UTF8.self) }
            return (texts, places.count - texts.count)
        }
    }

    @Test("the last row of a key is kept, in its position") func keepLast() {
        let text = "a\t1\tx\nb\t1\tx\na\t1\ty\na\t2\tx\n\\N\t1\tx\nb\t1\tz\n"
        #expect(kept(text, keyColumns: 2) == (["a\t1\ty\n", "a\t2\tx\n", "\\N\t1\tx\n", "b\t1\tz\n"], 2))
        #expect(kept(text, keyColumns: 1) == (["a\t2\tx\n", "\\N\t1\tx\n", "b\t1\tz\n"], 3))
        // All columns are the key.
        #expect(kept("a\nb\na\n", keyColumns: 1) == (["b\n", "a\n"], 1))
        #expect(kept("", keyColumns: 1) == ([], 0))
        #expect(kept("a\t1\n", keyColumns: 1) == (["a\t1\n"], 0))
        #expect(kept("\t1\n\t2\n", keyColumns: 1) == (["\t2\n"], 1))
    }

    @Test("any rows: as a dictionary would") func againstModel() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let lines = (0..<Int.random(in: 0...300, using: &random)).map { i in
                let key = String(repeating: "k", count: Int.random(in: 0...20, using: &random))
                return "\(key)\(Int.random(in: 0...30, using: &random))\t\(i)\n"
            }
            var last: [Substring: Int] = [:]
            for (i, line) in lines.enumerated() { last[line.prefix { $0 != "\t" }] = i }
            let expected = last.values.sorted().map { lines[$0] }
            let found = kept(lines.joined(), keyColumns: 1)
            #expect(found.rows == expected)
            #expect(found.replaced == lines.count - expected.count)
        }
    }

    @Test("rows are passed on in order, whatever the size of the pieces", arguments: [1, 2, 3, 7, 1000])
    func pieces(limit: Int) throws {
        let encoded = EncodedRows(copy: "a\t1\nb\t1\na\t2\nc\t1\nc\t2\nd\t1\n", keyColumns: 1)
        func text(_ rows: Rows, _ range: Range<Int>) throws -> String {
            var all: [UInt8] = []
            var longest = 0
            try rows.pieces(range, limit: limit) { (piece) throws(AttemptError) in
                all += Array(piece)
                longest = max(longest, piece.count)
            }
            #expect(longest <= limit && all.count == rows.byteCount(range))
            return String(decoding: all, as: UTF8.self)
        }
        let places = encoded.rows
        try encoded.withBytes { bytes throws in
            var rows = Rows(places, in: bytes)
            #expect(try text(rows, rows.pending.indices) == "a\t1\nb\t1\na\t2\nc\t1\nc\t2\nd\t1\n")
            rows.keepLast(seed: 2)
            #expect(try text(rows, rows.pending.indices) == "b\t1\na\t2\nc\t2\nd\t1\n")
            #expect(try text(rows, 1..<3) == "a\t2\nc\t2\n")
            rows.remove([2, 5])
            #expect(rows.pending == [1, 4])
            #expect(try text(rows, rows.pending.indices) == "b\t1\nc\t2\n")
        }
    }

    @Test("rows of the encoder: the last row of a key is kept, whatever its values are") func encoded() throws {
        final class Table: RowTable {
            func columns(for contents: [ColumnContent]) throws(RunError) -> [CopyColumn] {
                [
                    CopyColumn(name: "k", type: .text, source: 1, isKey: true),
                    CopyColumn(name: "l", type: .text, source: 2, isKey: true),
                    CopyColumn(name: "n", type: .bigint, source: 0),
                ]
            }
            func refuse(_ row: UnsafeRawBufferPointer, reason: String) throws(RunError) {}
        }
        // Keys that were one if tabs or nulls were misread.
        let texts: [[String?]] = [
            ["a\tb", "c"], ["a", "b\tc"], ["a", nil], ["a", "\\N"], [nil, "a"], ["", "a"], ["a\n", "\\"],
            ["a", "\n\\"], ["é", "\t"], ["e\u{301}", "\t"],
        ]
        let keys = texts.map { $0.map { $0.map { Array($0.utf8) } } }
        let columns = ColumnSet(columnCount: 3)
        let count = 3 * keys.count
        let table = Table()
        let encoder = CopyEncoder(table, RowSchema(names: ["n", "k", "l"], columns: [0, 1, 2]))
        var encoded = EncodedRows()
        var arena = ByteArena()
        var keep = [Bool](repeating: true, count: count)
        for row in 0..<count {
            columns[0][row] = Value(Int64(row))
            for column in 0..<2 {
                columns[column + 1][row] =
                    keys[row % keys.count][column].map { $0.withUnsafeBytes { Value(arena.copy($0)) } } ?? .null
            }
        }
        try keep.withUnsafeMutableBufferPointer { flags in
            guard let flags = flags.baseAddress else { return }
            try encoder.encode(columns, rows: 0..<count, keep: flags, into: &encoded)
        }
        let places = encoded.rows
        encoded.withBytes { bytes in
            var rows = Rows(places, in: bytes)
            rows.keepLast(seed: 3)
            #expect(rows.pending == Array(2 * keys.count..<count))
        }
    }

    @Test("a refused row is described with the values that were sent") func refused() throws {
        let text = "a\\tb\t\\N\t\t\\\\N\t\\n\\r\\\\\u{1}\"\u{7f}\té\nx\ty\tz\t1\t2\t3\n"
        let encoded = EncodedRows(copy: text, keyColumns: 1)
        let columns = (0..<6).map { CopyColumn(name: "c\"\($0)", type: .text, source: $0) }
        let writer = TableWriter(
            try TableName(parsing: "t"), columns, TablePlan(name: "t", columns: [], mode: .append, creates: false))
        let fault = ServerError(code: "23514", message: "no")
        let row = writer.describe(0, of: encoded, fault)
        #expect(
            String(decoding: row.json, as: UTF8.self)
                == #"{"c\"0":"a\tb","c\"1":null,"c\"2":"","c\"3":"\\N","c\"4":"\n\r\\\u0001\"\u007f","c\"5":"é"}"#)
        #expect(row.reason == fault.text)
        let next = writer.describe(1, of: encoded, fault)
        #expect(
            String(decoding: next.json, as: UTF8.self)
                == #"{"c\"0":"x","c\"1":"y","c\"2":"z","c\"3":"1","c\"4":"2","c\"5":"3"}"#)
    }
}

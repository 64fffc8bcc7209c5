import StreamEngine
import Testing

@testable import Postgres

struct RowsTests {
    private func kept(_ text: String, keyColumns: Int) -> (rows: [String], replaced: Int) {
        Array(text.utf8).withUnsafeBytes { bytes in
            var rows = Rows(bytes)
            rows.keepLast(keyColumns: keyColumns, seed: 1)
            return (rows.spans.map { String(decoding: bytes[$0], as: UTF8.self) }, rows.replacedCount)
        }
    }

    @Test("the last row of a key stays, where it stands") func keepLast() {
        let text = "a\t1\tx\nb\t1\tx\na\t1\ty\na\t2\tx\n\\N\t1\tx\nb\t1\tz\n"
        #expect(kept(text, keyColumns: 2) == (["a\t1\ty\n", "a\t2\tx\n", "\\N\t1\tx\n", "b\t1\tz\n"], 2))
        #expect(kept(text, keyColumns: 1) == (["a\t2\tx\n", "\\N\t1\tx\n", "b\t1\tz\n"], 3))
        // All columns are the key.
        #expect(kept("a\nb\na\n", keyColumns: 1) == (["b\n", "a\n"], 1))
        #expect(kept("", keyColumns: 1) == ([], 0))
        #expect(kept("a\t1", keyColumns: 1) == (["a\t1"], 0))
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

    @Test("rows are handed out in order, whatever the size of the pieces", arguments: [1, 2, 3, 7, 1000])
    func pieces(limit: Int) throws {
        let bytes = Array("a\t1\nb\t1\na\t2\nc\t1\nc\t2\nd\t1\n".utf8)
        try bytes.withUnsafeBytes { bytes in
            var rows = Rows(bytes)
            rows.keepLast(keyColumns: 1, seed: 2)
            var all: [UInt8] = []
            try rows.pieces(rows.spans.indices, limit: limit) { (piece) throws(AttemptError) in
                all += Array(piece)
            }
            #expect(String(decoding: all, as: UTF8.self) == "b\t1\na\t2\nc\t2\nd\t1\n")
            var some: [UInt8] = []
            try rows.pieces(1..<3, limit: limit) { (piece) throws(AttemptError) in some += Array(piece) }
            #expect(String(decoding: some, as: UTF8.self) == "a\t2\nc\t2\n")
        }
    }

    @Test("a row's values are read back from COPY text") func copyText() {
        let text = Array("a\\tb\t\\N\t\t\\\\N\t\\n\\r\\b\\f\\v\\x\té\n".utf8)
        let values = text.withUnsafeBytes { CopyText.values($0) }.map { $0.map { String(decoding: $0, as: UTF8.self) } }
        #expect(values == ["a\tb", nil, "", "\\N", "\n\r\u{8}\u{c}\u{b}x", "é"])
    }
}

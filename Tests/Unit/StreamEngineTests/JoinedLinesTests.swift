import Testing

@testable import StreamEngine

@Suite("lines of logfmt whose newline and first name are one literal") struct JoinedLinesTests {
    /// The status, text and values of each record.
    private func rows(_ text: [UInt8], maxLine: Int = 1 << 20, messages: Bool = false) -> [String] {
        var batch = Batch()
        batch.startsInput = true
        if messages {
            for line in text.split(separator: 0x0a) { Array(line).withUnsafeBytes { batch.append(record: $0) } }
        } else {
            text.withUnsafeBytes { batch.append($0) }
        }
        var records = Records(columnCount: 4)
        let fields = ["a", "b", "k", "$watermark"].map { FieldPath(name: Array($0.utf8)) }
        read(InputFormat.logfmt.make(fields, maxLine), &batch, &records)
        return (0..<records.count).map { row in
            let values = (0..<3).map { column in
                let value = records.columns[column][row]
                return value.kind == .string ? String(decoding: value.bytes, as: UTF8.self) : "\(value.kind)"
            }
            // Which of two defects is reported depends on whether the name before them was predicted.
            let status = records.places[row].status.isRejected ? "rejected" : "accepted"
            return
                "\(status) \(records.places[row].line) \(String(decoding: records.text(of: row), as: UTF8.self)) \(values)"
        }
    }

    private func read(
        _ format: consuming any RecordFormat & ~Copyable, _ batch: inout Batch, _ records: inout Records
    ) { format.read(&batch, into: &records) }

    private static let pieces = [
        "a=1", "a=22", "b=x", "b=", "k=\"q r\"", "k=\"\"", "flag", "a", "=", "\"a\"=1", "a=\"open", "a=\u{0}", "\u{0}",
        "\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}", "",
        "a_name_that_is_longer_than_a_literal_can_be=1",
    ]

    @Test("they are read as each line alone", arguments: 0..<300 as Range<UInt64>)
    func alone(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let usual = (0..<Int.random(in: 1...3, using: &random)).compactMap { _ in
            Self.pieces.randomElement(using: &random)
        }
        var lines: [[UInt8]] = []
        for _ in 0..<Int.random(in: 1...200, using: &random) {
            let isUsual = Int.random(in: 0..<10, using: &random) > 0
            let words =
                isUsual
                ? usual
                : (0..<Int.random(in: 0...3, using: &random)).compactMap { _ in
                    Self.pieces.randomElement(using: &random)
                }
            var line = Array(words.joined(separator: " ").utf8)
            switch Int.random(in: 0..<40, using: &random) {
            case 0: line.append(0x0d)
            case 1: line.append(0x20)
            case 2: line += [UInt8](repeating: 0xff, count: 20)
            default: break
            }
            lines.append(line)
        }
        let maxLine = [6, 20, 1 << 20].randomElement(using: &random) ?? 20
        let alone = lines.enumerated().flatMap { number, line in
            rows(line + [0x0a], maxLine: maxLine).map { $0.replacing(" 0 ", with: " \(number) ", maxReplacements: 1) }
        }
        #expect(rows(lines.flatMap { $0 + [0x0a] }, maxLine: maxLine) == alone)
        #expect(rows(Array(lines.joined(separator: [0x0a])), maxLine: maxLine) == alone, "without a line end")
    }

    @Test("records that the source separates are read alike")
    func messages() {
        let text = (0..<300).map { "a=\($0) b=x" }.joined(separator: "\n")
        #expect(rows(Array(text.utf8), messages: true) == rows(Array(text.utf8)))
    }
}

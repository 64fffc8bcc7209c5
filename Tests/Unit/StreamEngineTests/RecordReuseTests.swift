import Testing

@testable import StreamEngine

/// Batches of records with few fields, some of which are missing.
private struct BatchMaker {
    var random: SeededGenerator
    let isJSON: Bool

    private mutating func chance(_ part: Int) -> Bool { Int.random(in: 0..<part, using: &random) == 0 }

    /// How rarely a number has another length.
    private var lengths = 9

    init(random: SeededGenerator, isJSON: Bool) {
        self.random = random
        self.isJSON = isJSON
    }

    private mutating func someNames() -> [String] { ["a", "b", "c", "other"].filter { _ in chance(2) } }

    private mutating func record(_ names: [String]) -> String {
        let members = names.map { name -> (String, String) in
            (
                name,
                chance(lengths)
                    ? "\(Int.random(in: 0...99_999, using: &random))" : "\(Int.random(in: 10...99, using: &random))"
            )
        }
        guard isJSON else { return members.map { "\($0)=\($1)" }.joined(separator: " ") }
        return "{" + members.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
    }

    /// Most records of a batch have the same fields.
    mutating func lines() -> [UInt8] {
        let count = [0, 1, 3, 60, 300, 900].randomElement(using: &random) ?? 0
        let usual = someNames()
        lengths = chance(2) ? 9 : 5000
        let (changes, defects) = (chance(2) ? 20 : 500, chance(2) ? 30 : 200)
        var text = ""
        for _ in 0..<count {
            let names = chance(changes) ? someNames() : usual
            let other = ["", "{", "text \(record(usual))", "=", "{}", "\"a\""].randomElement(using: &random)
            text += (chance(defects) ? other ?? "" : record(names)) + "\n"
        }
        return Array(text.utf8)
    }
}

@Suite("batches in the same memory") struct RecordReuseTests {
    private static func read(
        _ bytes: [UInt8], _ format: inout any RecordFormat & ~Copyable, into records: inout Records
    ) -> [[String]] {
        var batch = Batch(capacity: 64)
        bytes.withUnsafeBytes { batch.append($0) }
        format.read(&batch, into: &records)
        return (0..<records.count).map { row in
            ["\(records.places[row].status)"]
                + (0..<4).map {
                    records.columns[$0][row].kind == .missing ? "missing" : describe(records.columns[$0][row])
                }
        }
    }

    @Test("a batch shows no values of the batches before it", arguments: ["json", "json-stream", "logfmt"])
    func reuse(name: String) throws {
        let input = try #require(InputFormat.all.first { $0.name == name })
        let fields = try ["a", "b", "c", "@prefix", "$watermark"].map { try FieldPath.parse("\"\($0)\"") }
        var missing = 0
        for seed in 0..<UInt64(20) {
            var maker = BatchMaker(random: SeededGenerator(seed: seed), isJSON: name != "logfmt")
            var format = input.make(fields, 200), other = input.make(fields, 200)
            var records = Records(columnCount: fields.count)
            for number in 0..<20 {
                let bytes = maker.lines()
                var fresh = Records(columnCount: fields.count)
                let expected = Self.read(bytes, &other, into: &fresh)
                let found = Self.read(bytes, &format, into: &records)
                try #require(found == expected, "seed \(seed), batch \(number)")
                missing += found.count { $0[1] == "missing" && $0[2] != "missing" }
            }
        }
        #expect(missing > 1000)
    }
}

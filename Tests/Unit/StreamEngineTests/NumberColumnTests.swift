import Testing

@testable import StreamEngine

/// Columns of text formats that only functions of numbers use are read as numbers.
@Suite("numbers in text") struct NumberColumnTests {
    private static let values = [
        "14.14", "9.9", "-0", "0", "-1.50", "1e5", "1e400", "1e-400", "007", "+5", "12ms", "9223372036854775808",
        "-9223372036854775809", "18446744073709551615", "0.1000", "1.5e-3", "-", "NaN", "Infinity", "é1", "1é", "true",
        "null", "0.30000000000000004", "123456789012345678901234567890", "1.", ".5", "0x1f", "5e", "--5", "7",
    ]

    private static func query(_ functions: [AggregateFunction], by keys: [String] = []) throws -> Query {
        try .timed(
            .tumbling(size: 1_000_000, align: 0), by: keys,
            functions.map { try .over($0, "v", parameter: $0.parameter == nil ? 0 : 0.75) })
    }

    private static func format(_ name: FormatName, _ text: String) throws -> InputFormat {
        try #require(try FormatChoice(FormatPlan(name)).format(Array(text.utf8), path: "x", isWhole: true))
    }

    @Test("functions of numbers give the same as for strings in JSON", arguments: [FormatName.csv, .tsv, .logfmt])
    func functions(name: FormatName) throws {
        let functions = AggregateFunction.all.filter(\.readsNumbers)
        #expect(functions.count > 8)
        for seed in 0..<30 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            let few = (0..<6).map { _ in random.pick(Self.values) }
            let rows = (0..<60).map { ($0 * 100_000, random.pick(few)) }
            let lines =
                switch name {
                case .csv: "t,v\n" + rows.map { "\($0),\($1)\n" }.joined()
                case .tsv: "t\tv\n" + rows.map { "\($0)\t\($1)\n" }.joined()
                default: rows.map { "t=\($0) v=\($1)\n" }.joined()
                }
            let json = rows.map { "{\"t\":\($0),\"v\":\"\($1)\"}\n" }.joined()
            let query = try Self.query(functions)
            #expect(ColumnLayout(query).numberColumns.count == 1)
            let found = try runEngine(
                query, [.lines(Array(lines.utf8), startsInput: true)], format: Self.format(name, lines))
            let expected = try runEngine(query, json)
            #expect(found.text == expected.text)
            #expect(found.badValues == expected.badValues)
            #expect(found.lines.count > 1)
        }
    }

    @Test("a column that anything else uses stays text") func others() throws {
        #expect(ColumnLayout(try Self.query([.sum, .first])).numberColumns.isEmpty)
        #expect(ColumnLayout(try Self.query([.sum], by: ["v"])).numberColumns.isEmpty)
        var filtered = try Self.query([.sum])
        filtered.filter = .field(try FieldPath.parse("v"))
        #expect(ColumnLayout(filtered).numberColumns.isEmpty)
        #expect(ColumnLayout(try Self.query([.sum, .max])).numberColumns.count == 1)
    }
}

/// Records whose values end anywhere in the blocks of bytes in which the ends are looked for.
@Suite("ends of values") struct ValueEndTests {
    private static func text(_ random: inout SeededGenerator) -> String {
        let length = random.pick([0, 1, 3, 14, 15, 16, 17, 31, 62, 63, 64, 65, 127, 128, 129, 200])
        return (0..<length).map { _ in random.pick(["a", "b", "7", "é", "日", "="]) }.joined()
    }

    @Test("values of any length are what was written", arguments: 0..<20 as Range<UInt64>)
    func lengths(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let ascii = random.below(2) == 0
        for _ in 0..<40 {
            let rows = (0..<(1 + random.below(6))).map { _ in
                (0..<4).map { _ in ascii ? String(Self.text(&random).filter(\.isASCII)) : Self.text(&random) }
            }
            let expected = rows.map { row in
                "{" + zip("abcd", row).map { "\"\($0)\":" + ($1.isEmpty ? "null" : "\"\($1)\"") }.joined(separator: ",")
                    + "}"
            }
            let end = random.pick(["\n", "\r\n"])
            let csv = "a,b,c,d" + end + rows.map { $0.joined(separator: ",") + end }.joined()
            let logfmt = rows.map { zip("abcd", $0).map { "\($0)=\($1)" }.joined(separator: " ") + "\n" }.joined()
            let formats = FormatChoice(FormatPlan(.csv))
            let format = try #require(try formats.format(Array(csv.utf8), path: "x", isWhole: true))
            #expect(recordsOf(csv, format) == expected)
            #expect(recordsOf(logfmt, .logfmt) == expected)
        }
    }
}

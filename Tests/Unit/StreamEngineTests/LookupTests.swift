import Testing

@testable import StreamEngine

/// Reads text as a table, in batches of whole lines.
func lookupTable(
    _ lookup: Lookup, _ text: String, _ name: FormatName = .json, _ query: Query = Query(), cuts: Int = 1,
    hashMask: UInt64 = .max
) throws -> LookupTable {
    let loader = LookupLoader(lookup, query, seed: 5, hashMask: hashMask)
    let format = try #require(
        try FormatChoice(LookupLoader.plan(name)).format(Array(text.utf8), path: "x", isWhole: true))
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { $0 + "\n" }
    var number = 0
    var columns: LookupColumns?
    while number < lines.count {
        let end = number == 0 ? max(1, lines.count / cuts) : min(lines.count, number + max(1, lines.count / cuts))
        var batch = Batch(capacity: 64)
        Array(lines[number..<end].joined().utf8).withUnsafeBytes { batch.append($0) }
        batch.linesBefore = number
        batch.startsInput = number == 0
        // As if all batches were scanned at the same time: with the columns that the first one shows.
        if let first = try loader.begin(batch, as: format) { columns = first }
        var scanner = loader.makeScanner()
        scanner.scan(&batch, as: format, try #require(columns))
        try loader.take(&scanner, &batch, as: format)
        number = end
    }
    return try loader.finish()
}

func lookup(on fields: String..., missing: Lookup.Missing = .null, match: Lookup.Match = .first) throws -> Lookup {
    let paths = try fields.map { try FieldPath.parse($0) }
    var lookup = Lookup(path: "t", fields: paths, keys: paths)
    lookup.missing = missing
    lookup.match = match
    return lookup
}

/// Records that pass through with the columns of a table.
func lookedUp(_ lookup: Lookup, _ records: String, _ query: Query = Query()) throws -> EngineResult {
    var query = query
    query.lookups = [lookup]
    return try runEngine(query, records)
}

@Suite("lookup table") struct LookupTableTests {
    /// Without the upper bits of tags, all keys are in the first of several regions of slots, which are too few for them.
    private static let quarter: UInt64 = 1 << 26 - 1

    /// With few bits of hashes, nearly all keys are in one run of slots.
    @Test("random keys are found, and only these", arguments: [UInt64.max, quarter, 0xff, 3, 0])
    func randomKeys(mask: UInt64) throws {
        var random = SeededGenerator(seed: mask &+ 3)
        for size in [0, 1, 3, 100, mask == .max ? 20_000 : mask == Self.quarter ? 13_000 : 900] {
            let rows = (0..<size).map { row in (key: "k\(Int.random(in: 0..<max(1, size), using: &random))", row) }
            for match in [Lookup.Match.first, .last] {
                let text = "k,v\n" + rows.map { "\($0.key),\($0.1)\n" }.joined()
                var item = try lookup(on: "k", match: match)
                item.table = try lookupTable(item, text, .csv, cuts: 3, hashMask: mask)
                var expected: [String: Int] = [:]
                for row in rows where match == .last || expected[row.key] == nil { expected[row.key] = row.1 }
                #expect(item.table?.counts.rows == size)
                #expect(item.table?.counts.keys == expected.count)
                #expect(item.table?.counts.duplicates == size - expected.count)
                let asked = (0..<500).map { _ in "k\(Int.random(in: 0..<(size + 5), using: &random))" }
                let found = try lookedUp(item, asked.map { "{\"k\":\"\($0)\"}\n" }.joined())
                let wanted = asked.map { key in
                    "{\"k\":\"\(key)\",\"v\":\(expected[key].map { "\"\($0)\"" } ?? "null")}"
                }
                #expect(zip(found.lines, wanted).first { $0 != $1 } == nil)
                #expect(found.lines.count == wanted.count)
            }
        }
    }

    @Test("a table whose rows have few keys has few slots", arguments: [Lookup.Match.first, .last])
    func fewKeys(match: Lookup.Match) throws {
        var item = try lookup(on: "k", match: match)
        let rows = (0..<30_000).map { "\($0 % 3),\($0)\n" }.joined()
        item.table = try lookupTable(item, "k,v\n" + rows, .csv, cuts: 5)
        let counts = try #require(item.table?.counts)
        #expect(counts.keys == 3 && counts.rows == 30_000 && counts.duplicates == 29_997)
        #expect(item.table?.index.regionMask == 1023)
        let found = try lookedUp(item, (0..<4).map { "{\"k\":\($0)}\n" }.joined())
        let values = match == .first ? ["\"0\"", "\"1\"", "\"2\""] : ["\"29997\"", "\"29998\"", "\"29999\""]
        #expect(found.lines == (values + ["null"]).enumerated().map { "{\"k\":\($0.offset),\"v\":\($0.element)}" })
    }

    @Test("many versions of few keys apply from their times on") func manyVersions() throws {
        var item = try lookup(on: "k")
        item.asOf = try FieldPath.parse("from")
        item.columns = [try FieldPath.parse("v")]
        var query = Query()
        query.time = .field(try FieldPath.parse("t"), .microseconds)
        // The versions come in no order.
        let text = (0..<20_000).map { "{\"k\":\($0 % 3),\"from\":\($0 * 7_919 % 20_000),\"v\":\($0)}\n" }.joined()
        item.table = try lookupTable(item, text, .json, query, cuts: 7)
        let asked = (0..<300).map { (k: $0 % 3, t: $0 * 67 % 20_100 - 50) }
        let found = try lookedUp(item, asked.map { "{\"k\":\($0.k),\"t\":\($0.t)}\n" }.joined(), query)
        var versions: [Int: [Int: Int]] = [:]
        for row in 0..<20_000 { versions[row % 3, default: [:]][row * 7_919 % 20_000] = row }
        let wanted = asked.map { asked in
            let time = stride(from: asked.t, through: 0, by: -1).first { versions[asked.k]?[$0] != nil }
            let value = time.flatMap { versions[asked.k]?[$0] }.map { "\($0)" } ?? "null"
            return "{\"k\":\(asked.k),\"t\":\(asked.t),\"v\":\(value)}"
        }
        #expect(zip(found.lines, wanted).first { $0 != $1 } == nil)
        #expect(found.lines.count == wanted.count)
    }

    @Test("versions apply from their times on", arguments: [UInt64.max, 1])
    func versions(mask: UInt64) throws {
        var random = SeededGenerator(seed: 9)
        for _ in 0..<50 {
            let rows = (0..<Int.random(in: 1..<60, using: &random)).map { row in
                (k: Int.random(in: 0..<4, using: &random), t: Int.random(in: 0..<20, using: &random), row)
            }
            var item = try lookup(on: "k")
            item.asOf = try FieldPath.parse("from")
            item.columns = [try FieldPath.parse("v")]
            var query = Query()
            query.time = .field(try FieldPath.parse("t"), .microseconds)
            let text = rows.map { "{\"k\":\($0.k),\"from\":\($0.t),\"v\":\($0.2)}\n" }.joined()
            item.table = try lookupTable(item, text, .json, query, cuts: 4, hashMask: mask)
            let asked = (0..<100).map { _ in
                (k: Int.random(in: 0..<5, using: &random), t: Int.random(in: 0..<25, using: &random))
            }
            let found = try lookedUp(item, asked.map { "{\"k\":\($0.k),\"t\":\($0.t)}\n" }.joined(), query)
            let wanted = asked.map { asked in
                let valid = rows.filter { $0.k == asked.k && $0.t <= asked.t }
                let latest = valid.map(\.t).max()
                let value = valid.last { $0.t == latest }.map { "\($0.2)" } ?? "null"
                return "{\"k\":\(asked.k),\"t\":\(asked.t),\"v\":\(value)}"
            }
            #expect(zip(found.lines, wanted).first { $0 != $1 } == nil)
            #expect(found.lines.count == wanted.count)
        }
    }

    @Test("rows of any length keep their values") func longRows() throws {
        let texts = [0, 1, 254, 255, 5_000_000, 70_000].map { String(repeating: "x", count: $0) }
        var item = try lookup(on: "k")
        var query = Query()
        query.maxLine = 1 << 24
        let text = texts.enumerated().map { "{\"k\":\"\($0.offset)\($0.element)\",\"v\":\"\($0.element)\"}\n" }.joined()
        item.table = try lookupTable(item, text, .json, query, cuts: 6)
        for (number, value) in texts.enumerated() {
            let found = try lookedUp(item, "{\"k\":\"\(number)\(value)\"}\n", query)
            #expect(found.lines == ["{\"k\":\"\(number)\(value)\",\"v\":\"\(value)\"}"])
        }
    }
}

@Suite("lookup") struct LookupTests {
    private static let keys = [
        ("7", true), ("7.0", true), ("70e-1", true), ("\"7\"", true), ("\"7.00\"", true), ("\"007\"", false),
        ("\" 7\"", false), ("\"+7\"", false), ("null", false), ("true", false), ("\"7a\"", false), ("[7]", false),
    ]

    @Test("a text that is a JSON number is that number", arguments: ["7", "\"7\"", "7.0", "\"0.7e1\""])
    func numbers(key: String) throws {
        var item = try lookup(on: "k")
        item.table = try lookupTable(item, "{\"k\":\(key),\"v\":1}\n")
        for (asked, isFound) in Self.keys {
            let found = try lookedUp(item, "{\"k\":\(asked)}\n")
            #expect(found.lines == ["{\"k\":\(asked),\"v\":\(isFound ? "1" : "null")}"])
        }
    }

    @Test("null equals nothing, not even null") func nulls() throws {
        var item = try lookup(on: "a", "b")
        item.table = try lookupTable(
            item, "{\"a\":null,\"b\":1,\"v\":1}\n{\"b\":1,\"v\":2}\n{\"a\":1,\"b\":1,\"v\":3}\n")
        let found = try lookedUp(item, "{\"a\":null,\"b\":1}\n{\"b\":1}\n{\"a\":1,\"b\":1}\n")
        #expect(
            found.lines == [
                "{\"a\":null,\"b\":1,\"v\":null}", "{\"b\":1,\"v\":null}", "{\"a\":1,\"b\":1,\"v\":3}",
            ])
    }

    @Test("values are printed with the digits that the table has") func digits() throws {
        let values = [
            "1.10", "1.5", "2.0", "3", "1e3", "-0", "12345678901234567890", "0.1", "true", "{\"a\":[1.0]}",
            "\"\\u00e9\"",
        ]
        var item = try lookup(on: "k")
        item.table = try lookupTable(
            item, values.enumerated().map { "{\"k\":\($0.offset),\"v\":\($0.element)}\n" }.joined())
        let found = try lookedUp(item, values.indices.map { "{\"k\":\($0)}\n" }.joined())
        #expect(
            found.lines
                == values.enumerated().map {
                    "{\"k\":\($0.offset),\"v\":\($0.element == "\"\\u00e9\"" ? "\"é\"" : $0.element)}"
                })
    }

    @Test("the batches of records and of the table make no difference") func cuts() throws {
        var random = SeededGenerator(seed: 4)
        let rows = (0..<300).map { "{\"k\":\($0 % 90),\"v\($0 % 7)\":\($0)}\n" }
        let records = (0..<400).map { _ in "{\"k\":\(Int.random(in: 0..<120, using: &random))}\n" }
        var results: Set<String> = []
        for cuts in [1, 2, 7, 300] {
            var query = Query()
            var item = try lookup(on: "k", missing: .reject)
            item.table = try lookupTable(item, rows.joined(), cuts: cuts)
            query.lookups = [item]
            var batches: [[UInt8]] = []
            for (number, record) in records.enumerated() {
                if number % max(1, 400 / cuts) == 0 { batches.append([]) }
                batches[batches.count - 1] += Array(record.utf8)
            }
            let found = try runEngine(query, batches: batches)
            #expect(found.figures.isComplete)
            #expect(found.figures.rejected > 0)
            results.insert(found.text + found.rejectText)
        }
        #expect(results.count == 1)
    }

    @Test("a record without a row is null, filtered or rejected", arguments: Lookup.Missing.allCases)
    func missing(_ missing: Lookup.Missing) throws {
        var item = try lookup(on: "k", missing: missing)
        item.table = try lookupTable(item, "{\"k\":1,\"v\":5}\n")
        let found = try lookedUp(item, "{\"k\":1}\n{\"k\":2}\n")
        let first = "{\"k\":1,\"v\":5}"
        switch missing {
        case .null: #expect(found.lines == [first, "{\"k\":2,\"v\":null}"])
        case .drop:
            #expect(found.lines == [first])
            #expect(found.figures.filtered == 1)
        case .reject:
            #expect(found.lines == [first])
            #expect(found.reasons == ["no-row": 1])
            #expect(found.rejectText.contains("\"record\":{\"k\":2}"))
        }
    }

    @Test("columns are names in everything after them") func names() throws {
        var query = Query()
        var first = try lookup(on: "k")
        first.table = try lookupTable(first, "k,u\n1,10\n2,20\n", .csv)
        var second = try lookup(on: "u")
        second.prefix = "p_"
        second.table = try lookupTable(second, "u,w\n10,3\n20,4\n", .csv)
        query.lookups = [first, second]
        query.lets = [NamedExpression(name: "x", expression: try Expression.parse("p_w * 2"))]
        query.filter = try Expression.parse("x > 0")
        query.groupKeys = [GroupKeySpec(name: "u", field: try FieldPath.parse("u"))]
        query.aggregates = [try .over(.sum, "p_w"), try .over(.sum, "x")]
        let found = try runEngine(query, "{\"k\":1,\"u\":0,\"p_w\":9}\n{\"k\":2}\n{\"k\":\"2\"}\n{\"k\":3}\n")
        #expect(
            found.lines == [
                "{\"u\":\"10\",\"sum_p_w\":3,\"sum_x\":6}", "{\"u\":\"20\",\"sum_p_w\":8,\"sum_x\":16}",
            ])
    }

    @Test("what --max-records leaves out is not counted as missing") func limit() throws {
        var query = Query()
        query.maxRecords = 2
        var item = try lookup(on: "k")
        item.table = try lookupTable(item, "{\"k\":1,\"v\":5}\n")
        query.lookups = [item]
        let layout = ColumnLayout(query)
        var stage = try ScanStage(query, layout)
        var batch = Batch()
        Array("{\"k\":2}\n{\"k\":3}\n{\"k\":4}\n".utf8).withUnsafeBytes { batch.append($0) }
        var records = Records(columnCount: layout.columnCount)
        stage.run(&batch, into: &records)
        var counts = RunCounts()
        counts.noteMisses(records, upTo: 2)
        #expect(counts.lookupMisses == [2])
    }

    @Test(
        "a table that is damaged or does not have the columns is refused",
        arguments: [
            ("k,v\n1,2\n3\n", FormatName.csv, "line 3:"), ("k,v\n1,\"2\n", .csv, "line 2:"),
            ("x,y\n1,2\n", .csv, "key=k: the table has no such column; it has x, y"),
            ("{\"k\":1}\n{\"k\":", .json, "line 2:"), ("{\"x\":1}\n", .json, "it has x"),
            ("", .json, "the file is empty"),
        ])
    func damaged(text: String, format: FormatName, message: String) throws {
        let item = try lookup(on: "k")
        let whole = text.hasSuffix("\n") || text.isEmpty ? text : text + "\n"
        let error = #expect(throws: RunError.self) {
            guard !whole.isEmpty else {
                _ = try LookupLoader(item, Query(), seed: 1).finish()
                return
            }
            _ = try lookupTable(item, whole, format)
        }
        #expect(error?.text.contains(message) == true, "\(error?.text ?? "")")
    }
}

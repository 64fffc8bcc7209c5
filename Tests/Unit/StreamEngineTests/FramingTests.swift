import Testing

@testable import StreamEngine

/// A batch whose records end where the source says.
@Suite("Records with ends of their own") struct FramingTests {
    private static let fields = ["id", "t", "a.b", "list[1]", "a", "n"].compactMap { try? FieldPath.parse($0) }

    private static let texts: [String] = [
        "{\n  \"id\": \"sensor_1\",\n  \"t\": 14.5,\n  \"n\": 52\n}",
        "{\n  \"id\": \"sensor_2\",\n  \"t\": 1,\n  \"n\": null\n}",
        "{\r\n\t\"a\": {\r\n\t\t\"b\": [1,\n2]\r\n\t},\r\n\t\"list\": [\n1,\n{\n}\n]\r\n}\r\n",
        "{\"id\":\"x\",\"t\":-3}",
        "\n\n{\"id\":1}\n\n", "{\"id\":\"y\"}\r", "{\"id\":\"a\nb\"}", "{\"id\":1}\n{\"id\":2}", "{\"id\":1}{\"id\":2}",
        "{\n\"id\":", "\"id\":1}", "{\"a\":{\n\"b\":2}", ",\n\"n\":3}", "{\"t\":\n", "1\n}", "", "\n", " \r\n\t",
        "[\n]", "{}", "{\n}",
        "{\n\"$watermark\": {\n}\n}", "{\"$watermark\":{\"t\":\n1}}", "{\"id\":1\n,\"t\":2,\n\"n\":\ntrue}",
        "{\"id\":1}\0",
        "{\"id\":1}\0\n{\"id\":2}", "\0", "{\"n\":\n01}", "{\"n\":1e999\n}", "nul\nl",
    ]

    private static let pieces = [
        "\n", "\r", "\n\n", "\t", " ", "\"", "{", "}", "[", "]", ",", ":", "\0", "\\", "1", "é",
    ]
    .map { Array($0.utf8) }

    private static func mutated(_ random: inout SeededGenerator) -> [UInt8] {
        var text = Array(random.pick(texts).utf8)
        for _ in 0..<random.below(4) where !text.isEmpty {
            let position = random.below(text.count)
            switch random.below(4) {
            case 0: text.remove(at: position)
            case 1: text.insert(contentsOf: random.pick(pieces), at: position)
            case 2: text[position] = UInt8.random(in: 0...255, using: &random)
            default: text.replaceSubrange(position...position, with: random.pick(pieces))
            }
        }
        return text
    }

    private static func isLineBreak(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }

    /// The same text with tabs for its line breaks.
    private static func onOneLine(_ text: [UInt8]) -> [UInt8] {
        text.map { isLineBreak($0) ? UInt8(ascii: "\t") : $0 }
    }

    /// Status and values of every record of one batch.
    private static func scan(
        _ texts: ArraySlice<[UInt8]>, _ format: inout JSONFormat, _ batch: inout Batch, _ records: inout Records
    ) -> [String] {
        batch.removeAll()
        for text in texts { text.withUnsafeBytes { batch.append(record: $0) } }
        format.read(&batch, into: &records)
        return (0..<records.count).map { row in
            let place = records.places[row]
            let values = (0...fields.count).map { column in
                let value = records.columns[column][row]
                return value.isText
                    ? "\(value.kind) \(String(decoding: value.bytes, as: UTF8.self))" : "\(value.kind) \(value.bits)"
            }
            return "\(place.line)+\(place.length) \(place.status.name) \(values)"
        }
    }

    private static func format(maxLine: Int = 1000) -> JSONFormat {
        JSONFormat(fields: fields + [FieldPath(name: Array("$watermark".utf8))], maxLine: maxLine)
    }

    /// The number of a record in its batch, which depends on the cut, left out.
    private static func unnumbered(_ rows: [String]) -> [Substring] { rows.map { $0.drop { $0 != "+" } } }

    @Test("the bytes of a record stay as they came, and one byte is between two records") func verbatim() {
        var batch = Batch(capacity: 8)
        for text in Self.texts { Array(text.utf8).withUnsafeBytes { batch.append(record: $0) } }
        batch.append(record: nil)
        #expect(batch.framing == .records && batch.holdsLineBreaks && batch.recordEnds.count == Self.texts.count + 1)
        var start = 0
        for (text, end) in zip(Self.texts + [""], batch.recordEnds) {
            #expect(Array(batch.bytes[start..<end]) == Array(text.utf8))
            start = end + 1
        }
        #expect(batch.count == start)
        batch.removeAll()
        #expect(batch.framing == .lines && !batch.holdsLineBreaks && batch.recordEnds.isEmpty)
    }

    @Test("line breaks are found wherever they are, and nothing else is taken for one") func found() {
        for length in 0...40 {
            for byte in [UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"), 0, 0x1f, 0x20, 0x8a, 0xff] {
                for position in 0..<length {
                    var text = Array(repeating: UInt8(ascii: "x"), count: length)
                    text[position] = byte
                    let isFound = text.withUnsafeBytes { LineBreaks.areIn($0) }
                    #expect(isFound == Self.isLineBreak(byte))
                }
            }
        }
    }

    @Test("newlines are counted wherever they are") func newlines() {
        var random = SeededGenerator(seed: 5)
        for length in [0, 1, 63, 64, 65, 127, 128, 1000] {
            for share in [0, 1, 50, 100] {
                let text = (0..<length).map { _ in
                    Int.random(in: 1...100, using: &random) <= share
                        ? UInt8(ascii: "\n") : UInt8.random(in: 11...255, using: &random)
                }
                let count = text.withUnsafeBytes { LineBreaks.newlines(in: $0) }
                #expect(count == text.count { $0 == UInt8(ascii: "\n") })
            }
        }
    }

    @Test("a record with line breaks is what the same record in one line is, and as the plain reader says")
    func sameAsOneLine() throws {
        var random = SeededGenerator(seed: 77)
        var format = Self.format()
        var flatFormat = Self.format()
        var batch = Batch(capacity: 64)
        var records = Records(columnCount: Self.fields.count + 1)
        var differences = 0
        for _ in 0..<2000 {
            let texts = (0..<random.below(20) + 1).map { _ in Self.mutated(&random) }
            let rows = Self.scan(texts[...], &format, &batch, &records)
            let statuses = (0..<records.count).map { records.places[$0].status }
            let flat = Self.scan(texts.map(Self.onOneLine)[...], &flatFormat, &batch, &records)
            for (number, text) in texts.enumerated() {
                let isRecord = JSONTree.record(text) != nil
                let isRight =
                    rows.count == texts.count && flat.count == texts.count && rows[number] == flat[number]
                    && statuses[number].isRejected != isRecord
                guard !isRight else { continue }
                differences += 1
                if differences < 5 { Issue.record("\(text): \(rows[number]), in one line \(flat[number])") }
            }
        }
        #expect(differences == 0)
    }

    @Test("wherever records are cut into batches, and whatever came before, they are the same") func cuts() {
        var random = SeededGenerator(seed: 5)
        var format = Self.format()
        var batch = Batch(capacity: 64)
        var records = Records(columnCount: Self.fields.count + 1)
        for _ in 0..<40 {
            let texts = (0..<8).map { _ in
                random.below(3) == 0 ? Array("{\"id\":7,\"t\":1}".utf8) : Self.mutated(&random)
            }
            var fresh = Self.format()
            let whole = Self.unnumbered(Self.scan(texts[...], &fresh, &batch, &records))
            #expect(whole.count == texts.count)
            for cuts in 0..<(1 << (texts.count - 1)) {
                var rows: [String] = []
                var start = 0
                for index in 1...texts.count where index == texts.count || cuts >> (index - 1) & 1 == 1 {
                    rows += Self.scan(texts[start..<index], &format, &batch, &records)
                    start = index
                }
                guard Self.unnumbered(rows) != whole else { continue }
                Issue.record("\(texts) cut by \(cuts): \(rows) instead of \(whole)")
                return
            }
        }
    }

    @Test("too long is what is longer than --max-line, line breaks counted") func tooLong() {
        var format = Self.format(maxLine: 10)
        var batch = Batch(capacity: 64)
        var records = Records(columnCount: Self.fields.count + 1)
        let texts = ["{\"id\":12}\n", "{\"id\":12}\n\n", "{\"id\":123}", "{\"id\":1234}", "          ", "           "]
        _ = Self.scan(texts.map { Array($0.utf8) }[...], &format, &batch, &records)
        #expect(
            (0..<records.count).map { records.places[$0].status }
                == [.accepted, .tooLong, .accepted, .tooLong, .notAnObject, .tooLong])
    }

    @Test("what passes through is one line for each record, whether or not a field is added") func passThrough() throws
    {
        let texts = ["{\n\"a\":\r\n1}\n", "{\"a\":2}", "{\"a\":[\n1,\n2]}", "{\n\"$watermark\":{\n}}"]
        var query = Query()
        let messages = texts.enumerated().map { TopicMessage(Int64($0.offset), $0.element) }
        let tabs = ["{\t\"a\":\t\t1}\t", "{\"a\":2}", "{\"a\":[\t1,\t2]}", "{\t\"$watermark\":{\t}}"]
        #expect(try runTopic(query, [messages]).lines == tabs)
        query.lets = [NamedExpression(name: "b", expression: try .parse("a"))]
        #expect(
            try runTopic(query, [messages]).lines == [
                "{\"a\":\t\t1,\"b\":1}", #"{"a":2,"b":2}"#, "{\"a\":[\t1,\t2],\"b\":[\t1,\t2]}",
                "{\t\"$watermark\":{\t}}",
            ])
    }

    @Test("arrays and objects with line breaks are values of one line, as columns and as group keys") func values()
        throws
    {
        let messages = [
            TopicMessage(0, "{\"a\":[\n1]}"), TopicMessage(1, "{\"a\":{\r\n\"b\":[\n]\n}}"),
            TopicMessage(2, "{\"a\":[\t1]}"),
        ]
        #expect(
            try runTopic(.selecting("a, a.b"), [messages]).lines == [
                "{\"a\":[\t1],\"a.b\":null}", "{\"a\":{\t\t\"b\":[\t]\t},\"a.b\":[\t]}", "{\"a\":[\t1],\"a.b\":null}",
            ])
        var query = Query()
        query.groupKeys = [GroupKeySpec(name: "a", field: try FieldPath.parse("a"))]
        query.aggregates = [Aggregate(name: "count", function: .count)]
        #expect(
            try runTopic(query, [messages]).lines == [
                "{\"a\":[1],\"count\":2}", "{\"a\":{\"b\":[]},\"count\":1}",
            ])
    }

    @Test("a rejected record is shown as it came, a late one on one line, a tombstone not at all") func rejects()
        throws
    {
        let broken = [
            TopicMessage(3, "{\n\"t\":\"\r\n"), TopicMessage(4, " \n"), TopicMessage(5, ""), TopicMessage(6, nil),
        ]
        let start = #"{"reason":"malformed","detail":"#
        #expect(
            try runTopic(Query(), [broken]).rejects == [
                start
                    + #""a bad string (control character, escape, lone surrogate or UTF-8)","source":"readings[3]","offset":3,"#
                    + #""record":"{\n\"t\":\"\r\n"}"#,
                start + #""not a JSON object","source":"readings[3]","offset":4,"record":" \n"}"#,
                start + #""not a JSON object","source":"readings[3]","offset":5,"record":""}"#,
            ])
        let query = try Query.timed(.tumbling(size: 10, align: 0), delay: 0)
        let late = try runTopic(
            query, [[TopicMessage(0, "{\"t\":25}"), TopicMessage(1, "{\n\"t\":\r\n1}"), TopicMessage(2, "{\n}")]])
        #expect(late.rejects.count == 2)
        #expect(late.rejects.first?.hasSuffix(",\"record\":{\t\"t\":\t\t1}}") == true)
        #expect(late.rejects.last?.hasSuffix(",\"record\":{\t}}") == true)
    }
}

import Testing

@testable import StreamEngine

@Suite("Columns that the source supplies") struct SourceColumnTests {
    private static let all = "@topic, @partition, @offset, @kafka_time, @key"

    @Test("all five are columns, called by their names without the @") func columns() throws {
        let messages = [
            TopicMessage(41, time: 1_767_225_600_250_000, key: "s1", #"{"t":1}"#),
            TopicMessage(43, time: -1, key: "", #"{"t":2}"#), TopicMessage(44, time: Int64.min, #"{"t":3}"#),
        ]
        #expect(
            try runTopic(.selecting(Self.all + ", t"), [messages]).lines == [
                #"{"topic":"readings","partition":3,"offset":41,"kafka_time":"2026-01-01T00:00:00.250Z","key":"s1","t":1}"#,
                #"{"topic":"readings","partition":3,"offset":43,"kafka_time":"1969-12-31T23:59:59.999999Z","key":"","t":2}"#,
                #"{"topic":"readings","partition":3,"offset":44,"kafka_time":null,"key":null,"t":3}"#,
            ])
    }

    @Test(
        "a key is text where it is UTF-8, otherwise \\x and hexadecimal digits",
        arguments: [
            (Array("s-1".utf8), #""s-1""#),
            (Array("é\u{1f600}, longer than eight".utf8), "\"é\u{1f600}, longer than eight\""),
            ([0x22, 0x0a, 0x00], #""\"\n\u0000""#), ([0xff], #""\\xff""#), ([0x00, 0x80], #""\\x0080""#),
            ([0x61, 0xc3], #""\\x61c3""#), ([0xed, 0xa0, 0x80], #""\\xeda080""#), ([0xc0, 0xaf], #""\\xc0af""#),
            (Array("eight by".utf8) + [0xa9], #""\\x6569676874206279a9""#),
        ] as [([UInt8], String)])
    func keys(_ key: [UInt8], _ json: String) throws {
        let messages = [
            TopicMessage(0, key: "before", "{}"), TopicMessage(1, keyBytes: key), TopicMessage(2, keyBytes: [0xa9]),
            TopicMessage(3, key: "behind", "{}"),
        ]
        #expect(
            try runTopic(.selecting("@key"), [messages]).lines == [
                #"{"key":"before"}"#, "{\"key\":\(json)}", #"{"key":"\\xa9"}"#, #"{"key":"behind"}"#,
            ])
    }

    @Test("they group, filter, compute and aggregate as fields do") func everywhere() throws {
        var query = Query()
        query.lets = [NamedExpression(name: "next", expression: try .parse("@offset + 1"))]
        query.filter = try .parse("@offset != 12 and @kafka_time >= '2026-01-01'")
        query.time = .field(try FieldPath.parse("@kafka_time"), .iso)
        query.window = .tumbling(size: 60_000_000, align: 0)
        query.groupKeys = try ["@topic", "@partition", "@key"].map {
            let field = try FieldPath.parse($0)
            return GroupKeySpec(name: field.columnName, field: field)
        }
        query.aggregates = [
            try .over(.max, "next"), try .over(.sum, "@offset"), try .over(.min, "@kafka_time"),
            try .over(.first, "v"), Aggregate(name: "keyed", function: .countIf, arguments: [try .parse("@key = 'a'")]),
        ]
        let start: Int64 = 1_767_225_600_000_000
        let messages = [
            TopicMessage(10, time: start + 2_000_000, key: "a", #"{"v":1}"#),
            TopicMessage(11, time: start + 1_000_000, key: "a", #"{"v":2}"#),
            TopicMessage(12, time: start, key: "a", #"{"v":3}"#), TopicMessage(13, time: start, #"{"v":4}"#),
            TopicMessage(14, time: start + 60_000_000, key: "a", #"{"v":5}"#),
        ]
        let window = #""window_start":"2026-01-01T00:00:00Z","window_end":"2026-01-01T00:01:00Z""#
        let later = #""window_start":"2026-01-01T00:01:00Z","window_end":"2026-01-01T00:02:00Z""#
        for batches in [[messages], messages.map { [$0] }] {
            #expect(
                try runTopic(query, batches).lines == [
                    #"{"topic":"readings","partition":3,"key":null,"#
                        + window
                        + #","max_next":14,"sum_@offset":13,"min_@kafka_time":"2026-01-01T00:00:00Z","first_v":4,"keyed":0}"#,
                    #"{"topic":"readings","partition":3,"key":"a","#
                        + window
                        + #","max_next":12,"sum_@offset":21,"min_@kafka_time":"2026-01-01T00:00:01Z","first_v":2,"keyed":2}"#,
                    #"{"topic":"readings","partition":3,"key":"a","#
                        + later
                        + #","max_next":15,"sum_@offset":14,"min_@kafka_time":"2026-01-01T00:01:00Z","first_v":5,"keyed":1}"#,
                ])
        }
    }

    @Test("one in quotes is a field of that name") func quoted() throws {
        let paths = try ["@key", "\"@key\"", "@timestamp", "@arrival", "@key.a", "@offset[0]", "a.@key"].map {
            try FieldPath.parse($0)
        }
        #expect(paths.map { $0.sourceColumn != nil } == [true, false, false, false, false, false, false])
        #expect(paths[0] != paths[1] && paths[1] == FieldPath(name: Array("@key".utf8)))
        #expect(paths[0].columnName == "key" && paths[1].columnName == "@key")
        let lines = try runTopic(
            .selecting("@key, \"@key\", \"@key\".a, diff = @offset-1"),
            [[TopicMessage(7, key: "k", #"{"@key":{"a":"field"},"@offset":1}"#)]]
        ).lines
        #expect(lines == [#"{"key":"k","@key":{"a":"field"},"@key.a":"field","diff":6}"#])
    }

    @Test("an unknown time is no event time") func unknownTime() throws {
        var query = try Query.timed(.tumbling(size: 60_000_000, align: 0))
        query.time = .field(try FieldPath.parse("@kafka_time"), .iso)
        let result = try runTopic(
            query,
            [[TopicMessage(1, "{}"), TopicMessage(2, time: Int64.min, "{}"), TopicMessage(3, time: Int64.max, "{}")]])
        #expect(result.lines.count == 1 && result.lines[0].hasSuffix(#""count":1}"#))
        #expect(result.reasons == ["no-time": 2])
    }

    @Test("only what is wanted has a column") func layout() throws {
        let plain = ColumnLayout(try .selecting("a, b"))
        #expect(plain.sourceColumns.isEmpty && !plain.suppliedColumns.contains(.key) && !plain.takesSourceTimes)
        let keyed = ColumnLayout(try .selecting("a, @key, @offset, o = @offset + 1"))
        #expect(keyed.sourceColumns.map(\.source) == [.key, .offset] && keyed.suppliedColumns.contains(.key))
        #expect(keyed.fields.map(\.text) == ["a", "$watermark"])
        var timed = try Query.timed(.tumbling(size: 60_000_000, align: 0))
        timed.time = .field(try FieldPath.parse("@kafka_time"), .iso)
        let layout = ColumnLayout(timed)
        #expect(layout.takesSourceTimes && layout.sourceColumns.isEmpty && layout.timeColumn == nil)
    }

    @Test("lines that are no messages have none") func files() throws {
        let result = try runEngine(.selecting(Self.all + ", a"), "{\"a\":1}\n{\"a\":2}\n")
        let nothing = #""topic":null,"partition":null,"offset":null,"kafka_time":null,"key":null"#
        #expect(result.lines == ["{\(nothing),\"a\":1}", "{\(nothing),\"a\":2}"])
    }

    @Test("a control line bounds it only where it is selected") func bounds() throws {
        let time = try FieldPath.parse("@kafka_time")
        #expect(Query().boundedColumns(of: time).isEmpty)
        #expect(try Query.selecting("a, seen = @kafka_time").boundedColumns(of: time) == ["seen"])
    }
}

import Testing

@testable import StreamEngine

@Suite("Messages as lines") struct MessageLinesTests {
    /// Offset and status of every row, with the values of the column `a`.
    private func scan(_ messages: [TopicMessage], maxLine: Int = 1 << 20) throws -> [String] {
        var query = try Query.selecting("a")
        query.maxLine = maxLine
        let layout = ColumnLayout(query)
        var stage = try ScanStage(query, layout)
        var batch = Batch(capacity: 64)
        batch.fill(messages)
        var records = Records(columnCount: layout.columnCount)
        stage.run(&batch, into: &records)
        return (0..<records.count).map { row in
            var value = ByteBuffer()
            value.append(json: records.columns[0][row])
            let place = InputNames(["r"]).text(of: records.position(of: row, input: 1, partition: 0, linesBefore: 99))
            return "\(place) \(records.places[row].status.name) \(value.text)"
        }
    }

    @Test("a message is one record, wherever it has line breaks") func breaks() throws {
        #expect(
            try scan([
                TopicMessage(5, "{\n\"a\":\r\n1}\n"), TopicMessage(6, "{\"a\":2}\r"), TopicMessage(7, "\n\n{\"a\":3}"),
                TopicMessage(9, "{\"a\":\"x\ny\"}"), TopicMessage(12, "{\"a\":4}\n{\"a\":5}"),
                TopicMessage(13, "{\"a\":6}"),
            ]) == [
                "r@5 accepted 1", "r@6 accepted 2", "r@7 accepted 3", "r@9 badString null", "r@12 badSyntax null",
                "r@13 accepted 6",
            ])
    }

    @Test("a blank message is no record, one without a value is a tombstone, and neither loses its offset")
    func blanks() throws {
        let blanks = ["", " ", "\n", "\r\n", " \t\n "]
        let messages = blanks.enumerated().flatMap { number, text in
            [TopicMessage(Int64(3 * number), text), TopicMessage(Int64(3 * number + 1), nil)]
                + [TopicMessage(Int64(3 * number + 2), #"{"a":true}"#)]
        }
        let expected = blanks.indices.flatMap { number in
            [
                "r@\(3 * number) notAnObject null", "r@\(3 * number + 1) noValue null",
                "r@\(3 * number + 2) accepted true",
            ]
        }
        #expect(try scan(messages) == expected)
        #expect(try scan([TopicMessage(1, nil)]) == ["r@1 noValue null"])
        #expect(try scan([TopicMessage(1, #""""#)]) == ["r@1 notAnObject null"])
    }

    @Test("any single byte is a message of its own") func singleBytes() throws {
        for byte in UInt8.min...UInt8.max {
            var odd = TopicMessage(2, "")
            odd.value = [byte]
            let rows = try scan([TopicMessage(1, #"{"a":1}"#), odd, TopicMessage(3, #"{"a":3}"#)])
            #expect(rows.count == 3 && rows.first == "r@1 accepted 1" && rows.last == "r@3 accepted 3")
            #expect(rows.count == 3 && !rows[1].contains("accepted") && rows[1].hasPrefix("r@2 "))
        }
    }

    @Test("a message beyond --max-line is too long, the next one is not") func tooLong() throws {
        let long = "{\"a\":\"" + String(repeating: "x", count: 300_000) + "\"}"
        let messages = [TopicMessage(1, long), TopicMessage(2, #"{"a":2}"#), TopicMessage(3, nil)]
        #expect(try scan(messages, maxLine: 1000) == ["r@1 tooLong null", "r@2 accepted 2", "r@3 noValue null"])
        #expect(try scan(messages).map { $0.prefix(12) } == ["r@1 accepted", "r@2 accepted", "r@3 noValue "])
    }

    @Test("a control line in between keeps the count") func controlLines() throws {
        let messages = [
            TopicMessage(4, #"{"a":1}"#), TopicMessage(5, #"{"$watermark":{}}"#), TopicMessage(8, #"{"a":2}"#),
        ]
        #expect(try scan(messages) == ["r@4 accepted 1", "r@5 control null", "r@8 accepted 2"])
    }

    @Test("in 20 000 messages with gaps every record has its own metadata, in every batch") func many() throws {
        var random = SeededGenerator(seed: 5)
        let query = try Query.selecting("a, @offset, @kafka_time, @key")
        let layout = ColumnLayout(query)
        var stage = try ScanStage(query, layout)
        var batch = Batch(capacity: 64)
        var records = Records(columnCount: layout.columnCount)
        let columns = try ["a", "@offset", "@kafka_time", "@key"].map {
            try #require(layout.column(of: FieldPath.parse($0)))
        }
        var offset: Int64 = 0
        for count in [20_000, 3, 500] {
            let messages = (0..<count).map { number in
                offset += Int64.random(in: 1...3, using: &random)
                var message = TopicMessage(offset, time: offset * 7, #"{"a":\#(offset)}"#)
                switch Int.random(in: 0..<10, using: &random) {
                case 0: message.value = nil
                case 1: message.value = []
                case 2: message.value = Array("{\n\"a\":\(offset)\n}".utf8)
                default: break
                }
                if number % 3 > 0 { message.key = Array("key \(offset)".utf8) }
                if number % 7 == 0 { message.key = [0xff, UInt8(truncatingIfNeeded: offset)] }
                return message
            }
            batch.fill(messages)
            stage.run(&batch, into: &records)
            #expect(records.count == count)
            var wrong = 0
            for (row, message) in messages.enumerated() where row < records.count {
                let values = columns.map { records.columns[$0][row] }
                let key = String(decoding: values[3].bytes, as: UTF8.self)
                let isRecord = message.value?.isEmpty == false
                let status: RecordStatus = message.value == nil ? .noValue : isRecord ? .accepted : .notAnObject
                let isRight =
                    records.places[row].status == status && (!isRecord || values[0].integer == message.offset)
                    && values[1].integer == message.offset && values[2].integer == message.time
                    && values[3].isNull == (message.key == nil)
                    && (message.key?.first == 0xff
                        ? key.utf8.count == 6 && key.hasPrefix("\\xff") : Array(key.utf8) == message.key ?? [])
                    && records.position(of: row, input: 0, partition: 1, linesBefore: 0)
                        == RecordPosition(input: 1, offset: message.offset)
                if !isRight { wrong += 1 }
            }
            #expect(wrong == 0)
        }
    }

    @Test("lines of files have numbers, also behind messages") func lineNumbers() throws {
        let query = try Query.selecting("a")
        let layout = ColumnLayout(query)
        var stage = try ScanStage(query, layout)
        var batch = Batch(capacity: 64)
        var records = Records(columnCount: layout.columnCount)
        batch.fill([TopicMessage(77, "{}")])
        stage.run(&batch, into: &records)
        batch.removeAll()
        Array("\n{}\n".utf8).withUnsafeBytes { batch.append($0) }
        stage.run(&batch, into: &records)
        #expect(records.position(of: 0, input: 2, partition: 0, linesBefore: 10) == RecordPosition(input: 2, line: 12))
    }
}

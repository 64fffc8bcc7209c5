import Testing

@testable import StreamEngine

/// Message keys and headers as columns.
struct MetadataTests {
    /// The selected columns of messages as JSON rows.
    private func rows(
        _ select: String, _ messages: [(key: [UInt8]?, headers: [(String, [UInt8]?)])]
    ) throws -> [String] {
        var query = Query()
        query.select = try Expression.parseSelection(select)
        let layout = ColumnLayout(query, seed: 1)
        var stage = try ScanStage(query, layout)
        var batch = Batch(capacity: 64)
        var object = HeaderObject()
        for (number, message) in messages.enumerated() {
            for (name, value) in message.headers {
                Array(name.utf8).withUnsafeBytes { name in
                    guard let value else { return object.add(name: name, value: nil) }
                    value.withUnsafeBytes { object.add(name: name, value: $0) }
                }
            }
            object.take { headers in
                Array("{}".utf8).withUnsafeBytes { record in
                    guard let key = message.key else {
                        return batch.append(record: record, offset: Int64(number), time: 0, key: nil, headers: headers)
                    }
                    key.withUnsafeBytes {
                        batch.append(record: record, offset: Int64(number), time: 0, key: $0, headers: headers)
                    }
                }
            }
        }
        var records = Records(columnCount: layout.columnCount)
        stage.run(&batch, into: &records)
        let encoder = TextEncoder(RowSchema(names: query.resultColumns, columns: layout.selectColumns))
        var rows = EncodedRows()
        var keep = [Bool](repeating: true, count: records.count)
        keep.withUnsafeMutableBufferPointer { flags in
            guard let flags = flags.baseAddress else { return }
            encoder.encode(records.columns, rows: 0..<records.count, keep: flags, into: &rows)
        }
        return rows.buffer.text.split(separator: "\n").map { String($0) }
    }

    @Test("a key is text, its bytes, or JSON with parts") func keys() throws {
        let keys: [[UInt8]?] = [Array(#"{"id":7,"at":{"x":"y"}}"#.utf8), Array("é".utf8), [0xff, 0x0a], [], nil]
        #expect(
            try rows("@key,@key_hex", keys.map { ($0, []) }) == [
                #"{"key":"{\"id\":7,\"at\":{\"x\":\"y\"}}","key_hex":"7b226964223a372c226174223a7b2278223a2279227d7d"}"#,
                #"{"key":"é","key_hex":"c3a9"}"#, #"{"key":"\\xff0a","key_hex":"ff0a"}"#, #"{"key":"","key_hex":""}"#,
                #"{"key":null,"key_hex":null}"#,
            ])
        #expect(
            try rows("@key.id,x=@key.at.x,y=@key.none", [(keys[0], []), (nil, [])])
                == [#"{"id":7,"x":"y","y":null}"#, #"{"id":null,"x":null,"y":null}"#])
    }

    @Test("headers are an object; of equal names, the last counts") func headers() throws {
        let many: [(String, [UInt8]?)] = [
            ("a", Array("1".utf8)), ("a", Array("two\"".utf8)), ("b-c", [0xff]), ("d.e", nil), ("f", []),
        ]
        #expect(
            try rows("@headers,a=@header.a,b=@header.\"b-c\",d=@header.d.e,f=@header.f", [(nil, many), (nil, [])]) == [
                #"{"headers":{"a":"1","a":"two\"","b-c":"\\xff","d.e":null,"f":""},"a":"two\"","b":"\\xff","d":null,"f":""}"#,
                #"{"headers":null,"a":null,"b":null,"d":null,"f":null}"#,
            ])
    }
}

@testable import StreamEngine

/// A message of a topic, as a source would take it in.
struct TopicMessage {
    var offset: Int64
    var time: Int64 = 1_767_225_600_000_000
    var key: [UInt8]?
    var value: [UInt8]?

    init(_ offset: Int64, time: Int64 = 1_767_225_600_000_000, key: String? = nil, _ value: String?) {
        self.offset = offset
        self.time = time
        self.key = key.map { Array($0.utf8) }
        self.value = value.map { Array($0.utf8) }
    }

    init(_ offset: Int64, keyBytes: [UInt8]) {
        self.offset = offset
        key = keyBytes
        value = Array("{}".utf8)
    }
}

extension Batch {
    /// As the source does it for the messages of one poll of one partition.
    mutating func fill(_ messages: [TopicMessage], topic: String = "readings", partition: Int32 = 3) {
        removeAll()
        sourceColumns.share(.text(topic), as: .topic)
        sourceColumns.share(.integer(Int64(partition)), as: .partition)
        self.partition = Int(partition)
        for message in messages {
            func add(_ key: UnsafeRawBufferPointer?) {
                if let value = message.value {
                    value.withUnsafeBytes { append(record: $0, offset: message.offset, time: message.time, key: key) }
                } else {
                    append(record: nil, offset: message.offset, time: message.time, key: key)
                }
            }
            if let key = message.key { key.withUnsafeBytes { add($0) } } else { add(nil) }
        }
        nextPosition = messages.last.map { Int($0.offset) + 1 } ?? 0
    }
}

/// The rows that a query makes of messages; each list is one batch.
func runTopic(
    _ query: Query, _ batches: [[TopicMessage]], topic: String = "readings", partition: Int32 = 3
) throws -> (lines: [String], reasons: [String: Int], rejects: [String]) {
    final class Collector: RowWriter {
        var bytes: [UInt8] = []
        func write(_ rows: borrowing EncodedRows, count: Int) throws(RunError) {
            rows.withBytes { bytes.append(contentsOf: $0) }
        }
        func flush() throws(RunError) {}
    }
    let layout = ColumnLayout(query, seed: 7)
    var stage = try ScanStage(query, layout)
    let collector = Collector()
    let options = EngineOptions(inputNames: ["readings[3]"], keepsRejects: true)
    let engine = try makeEngine(query, layout, options, collector)
    var batch = Batch(capacity: 64)
    var records = Records(columnCount: layout.columnCount)
    for (number, messages) in batches.enumerated() {
        batch.fill(messages, topic: topic, partition: partition)
        batch.sequence = number
        stage.run(&batch, into: &records)
        try engine.process(records, of: batch)
    }
    try engine.finish()
    func lines(_ bytes: [UInt8]) -> [String] {
        String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }
    var rejects: [UInt8] = []
    engine.takeRejects { rejects.append(contentsOf: $0) }
    var reasons: [String: Int] = [:]
    engine.withCounts { counts in
        for (reason, rejections) in counts.rejected { reasons[reason.rawValue] = rejections.count }
    }
    return (lines(collector.bytes), reasons, lines(rejects))
}

extension Query {
    /// Records that pass through with these columns.
    static func selecting(_ columns: String, where filter: String? = nil) throws -> Query {
        var query = Query()
        query.select = try Expression.parseSelection(columns)
        query.filter = try filter.map { try Expression.parse($0) }
        return query
    }
}

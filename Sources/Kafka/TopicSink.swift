import StreamEngine

/// Writes rows as messages to a topic as they arrive. Stores no checkpoint: a failed run must start again.
final class TopicSink: RowSink {
    private let producer: Producer
    private var refused: [RefusedRow] = []
    var needsTicks: Bool { true }

    init(_ producer: Producer) { self.producer = producer }

    func makeEncoder(_ schema: RowSchema) -> any RowEncoder { TextEncoder(schema, marksRows: true) }

    func write(_ rows: borrowing EncodedRows) throws(RunError) {
        let places = rows.rows
        try rows.withBytes { bytes throws(RunError) in
            for row in places {
                guard let reason = try producer.send(row, in: bytes, number: 0) else { continue }
                refused.append(RefusedRow(json: Array(bytes[row.line]), reason: reason))
            }
        }
    }

    func flush() throws(RunError) { try producer.serve() }

    func awaitDelivery() throws(RunError) { try producer.flush() }

    func close() throws(RunError) { try awaitDelivery() }

    func takeRefused() -> [RefusedRow] {
        defer { refused = [] }
        return refused + producer.takeRefused().map { RefusedRow(json: $0.value, reason: $0.reason) }
    }
}

import StreamEngine

/// Rows as messages of a topic, sent as they come. A run that failed has to be repeated: nothing is remembered.
final class TopicSink: RowSink {
    private let producer: Producer
    private var refused: [RefusedRow] = []
    var needsTicks: Bool { true }

    init(_ producer: Producer) { self.producer = producer }

    func makeEncoder(_ schema: RowSchema) -> any RowEncoder { TextEncoder(schema, marksRows: true) }

    func write(_ rows: borrowing EncodedRows) throws(SinkError) {
        let bytes = rows.bytes
        do throws(KafkaError) {
            for row in rows.rows {
                guard let reason = try producer.send(row, in: bytes, number: 0) else { continue }
                refused.append(RefusedRow(json: Array(bytes[row.line]), reason: reason))
            }
        } catch {
            throw SinkError(error)
        }
    }

    func flush() throws(SinkError) {
        do throws(KafkaError) { try producer.serve() } catch { throw SinkError(error) }
    }

    func settle() throws(SinkError) {
        do throws(KafkaError) { try producer.flush() } catch { throw SinkError(error) }
    }

    func close() throws(SinkError) { try settle() }

    func takeRefused() -> [RefusedRow] {
        defer { refused = [] }
        return refused + producer.takeRefused().map { RefusedRow(json: $0.value, reason: $0.reason) }
    }
}

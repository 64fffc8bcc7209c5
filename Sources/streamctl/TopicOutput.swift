import Kafka
import Plan
import StreamEngine

/// Rows as messages of a topic, sent as they come. A run that failed has to be repeated: nothing is remembered.
final class TopicOutput: RunOutput {
    private let producer: Producer
    private let rejects: RejectsFile?
    private let report: GroupOffsetReporter?
    private(set) var refusals = RefusedRows()
    var watchedDescriptor: Int32 { -1 }
    var needsTicks: Bool { true }

    init(_ plan: Plan, _ producer: Producer, _ report: GroupOffsetReporter?) throws(SinkError) {
        self.producer = producer
        self.report = report
        rejects = try RejectsFile.open(plan)
    }

    func makeEncoder(_ schema: RowSchema) -> any RowEncoder { TextEncoder(schema, marksRows: true) }

    func write(_ rows: borrowing EncodedRows, count: Int) throws(SinkError) {
        let (bytes, rows) = (rows.bytes, rows.rows)
        try deliver { producer throws(KafkaError) in
            var refused: [(row: [UInt8], reason: String)] = []
            for row in rows {
                guard let reason = try producer.send(row, in: bytes, number: 0) else { continue }
                refused.append((Array(bytes[row.line]), reason))
            }
            return refused
        }
    }

    func flush() throws(SinkError) { try serve() }
    func tick(_ engine: any Engine) throws(SinkError) {
        try serve()
        try report?.tick(engine) { () throws(SinkError) in try settle() }
    }

    private func serve() throws(SinkError) {
        try deliver { producer throws(KafkaError) in
            try producer.serve()
            return []
        }
    }

    func reject(_ lines: UnsafeRawBufferPointer) throws(SinkError) {
        guard let rejects else { return }
        try rejects.write(lines)
        try rejects.flush()
    }

    func beginBatch(_ batch: borrowing Batch, _ engine: any Engine) { report?.begin(batch, engine) }

    func endBatch(_ batch: borrowing Batch, _ engine: any Engine) throws(SinkError) {
        try report?.end(batch, engine) { () throws(SinkError) in try settle() }
    }

    /// Everything has arrived when this returns.
    private func settle() throws(SinkError) {
        try deliver { producer throws(KafkaError) in
            try producer.flush()
            return []
        }
    }

    func close(_ engine: any Engine, isFinished: Bool) throws(SinkError) {
        try settle()
        report?.finish(engine)
        try rejects?.close()
    }

    private func deliver(
        _ body: (Producer) throws(KafkaError) -> [(row: [UInt8], reason: String)]
    ) throws(SinkError) {
        var refused: [(row: [UInt8], reason: String)]
        do throws(KafkaError) {
            refused = try body(producer)
        } catch {
            throw SinkError(error)
        }
        refused += producer.takeRefused().map { ($0.value, $0.reason) }
        for (row, reason) in refused {
            refusals.add(reason)
            guard let rejects else { continue }
            var line = ByteBuffer()
            row.withUnsafeBytes { line.append(refused: $0, reason: reason) }
            try line.withBytes { bytes throws(SinkError) in try rejects.write(bytes) }
        }
        if !refused.isEmpty { try rejects?.flush() }
    }
}

import Kafka
import Plan
import StreamEngine
import System

/// Rows as messages of a topic: those of a parcel and its checkpoint in one transaction.
///
/// Unchecked: used by the thread that commits.
final class TopicTarget: Committer, @unchecked Sendable {
    private let producer: JobProducer
    private let rejects: RejectsFile?
    private let input: any Input
    private(set) var refusals = RefusedRows()

    init(
        _ producer: JobProducer, _ plan: Plan, _ input: any Input, from checkpoint: Checkpoint?
    ) throws(SinkError) {
        self.producer = producer
        self.input = input
        rejects = try RejectsFile.open(plan, keeping: checkpoint?.output.rejectsLength)
    }

    func makeEncoder(_ schema: RowSchema, for table: any RowTable) -> any RowEncoder {
        TextEncoder(schema, marksRows: true)
    }

    func commit(_ parcel: Committable) throws(SinkError) {
        // The transactional id says whose job it is.
        guard !parcel.isHeartbeat, var checkpoint = parcel.checkpoint else { return }
        try input.seal(&checkpoint.input)
        try rejects?.write(parcel.rejects.bytes)
        try rejects?.synchronize()
        checkpoint.output.rejectsLength = rejects?.length ?? 0
        var refused: Set<Int> = []
        var problem: SinkError?
        do throws(KafkaError) {
            try producer.commit(
                send: { producer throws(KafkaError) in
                    let found = try send(parcel, without: refused, producer)
                    do throws(SinkError) {
                        try note(found, &refused, &checkpoint)
                    } catch {
                        problem = error
                        throw KafkaError.interrupted
                    }
                },
                checkpoint: { checkpoint },
                refused: { found throws(KafkaError) in
                    do throws(SinkError) {
                        try note(found, &refused, &checkpoint)
                    } catch {
                        problem = error
                        throw KafkaError.interrupted
                    }
                })
        } catch {
            throw problem ?? SinkError(error)
        }
    }

    /// - Returns: rows that can never be sent.
    private func send(
        _ parcel: Committable, without refused: Set<Int>, _ producer: Producer
    ) throws(KafkaError) -> [(number: Int, value: [UInt8], reason: String)] {
        let bytes = parcel.rows.bytes
        var found: [(number: Int, value: [UInt8], reason: String)] = []
        // Numbered from 1: the client passes them as pointers, and 0 would be a null pointer.
        for (number, row) in zip(1..., parcel.rows.rows) where !refused.contains(number) {
            if let reason = try producer.send(row, in: bytes, number: number) {
                found.append((number, Array(bytes[row.line]), reason))
            }
            failpoint("in-rows")
        }
        return found
    }

    private func note(
        _ found: [(number: Int, value: [UInt8], reason: String)], _ refused: inout Set<Int>,
        _ checkpoint: inout Checkpoint
    ) throws(SinkError) {
        guard !found.isEmpty else { return }
        for (number, value, reason) in found where refused.insert(number).inserted {
            refusals.add(reason)
            guard let rejects else { continue }
            var line = ByteBuffer()
            value.withUnsafeBytes { line.append(refused: $0, reason: reason) }
            try line.withBytes { bytes throws(SinkError) in try rejects.write(bytes) }
        }
        try rejects?.synchronize()
        checkpoint.output.rejectsLength = rejects?.length ?? 0
    }

    func close() {
        // Everything was synchronized before.
        try? rejects?.close()
    }
}

extension SinkError {
    /// What happened to a topic that is written: it says which one.
    init(_ error: KafkaError) {
        self =
            switch error {
            case .usage(let text): .undelivered(.usage, reason: text)
            case .noTopic(let text): .cannotCreate(output: text, reason: "rows cannot go there")
            case .unavailable(let text): .undelivered(.unavailable, reason: text)
            case .gap(let text): .undelivered(.recordsGone, reason: text)
            case .mismatch(let text): .undelivered(.mismatch, reason: text)
            case .temporary(let text): .undelivered(.temporary, reason: text)
            case .interrupted: .undelivered(.interrupted, reason: "stopped while waiting for the brokers")
            }
    }
}

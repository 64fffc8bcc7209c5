import StreamEngine
import System

/// Rows as messages of a topic, committed with their checkpoint in one transaction.
///
/// Unchecked: used by the thread that commits.
final class TopicCommitter: Committer, @unchecked Sendable {
    private let producer: JobProducer
    private let input: any Input
    private(set) var refusals = RefusedRows()

    init(_ producer: JobProducer, _ input: any Input) {
        self.producer = producer
        self.input = input
    }

    func makeEncoder(_ schema: RowSchema, for table: any RowTable) -> any RowEncoder {
        TextEncoder(schema, marksRows: true)
    }

    func commit(_ parcel: Committable, _ rejects: (any RejectsWriter)?) throws(SinkError) {
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
                        try note(found, &refused, &checkpoint, rejects)
                    } catch {
                        problem = error
                        throw KafkaError.interrupted
                    }
                },
                checkpoint: { checkpoint },
                refused: { found throws(KafkaError) in
                    do throws(SinkError) {
                        try note(found, &refused, &checkpoint, rejects)
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
        _ checkpoint: inout Checkpoint, _ rejects: (any RejectsWriter)?
    ) throws(SinkError) {
        guard !found.isEmpty else { return }
        for (number, value, reason) in found where refused.insert(number).inserted {
            refusals.add(reason)
            try rejects?.write(RefusedRow(json: value, reason: reason))
        }
        try rejects?.synchronize()
        checkpoint.output.rejectsLength = rejects?.length ?? 0
    }

    func close() {}
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

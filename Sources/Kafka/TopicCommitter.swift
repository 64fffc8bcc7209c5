import StreamEngine
import System

/// Writes rows as messages to a topic, committed with their checkpoint in one transaction.
///
/// `@unchecked` because only the committing thread uses it.
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

    func commit(_ committable: Committable, _ rejects: (any RejectsWriter)?) throws(RunError) {
        // A heartbeat is not needed: the transactional id fences other processes.
        guard !committable.isHeartbeat, var checkpoint = committable.checkpoint else { return }
        try input.seal(&checkpoint.input)
        try committable.rejects.withBytes { lines throws(RunError) in try rejects?.write(lines) }
        try rejects?.synchronize()
        checkpoint.output.note(rejects)
        var refused: Set<Int> = []
        var problem: RunError?
        // An error of the rejects file ends the run; any other would make the producer try again.
        func noteOrStop(_ found: [(number: Int, value: [UInt8], reason: String)]) throws(RunError) {
            do throws(RunError) {
                try note(found, &refused, &checkpoint, rejects)
            } catch {
                problem = error
                throw .interrupted
            }
        }
        do throws(RunError) {
            try producer.commit(
                send: { producer throws(RunError) in
                    try noteOrStop(try send(committable, without: refused, producer))
                },
                checkpoint: { checkpoint },
                refused: { found throws(RunError) in try noteOrStop(found) })
        } catch {
            throw problem ?? error
        }
    }

    /// - Returns: the rows that would be refused on every attempt.
    private func send(
        _ committable: Committable, without refused: Set<Int>, _ producer: Producer
    ) throws(RunError) -> [(number: Int, value: [UInt8], reason: String)] {
        let rows = committable.rows.rows
        var found: [(number: Int, value: [UInt8], reason: String)] = []
        try committable.rows.withBytes { bytes throws(RunError) in
            // Numbered from 1: librdkafka passes the number as a pointer, and 0 would be null.
            for (number, row) in zip(1..., rows) where !refused.contains(number) {
                if let reason = try producer.send(row, in: bytes, number: number) {
                    found.append((number, Array(bytes[row.line]), reason))
                }
                failpoint("in-rows")
            }
        }
        return found
    }

    private func note(
        _ found: [(number: Int, value: [UInt8], reason: String)], _ refused: inout Set<Int>,
        _ checkpoint: inout Checkpoint, _ rejects: (any RejectsWriter)?
    ) throws(RunError) {
        guard !found.isEmpty else { return }
        for (number, value, reason) in found where refused.insert(number).inserted {
            refusals.add(reason)
            try rejects?.write(RefusedRow(json: value, reason: reason))
        }
        try rejects?.synchronize()
        checkpoint.output.note(rejects)
    }

    func close() {}
}

import Plan
import StreamEngine

/// Rows in a table, committed with their checkpoint in one transaction.
///
/// Unchecked: used by the thread that commits, and by the worker that serves the engine while nothing is in flight.
final class TableCommitter: Committer, @unchecked Sendable {
    private let sink: PostgresSink
    private let input: any Input
    private(set) var refusals = RefusedRows()

    init(_ sink: PostgresSink, _ input: any Input) {
        self.sink = sink
        self.input = input
    }

    func makeEncoder(_ schema: RowSchema, for table: any RowTable) -> any RowEncoder { CopyEncoder(table, schema) }

    func columns(for contents: [ColumnContent]) throws(SinkError) -> [CopyColumn] {
        do throws(PostgresError) { return try sink.columns(for: contents) } catch { throw SinkError(error) }
    }

    func commit(_ parcel: Committable, _ rejects: (any RejectsWriter)?) throws(SinkError) {
        try rejects?.write(parcel.rejects.bytes)
        try rejects?.flush()
        guard parcel.rows.byteCount > 0 || parcel.checkpoint != nil || parcel.isHeartbeat else { return }
        var problem: SinkError?
        var checkpoint = parcel.checkpoint
        if var proven = checkpoint {
            try input.seal(&proven.input)
            checkpoint = proven
        }
        let text = checkpoint.map { checkpoint in
            { [rejects] (refused: Int) -> String in
                var checkpoint = checkpoint
                do throws(SinkError) { try rejects?.synchronize() } catch { problem = error }
                checkpoint.output.rejectsLength = rejects?.length ?? 0
                return checkpoint.text
            }
        }
        do throws(PostgresError) {
            try sink.commit(
                parcel.rows, checkpoint: text,
                refused: { row in
                    refusals.add(row.reason)
                    do throws(SinkError) { try rejects?.write(row) } catch { problem = error }
                }, isLast: parcel.isLast)
        } catch {
            throw SinkError(error)
        }
        try rejects?.flush()
        if let problem { throw problem }
    }

    func close() { sink.close() }
}

extension SinkError {
    init(_ error: PostgresError) {
        self =
            switch error {
            case .usage(let text): .undelivered(.usage, reason: text)
            case .unavailable(let text): .undelivered(.unavailable, reason: text)
            case .mismatch(let text): .undelivered(.mismatch, reason: text)
            case .fenced(let text), .busy(let text), .rolledBack(let text): .undelivered(.temporary, reason: text)
            case .interrupted: .undelivered(.interrupted, reason: "stopped while waiting for the database")
            }
    }
}

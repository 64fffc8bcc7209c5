import Plan
import StreamEngine

/// Writes rows to a table, committed with their checkpoint in one transaction.
///
/// Unchecked: used by the committing thread, and by the engine's worker while no commit is in progress.
final class TableCommitter: Committer, @unchecked Sendable {
    private let sink: PostgresSink
    private let input: any Input
    private(set) var refusals = RefusedRows()
    var reconnects: Int { sink.connection.reconnects }

    init(_ sink: PostgresSink, _ input: any Input) {
        self.sink = sink
        self.input = input
    }

    func makeEncoder(_ schema: RowSchema, for table: any RowTable) -> any RowEncoder { CopyEncoder(table, schema) }

    func columns(for contents: [ColumnContent]) throws(RunError) -> [CopyColumn] {
        try sink.columns(for: contents)
    }

    func commit(_ committable: Committable, _ rejects: (any RejectsWriter)?) throws(RunError) {
        try committable.rejects.withBytes { lines throws(RunError) in try rejects?.write(lines) }
        try rejects?.flush()
        guard committable.rows.byteCount > 0 || committable.checkpoint != nil || committable.isHeartbeat else { return }
        var problem: RunError?
        var checkpoint = committable.checkpoint
        if var sealed = checkpoint {
            try input.seal(&sealed.input)
            checkpoint = sealed
        }
        let text = checkpoint.map { checkpoint in
            { [rejects] (refused: Int) -> String in
                var checkpoint = checkpoint
                do throws(RunError) { try rejects?.synchronize() } catch { problem = error }
                checkpoint.output.note(rejects)
                return checkpoint.text
            }
        }
        try sink.commit(
            committable.rows, checkpoint: text,
            refused: { row in
                refusals.add(row.reason)
                do throws(RunError) { try rejects?.write(row) } catch { problem = error }
            }, isLast: committable.isLast)
        try rejects?.flush()
        if let problem { throw problem }
    }

    func close() { sink.close() }
}

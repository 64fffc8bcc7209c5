import Plan
import StreamEngine
import System

/// Writes the rows of a transaction to a table.
struct TableWriter {
    private let columns: [CopyColumn]
    /// nil: rows are appended.
    private let merge: String?
    private let prepare: String
    private let copy: String

    init(_ table: TableName, _ columns: [CopyColumn], _ mode: TablePlan.Mode) {
        self.columns = columns
        let names = columns.map(\.name)
        switch mode {
        case .append:
            prepare = ""
            copy = Statements.append(table, names)
            merge = nil
        case .upsert:
            let values = columns.filter { !$0.isKey }
            prepare = Statements.createStage(table, names)
            copy = Statements.fillStage(names)
            merge = Statements.upsert(
                table, keys: columns.filter(\.isKey).map(\.name), values: values.map(\.name),
                comparesValues: values.allSatisfy(\.type.isComparable))
        }
    }

    /// In execution order.
    var statements: [String] { [prepare, copy, merge ?? ""].filter { !$0.isEmpty } }
    var replaces: Bool { merge != nil }

    /// Writes all rows except those that the server refuses.
    ///
    /// A refused row fails its whole statement. The rows are then halved and retried, down to single rows.
    ///
    /// - Returns: the refused rows, by their numbers in the commit, and the reasons.
    func write(_ rows: Rows, _ session: Session) throws(AttemptError) -> [(row: Int, fault: ServerError)] {
        var refused: [(row: Int, fault: ServerError)] = []
        var pending = rows.pending.isEmpty ? [] : [rows.pending.indices]
        // Runs before the next attempt; sent with its first statement.
        var before = prepare
        var staleCount = 0
        while let range = pending.popLast() {
            do throws(AttemptError) {
                try write(rows, range, session, after: before)
                before = joined(["RELEASE SAVEPOINT streamctl_rows", emptyStage])
                staleCount = 0
            } catch .server(let fault) where fault.kind == .row {
                before = "ROLLBACK TO SAVEPOINT streamctl_rows; RELEASE SAVEPOINT streamctl_rows"
                // Rows that were rolled back still occupy the stage and are scanned each time, but truncating it takes
                // longer than scanning a few.
                staleCount += range.count
                if staleCount > 1000 {
                    before = joined([before, emptyStage])
                    staleCount = 0
                }
                if range.count == 1 {
                    refused.append((rows.pending[range.lowerBound], fault))
                    if pending.isEmpty { try session.run(before) }
                } else {
                    let middle = range.lowerBound + range.count / 2
                    pending.append(middle..<range.upperBound)
                    pending.append(range.lowerBound..<middle)
                }
            }
        }
        return refused
    }

    private var emptyStage: String { merge == nil ? "" : "TRUNCATE \(Statements.stage)" }

    private func joined(_ statements: [String]) -> String { statements.filter { !$0.isEmpty }.joined(separator: "; ") }

    private func write(
        _ rows: Rows, _ range: Range<Int>, _ session: Session, after before: String
    ) throws(AttemptError) {
        let total = rows.byteCount(range)
        try session.copy(joined([before, "SAVEPOINT streamctl_rows", copy])) { (send) throws(AttemptError) in
            var sent = 0
            // At least two pieces, so that a failpoint can interrupt in the middle.
            try rows.pieces(range, limit: min(64 * 1024, total / 2 + 1)) { (piece) throws(AttemptError) in
                try send(piece)
                if sent < total / 2, sent + piece.count >= total / 2 { failpoint("in-rows") }
                sent += piece.count
            }
        }
        if let merge { try session.run(merge) }
    }

    /// A refused row as JSON. Its values are strings, as sent to the server.
    func describe(_ row: Int, of rows: borrowing EncodedRows, _ fault: ServerError) -> RefusedRow {
        var text = ByteBuffer()
        text.append(UInt8(ascii: "{"))
        for (number, value) in rows.values(ofRow: row, count: columns.count).enumerated() {
            if number > 0 { text.append(UInt8(ascii: ",")) }
            text.append(quotedName: columns[number].name)
            text.append(UInt8(ascii: ":"))
            if let value {
                rows.withBytes { text.append(quotedCopy: UnsafeRawBufferPointer(rebasing: $0[value])) }
            } else {
                text.append("null" as StaticString)
            }
        }
        text.append(UInt8(ascii: "}"))
        return RefusedRow(json: text.withBytes { Array($0) }, reason: fault.text)
    }
}

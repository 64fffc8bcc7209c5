import Plan
import StreamEngine
import System

/// Writes the rows of a transaction to a table.
struct TableWriter {
    /// Which rows of a transaction are written together.
    private enum Order {
        /// All of them.
        case asGiven
        /// The last one of each key, so that a statement does not meet a key twice.
        case lastOfKey
        /// Rows and deletions of a key in turns, because the server decides which one wins.
        ///
        /// - Parameters:
        ///   - comparesKeys: whether keys are equal if their bytes are.
        ///   - canDelete: whether there are deletions.
        ///   - version: the number of the value that is the version, if it can be compared without the server.
        case rounds(comparesKeys: Bool, canDelete: Bool, version: Int?)
    }

    private let columns: [CopyColumn]
    private let order: Order
    private let prepare: String
    private let copy: String
    /// What moves the rows from the stage into the table; empty if they are appended.
    private let merge: [String]
    /// What does the same faster for many rows, but fails where another writer inserts a key at the same time. Given up
    /// where it fails for any reason but a row.
    private var largeMerge: [String]?

    /// From this number of rows on, `MERGE` is faster than `INSERT … ON CONFLICT` by more than a failure costs.
    private static let largeCount = testSetting("STREAMCTL_MERGE_FROM") ?? 10_000

    /// - Parameter merges: whether the server and the table allow `MERGE` in place of an upsert.
    init(_ table: TableName, _ columns: [CopyColumn], _ request: TablePlan, merges: Bool = false) {
        self.columns = columns
        let names = columns.map(\.name)
        guard request.mode == .upsert else {
            (order, prepare, copy, merge) = (.asGiven, "", Statements.append(table, names), [])
            return
        }
        let keys = columns.filter(\.isKey)
        let values = columns.filter { !$0.isKey }
        let comparesValues = !values.isEmpty && values.allSatisfy(\.type.isComparable)
        prepare = Statements.createStage(table, columns, changes: request.changes)
        copy = Statements.fillStage(names, changes: request.changes != nil)
        guard let changes = request.changes else {
            order = .lastOfKey
            merge = [
                Statements.upsert(
                    table, keys: keys.map(\.name), values: values.map(\.name), comparesValues: comparesValues)
            ]
            return
        }
        let comparesKeys = keys.allSatisfy(\.isWrittenAlike)
        let stage = ChangeStage(
            table: table, keys: keys, values: values.map(\.name), version: columns.first { $0.isVersion },
            repeatsKeys: changes.version != nil || !comparesKeys)
        if changes.version != nil {
            let version = columns.firstIndex { $0.isVersion && $0.type.isInteger && $0.baseType == nil }
            order = .rounds(comparesKeys: comparesKeys, canDelete: changes.canDelete, version: version)
        } else {
            order = comparesKeys ? .lastOfKey : .asGiven
        }
        let deletion = changes.canDelete ? [Statements.deleteChanges(stage)] : []
        merge = [Statements.upsertChanges(stage, comparesValues: comparesValues)] + deletion
        if merges { largeMerge = [Statements.mergeChanges(stage, comparesValues: comparesValues)] + deletion }
    }

    /// In execution order.
    var statements: [String] { [prepare, copy].filter { !$0.isEmpty } + merge }

    /// Writes all rows except those that the server refuses.
    ///
    /// - Parameters:
    ///   - rows: loses the refused rows.
    ///   - seed: secret, so that keys cannot be chosen to collide.
    /// - Returns: the refused rows, by their numbers in the commit, and the reasons.
    mutating func write(
        _ rows: inout Rows, seed: UInt64, _ session: Session
    ) throws(AttemptError) -> [(row: Int, fault: ServerError)] {
        // Runs before the next attempt; sent with its first statement.
        var before = prepare
        var refused: [(row: Int, fault: ServerError)] = []
        switch order {
        case .asGiven:
            rows.keepAll()
            refused = try write(rows, session, &before)
        case .lastOfKey:
            rows.keepLast(seed: seed)
            while !rows.pending.isEmpty {
                let faults = try writeSettled(&rows, session, &before)
                refused += faults
                // A row that is not written replaces none.
                rows.pending = rows.replaced(by: faults.map(\.row))
            }
        case .rounds(let comparesKeys, let canDelete, let version):
            rows.keepAll()
            for round in canDelete ? rows.rounds(seed: comparesKeys ? seed : nil) : [rows.pending] {
                rows.pending = round
                if comparesKeys, let version, let newest = rows.newest(version: version, seed: seed) {
                    rows.pending = newest
                    if try writesAll(rows, session, &before) { continue }
                    // A row that is not written makes none needless.
                    rows.pending = round
                }
                refused += try write(rows, session, &before)
            }
        }
        rows.remove(refused.map(\.row))
        return refused
    }

    /// Writes the pending rows, and once more those that were refused because of other rows, such as by a second unique
    /// index: the commit may have changed these since. No key comes twice, so their order does not matter.
    private mutating func writeSettled(
        _ rows: inout Rows, _ session: Session, _ before: inout String
    ) throws(AttemptError) -> [(row: Int, fault: ServerError)] {
        var refused: [(row: Int, fault: ServerError)] = []
        while true {
            let faults = try write(rows, session, &before)
            let again = faults.filter { $0.fault.dependsOnOtherRows }
            guard !again.isEmpty, again.count < rows.pending.count else { return refused + faults }
            refused += faults.filter { !$0.fault.dependsOnOtherRows }
            rows.pending = again.map(\.row)
        }
    }

    /// Writes the pending rows.
    ///
    /// A refused row fails its whole statement. The rows are then halved and retried, down to single rows.
    ///
    /// - Parameter before: the statements that precede the first attempt; afterwards, those of the next one.
    private mutating func write(
        _ rows: Rows, _ session: Session, _ before: inout String
    ) throws(AttemptError) -> [(row: Int, fault: ServerError)] {
        var refused: [(row: Int, fault: ServerError)] = []
        var pending = rows.pending.isEmpty ? [] : [rows.pending.indices]
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
                    if pending.isEmpty {
                        try session.run(before)
                        before = ""
                    }
                } else {
                    let middle = range.lowerBound + range.count / 2
                    pending.append(middle..<range.upperBound)
                    pending.append(range.lowerBound..<middle)
                }
            }
        }
        return refused
    }

    /// Writes the pending rows, unless the server refuses one of them.
    private mutating func writesAll(_ rows: Rows, _ session: Session, _ before: inout String) throws(AttemptError)
        -> Bool
    {
        guard !rows.pending.isEmpty else { return true }
        do throws(AttemptError) {
            try write(rows, rows.pending.indices, session, after: before)
            before = joined(["RELEASE SAVEPOINT streamctl_rows", emptyStage])
            return true
        } catch .server(let fault) where fault.kind == .row {
            before = joined([
                "ROLLBACK TO SAVEPOINT streamctl_rows; RELEASE SAVEPOINT streamctl_rows", emptyStage,
            ])
            return false
        }
    }

    private var emptyStage: String { merge.isEmpty ? "" : "TRUNCATE \(Statements.stage)" }

    private func joined(_ statements: [String]) -> String { statements.filter { !$0.isEmpty }.joined(separator: "; ") }

    private mutating func write(
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
        guard !merge.isEmpty else { return }
        // Parts of a commit are written because a row of it was refused.
        if range.count >= Self.largeCount, range.count == rows.pending.count, try mergesAll(session) { return }
        try session.run(joined(merge))
    }

    /// Moves the rows from the stage into the table with `MERGE`; leaves them there if that fails.
    private mutating func mergesAll(_ session: Session) throws(AttemptError) -> Bool {
        guard let largeMerge else { return false }
        do throws(AttemptError) {
            try session.run(
                joined(["SAVEPOINT streamctl_merge"] + largeMerge + ["RELEASE SAVEPOINT streamctl_merge"]))
            return true
        } catch .server(let fault) {
            if fault.kind != .row { self.largeMerge = nil }
            try session.run("ROLLBACK TO SAVEPOINT streamctl_merge")
            return false
        }
    }

    /// A refused row as JSON. Its values are strings, as sent to the server.
    func describe(_ row: Int, of rows: borrowing EncodedRows, _ fault: ServerError) -> RefusedRow {
        var text = ByteBuffer()
        text.append(UInt8(ascii: "{"))
        let line = rows.rows[row].line
        rows.withBytes { bytes in
            // In COPY text, a tab is always a separator. The number of a change may follow the values.
            let values = bytes[line].split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
            for (number, (column, value)) in zip(columns, values).enumerated() {
                if number > 0 { text.append(UInt8(ascii: ",")) }
                text.append(quotedName: column.name)
                text.append(UInt8(ascii: ":"))
                if value.elementsEqual("\\N".utf8) {
                    text.append("null" as StaticString)
                } else {
                    text.append(quotedCopy: UnsafeRawBufferPointer(rebasing: value))
                }
            }
        }
        text.append(UInt8(ascii: "}"))
        return RefusedRow(json: text.withBytes { Array($0) }, reason: fault.text)
    }
}

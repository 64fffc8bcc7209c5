import Plan
import StreamEngine
import System

/// Writes the rows of a transaction into a table.
struct RowWriter {
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

    /// In the order in which they run.
    var statements: [String] { [prepare, copy, merge ?? ""].filter { !$0.isEmpty } }
    var replaces: Bool { merge != nil }
    var keyCount: Int { columns.count { $0.isKey } }

    /// Writes all rows but those that the server refuses.
    ///
    /// A refusal stops a whole statement. Then the rows are halved and tried again, until single rows are found.
    ///
    /// - Returns: which rows were refused, and why.
    func write(_ rows: Rows, _ session: Session) throws(AttemptError) -> [(row: Int, fault: ServerError)] {
        var refused: [(row: Int, fault: ServerError)] = []
        var pending = rows.spans.isEmpty ? [] : [rows.spans.indices]
        // What must go before the next attempt; it travels with its first statement.
        var before = prepare
        var staleCount = 0
        while let range = pending.popLast() {
            do throws(AttemptError) {
                try write(rows, range, session, after: before)
                before = joined(["RELEASE SAVEPOINT streamctl_rows", emptyStage])
                staleCount = 0
            } catch .server(let fault) where fault.kind == .row {
                before = "ROLLBACK TO SAVEPOINT streamctl_rows; RELEASE SAVEPOINT streamctl_rows"
                // What was taken back still fills the stage, to be read past each time; but emptying it takes longer than
                // to read past a few.
                staleCount += range.count
                if staleCount > 1000 {
                    before = joined([before, emptyStage])
                    staleCount = 0
                }
                if range.count == 1 {
                    refused.append((range.lowerBound, fault))
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
        let total = range.reduce(0) { $0 + rows.spans[$1].count }
        try session.copy(joined([before, "SAVEPOINT streamctl_rows", copy])) { (send) throws(AttemptError) in
            var sent = 0
            // Two pieces at least, so that there is a middle to be interrupted in.
            try rows.pieces(range, limit: min(64 * 1024, total / 2 + 1)) { (piece) throws(AttemptError) in
                try send(piece)
                if sent < total / 2, sent + piece.count >= total / 2 { failpoint("in-rows") }
                sent += piece.count
            }
        }
        if let merge { try session.run(merge) }
    }

    /// A refused row, for those who look for it.
    func describe(_ row: Range<Int>, of rows: Rows, _ fault: ServerError) -> RefusedRow {
        var text = ByteBuffer()
        var separator: StaticString = "{"
        let values = CopyText.values(UnsafeRawBufferPointer(rebasing: rows.bytes[row]))
        for (column, value) in zip(columns, values) {
            text.append(separator)
            var name = column.name
            name.withUTF8 { text.append(quoted: UnsafeRawBufferPointer($0)) }
            text.append(":" as StaticString)
            if let value {
                value.withUnsafeBytes { text.append(quoted: $0) }
            } else {
                text.append("null" as StaticString)
            }
            separator = ","
        }
        if columns.isEmpty || values.isEmpty { text.append("{" as StaticString) }
        text.append("}" as StaticString)
        return RefusedRow(json: text.withBytes { Array($0) }, reason: fault.text)
    }
}

/// The text format of COPY.
enum CopyText {
    /// The values of one row; nil for null.
    static func values(_ row: UnsafeRawBufferPointer) -> [[UInt8]?] {
        let row = row.last == UInt8(ascii: "\n") ? row.dropLast() : row[...]
        return row.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false).map(value)
    }

    private static func value(_ text: Slice<UnsafeRawBufferPointer>) -> [UInt8]? {
        if text.elementsEqual("\\N".utf8) { return nil }
        var value: [UInt8] = []
        var rest = text[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let escaped = rest.popFirst() else {
                value.append(byte)
                continue
            }
            switch escaped {
            case UInt8(ascii: "b"): value.append(0x08)
            case UInt8(ascii: "f"): value.append(0x0c)
            case UInt8(ascii: "n"): value.append(0x0a)
            case UInt8(ascii: "r"): value.append(0x0d)
            case UInt8(ascii: "t"): value.append(0x09)
            case UInt8(ascii: "v"): value.append(0x0b)
            default: value.append(escaped)
            }
        }
        return value
    }
}

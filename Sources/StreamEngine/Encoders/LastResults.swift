/// The numbers of each group in its last closed window, for metrics. Used by one thread at a time.
package final class LastResults {
    package struct Series: Sendable {
        package let column: String
        /// The group.
        package let labels: [(name: String, value: String)]
        package let value: Double
    }

    private struct Row {
        var window: Int
        var labels: [(name: String, value: String)]
        var numbers: [(column: String, value: Double)]
    }

    /// Groups beyond these numbers are left out.
    package static let most = 1000
    private var rows: [[String]: Row] = [:]
    /// The number of the latest window, and its start.
    private var window = 0
    private var start = Int64.min
    private var count = 0

    package init() {}

    /// The start of the latest window, microseconds since 1970; nil without windows.
    package var latestStart: Int64? { start == Int64.min ? nil : start }

    package var series: [Series] {
        rows.sorted { $0.key.lexicographicallyPrecedes($1.key) }.flatMap { _, row in
            row.numbers.map { Series(column: $0.column, labels: row.labels, value: $0.value) }
        }
    }

    /// - Parameter time: the start of the window; nil for the whole input.
    fileprivate func add(
        _ labels: [(name: String, value: String)], _ numbers: [(column: String, value: Double)], _ time: Int64?
    ) {
        if let time, time > start {
            start = time
            window += 1
            // A group without rows keeps its numbers for one more window.
            rows = rows.filter { $0.value.window >= window - 1 }
            count = rows.reduce(0) { $0 + $1.value.numbers.count }
        }
        // A corrected row of a window before that.
        if let time, time < start { return }
        let key = labels.map(\.value)
        let former = rows[key]?.numbers.count ?? 0
        guard count - former + numbers.count <= Self.most else { return }
        count += numbers.count - former
        rows[key] = Row(window: window, labels: labels, numbers: numbers)
    }
}

/// Passes rows on, and notes their numbers.
package final class ResultsTap: RowWriter {
    private let writer: any RowWriter
    private let results: LastResults

    package init(_ writer: any RowWriter, _ results: LastResults) {
        self.writer = writer
        self.results = results
    }

    package func makeEncoder(_ schema: RowSchema) -> any RowEncoder {
        TappedEncoder(writer.makeEncoder(schema), schema, results)
    }
    package func write(_ rows: borrowing EncodedRows, count: Int) throws(RunError) {
        try writer.write(rows, count: count)
    }
    package func flush() throws(RunError) { try writer.flush() }
}

private final class TappedEncoder: RowEncoder {
    private let encoder: any RowEncoder
    private let schema: RowSchema
    private let results: LastResults

    init(_ encoder: any RowEncoder, _ schema: RowSchema, _ results: LastResults) {
        self.encoder = encoder
        self.schema = schema
        self.results = results
    }

    var marksRows: Bool { encoder.marksRows }
    var takesLines: Bool { encoder.takesLines }

    func encode(
        _ values: borrowing ColumnSet, rows: Range<Int>, keep: UnsafePointer<Bool>, into output: inout EncodedRows
    ) throws(RunError) {
        try encoder.encode(values, rows: rows, keep: keep, into: &output)
        for row in rows where keep[row] { note(row, of: values) }
    }

    private func note(_ row: Int, of values: borrowing ColumnSet) {
        var labels: [(name: String, value: String)] = []
        var numbers: [(column: String, value: Double)] = []
        var time: Int64?
        for (index, column) in schema.columns.enumerated() {
            let value = values.asRead(values[column][row])
            let name = schema.names[index]
            let isKey = schema.isRounded.indices.contains(index) && !schema.isRounded[index]
            switch value.kind {
            case .string: labels.append((name, String(decoding: value.bytes, as: UTF8.self)))
            case _ where isKey: labels.append((name, PictureColumns.text(value)))
            case .time: if time == nil { time = value.integer }
            // A row of a window that is still open.
            case .false where name == "final": return
            case _ where value.isNumber:
                if let number = PictureColumns.double(value) { numbers.append((name, number)) }
            default: break
            }
        }
        results.add(labels, numbers, time)
    }

    func markRecord(_ row: Int, of values: borrowing ColumnSet, from start: Int, in output: inout EncodedRows) {
        encoder.markRecord(row, of: values, from: start, in: &output)
    }
    func finish(into output: inout EncodedRows) { encoder.finish(into: &output) }
    func preview(_ values: borrowing ColumnSet, rows: Range<Int>, keep: UnsafePointer<Bool>, limit: Int) -> Int {
        encoder.preview(values, rows: rows, keep: keep, limit: limit)
    }
    func takePreview() -> (header: String, rows: [String]) { encoder.takePreview() }
}

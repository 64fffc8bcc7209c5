/// The columns of the rows of a run, for their encoder.
package struct RowSchema: Sendable {
    /// The names of the columns, in their order.
    package var names: [String]
    /// For every name the column of a `ColumnSet` that holds its values.
    package var columns: [Int]
    /// The columns of the `ColumnSet` that are a row's key as a message; empty: rows have no key.
    package var key: [Int]
    package var format: OutputFormat
    /// An earlier run wrote the header.
    package var hasHeader: Bool

    package init(
        names: [String], columns: [Int], key: [Int] = [], format: OutputFormat = .json, hasHeader: Bool = false
    ) {
        self.names = names
        self.columns = columns
        self.key = key
        self.format = format
        self.hasHeader = hasHeader
    }
}

/// Turns rows into the bytes that an output takes. Called for many rows at a time.
package protocol RowEncoder: AnyObject {
    /// Whether `EncodedRows.rows` lists the rows.
    var marksRows: Bool { get }
    /// Whether control lines, and records that pass through, may be written between rows.
    var takesLines: Bool { get }
    /// Appends the rows that are to be kept.
    ///
    /// - Throws: what the output reports when it is asked about its columns or given a row it cannot take.
    func encode(
        _ values: borrowing ColumnSet, rows: Range<Int>, keep: UnsafePointer<Bool>, into output: inout EncodedRows
    ) throws(RunError)
    /// Marks a record that passes through, which has been appended as it is.
    ///
    /// - Parameters:
    ///   - row: its row in `values`.
    ///   - start: where its bytes start; they end with the buffer.
    func markRecord(_ row: Int, of values: borrowing ColumnSet, from start: Int, in output: inout EncodedRows)
    /// Appends what follows the last row.
    func finish(into output: inout EncodedRows)
}

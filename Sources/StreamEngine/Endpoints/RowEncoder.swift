/// The columns of a run's rows, for their encoder.
package struct RowSchema: Sendable {
    /// The names of the columns, in order.
    package var names: [String]
    /// For each name, the column of a `ColumnSet` that holds its values.
    package var columns: [Int]
    /// The columns of the `ColumnSet` that form the message key of a row; empty if rows have no key.
    package var key: [Int]
    /// The headers of a row, which is a message, and the columns of the `ColumnSet` with their values.
    package var headers: [(name: String, column: Int)] = []
    /// Whether the rows are changes of a table, in order.
    package var holdsChanges = false
    /// The column of the `ColumnSet` that is true for a row that deletes the one with its key; nil if none does.
    package var deletion: Int?
    package var format: OutputFormat
    /// Whether an earlier run has written the header.
    package var hasHeader: Bool
    /// Decimals of doubles in text; nil for the fewest that read back as the same number.
    package var digits: Int?
    /// Doubles in text are shortened for readers.
    package var shortensNumbers = false
    /// For each name, whether `digits` and `shortensNumbers` apply to its column.
    package var isRounded: [Bool] = []
    /// For columns of a table that hold times: the columns of the `ColumnSet` that are the event time, and its form.
    /// Only they take numbers.
    package var times: (columns: Set<Int>, format: TimeFormat) = ([], .auto)
    /// The local clock of times without a zone, for columns of a table that hold times.
    package var zone = ZoneOffsets.utc
    /// The year of times without one.
    package var year: Int64?

    package init(
        names: [String], columns: [Int], key: [Int] = [], format: OutputFormat = .json, hasHeader: Bool = false
    ) {
        self.names = names
        self.columns = columns
        self.key = key
        self.format = format
        self.hasHeader = hasHeader
    }

    /// The rows of a query, printed as its options say.
    init(_ query: Query, names: [String], columns: [Int], key: [Int], isRounded: [Bool], hasHeader: Bool) {
        self.init(names: names, columns: columns, key: key, format: query.format, hasHeader: hasHeader)
        self.isRounded = isRounded
        digits = query.digits
        shortensNumbers = query.shortensNumbers
        zone = query.zone
        year = query.year
    }
}

/// Encodes rows as the bytes of an output, many rows at a time.
package protocol RowEncoder: AnyObject {
    /// Whether `EncodedRows.rows` lists the rows.
    var marksRows: Bool { get }
    /// Whether control lines, and records that pass through, may be written between rows.
    var takesLines: Bool { get }
    /// Appends the rows to keep.
    ///
    /// - Throws: errors of the output, from which it may request columns and to which it may pass refused rows.
    func encode(
        _ values: borrowing ColumnSet, rows: Range<Int>, keep: UnsafePointer<Bool>, into output: inout EncodedRows
    ) throws(RunError)
    /// Marks a record that passes through, which has been appended unchanged.
    ///
    /// - Parameters:
    ///   - row: its row in `values`.
    ///   - start: the start of its bytes, which extend to the end of the buffer.
    func markRecord(_ row: Int, of values: borrowing ColumnSet, from start: Int, in output: inout EncodedRows)
    /// An encoder of rows that follow these, for another thread; nil if rows depend on those before. Its `encode` does not
    /// fail. Before its rows comes what `lead` appends.
    func makeFollower() -> (any RowEncoder)?
    /// Appends the bytes before the first row, if it has not come yet.
    func lead(into output: inout EncodedRows)
    /// Appends the bytes that follow the last row.
    func finish(into output: inout EncodedRows)
    /// Collects rows to show, which are not part of the output.
    ///
    /// - Returns: the number of rows that were not collected because there are `limit` already.
    func preview(
        _ values: borrowing ColumnSet, rows: Range<Int>, keep: UnsafePointer<Bool>, limit: Int
    ) -> Int
    /// The collected rows as lines.
    func takePreview() -> (header: String, rows: [String])
}

extension RowEncoder {
    package func makeFollower() -> (any RowEncoder)? { nil }
    package func lead(into output: inout EncodedRows) {}
    package func preview(
        _ values: borrowing ColumnSet, rows: Range<Int>, keep: UnsafePointer<Bool>, limit: Int
    ) -> Int { 0 }
    package func takePreview() -> (header: String, rows: [String]) { ("", []) }
}

/// The rows of open windows, for a reader who watches.
package struct OpenRows: Sendable, Equatable {
    package var header = ""
    package var rows: [String] = []
    /// The number of rows beyond the limit; nil if they were not counted.
    package var hidden: Int? = 0

    package init() {}
}

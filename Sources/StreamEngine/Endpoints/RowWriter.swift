/// Takes encoded rows; written by whoever owns the sink.
package protocol RowWriter: AnyObject {
    /// - Parameter count: how many of the rows the input has decided. Those that the clock asked for (`--early`) are not
    ///   counted.
    func write(_ rows: UnsafeRawBufferPointer, count: Int) throws(SinkError)
    func flush() throws(SinkError)
    /// The table that rows are copied into; nil when they become text.
    var table: (any RowTable)? { get }
}

extension RowWriter {
    package var table: (any RowTable)? { nil }
}

/// A table of a database, as the encoder of rows sees it.
package protocol RowTable: AnyObject {
    /// What the columns of the table are. Asked once, when the first rows are known.
    ///
    /// - Parameter contents: for every result column what its first values are.
    func columns(for contents: [ColumnContent]) throws(SinkError) -> [CopyColumn]
    /// A row that the table cannot take.
    ///
    /// - Parameter row: the row as a JSON object.
    func refuse(_ row: UnsafeRawBufferPointer, reason: String) throws(SinkError)
}

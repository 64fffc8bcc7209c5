/// Takes encoded rows; implemented by the outputs.
package protocol RowWriter: AnyObject {
    /// Makes the encoder for this output. Called once, before the first row.
    func makeEncoder(_ schema: RowSchema) -> any RowEncoder
    /// - Parameter count: how many of the rows the input has decided. Those that the clock asked for (`--early`) are not
    ///   counted.
    func write(_ rows: borrowing EncodedRows, count: Int) throws(RunError)
    func flush() throws(RunError)
}

/// A table of a database, as the encoder of its rows uses it.
package protocol RowTable: AnyObject {
    /// What the columns of the table are. Asked once, when the first rows are known.
    ///
    /// - Parameter contents: for every result column what its first values are.
    func columns(for contents: [ColumnContent]) throws(RunError) -> [CopyColumn]
    /// A row that the table cannot take.
    ///
    /// - Parameter row: the row as a JSON object.
    func refuse(_ row: UnsafeRawBufferPointer, reason: String) throws(RunError)
}

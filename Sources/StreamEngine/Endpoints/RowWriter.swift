/// Receives encoded rows; implemented by the outputs.
package protocol RowWriter: AnyObject {
    /// Creates the encoder for this output. Called once, before the first row.
    func makeEncoder(_ schema: RowSchema) -> any RowEncoder
    /// - Parameter count: the number of rows that depend only on the input. Rows triggered by the wall clock
    ///   (`--early`) are not counted.
    func write(_ rows: borrowing EncodedRows, count: Int) throws(RunError)
    func flush() throws(RunError)
}

/// The interface of a database table to the encoder of its rows.
package protocol RowTable: AnyObject {
    /// The columns of the table. Called once, with the first rows.
    ///
    /// - Parameter contents: for every result column, the content of its first values.
    func columns(for contents: [ColumnContent]) throws(RunError) -> [CopyColumn]
    /// Reports a row that the table cannot hold.
    ///
    /// - Parameter row: the row as a JSON object.
    func refuse(_ row: UnsafeRawBufferPointer, reason: String) throws(RunError)
}

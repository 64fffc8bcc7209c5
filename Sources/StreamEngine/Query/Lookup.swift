/// A table whose columns are added to the records (`--lookup`).
package struct Lookup: Sendable {
    /// What becomes of a record without a row.
    package enum Missing: String, CaseIterable, Sendable { case null, drop, reject }
    /// The row that counts if several have the same key.
    package enum Match: String, CaseIterable, Sendable { case first, last, error }

    /// A table of a database.
    package struct Database: Sendable {
        /// `postgresql://…`. It is never part of a message.
        package var url: String

        package init(url: String) { self.url = url }
    }

    /// The file as it was given, or the name of the table in a database.
    package var path: String
    /// nil for a file.
    package var database: Database?
    /// The fields of the record that are looked up.
    package var fields: [FieldPath]
    /// The columns of the table that they are compared with.
    package var keys: [FieldPath]
    /// The columns to add; nil for all but the keys.
    package var columns: [FieldPath]?
    /// In front of the name of each column.
    package var prefix = ""
    package var missing = Missing.null
    package var match = Match.first
    /// The column with the time from which on a row is valid; nil if rows have none.
    package var asOf: FieldPath?
    /// nil before it is read.
    package var table: LookupTable?

    package init(path: String, fields: [FieldPath], keys: [FieldPath]) {
        self.path = path
        self.fields = fields
        self.keys = keys
    }

    /// The names of the columns in records; nil if only the table shows them.
    package var names: [String]? {
        (table?.columns ?? columns?.map(\.columnName)).map { $0.map { prefix + $0 } }
    }
}

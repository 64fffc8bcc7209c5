/// A table whose columns are added to the records (`--lookup`).
package struct Lookup: Sendable {
    /// What becomes of a record without a row.
    package enum Missing: String, CaseIterable, Sendable { case null, drop, reject }
    /// The row that counts if several have the same key.
    package enum Match: String, CaseIterable, Sendable { case first, last, error }

    /// How the rows of a table of a database are fetched by key.
    package struct ByKey: Sendable, Equatable {
        /// How many keys are kept, with their rows.
        package var cache = 100_000
        /// How long they are, microseconds.
        package var ttl = 5 * Microseconds.minute

        package init() {}
    }

    /// A table of a database.
    package struct Database: Sendable {
        /// `postgresql://…`. It is never part of a message.
        package var url: String
        /// nil if the table is read as a whole.
        package var byKey: ByKey?

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
    /// How often to look whether a file has changed, or to read a table of a database again, microseconds; nil: never.
    package var reload: Int64?
    /// The names of the columns that a table to be read again must have; nil for the first time.
    package var expected: [String]?
    /// nil before it is read.
    package var table: LookupTable?
    /// The table of the next batch, if it is read again.
    package var current: CurrentTable?
    /// The rows, if they are fetched by key.
    package var keyed: KeyedTable?

    package init(path: String, fields: [FieldPath], keys: [FieldPath]) {
        self.path = path
        self.fields = fields
        self.keys = keys
    }

    /// The names of the columns in records; nil if only the table shows them.
    package var names: [String]? {
        (table?.columns ?? keyed?.columns ?? columns?.map(\.columnName)).map { $0.map { prefix + $0 } }
    }
}

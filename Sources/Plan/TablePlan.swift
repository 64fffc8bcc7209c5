import StreamEngine

/// A table that rows go to.
package struct TablePlan: Sendable, Equatable {
    /// What to do with a row whose key the table already has.
    package enum Mode: String, Sendable, CaseIterable {
        /// Replace it.
        case upsert
        /// Rows have no keys: all are added.
        case append
    }

    /// `[SCHEMA.]NAME`, as it was given: names in double quotes are exact.
    package var name: String
    package var mode: Mode
    /// Create what is missing: the table, and the table of jobs beside it.
    package var creates: Bool
    package var columns: [Column]

    /// A result column, and what is known of its values before the first row.
    package struct Column: Sendable, Equatable {
        package var name: String
        /// Part of the key, by which an upsert finds the row to replace.
        package var isKey: Bool
        package var content: ColumnContent

        package init(name: String, isKey: Bool, content: ColumnContent) {
            self.name = name
            self.isKey = isKey
            self.content = content
        }
    }

    package init(name: String, columns: [Column], mode: Mode, creates: Bool) {
        self.name = name
        self.columns = columns
        self.mode = mode
        self.creates = creates
    }
}

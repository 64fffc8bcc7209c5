import StreamEngine

/// A table that receives rows.
package struct TablePlan: Sendable, Equatable {
    /// How rows are written.
    package enum Mode: String, Sendable, CaseIterable {
        /// A row replaces the row with the same key.
        case upsert
        /// Every row is added.
        case append
    }

    /// `[SCHEMA.]NAME` as given: names in double quotes are exact.
    package var name: String
    package var mode: Mode
    /// Create the table and the job table if they do not exist.
    package var creates: Bool
    package var columns: [Column]
    /// The rows are changes of the table, in order; nil if they are results.
    package var changes: Changes?

    /// Changes of a table: rows that replace those with the same key, or delete them.
    package struct Changes: Sendable, Equatable {
        /// Whether a row can be a deletion.
        package var canDelete: Bool
        /// The column whose later values win over earlier ones (`--if-newer`); nil if the last change of a key wins.
        package var version: String?

        package init(canDelete: Bool, version: String? = nil) {
            self.canDelete = canDelete
            self.version = version
        }
    }

    /// A result column, with the kind of its values as known before the first row.
    package struct Column: Sendable, Equatable {
        package var name: String
        /// Whether it is part of the key.
        package var isKey: Bool
        package var content: ColumnContent

        package init(name: String, isKey: Bool, content: ColumnContent) {
            self.name = name
            self.isKey = isKey
            self.content = content
        }
    }

    /// The names of the columns that identify a row; none if rows are appended.
    package var keys: [String] { mode == .upsert ? columns.filter(\.isKey).map(\.name) : [] }

    package init(name: String, columns: [Column], mode: Mode, creates: Bool) {
        self.name = name
        self.columns = columns
        self.mode = mode
        self.creates = creates
    }
}

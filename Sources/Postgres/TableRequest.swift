import StreamEngine

/// What to do with a row whose key the table already holds.
package enum WriteMode: Sendable {
    /// Replace it.
    case upsert
    /// Rows have no keys: all are added.
    case append
}

/// A column of the rows to be written.
package struct ResultColumn: Equatable, Sendable {
    package var name: String
    /// Part of the key: with the other key columns it tells rows apart.
    package var isKey: Bool
    /// What is known of the values before the first row.
    package var content: ColumnContent

    package init(name: String, isKey: Bool, content: ColumnContent) {
        self.name = name
        self.isKey = isKey
        self.content = content
    }
}

/// The table that rows are written to.
package struct TableRequest: Sendable {
    /// `[SCHEMA.]NAME`; see `TableName`.
    package var table: String
    package var columns: [ResultColumn]
    package var mode: WriteMode
    /// Create what is missing: the table, and the job table beside it.
    package var creates: Bool

    package init(table: String, columns: [ResultColumn], mode: WriteMode, creates: Bool) {
        self.table = table
        self.columns = columns
        self.mode = mode
        self.creates = creates
    }
}

/// The job that a run belongs to.
package struct JobRequest: Sendable {
    package var name: String
    /// What the job computes, as a JSON object: stored with a new job.
    package var fingerprint: String
    /// Take the job from a process that still runs it.
    package var takesOver: Bool

    package init(name: String, fingerprint: String, takesOver: Bool) {
        self.name = name
        self.fingerprint = fingerprint
        self.takesOver = takesOver
    }
}

/// How far a job has come: JSON, as the database gives it back.
package struct JobState: Equatable, Sendable {
    package var fingerprint: String
    package var checkpoint: String
}

/// A row that the database does not take.
package struct RefusedRow: Sendable {
    /// A JSON object: the columns' names, and their values as text or null.
    package var json: [UInt8]
    /// The server's message.
    package var reason: String
}

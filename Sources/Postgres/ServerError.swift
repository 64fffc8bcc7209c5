import StreamEngine

/// An error reported by the server.
struct ServerError: Error, Equatable {
    /// SQLSTATE: five characters.
    let code: String
    let message: String
    var detail: String?

    /// How to handle it.
    enum Kind: Equatable {
        /// A retry on this connection may succeed.
        case transient
        /// A retry on another connection, or later on this one, may succeed.
        case connection
        /// A row is at fault.
        case row
        /// The table, the job table or the privileges do not fit.
        case mismatch
        /// No remedy is known.
        case other
    }

    var kind: Kind {
        switch code {
        // Serialization failure, deadlock, lock not available, canceled (a time limit).
        case "40001", "40P01", "55P03", "57014": .transient
        // A COMMIT with an unknown outcome; a read-only server; a transaction that was idle or open for too long; a
        // disk failure.
        case "40003", "25006", "25P03", "25P04", "58030": .connection
        // No row can succeed: statement too complex, too many columns, too many arguments.
        case "54001", "54011", "54023": .mismatch
        default:
            switch code.prefix(2) {
            case "53": .transient
            case "08", "57": .connection
            case "22", "23", "54", "21", "P0": .row
            case "28", "3D", "3F", "42", "0A": .mismatch
            default: .other
            }
        }
    }

    /// Whether other rows are the reason: a unique index, a foreign key or an exclusion constraint.
    var dependsOnOtherRows: Bool { ["23503", "23505", "23P01"].contains(code) }

    /// The message, with the detail if it is short.
    var text: String {
        guard let detail, detail.utf8.count <= 200 else { return message }
        return "\(message) (\(detail))"
    }
}

/// Why an attempt to write failed.
enum AttemptError: Error {
    /// The connection is gone or was abandoned.
    case lost(String)
    case server(ServerError)
    /// Retrying cannot help.
    case final(RunError)
}

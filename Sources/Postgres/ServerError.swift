import StreamEngine

/// An error that the server has told.
struct ServerError: Error, Equatable {
    /// SQLSTATE: five characters.
    let code: String
    let message: String
    var detail: String?

    /// What to do about it.
    enum Kind: Equatable {
        /// It may work the next time, on this connection.
        case transient
        /// It may work on another connection, or on this one later.
        case connection
        /// Some row is at fault.
        case row
        /// The table, the job table or the rights do not fit.
        case mismatch
        /// Nothing that helps is known.
        case other
    }

    var kind: Kind {
        switch code {
        // Serialization failure, deadlock, lock not available, canceled (a time limit).
        case "40001", "40P01", "55P03", "57014": .transient
        // What became of a COMMIT is unknown; a server that only reads; a transaction that idled, or lasted too long; a
        // disk that failed.
        case "40003", "25006", "25P03", "25P04", "58030": .connection
        // Cannot be done by any row: statement too complex, too many columns, too many arguments.
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

    /// The message, with the detail where it is short.
    var text: String {
        guard let detail, detail.utf8.count <= 200 else { return message }
        return "\(message) (\(detail))"
    }
}

/// What ends an attempt to write.
enum AttemptError: Error {
    /// The connection is gone, or was given up.
    case lost(String)
    case server(ServerError)
    /// No further attempt can help.
    case final(RunError)
}

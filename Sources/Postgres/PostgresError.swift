/// Why rows cannot be written to Postgres. The texts hold no password.
package enum PostgresError: Error, Equatable, Sendable {
    /// The command line asks for what cannot be.
    case usage(String)
    /// The server cannot be reached, or not be used by this user, or is broken.
    case unavailable(String)
    /// The table or the job table does not fit; the text says which statement mends it.
    case mismatch(String)
    /// Another process has taken the job over.
    case fenced(String)
    /// Another process runs this job.
    case busy(String)
    /// The database has lost commits that it had confirmed: memory is ahead of it.
    case rolledBack(String)
    /// A signal asked to stop while waiting for the server.
    case interrupted
}

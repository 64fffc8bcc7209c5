package enum SinkError: Error, Sendable {
    /// The reader went away (EPIPE): the quiet end of a pipe.
    case readerGone
    /// The output could not be created.
    case cannotCreate(output: String, reason: String)
    /// A write failed.
    case writeFailed(output: String, reason: String)
    /// A database or job did not take the rows.
    case undelivered(DeliveryFailure, reason: String)
}

/// Why rows could not be delivered.
package enum DeliveryFailure: Sendable {
    /// What the user named makes no sense.
    case usage
    /// The database or the brokers cannot be reached.
    case unavailable
    /// Records that were to be read are gone.
    case recordsGone
    /// The table, the rights or what an earlier run left do not fit these flags.
    case mismatch
    /// Another process has the job, or the database went back: it may go well next time.
    case temporary
    /// A signal asked to stop while the rows were waiting.
    case interrupted
}

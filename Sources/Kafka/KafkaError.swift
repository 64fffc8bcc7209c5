/// What went wrong with a topic or its brokers, in words for the user.
package enum KafkaError: Error, Sendable, Equatable {
    /// What the user named makes no sense.
    case usage(String)
    /// A topic or partition that is not there, or may not be used.
    case noTopic(String)
    /// No broker can be reached.
    case unavailable(String)
    /// Records that were to be read are gone.
    case gap(String)
    /// What an earlier run of the job left does not fit what is there now.
    case mismatch(String)
    /// Another process has the job, or the brokers did not take the rows: it may go well next time.
    case temporary(String)
    /// A signal asked to stop.
    case interrupted
}

/// The outcome of a read.
package enum SourceEvent: Sendable {
    /// The batch holds at least one line, or a change of its partition.
    case lines
    /// Nothing arrived before the deadline.
    case quiet
    /// Every input was read to its end; the batch is empty.
    case end
    /// A signal asked to stop; the batch is empty.
    case interrupted
}

/// An input that cannot be opened or read.
package struct SourceError: Error, Sendable {
    package enum Failure: Sendable {
        /// It cannot be opened or read.
        case cannotOpen
        /// What the user named is invalid.
        case usage
        /// It cannot be reached.
        case unavailable
        /// Records to be read no longer exist.
        case recordsGone
        /// It differs from what an earlier run of the job read.
        case mismatch
    }

    package let failure: Failure
    /// The input, as the user named it.
    package let input: String
    /// What went wrong, in words that can follow "streamctl: INPUT: ".
    package let reason: String
    package init(_ failure: Failure = .cannotOpen, input: String, reason: String) {
        self.failure = failure
        self.input = input
        self.reason = reason
    }
}

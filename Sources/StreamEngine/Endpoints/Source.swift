/// Where records come from. One reader at a time; a batch holds whole lines of one input or partition.
package protocol Source: ~Copyable {
    /// Fills `batch` (its lines and what is known of them) and waits at most until `deadline`.
    ///
    /// - Parameter deadline: microseconds of the wall clock (since 1970), nil to wait as long as it takes.
    mutating func read(into batch: inout Batch, deadline: Int64?) throws(SourceError) -> SourceEvent
    /// Goes to where a replay begins. A batch ends where the replay does, in each partition, and none of what lies
    /// behind comes before all partitions are there.
    mutating func resume(from checkpoint: Checkpoint) throws(SourceError)
    /// What to call input number `index` in messages: a path, or `stdin`.
    func name(ofInput index: Int) -> String
}

/// What came of a read.
package enum SourceEvent: Sendable {
    /// The batch holds at least one line, or news of its partition.
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
        /// What the user named makes no sense.
        case usage
        /// Nobody there to read it from.
        case unavailable
        /// Records that were to be read are gone.
        case recordsGone
        /// It is not what an earlier run of the job has read.
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

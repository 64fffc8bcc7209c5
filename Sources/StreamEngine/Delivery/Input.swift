/// The inputs of a run: what can be read, and whether it is what an earlier run has read.
package protocol Input: AnyObject, Sendable {
    /// The names of the inputs, or of the partitions of a topic, in messages and rejects.
    var names: InputNames { get }
    /// Whether a replay reads all records in the same order, so that a commit may fall between any two rows.
    var repeatsInOrder: Bool { get }

    /// Determines where reading starts.
    ///
    /// - Parameters:
    ///   - stored: the checkpoint of the job; nil for its first run, or without a job.
    ///   - job: the name of the job, for messages.
    /// - Returns: the checkpoint, completed from the current input; nil if there is nothing to add.
    /// - Throws: such as `mismatch` if the inputs are not those that were read.
    func begin(from stored: Checkpoint?, job: String?) throws(RunError) -> Checkpoint?
    /// Whether there are, or may be, records after the positions of the checkpoint.
    func hasGrown(since checkpoint: InputCheckpoint) -> Bool
    /// Adds checksums to a checkpoint, which show later whether the inputs are the same. Called by the committing
    /// thread.
    func seal(_ checkpoint: inout InputCheckpoint) throws(RunError)
    /// Starts reading. Called once, after `begin`.
    func open(_ options: SourceOptions) throws(RunError) -> any OpenSource

    /// A position in messages, such as `byte 81 of app.jsonl`.
    func describe(_ position: InputPosition, of partition: Int) -> String
    /// Receives the latest event time of a partition, microseconds since 1970, for inputs that read partitions
    /// concurrently. Called by the engine's worker, once per batch.
    func noteEventTime(_ time: Int64, of partition: Int)
    /// Commits positions outside of the job; nil if this is not requested.
    func offsetCommitter(warn: @escaping @Sendable (String) -> Void) -> (any OffsetCommitter)?
}

extension Input {
    package func describe(_ position: InputPosition, of partition: Int) -> String {
        "byte \(position.position) of \(names[position.input])"
    }
    package func noteEventTime(_ time: Int64, of partition: Int) {}
    package func offsetCommitter(warn: @escaping @Sendable (String) -> Void) -> (any OffsetCommitter)? { nil }
}

/// How inputs are read.
package struct SourceOptions: Sendable {
    /// Bytes of the longest record that is always delivered whole.
    package var maxLine = 1 << 20
    /// Whether the keys of messages are needed.
    package var keepsKeys = false
    /// After this many microseconds without records, a partition is idle; nil: never.
    package var partitionIdle: Int64?
    /// Whether a watermark keeps windows open: a partition without records holds it back.
    package var hasWatermark = false
    /// An output whose reader may exit while the source waits; -1 for none.
    package var output: Int32 = -1
    /// Prints a warning.
    package var warn: @Sendable (String) -> Void = { _ in }

    package init() {}
}

/// An open source, as the pipeline uses it: one thread at a time, one call per batch.
package protocol OpenSource: AnyObject, Sendable {
    /// As `Source.read`.
    func read(into batch: inout Batch, deadline: Int64?) throws(RunError) -> SourceEvent
    /// As `Source.resume`.
    func resume(from checkpoint: InputCheckpoint) throws(RunError)
}

/// Turns any source into an open one. Unchecked: used by one thread at a time.
package final class SourceBox<Content: Source & ~Copyable>: OpenSource, @unchecked Sendable {
    private var source: Content

    package init(_ source: consuming Content) { self.source = source }

    package func read(into batch: inout Batch, deadline: Int64?) throws(RunError) -> SourceEvent {
        try source.read(into: &batch, deadline: deadline)
    }

    package func resume(from checkpoint: InputCheckpoint) throws(RunError) { try source.resume(from: checkpoint) }
}

/// Commits positions of inputs outside of a job, for lag monitors and for runs that start there.
package protocol OffsetCommitter: AnyObject, Sendable {
    /// Commits the positions up to which everything is delivered, or from which a run without a job must restart.
    func send(_ checkpoint: Checkpoint, isDelivered: Bool)
    /// Waits briefly for pending replies.
    func finish()
}

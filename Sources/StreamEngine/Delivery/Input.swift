/// The inputs of a run: what there is to read, and whether it is what an earlier run has read.
package protocol Input: AnyObject, Sendable {
    /// What messages and rejects call the inputs, or the partitions of a topic.
    var names: InputNames { get }
    /// A replay brings all records in the same order, so that a commit may be between any two rows.
    var repeatsInOrder: Bool { get }

    /// Settles where reading starts.
    ///
    /// - Parameters:
    ///   - stored: the checkpoint of the job; nil for a run without one, or the first.
    ///   - job: the name of the job, for messages.
    /// - Returns: the same with what is known of the input now; nil when there is nothing to know.
    /// - Throws: `undelivered` when the inputs are not those that were read.
    func begin(from stored: Checkpoint?, job: String?) throws(RunError) -> Checkpoint?
    /// There are records after the positions of the checkpoint, or there may be.
    func hasGrown(since checkpoint: InputCheckpoint) -> Bool
    /// Adds to a checkpoint what shows later that the inputs are still the same. Called by the thread that commits.
    func seal(_ checkpoint: inout InputCheckpoint) throws(RunError)
    /// Starts to read. Called once, after `begin`.
    func open(_ options: SourceOptions) throws(RunError) -> any OpenSource

    /// A position for messages, such as `byte 81 of app.jsonl`.
    func describe(_ position: InputPosition, of partition: Int) -> String
    /// The latest event time of a partition, microseconds since 1970, for inputs that read partitions side by side.
    /// Called by the worker that serves the engine, once a batch.
    func noteEventTime(_ time: Int64, of partition: Int)
    /// Commits positions outside of the job; nil when none was asked for.
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
    /// Longest record in bytes that is delivered whole for certain.
    package var maxLine = 1 << 20
    /// The keys of messages are needed.
    package var keepsKeys = false
    /// After this many microseconds without records a partition is idle; nil: never.
    package var partitionIdle: Int64?
    /// A watermark holds windows open: a partition without records keeps all of them so.
    package var hasWatermark = false
    /// An output whose reader may go away while the source waits; -1 for none.
    package var output: Int32 = -1
    /// Reports what the user should know.
    package var warn: @Sendable (String) -> Void = { _ in }

    package init() {}
}

/// A source that was opened, as the pipeline uses it: one thread at a time, one call a batch.
package protocol OpenSource: AnyObject, Sendable {
    /// As `Source.read`.
    func read(into batch: inout Batch, deadline: Int64?) throws(RunError) -> SourceEvent
    /// As `Source.resume`.
    func resume(from checkpoint: InputCheckpoint) throws(RunError)
}

/// Makes any source an open one. Unchecked: used by one thread at a time.
package final class SourceBox<Content: Source & ~Copyable>: OpenSource, @unchecked Sendable {
    private var source: Content

    package init(_ source: consuming Content) { self.source = source }

    package func read(into batch: inout Batch, deadline: Int64?) throws(RunError) -> SourceEvent {
        try source.read(into: &batch, deadline: deadline)
    }

    package func resume(from checkpoint: InputCheckpoint) throws(RunError) { try source.resume(from: checkpoint) }
}

/// Commits positions of inputs outside of a job, for monitors and for runs that start there.
package protocol OffsetCommitter: AnyObject, Sendable {
    /// Sends the positions up to which everything is delivered, or from which a run without a job must start again.
    func send(_ checkpoint: Checkpoint, isDelivered: Bool)
    /// Waits for the answers, but not for long.
    func finish()
}

/// The inputs of a run. Checks whether they are the inputs that an earlier run has read.
package protocol Input: AnyObject, Sendable {
    /// The names of the inputs, or of the partitions of a topic, in messages and rejects.
    var names: InputNames { get }
    /// Whether a replay reads all records in the same order, so that a commit may fall between any two rows.
    var repeatsInOrder: Bool { get }

    /// Determines the positions at which reading starts.
    ///
    /// - Parameters:
    ///   - stored: the checkpoint of the job; nil for its first run, or without a job.
    ///   - job: the name of the job, for messages.
    /// - Returns: the checkpoint, completed from the current input; nil if there is nothing to add.
    /// - Throws: `mismatch`, for example, if the inputs are not those that the job has read.
    func begin(from stored: Checkpoint?, job: String?) throws(RunError) -> Checkpoint?
    /// Whether there are, or may be, records after the positions of the checkpoint.
    ///
    /// - Throws: `interrupted` if a signal ends a long look.
    func hasGrown(since checkpoint: InputCheckpoint) throws(RunError) -> Bool
    /// Adds checksums to a checkpoint, so that a later run can check whether its inputs are the same. Called by the
    /// committing thread.
    func seal(_ checkpoint: inout InputCheckpoint) throws(RunError)
    /// Starts reading. Called once, after `begin`.
    func open(_ options: SourceOptions) throws(RunError) -> any OpenSource

    /// Describes a position in messages, such as `byte 81 of app.jsonl`.
    func describe(_ position: InputPosition, of partition: Int) -> String
    /// The name of the input or partition that a position is in.
    func name(of position: InputPosition, in partition: Int) -> String
    /// Where a partition ends now, as far as its brokers have said: the offset behind its last record; nil if unknown.
    func end(of partition: Int) -> Int?
    /// How often files were rotated and truncated; nil unless they are followed. Called by any thread.
    var fileChanges: FileChanges? { get }
    /// The share (0...1) of all inputs that lies before a position; nil if their size is unknown.
    func share(before position: InputPosition) -> Double?
    /// Receives the latest event time of a partition, microseconds since 1970, for inputs that read partitions
    /// concurrently. Called by the engine's worker, once per batch.
    func noteEventTime(_ time: Int64, of partition: Int)
    /// Creates the committer of positions to a consumer group; nil if this is not requested.
    func offsetCommitter(warn: @escaping @Sendable (String) -> Void) -> (any OffsetCommitter)?
}

extension Input {
    package func describe(_ position: InputPosition, of partition: Int) -> String {
        "byte \(position.position) of \(name(of: position, in: partition))"
    }
    package func name(of position: InputPosition, in partition: Int) -> String { names[position.input] }
    package func end(of partition: Int) -> Int? { nil }
    package var fileChanges: FileChanges? { nil }
    package func share(before position: InputPosition) -> Double? { nil }
    package func noteEventTime(_ time: Int64, of partition: Int) {}
    package func offsetCommitter(warn: @escaping @Sendable (String) -> Void) -> (any OffsetCommitter)? { nil }
}

/// What has become of followed files since the run began.
package struct FileChanges: Sendable {
    package var rotations: Int
    package var truncations: Int

    package init(rotations: Int, truncations: Int) {
        self.rotations = rotations
        self.truncations = truncations
    }
}

/// Options for reading inputs.
package struct SourceOptions: Sendable {
    /// The longest record, in bytes, that is always delivered whole.
    package var maxLine = 1 << 20
    /// How to read records.
    package var format = FormatPlan()
    /// See `Plan.recordIdle`.
    package var recordIdle: Int64?
    /// The columns that the run uses; others need not be supplied.
    package var columns: Set<SourceColumn> = []
    /// The number of microseconds without records after which a partition is idle; nil for never.
    package var partitionIdle: Int64?
    /// Whether the run has a watermark, which a partition without records holds back.
    package var hasWatermark = false
    /// The descriptor of an output whose reader may exit while the source waits; -1 for none.
    package var output: Int32 = -1
    /// Prints a warning.
    package var warn: @Sendable (String) -> Void = { _ in }

    package init() {}
}

/// An open source. The pipeline uses it from one thread at a time, with one call per batch.
package protocol OpenSource: AnyObject, Sendable {
    /// See `Source.format`.
    var format: InputFormat { get }
    /// See `Source.read`.
    func read(into batch: inout Batch, deadline: Int64?) throws(RunError) -> SourceEvent
    /// See `Source.resume`.
    func resume(from checkpoint: InputCheckpoint) throws(RunError)
}

extension OpenSource {
    package var format: InputFormat { .json }
}

/// Wraps a source as an open source. `@unchecked` because one thread at a time uses it.
package final class SourceBox<Content: Source & ~Copyable>: OpenSource, @unchecked Sendable {
    private var source: Content

    package init(_ source: consuming Content) { self.source = source }

    package var format: InputFormat { source.format }

    package func read(into batch: inout Batch, deadline: Int64?) throws(RunError) -> SourceEvent {
        try source.read(into: &batch, deadline: deadline)
    }

    package func resume(from checkpoint: InputCheckpoint) throws(RunError) { try source.resume(from: checkpoint) }
}

/// Commits the positions of inputs outside of the job, for lag monitors and for runs that start at them.
package protocol OffsetCommitter: AnyObject, Sendable {
    /// Commits the positions up to which all rows are delivered, or from which a run without a job must restart.
    func send(_ checkpoint: Checkpoint, isDelivered: Bool)
    /// Waits briefly for pending replies.
    func finish()
}

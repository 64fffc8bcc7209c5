/// Where a stage behind `--then` starts in a replay, at the beginning of a batch of the input.
///
/// The rows that the stage before it prints until its watermark is beyond `gate` are not for this stage: it had them
/// before. Windows that were open at the start of the replay print wrong rows, which are among them.
package struct StageStart: Equatable, Sendable {
    /// The watermark of the stage before it, microseconds since 1970.
    package var gate = Int64.min
    /// Its own watermark, and the rows that it has read.
    package var state = PartitionState()

    package init() {}
}

/// A `StageStart`, and what the stage before it needs to print all rows that follow.
package struct StageMark: Sendable {
    package var start: StageStart
    /// The batch that opened the oldest window of the stage before that was open; nil if there was none.
    package var oldest: Int?
}

/// What becomes of the rows of a stage in a replay.
package enum ReplayOutput: Sendable {
    /// They have been delivered.
    case muted
    /// The next stage reads those that follow once the watermark is beyond this one.
    case gated(Int64)
    /// The next stage reads all of them.
    case open
}

/// What a job remembers of a run, so that the next one can go on where it ended: resume by quiet replay.
///
/// There is no state of windows in it. A resumed run reads the input again from `low`, the start of the oldest batch
/// that an open window needs, and prints nothing until it is at `at`. By then the open windows are what they were, for
/// an open window has lost no record; what was closed before is gone and was delivered.
package struct Checkpoint: Equatable, Sendable {
    /// Files, read one after the other, are one partition; a topic has many. Never empty.
    package var partitions = [PartitionCheckpoint()]
    /// The cluster that the topics are of; empty for files.
    package var cluster = ""
    /// Rows that are delivered beyond the places, counted in their order.
    package var rowsAfter = 0
    /// These rows were printed because the input had ended.
    package var isClosing = false
    /// The input was read to its end and everything is delivered.
    package var isFinished = false
    /// Bytes behind the place that are the beginning of a line; they are for a later run, when its end is there.
    package var heldBack = 0
    /// The watermark at the places: time may have gone on without records.
    package var watermark = Int64.min
    /// The watermark where a replay begins.
    package var restartWatermark = Int64.min
    /// Bytes of the output file before the job, up to the place, and with the rows after it; of the rejects file.
    package var outputStart = 0
    package var outputAt = 0
    package var output = 0
    package var rejects = 0

    package init() {}

    /// That of files which are read again from `low` on, up to `at` quietly.
    package init(low: InputPosition, at: InputPosition) {
        files.low = low
        files.at = at
    }

    /// The only partition of files.
    package var files: PartitionCheckpoint {
        get { partitions.first ?? PartitionCheckpoint() }
        set { partitions = [newValue] }
    }
}

/// What a job remembers of one partition of its input.
package struct PartitionCheckpoint: Equatable, Sendable {
    /// The end of the last batch of which all rows are delivered.
    package var at = InputPosition.start
    /// The latest event time of any record up to `at`. A later one in a replay was rejected as too far ahead.
    package var latest = Int64.min
    /// Where a replay begins, and what was known there.
    package var low = InputPosition.start
    package var restartState = PartitionState()
    package var committedChecksum = PositionChecksum()
    package var restartChecksum = PositionChecksum()

    package init() {}
}

/// What a job stores of a run so that the next one can resume: by replaying the input without printing.
///
/// It does not contain the state of windows. A resumed run reads the input again from the restart positions, where the
/// oldest batch starts that an open window needs, and prints nothing until it reaches the committed positions. By then
/// the open windows are what they were: an open window has lost no record, and closed windows were delivered.
///
/// Each part has its own writers: the input and the checkpoint tracker, the engine's watermark, and the output.
package struct Checkpoint: Equatable, Sendable {
    package var input = InputCheckpoint()
    package var time = TimeCheckpoint()
    package var output = OutputCheckpoint()

    package init() {}
}

/// The time part of a checkpoint; microseconds since 1970.
package struct TimeCheckpoint: Equatable, Sendable {
    /// The watermark at the committed positions. It may have advanced without records.
    package var watermark = Int64.min
    /// The watermark at the restart positions.
    package var restartWatermark = Int64.min
}

/// The output part of a checkpoint: which rows are delivered.
package struct OutputCheckpoint: Equatable, Sendable {
    /// Rows delivered after the committed positions, counted in order.
    package var rowsAfter = 0
    /// These rows were printed because the input had ended.
    package var isClosing = false
    /// The input was read to its end and all rows are delivered.
    package var isFinished = false
    /// Bytes of the output file before the job, at the committed positions, and with the rows after them.
    package var start = 0
    package var committedLength = 0
    package var length = 0
    /// Bytes of the rejects file.
    package var rejectsLength = 0
}

/// The state that a job stores so that the next run can resume, by replaying the input without printing.
///
/// It does not contain the state of windows. A resumed run reads the input again from the restart positions, which are
/// the start of the oldest batch that an open window needs, and prints nothing until it reaches the committed
/// positions. At that point, the open windows contain the same records as before, and closed windows have been
/// delivered.
///
/// Each part has its own writer: the input and the checkpoint tracker, the engine's watermark, and the output.
package struct Checkpoint: Equatable, Sendable {
    package var input = InputCheckpoint()
    package var time = TimeCheckpoint()
    package var output = OutputCheckpoint()
    /// The tables of `--lookup`.
    package var tables: [TableCheckpoint] = []
    /// How a replay starts the stages behind `--then`.
    package var stages: [StageStart] = []

    package init() {}
}

/// A table of `--lookup`: what it contained.
package struct TableCheckpoint: Equatable, Sendable {
    package var path = ""
    package var content = LookupTable.Content(size: 0, hash: 0)

    package init() {}

    package init(_ path: String, _ content: LookupTable.Content) {
        self.path = path
        self.content = content
    }
}

extension Query {
    /// Its tables, for a checkpoint.
    package var tableCheckpoints: [TableCheckpoint] {
        lookups.compactMap { lookup in lookup.table.map { TableCheckpoint(lookup.path, $0.content) } }
    }
}

/// The time part of a checkpoint, in microseconds since 1970.
package struct TimeCheckpoint: Equatable, Sendable {
    /// The watermark at the committed positions. It may have advanced without records.
    package var watermark = Int64.min
    /// The watermark at the restart positions.
    package var restartWatermark = Int64.min
}

/// The output part of a checkpoint: the rows that have been delivered.
package struct OutputCheckpoint: Equatable, Sendable {
    /// The number of rows that were delivered after the committed positions.
    package var rowsAfter = 0
    /// Whether these rows were printed because the input had ended.
    package var isClosing = false
    /// Whether the input was read to its end and all rows have been delivered.
    package var isFinished = false
    /// The length of the output file in bytes: before the job, at the committed positions, and after the rows that
    /// follow them.
    package var start = 0
    package var committedLength = 0
    package var length = 0
    /// The length of the rejects file in bytes.
    package var rejectsLength = 0
    /// Which file this is the length of, as `RejectsWriter.mark`; 0 if there is none, and in checkpoints of earlier
    /// versions.
    package var rejectsMark: Int64 = 0

    /// Notes how much of the rejects file belongs to the checkpoint.
    package mutating func note(_ rejects: (any RejectsWriter)?) {
        rejectsLength = rejects?.length ?? 0
        rejectsMark = rejects?.mark ?? 0
    }
}

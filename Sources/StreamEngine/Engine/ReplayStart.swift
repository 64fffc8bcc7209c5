/// The state of the input at the start of a replay, apart from windows.
package struct ReplayStart: Sendable {
    /// The watermark of the run, microseconds since 1970.
    package var watermark = Int64.min
    package var partitions: [PartitionState] = []
    /// For each partition, the latest event time that earlier runs accepted. Later event times were rejected as too far
    /// ahead of the wall clock, which has advanced since.
    package var latestAccepted: [Int64] = []

    /// For each partition, the position before which records are only known to `--dedup`: no open window needs them.
    package var windowStarts: [InputPosition] = []

    /// For each stage behind `--then`.
    package var laterStages: [StageStart] = []
    package var output = ReplayOutput.muted
    /// Whether the next stage has had the control lines up to here.
    package var hasAnnounced = false

    package init(
        watermark: Int64, partitions: [PartitionState], latestAccepted: [Int64], windowStarts: [InputPosition] = []
    ) {
        self.windowStarts = windowStarts
        self.watermark = watermark
        self.partitions = partitions
        self.latestAccepted = latestAccepted
    }
}

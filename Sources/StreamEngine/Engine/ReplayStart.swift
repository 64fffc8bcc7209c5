/// Where a replay begins: what was known of the input there, besides the windows.
package struct ReplayStart: Sendable {
    /// The watermark of the run, microseconds since 1970.
    package var watermark = Int64.min
    package var partitions: [PartitionState] = []
    /// For each partition the latest event time that the earlier runs accepted: later ones were rejected as too far
    /// ahead of the clock, which has advanced since.
    package var latestAccepted: [Int64] = []

    package init(watermark: Int64, partitions: [PartitionState], latestAccepted: [Int64]) {
        self.watermark = watermark
        self.partitions = partitions
        self.latestAccepted = latestAccepted
    }
}

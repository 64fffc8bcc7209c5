/// What is known of a partition between two batches besides the windows.
package struct PartitionState: Equatable, Sendable {
    /// Its own watermark, and the latest event time seen in it; microseconds since 1970.
    package var watermark = Int64.min
    package var latest = Int64.min
    package var isPunctuated = false
    package var unit: EpochUnit?
    /// Lines of the present input.
    package var lines = 0
    /// The present input.
    package var input = 0

    package init() {}
}

/// The state of a partition between two batches, apart from its windows.
package struct PartitionState: Equatable, Sendable {
    /// Its own watermark and the largest event time seen in it, microseconds since 1970.
    package var watermark = Int64.min
    package var latest = Int64.min
    package var isPunctuated = false
    package var unit: EpochUnit?
    /// Lines read from the current input.
    package var lines = 0
    /// The index of the current input.
    package var input = 0

    package init() {}
}

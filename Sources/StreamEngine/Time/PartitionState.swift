/// The state of a partition between two batches, apart from its windows.
package struct PartitionState: Equatable, Sendable {
    /// Its own watermark and the largest event time seen in it, microseconds since 1970.
    package var watermark = Int64.min
    package var latest = Int64.min
    package var isPunctuated = false
    /// The event time of the last record, by which the year of the next one is found if it lacks it; nil until such a
    /// record was read.
    package var yearAnchor: Int64?
    /// Lines read from the current input.
    package var lines = 0
    /// The index of the current input.
    package var input = 0

    package init() {}
}

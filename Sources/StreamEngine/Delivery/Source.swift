/// Reads records. Used by one reader at a time. A batch contains whole records of one input or partition.
package protocol Source: ~Copyable {
    /// How to read the records of the last batch.
    var format: InputFormat { get }
    /// Fills `batch`, waiting at most until `deadline`.
    ///
    /// - Parameter deadline: wall-clock time in microseconds since 1970; nil to wait indefinitely.
    mutating func read(into batch: inout Batch, deadline: Int64?) throws(RunError) -> SourceEvent
    /// Seeks to the restart positions. In each partition a batch ends at the committed position, and no later record is
    /// read before all partitions have reached theirs.
    mutating func resume(from checkpoint: InputCheckpoint) throws(RunError)
}

extension Source where Self: ~Copyable {
    package var format: InputFormat { .json }
}

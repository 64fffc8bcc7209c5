/// The outcome of a read.
package enum SourceEvent: Sendable {
    /// The batch contains at least one record, or a change of its partition.
    case lines
    /// Nothing arrived before the deadline.
    case quiet
    /// Every input was read to its end; the batch is empty.
    case end
    /// A signal requested a stop; the batch is empty.
    case interrupted
}

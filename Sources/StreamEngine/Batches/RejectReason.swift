/// The reason why a record was rejected.
package enum RejectReason: String, Sendable, CaseIterable {
    /// The line is not a JSON object.
    case malformed
    /// The line is longer than `--max-line`.
    case tooLong = "too-long"
    /// The record has no value. The name is the term that users know.
    case noValue = "tombstone"
    /// No usable event time.
    case noTime = "no-time"
    /// A table of `--lookup` has no row for it, and its records must have one.
    case noRow = "no-row"
    /// Further ahead of the wall clock than `--max-ahead`.
    case future
}

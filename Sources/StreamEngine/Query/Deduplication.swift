/// Which records are duplicates of earlier ones (`--dedup`), and are dropped.
package struct Deduplication: Sendable, Equatable {
    /// The fields that form the key of a record.
    package var fields: [FieldPath]
    /// Records of one key are duplicates if their event times differ by at most this, microseconds (`--within`); nil if
    /// all of the input are.
    package var within: Int64?

    /// So that a few times of it never overflow.
    package static let longest: Int64 = 1 << 58

    package init(fields: [FieldPath], within: Int64? = nil) {
        self.fields = fields
        self.within = within
    }
}

/// Records that pass through as changes of rows, in order: each replaces the row with its key, or deletes it.
package struct RowChanges: Sendable {
    /// A record for which it is true deletes its row (`--delete`).
    package var deletion: Expression?
    /// The key is in the message key, so that a message without a value deletes its row.
    package var takesTombstones: Bool

    /// Whether any record can delete a row.
    package var canDelete: Bool { deletion != nil || takesTombstones }

    package init(deletion: Expression? = nil, takesTombstones: Bool = false) {
        self.deletion = deletion
        self.takesTombstones = takesTombstones
    }
}

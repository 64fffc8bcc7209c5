/// Records that pass through as changes of rows, in order: each replaces the row with its key, or deletes it.
package struct RowChanges: Sendable {
    /// The names of the columns that form the key of a row.
    package var keys: [String]
    /// A record for which it is true deletes its row (`--delete`).
    package var deletion: Expression?
    /// The column whose later values win over earlier ones (`--if-newer`); nil if the last change of a key wins.
    package var version: String?
    /// The key is in the message key, so that a message without a value deletes its row.
    package var takesTombstones: Bool

    /// Whether any record can delete a row.
    package var canDelete: Bool { deletion != nil || takesTombstones }

    package init(
        keys: [String], deletion: Expression? = nil, version: String? = nil, takesTombstones: Bool = false
    ) {
        self.keys = keys
        self.deletion = deletion
        self.version = version
        self.takesTombstones = takesTombstones
    }
}

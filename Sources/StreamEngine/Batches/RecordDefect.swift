/// A defect of a record: where it is, and what is wrong, in words.
package struct RecordDefect: Equatable, Sendable {
    /// The byte offset in the record.
    package var offset: Int
    package var message: String
    /// Whether the text at the offset shows what is wrong.
    package var showsText = true

    package init(offset: Int, message: String, showsText: Bool = true) {
        self.offset = offset
        self.message = message
        self.showsText = showsText
    }
}

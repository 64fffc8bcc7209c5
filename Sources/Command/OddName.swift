import StreamEngine

/// Names of fields that need double quotes where a path is written.
enum OddName {
    /// The name in double quotes; nil if the text is rather an expression, or has quotes already.
    static func quoted(_ text: String) -> String? {
        let isName = !text.isEmpty && !text.contains { "\"'\\()=,".contains($0) }
        // With blanks around a sign, it is arithmetic.
        let hasLonelySign = text.split(separator: " ").contains { $0.allSatisfy { !$0.isLetter && !$0.isNumber } }
        return isName && !hasLonelySign ? "\"\(text)\"" : nil
    }

    /// Whether the text is words with blanks between them.
    static func isPhrase(_ text: String) -> Bool {
        text.contains(" ") && text.utf8.allSatisfy { FieldPath.isNameByte($0) || $0 == UInt8(ascii: " ") }
    }
}

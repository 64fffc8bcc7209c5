/// A syntax error or other mistake in an expression.
package struct ExpressionError: Error, Equatable {
    package let reason: String
    /// Byte offset of the error in `text`.
    package let offset: Int
    /// The whole text that was parsed.
    package let text: String

    package init(reason: String, offset: Int, text: String) {
        self.reason = reason
        self.offset = offset
        self.text = text
    }

    /// Position of the error in characters (Unicode scalars), from 1.
    package var column: Int { String(decoding: text.utf8.prefix(offset), as: UTF8.self).unicodeScalars.count + 1 }

    /// The widest excerpt that fits a terminal of 80 columns.
    private static let width = 76

    /// Two lines: the text, or the part of it around the error, and a caret under the error.
    package var excerpt: String {
        // One column each, so that the caret is at its place.
        let scalars = text.unicodeScalars.map { scalar in
            TerminalText.isControl(scalar.value) || TerminalText.isInvisible(scalar.value) ? " " : scalar
        }
        let place = min(column - 1, scalars.count)
        var start = 0
        var end = scalars.count
        if end > Self.width {
            start = max(0, min(place - Self.width / 2, end - Self.width))
            end = min(end, start + Self.width)
        }
        var line = String.UnicodeScalarView(scalars[start..<end])
        if start > 0 { line.replaceSubrange(line.startIndex...line.startIndex, with: ["…"]) }
        if end < scalars.count { line.replaceSubrange(line.index(before: line.endIndex)..<line.endIndex, with: ["…"]) }
        return "  \(String(line))\n  \(String(repeating: " ", count: place - start))^"
    }
}

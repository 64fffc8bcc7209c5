/// The lines of a job, or of a part of one. A difference becomes a comment above the line that it is about, and an entry of
/// the list.
struct JobText {
    /// What begins a comment: `--`, or `#`.
    let comment: String
    private(set) var text = ""
    private(set) var differences: [Difference] = []

    init(comment: String) { self.comment = comment }

    mutating func line(_ line: String = "") { text += line + "\n" }

    /// A remark that is no difference.
    mutating func remark(_ remark: String, indent: Int = 0) {
        line(String(repeating: " ", count: indent) + "\(comment) \(Self.oneLine(remark))")
    }

    /// Says at this place what differs.
    mutating func differs(_ difference: Difference, indent: Int = 0) {
        remark("DIFFERS (\(difference.flag)): \(difference.text).", indent: indent)
        add(difference)
    }

    /// Adds a part with its differences.
    mutating func append(_ part: JobText) {
        text += part.text
        for difference in part.differences { add(difference) }
    }

    /// The same lines, further to the right.
    func indented(_ count: Int) -> JobText {
        var result = JobText(comment: comment)
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            result.line(line.isEmpty ? "" : String(repeating: " ", count: count) + line)
        }
        result.differences = differences
        return result
    }

    /// Takes over differences that are in a text of another form.
    mutating func add(_ difference: Difference) {
        if !differences.contains(difference) { differences.append(difference) }
    }

    /// Puts a text at the end of the last line.
    mutating func end(with suffix: String) {
        if text.hasSuffix("\n") { text.removeLast() }
        text += suffix + "\n"
    }

    var translation: Translation { Translation(text: text, differences: differences) }

    /// A field may be named with line breaks, which must not end the comment.
    private static func oneLine(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map {
                    $0.value < 0x20 || (0x7f..<0xa0).contains($0.value) || $0.value == 0x2028 || $0.value == 0x2029
                        ? " " : $0
                }))
    }
}

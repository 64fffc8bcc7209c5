/// A command line that cannot be run.
package enum UsageError: Error, Equatable, Sendable {
    /// What is wrong, where, and what to do about it: a single line without the leading "streamctl: ".
    case message(String)
    /// No input was named and standard input is a terminal.
    case noInput

    package init(_ text: String) { self = .message(UsageError.oneLine(text)) }

    /// Control characters, which arguments may hold, are shown as escapes.
    private static func oneLine(_ text: String) -> String {
        var line = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": line += "\\n"
            case "\t": line += "\\t"
            case "\r": line += "\\r"
            default:
                if scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) {
                    line += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
                } else {
                    line.unicodeScalars.append(scalar)
                }
            }
        }
        return line
    }
}

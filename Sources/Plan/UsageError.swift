import StreamEngine

/// A command line that cannot be run.
package enum UsageError: Error, Equatable, Sendable {
    /// The location, the problem and a remedy, without the leading "streamctl: ": a line, and for an expression two more,
    /// which show the place.
    case message(String)
    /// The command line is empty, and standard input is a terminal.
    case noInput
    /// An INPUT that does not exist: a single line, as above.
    case noSuchInput(String)

    package init(_ text: String) { self = .message(UsageError.short(UsageError.oneLine(text))) }

    /// - Parameter excerpt: lines that show the place.
    package init(_ text: String, excerpt: String) {
        let lines = excerpt.split(separator: "\n").map { UsageError.oneLine(String($0)) }
        self = .message(([UsageError.short(UsageError.oneLine(text))] + lines).joined(separator: "\n"))
    }

    /// A line that fits a screen: the problem is at its start, the remedy at its end. What is longer repeats an argument
    /// that is too long to read.
    private static func short(_ line: String) -> String {
        let scalars = line.unicodeScalars
        guard scalars.count > 1000 else { return line }
        let start = String(String.UnicodeScalarView(scalars.prefix(500)))
        return "\(start) … \(String(String.UnicodeScalarView(scalars.suffix(400))))"
    }

    package var status: ExitStatus {
        if case .noSuchInput = self { .noInput } else { .usage }
    }

    /// Escapes control and invisible characters, which arguments may contain.
    package static func oneLine(_ text: String) -> String {
        var line = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": line += "\\n"
            case "\t": line += "\\t"
            case "\r": line += "\\r"
            default:
                if TerminalText.isControl(scalar.value) || TerminalText.isInvisible(scalar.value) {
                    line += TerminalText.escaped(scalar.value)
                } else {
                    line.unicodeScalars.append(scalar)
                }
            }
        }
        return line
    }
}

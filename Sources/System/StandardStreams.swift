import Glibc

/// Standard input, output and error as the process received them.
package enum StandardStreams {
    /// Opens `/dev/null` on descriptors 0, 1 and 2 where they are closed. Must run before anything else is opened:
    /// otherwise a database socket could become descriptor 1 and receive the rows.
    ///
    /// Input is opened for writing and output for reading, so that using them fails with `EBADF` (like gnulib's
    /// stdopen). Standard error discards everything.
    package static func repair() {
        for (number, mode) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY)]
        where fcntl(number, F_GETFD) < 0 {
            // This opens the lowest free descriptor, which is the one wanted: those below it are open by now. A root
            // without devices has at least itself, which can be neither read nor written.
            if open("/dev/null", mode) < 0 { _ = open("/", O_RDONLY | O_DIRECTORY) }
        }
    }

    package static var inputIsTerminal: Bool { isatty(STDIN_FILENO) == 1 }
    package static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
    package static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// How lines of messages are written; nil for as they are. Set before there are other threads.
    nonisolated(unsafe) package static var messageForm: ((_ line: Substring, MessageLevel) -> String)?

    /// Writes whole lines of messages to standard error. What cannot be written is dropped.
    package static func writeError(_ text: String, _ level: MessageLevel = .warning) {
        guard let messageForm else { return TransientText.write(message: text) }
        let lines = text.split(separator: "\n").map { messageForm($0, level) + "\n" }
        TransientText.write(message: lines.joined())
    }

    /// Writes whole lines that a program reads to standard error, as they are.
    package static func writeErrorData(_ text: String) { TransientText.write(message: text) }

    /// Whether standard error is the journal of systemd, which says so in the environment.
    package static var errorIsJournal: Bool {
        guard let place = getenv("JOURNAL_STREAM") else { return false }
        var status = stat()
        guard fstat(STDERR_FILENO, &status) == 0 else { return false }
        return String(cString: place) == "\(status.st_dev):\(status.st_ino)"
    }
}

/// How urgent a message is, with the number that syslog has for it.
package enum MessageLevel: Int, Sendable {
    case error = 3
    case warning = 4
    case info = 6
}

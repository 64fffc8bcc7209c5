import Glibc

/// Standard input, output and error as they were handed to the process.
package enum StandardStreams {
    /// Opens `/dev/null` on descriptors 0, 1 and 2 where they are closed. Must come before anything else is opened:
    /// otherwise a database socket becomes descriptor 1 and gets the rows.
    ///
    /// Input is opened for writing and output for reading, so that whoever uses them gets `EBADF` (as gnulib's
    /// stdopen does). Standard error swallows what it gets.
    package static func repair() {
        for (number, mode) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY)]
        where fcntl(number, F_GETFD) < 0 {
            // The lowest free descriptor is the one wanted, as those below are open by now.
            _ = open("/dev/null", mode)
        }
    }

    package static var inputIsTerminal: Bool { isatty(STDIN_FILENO) == 1 }

    /// Writes a whole message to standard error; one that cannot be written is dropped.
    package static func writeError(_ text: String) {
        var text = text
        text.withUTF8 { try? FileDescriptor.borrowing(STDERR_FILENO).write(UnsafeRawBufferPointer($0)) }
    }
}

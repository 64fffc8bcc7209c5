import Glibc

/// A line on the terminal of standard error that is drawn again and again. Messages erase it first.
package enum TransientLine {
    private static let state = Monitor()
    nonisolated(unsafe) private static var isDrawn = false
    /// Until when (steady clock) nothing is drawn.
    nonisolated(unsafe) private static var nextDrawing: Int64 = 0
    /// How long the next program of a pipe may take to print rows, microseconds.
    private static let pause: Int64 = 300_000

    /// Whether the terminal can erase a line.
    package static var isSupported: Bool {
        guard let type = getenv("TERM") else { return false }
        return strcmp(type, "dumb") != 0 && type.pointee != 0
    }

    /// The columns of the terminal.
    package static var width: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Makes this process the one that draws on the terminal, until it ends: several in a pipe would draw over each
    /// other.
    ///
    /// - Returns: false if another process draws.
    package static func claim() -> Bool {
        guard let name = ttyname(STDERR_FILENO) else { return true }
        let terminal = open(name, O_RDONLY | O_NOCTTY | O_CLOEXEC)
        // It stays open.
        return terminal < 0 || flock(terminal, LOCK_EX | LOCK_NB) == 0
    }

    /// - Parameter text: shorter than the width.
    package static func draw(_ text: String) {
        state.lock()
        defer { state.unlock() }
        guard steadyClock() >= nextDrawing else { return }
        write("\r\(text)\u{1b}[K")
        isDrawn = true
    }

    package static func erase() {
        state.lock()
        defer { state.unlock() }
        eraseLocked()
    }

    /// Erases the line before rows go into a pipe, whose last program may print them on the same terminal.
    package static func makeRoom() {
        state.lock()
        defer { state.unlock() }
        eraseLocked()
        nextDrawing = steadyClock() &+ pause
    }

    /// Writes whole lines above.
    static func write(message: String) {
        state.lock()
        defer { state.unlock() }
        eraseLocked()
        write(message)
    }

    private static func eraseLocked() {
        guard isDrawn else { return }
        write("\r\u{1b}[K")
        isDrawn = false
    }

    private static func write(_ text: String) {
        var text = text
        text.withUTF8 { try? FileDescriptor.borrowing(STDERR_FILENO).write(UnsafeRawBufferPointer($0)) }
    }
}

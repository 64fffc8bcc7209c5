import Glibc
import Synchronization

/// Lines on a terminal that are drawn again and again. Messages and rows erase them first.
package enum TransientText {
    private static let state = Monitor()
    /// The number of lines that are drawn, the last of which has the cursor behind it; read by the handler of TSTP.
    private static let height = Atomic<Int>(0)
    private static let descriptor = Atomic<Int32>(STDERR_FILENO)
    /// Until when (steady clock) nothing is drawn.
    nonisolated(unsafe) private static var nextDrawing: Int64 = 0
    nonisolated(unsafe) private static var drawn = ""
    /// How long the next program of a pipe may take to print rows, microseconds.
    private static let pause: Int64 = 300_000

    /// Whether the terminal can erase a line.
    package static var isSupported: Bool {
        guard let type = getenv("TERM") else { return false }
        return strcmp(type, "dumb") != 0 && type.pointee != 0
    }

    /// Whether bold and dim text is wanted, by the conventions of no-color.org and CLICOLOR.
    package static var isStyled: Bool {
        if let text = getenv("NO_COLOR"), text.pointee != 0 { return false }
        return getenv("CLICOLOR").map { strcmp($0, "0") != 0 } ?? true
    }

    /// The columns and the lines of a terminal.
    package static func size(of descriptor: Int32 = STDERR_FILENO) -> (columns: Int, lines: Int) {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Draws text in the place of what was drawn last.
    ///
    /// - Parameter lines: each shorter than the width, and together fewer than the terminal has.
    package static func draw(_ lines: [String], on terminal: Int32 = STDERR_FILENO) {
        state.lock()
        defer { state.unlock() }
        guard steadyClock() >= nextDrawing, isForeground(terminal) else { return }
        if terminal != descriptor.load(ordering: .relaxed) { eraseLocked() }
        descriptor.store(terminal, ordering: .relaxed)
        let last = height.load(ordering: .relaxed)
        let text = lines.joined(separator: "\u{1b}[K\r\n")
        // A terminal far away is spared what it shows already.
        guard last == 0 || text != drawn else { return }
        if lines.count > 1 { Suspension.prepare() }
        let start = lines.count > 1 || last > 1 ? "\u{1b}[?2026h" : ""
        let end = lines.count > 1 || last > 1 ? "\u{1b}[J\u{1b}[?2026l" : ""
        // Should the process end in between, what is erased later is not more than what is drawn.
        height.store(min(last, lines.count), ordering: .relaxed)
        write("\(start)\(up(last))\r\(text)\u{1b}[K\(end)")
        height.store(lines.count, ordering: .relaxed)
        drawn = text
    }

    package static func erase() {
        state.lock()
        defer { state.unlock() }
        eraseLocked()
    }

    /// Erases the text before rows go into a pipe, whose last program may print them on the same terminal.
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
        write(message, to: STDERR_FILENO)
    }

    /// Lines above what was drawn are never touched, although a terminal that has become narrower may have made two
    /// lines of one: what is left of that is less bad than a row that is gone.
    private static func eraseLocked() {
        let last = height.load(ordering: .relaxed)
        guard last > 0 else { return }
        height.store(0, ordering: .relaxed)
        write("\(up(last))\r" + (last > 1 ? "\u{1b}[J" : "\u{1b}[K"))
    }

    private static func up(_ lines: Int) -> String { lines > 1 ? "\u{1b}[\(lines - 1)A" : "" }

    /// A job in the background does not draw over the work of others.
    private static func isForeground(_ terminal: Int32) -> Bool {
        let group = tcgetpgrp(terminal)
        return group <= 0 || group == getpgrp()
    }

    private static func write(_ text: String, to number: Int32? = nil) {
        var text = text
        let number = number ?? descriptor.load(ordering: .relaxed)
        text.withUTF8 { try? FileDescriptor.borrowing(number).write(UnsafeRawBufferPointer($0)) }
    }

    /// Erases the text without memory or locks, and forgets it. For a signal handler.
    fileprivate static func eraseNow() {
        var lines = height.exchange(0, ordering: .relaxed)
        let terminal = descriptor.load(ordering: .relaxed)
        guard lines > 0 else { return }
        while lines > 1 {
            lines -= 1
            emit("\u{1b}[A", terminal)
        }
        emit("\r\u{1b}[J", terminal)
    }

    private static func emit(_ text: StaticString, _ terminal: Int32) {
        _ = Glibc.write(terminal, text.utf8Start, text.utf8CodeUnitCount)
    }
}

/// Ctrl-Z: the text is erased before the shell writes its prompt, and drawn again after `fg`.
private enum Suspension {
    static let isPrepared = Atomic<Bool>(false)

    static func prepare() {
        guard !isPrepared.exchange(true, ordering: .relaxed) else { return }
        var action = sigaction()
        let isDefault =
            sigaction(SIGTSTP, nil, &action) == 0
            && unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
                == unsafeBitCast(SIG_DFL, to: Int.self)
        if isDefault { handle() }
    }

    /// Safe in a signal handler.
    static func handle() {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in Suspension.suspend() }
        action.sa_flags = SA_RESTART
        sigaction(SIGTSTP, &action, nil)
    }

    private static func suspend() {
        let saved = errno
        TransientText.eraseNow()
        signal(SIGTSTP, SIG_DFL)
        var only = sigset_t()
        var former = sigset_t()
        sigemptyset(&only)
        sigaddset(&only, SIGTSTP)
        raise(SIGTSTP)
        // The process stops here, and goes on after CONT.
        pthread_sigmask(SIG_UNBLOCK, &only, &former)
        pthread_sigmask(SIG_SETMASK, &former, nil)
        handle()
        errno = saved
    }
}

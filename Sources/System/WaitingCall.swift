import Glibc

/// A call that waits for another process: a read or write of a pipe, a terminal or a socket.
///
/// A signal must end such a wait, but the kernel delivers it to any thread of the process. From the first signal on, a
/// thread of its own interrupts every thread that waits, again and again: a thread that is about to make its call would
/// miss a single interruption.
enum WaitingCall {
    private static let threads = WaitingThreads()
    private static let isWatched = startWatcher()
    /// Microseconds between two interruptions.
    private static let interval: UInt32 = 20_000

    /// - Parameter call: returns a negative number and sets `errno` if it fails.
    /// - Returns: its result, and `errno` if that is negative: `EINTR` if a signal has interrupted it.
    static func make(_ call: () -> Int) -> (result: Int, code: Int32) {
        guard isWatched else { return plain(call) }
        let me = pthread_self()
        threads.add(me)
        defer { threads.remove(me) }
        return plain(call)
    }

    /// The same for a call that never waits.
    static func plain(_ call: () -> Int) -> (result: Int, code: Int32) {
        let result = call()
        return (result, result < 0 ? errno : 0)
    }

    /// Interrupts with URG, which is ignored by default and means nothing here.
    private static func startWatcher() -> Bool {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in }
        sigaction(SIGURG, &action, nil)
        let thread = BackgroundThread.start {
            while wait(for: -1, interrupt: .signals, deadline: nil) != .interrupted {}
            while true {
                threads.interruptAll()
                usleep(interval)
            }
        }
        thread?.detach()
        return thread != nil
    }
}

/// The threads that wait.
private final class WaitingThreads: @unchecked Sendable {
    private let state = Monitor()
    private var threads: [pthread_t] = []

    func add(_ thread: pthread_t) {
        state.lock()
        threads.append(thread)
        state.unlock()
    }

    func remove(_ thread: pthread_t) {
        state.lock()
        if let index = threads.lastIndex(of: thread) { threads.remove(at: index) }
        state.unlock()
    }

    func interruptAll() {
        state.lock()
        // Under the lock, none of them can end.
        for thread in threads { pthread_kill(thread, SIGURG) }
        state.unlock()
    }
}

/// How long a run that was stopped by a signal waits for the reader of its output.
struct Patience {
    /// Microseconds in which the reader takes nothing.
    static let limit: Int64 = 1_000_000

    private var deadline: Int64?

    /// Waits until the descriptor can be written.
    ///
    /// - Returns: false if it could not be written for `limit` since this value was made.
    mutating func wait(for descriptor: Int32) -> Bool {
        let end = deadline ?? steadyClock() + Patience.limit
        deadline = end
        while true {
            let left = end - steadyClock()
            var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            let count = poll(&entry, 1, Int32(clamping: (max(0, left) + 999) / 1000))
            if count > 0 || count < 0 && errno != EINTR { return true }
            if count == 0, left <= 0 { return false }
        }
    }
}

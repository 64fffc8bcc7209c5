import Glibc
import Synchronization

/// A request to stop: raised by a signal, checked by every source that reads or waits.
package final class Interrupt: Sendable {
    /// The one that signals raise after `catchSignals`.
    package static let process = Interrupt()
    /// Raised only by signals, not when a run has read enough and still has rows to deliver.
    package static let signals = Interrupt()

    private let number = Atomic<Int32>(0)
    /// Without a pipe, the flag still stops a run at its next read.
    private let wakePipe = WakePipe()

    package init() {}

    /// The signal that requested the stop; 0 if none did.
    package var signalNumber: Int32 { number.load(ordering: .acquiring) }
    package var isRaised: Bool { signalNumber != 0 }

    /// Becomes readable with the first signal and stays readable: poll it, never read it.
    package var pollDescriptor: Int32 { wakePipe.readEnd }

    /// Requests a stop, as `signal` would. Only the first request counts.
    ///
    /// - Returns: false if a stop was requested before.
    @discardableResult
    package func raise(_ signal: Int32) -> Bool {
        guard number.compareExchange(expected: 0, desired: signal, ordering: .acquiringAndReleasing).exchanged
        else { return false }
        wakePipe.notify()
        return true
    }

    /// Whether USR1 has asked for a report since the last call.
    package static func takeReportRequest() -> Bool {
        isReportWanted.load(ordering: .relaxed) && isReportWanted.exchange(false, ordering: .relaxed)
    }

    /// From now on, INT and TERM raise `process`, and a second one ends the process at once. USR1 asks for a report. A
    /// signal that was ignored at the start (`nohup`, `&` in a script) stays ignored. Writing to a closed pipe or beyond
    /// a file size limit fails with an error instead of a signal.
    package static func catchSignals() {
        // They must exist before the handler runs: creating them there is not safe.
        _ = (process, signals)
        _ = firstSignal.load(ordering: .relaxed)
        _ = isReportWanted.load(ordering: .relaxed)
        var report = sigaction()
        if sigaction(SIGUSR1, nil, &report) == 0, !isIgnored(report) {
            report = sigaction()
            report.__sigaction_handler.sa_handler = { _ in isReportWanted.store(true, ordering: .relaxed) }
            // Reads and writes go on; only a wait ends early.
            report.sa_flags = SA_RESTART
            sigaction(SIGUSR1, &report, nil)
        }
        for number in [SIGINT, SIGTERM, SIGHUP] {
            var action = sigaction()
            guard sigaction(number, nil, &action) == 0, !isIgnored(action) else { continue }
            action = sigaction()
            action.__sigaction_handler.sa_handler = noteSignal
            // No SA_RESTART: a waiting call must return.
            sigaction(number, &action, nil)
        }
        // The Swift runtime may have installed a backtrace handler, but QUIT is a request, not a crash.
        var quit = sigaction()
        if sigaction(SIGQUIT, nil, &quit) == 0, !isIgnored(quit) { signal(SIGQUIT, SIG_DFL) }
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
    }

    private static func isIgnored(_ action: sigaction) -> Bool {
        unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    /// Ends the process by `number`, so that the shell sees what happened (130 for INT, 143 for TERM, 141 for PIPE).
    package static func die(bySignal number: Int32) -> Never {
        signal(number, SIG_DFL)
        var only = sigset_t()
        sigemptyset(&only)
        sigaddset(&only, number)
        pthread_sigmask(SIG_UNBLOCK, &only, nil)
        Glibc.raise(number)
        _exit(128 &+ number)
    }
}

/// Set by USR1.
private let isReportWanted = Atomic<Bool>(false)
/// When the first signal came, microseconds on the steady clock; 0: none has.
private let firstSignal = Atomic<Int64>(0)
/// A signal that follows the first so soon is the same one: timeout signals its child and then its process group.
private let repetition: Int64 = 1_000_000

/// Runs in a signal handler: only atomics, the clock and a write.
private func noteSignal(_ number: Int32) {
    let saved = errno
    let now = steadyClock()
    let (isFirst, first) = firstSignal.compareExchange(expected: 0, desired: now, ordering: .acquiringAndReleasing)
    Interrupt.signals.raise(number)
    if isFirst ? !Interrupt.process.raise(number) : now - first >= repetition {
        // Delivered when the handler returns: the signal is blocked until then.
        signal(number, SIG_DFL)
        Glibc.raise(number)
    }
    errno = saved
}

/// What ended a wait.
package enum WakeReason {
    case ready, deadline, interrupted
}

/// Waits until `descriptor` is readable (-1: never), `deadline` passes (wall clock, microseconds since 1970; nil: none)
/// or `interrupt` is raised. If the reader of `output` (-1: none) exits in the meantime, `interrupt` is raised as
/// SIGPIPE: a filter in a quiet pipe must not outlive its reader.
package func wait(
    for descriptor: Int32, output: Int32 = -1, interrupt: Interrupt, deadline: Int64?
) -> WakeReason {
    var output = output
    while true {
        if interrupt.isRaised { return .interrupted }
        var entries = (
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: interrupt.pollDescriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: output, events: 0, revents: 0)
        )
        let count = withUnsafeMutableBytes(of: &entries) { bytes in
            let list = bytes.assumingMemoryBound(to: pollfd.self)
            return poll(list.baseAddress, nfds_t(list.count), milliseconds(until: deadline))
        }
        if count < 0, errno == EINTR { continue }
        if entries.1.revents != 0 { return .interrupted }
        if Int32(entries.2.revents) & (POLLERR | POLLHUP) != 0 {
            interrupt.raise(SIGPIPE)
            return .interrupted
        }
        // Closed elsewhere: nothing left to watch.
        if entries.2.revents != 0 { output = -1 }
        if entries.0.revents != 0 || count < 0 { return .ready }
        // A wait that is longer than poll can express ends early and starts over.
        if count == 0, let deadline, wallClock() >= deadline { return .deadline }
    }
}

/// The timeout for poll, rounded up so that it never expires early; -1 for none.
private func milliseconds(until deadline: Int64?) -> Int32 {
    guard let deadline else { return -1 }
    let (left, overflow) = deadline.subtractingReportingOverflow(wallClock())
    if overflow { return deadline < 0 ? 0 : .max }
    return Int32(clamping: max(0, left) / 1000 + (left % 1000 > 0 ? 1 : 0))
}

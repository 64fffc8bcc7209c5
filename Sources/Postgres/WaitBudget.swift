import Glibc
import System

/// Limits how long to wait for the server, and ends waits on an interrupt.
///
/// An interrupt (the descriptor becomes readable) ends the wait for a connection at once, but lets a running
/// transaction finish if that takes only a few seconds.
final class WaitBudget {
    private let interrupt: Int32
    /// How long a running transaction may go on, microseconds.
    private let grace: Int64
    /// When a transaction that was running at the interrupt is abandoned.
    private var lastMoment: Int64?

    /// - Parameter interrupt: a descriptor that becomes readable to stop; -1 for none.
    init(interrupt: Int32, grace: Int64 = 5_000_000) {
        self.interrupt = interrupt
        self.grace = grace
    }

    /// Starts a new piece of work, with a grace period of its own.
    func beginWork() { lastMoment = nil }

    enum Outcome {
        case ready, deadline, interrupted
    }

    /// Waits until `descriptor` is ready for `events`, or `deadline` (steady clock) has passed.
    ///
    /// - Parameter finishing: whether an interrupt shortens the wait instead of ending it.
    func wait(for descriptor: Int32, _ events: Int32, until deadline: Int64, finishing: Bool) -> Outcome {
        while true {
            var limit = deadline
            if finishing, let lastMoment { limit = min(limit, lastMoment) }
            let left = limit &- steadyClock()
            guard left > 0 else { return .deadline }
            let watchesInterrupt = interrupt >= 0 && !(finishing && lastMoment != nil)
            var entries = [
                pollfd(fd: descriptor, events: Int16(truncatingIfNeeded: events), revents: 0),
                pollfd(fd: watchesInterrupt ? interrupt : -1, events: Int16(POLLIN), revents: 0),
            ]
            let count = poll(&entries, 2, Int32(clamping: left / 1000 &+ 1))
            guard count > 0 else { continue }
            if entries[1].revents != 0 {
                guard finishing else { return .interrupted }
                lastMoment = steadyClock() &+ grace
            }
            if entries[0].revents != 0 { return .ready }
        }
    }

    /// Sleeps; false if interrupted.
    func sleep(_ microseconds: Int64) -> Bool {
        wait(for: -1, 0, until: steadyClock() &+ microseconds, finishing: false) != .interrupted
    }
}

/// The delays between attempts: from 100 ms doubling to 10 s, with jitter so that clients do not retry at the same
/// moment.
struct Backoff {
    private var next: Int64 = 100_000

    mutating func pause() -> Int64 {
        let pause = next / 2 + Int64.random(in: 0...next / 2)
        next = min(next * 2, 10_000_000)
        return pause
    }
}

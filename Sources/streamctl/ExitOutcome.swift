import Glibc
import Kafka
import Plan
import System

/// How a run ends: a last message, then a status or the signal that asked to stop.
struct ExitOutcome: Sendable {
    var status: ExitStatus
    /// Whole lines for standard error.
    var message: String
    /// Set when a signal stopped the run: the process dies by it, so that the shell sees it.
    var signal: Int32 = 0

    init(_ status: ExitStatus, _ message: String = "", signal: Int32 = 0) {
        self.status = status
        self.message = message
        self.signal = signal
    }

    func leave() -> Never {
        if !message.isEmpty { StandardStreams.writeError(message) }
        if signal != 0 { Interrupt.die(bySignal: signal) }
        // What exit cleans up, threads of librdkafka may still use; nothing waits in a buffer.
        if ClientThreads.mayRun { _exit(status.rawValue) }
        exit(status.rawValue)
    }
}

import Glibc
import Kafka
import Plan
import Run
import System

extension ExitOutcome {
    /// Ends the process with this outcome.
    func exit() -> Never {
        if !message.isEmpty { StandardStreams.writeError(message) }
        if signal != 0 { Interrupt.die(bySignal: signal) }
        // Threads of librdkafka may still use what exit cleans up. All buffers are written.
        if ClientThreads.mayRun { _exit(status.rawValue) }
        Glibc.exit(status.rawValue)
    }
}

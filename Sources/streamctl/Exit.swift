import Glibc
import Kafka
import Plan
import Run
import System

extension ExitOutcome {
    /// Ends the process with this outcome.
    func exit() -> Never {
        writeMessage()
        if signal != 0 { Interrupt.die(bySignal: signal) }
        // Threads of librdkafka may still use what exit cleans up. All buffers are written.
        if ClientThreads.mayRun { _exit(status.rawValue) }
        Glibc.exit(status.rawValue)
    }

    /// The last line of a run that has failed is what ended it.
    private func writeMessage() {
        guard !message.isEmpty else { return }
        guard status != .done, status != .usage else {
            return StandardStreams.writeError(message, status == .done ? .warning : .error)
        }
        let lines = message.split(separator: "\n").map { String($0) + "\n" }
        if lines.count > 1 { StandardStreams.writeError(lines.dropLast().joined()) }
        StandardStreams.writeError(lines.last ?? "", .error)
    }
}

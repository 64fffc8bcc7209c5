import Plan

/// How a run ends: a last message, then a status or the signal that asked to stop.
package struct ExitOutcome: Sendable {
    package var status: ExitStatus
    /// Whole lines for standard error.
    package var message: String
    /// Set when a signal stopped the run: the process dies by it, so that the shell sees it.
    package var signal: Int32 = 0

    package init(_ status: ExitStatus, _ message: String = "", signal: Int32 = 0) {
        self.status = status
        self.message = message
        self.signal = signal
    }
}

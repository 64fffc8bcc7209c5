import Plan

/// How a run ends: a last message, then an exit status or the signal that stopped the run.
package struct ExitOutcome: Sendable {
    package var status: ExitStatus
    /// Whole lines for standard error.
    package var message: String
    /// The signal that stopped the run, by which the process then dies, so that the shell sees it; 0 for none.
    package var signal: Int32 = 0

    package init(_ status: ExitStatus, _ message: String = "", signal: Int32 = 0) {
        self.status = status
        self.message = message
        self.signal = signal
    }
}

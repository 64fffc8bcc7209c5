import Glibc
import Plan
import StreamEngine

extension ExitOutcome {
    /// The exit status and the report of a run whose pipeline has finished.
    ///
    /// - Parameter signal: the signal that stopped it; 0 for none.
    init(
        _ pipeline: Pipeline, _ engine: any Engine, _ output: any RunOutput, _ plan: Plan, _ names: InputNames,
        signal: Int32
    ) {
        self.init(.done, signal: signal)
        if signal == SIGPIPE { return }
        switch pipeline.failure {
        case .engine(let error): self = Diagnostics.ending(of: RunError(error, names))
        case .output(let error): self = Diagnostics.ending(of: error)
        case nil: if let error = pipeline.sourceFailure { self = Diagnostics.ending(of: error) }
        }
        engine.withCounts { counts in
            if plan.verbosity != .quiet {
                let heldBack = pipeline.hasHeldBack ? Diagnostics.heldBack(plan) : ""
                message = Diagnostics.report(counts, output.refusals, plan, names) + heldBack + message
            }
            let nothingIsGood = counts.records > 0 && counts.rejectedCount == counts.records
            let nothingIsTaken = counts.rows > 0 && output.refusals.count == counts.rows
            if status == .done, signal == 0, nothingIsGood || nothingIsTaken { status = .badData }
        }
    }
}

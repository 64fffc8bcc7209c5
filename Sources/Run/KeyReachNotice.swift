import Plan
import StreamEngine
import System

/// The warning that the next run of a job has much input to read again, because of a key of `--dedup` that comes again and
/// again.
struct KeyReachNotice {
    private let text: (String) -> String
    private let limit: Int64
    private let warn: @Sendable (String) -> Void

    /// - Returns: nil if keys are not what decides how much is read again.
    init?(_ run: RunContext) {
        let query = run.plan.query
        guard run.plan.job != nil, let dedup = query.dedup, let within = dedup.within, query.watermarkDelay != nil
        else {
            return nil
        }
        let usual = saturatingAdd(within, query.window.usualLength)
        limit = usual > Int64.max / 10 ? Int64.max : usual * 10
        warn = run.warn
        let names = dedup.fields.map(\.text).joined(separator: ",")
        text = { reach in
            "--dedup \(names): some key has come again and again within \(DurationText.text(within)) for \(reach), which the "
                + "next run of the job has to read again; a shorter --within needs less, and windows by \(names) (-g) "
                + "instead of --dedup need only those that are open"
        }
    }

    /// Warns if a replay would now start very early.
    ///
    /// - Returns: whether it has warned, which once is enough.
    func look(at tracker: CheckpointTracker) -> Bool {
        let reach = tracker.keyReach
        guard reach > limit else { return false }
        warn(text(DurationText.text(reach - reach % 1_000_000)))
        return true
    }
}

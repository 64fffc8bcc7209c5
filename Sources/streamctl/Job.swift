import Command
import Files
import Plan
import StreamEngine

/// How a run begins that may have been begun before.
enum JobStart {
    /// With what is known of the input, if anything is.
    case fresh(Checkpoint?)
    /// Go on; what the checkpoint says was done is not done again.
    case resume(Checkpoint)
    /// All of the input was read and delivered, and nothing has been added.
    case finished(Checkpoint)
}

extension JobStart {
    /// - Parameter stored: what the job remembers, as text; nil when it is new.
    /// - Throws: `undelivered` when that does not fit this command line or its inputs.
    init(
        _ plan: Plan, _ input: any Input, _ job: JobPlan, stored: JobState?
    ) throws(SinkError) {
        guard let stored else {
            self = .fresh(try input.begin(from: nil, job: job.name))
            return
        }
        try Self.compare(job, stored.fingerprint)
        guard let left = Checkpoint(text: stored.checkpoint),
            var checkpoint = try input.begin(from: left, job: job.name)
        else {
            throw .undelivered(
                .mismatch, reason: "job '\(job.name)' was left by another version of streamctl; begin a new one")
        }
        let hasGrown = input.hasGrown(since: left)
        if checkpoint.isFinished, !hasGrown {
            self = .finished(checkpoint)
            return
        }
        if checkpoint.isClosing, hasGrown {
            // The rows of the end were not the last ones after all.
            if plan.table?.mode == .append {
                throw .undelivered(
                    .mismatch,
                    reason:
                        "job '\(job.name)' has appended the rows of windows that were open at the end of the input, and "
                        + "the input has grown since; --mode upsert could replace them")
            }
            checkpoint.rowsAfter = 0
            checkpoint.isClosing = false
            checkpoint.output = checkpoint.outputAt
        }
        self = .resume(checkpoint)
    }

    private static func compare(_ job: JobPlan, _ stored: String) throws(SinkError) {
        let names = JobPlan.fingerprintNames
        let before = FlatObject.parse(stored, names)
        let now = FlatObject.parse(job.fingerprintText, names)
        for name in names where before[name] != now[name] {
            func show(_ member: FlatObject.Member?) -> String {
                guard case .text(let text) = member else { return "not given" }
                return text.isEmpty ? "given" : "'\(text)'"
            }
            throw .undelivered(
                .mismatch,
                reason: "job '\(job.name)' was begun with other flags: \(name) was \(show(before[name])) and is "
                    + "\(show(now[name])); give the same, or another --job")
        }
    }
}

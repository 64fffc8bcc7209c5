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
    ) throws(RunError) {
        guard let stored else {
            self = .fresh(try input.begin(from: nil, job: job.name))
            return
        }
        try Self.compare(job, stored.fingerprint)
        let left: Checkpoint
        do throws(CheckpointTextError) {
            left = try Checkpoint(parsing: stored.checkpoint)
        } catch {
            throw .mismatch(
                "the checkpoint of job '\(job.name)' is damaged or of another version of streamctl (\(error)); "
                    + "give another --job")
        }
        var checkpoint = try input.begin(from: left, job: job.name) ?? left
        let hasGrown = input.hasGrown(since: left.input)
        if checkpoint.output.isFinished, !hasGrown {
            self = .finished(checkpoint)
            return
        }
        if checkpoint.output.isClosing, hasGrown {
            // The rows of the end were not the last ones after all.
            if plan.table?.mode == .append {
                throw .mismatch(
                    "job '\(job.name)' has appended the rows of windows that were open at the end of the input, and "
                        + "the input has grown since; --mode upsert could replace them")
            }
            checkpoint.output.rowsAfter = 0
            checkpoint.output.isClosing = false
            checkpoint.output.length = checkpoint.output.committedLength
        }
        self = .resume(checkpoint)
    }

    private static func compare(_ job: JobPlan, _ stored: String) throws(RunError) {
        // A long one is kept as its hash by some outputs: then only a difference shows.
        guard let before = try? ControlJSON(parsing: stored) else {
            throw .mismatch("job '\(job.name)' was begun with other flags; give the same, or another --job")
        }
        guard let (name, old, new) = job.firstDifference(from: before) else { return }
        func show(_ setting: ControlJSON?) -> String {
            guard case .text(let text) = setting else { return "not given" }
            return text.isEmpty ? "given" : "'\(text)'"
        }
        throw .mismatch(
            "job '\(job.name)' was begun with other flags: \(name) was \(show(old)) and is \(show(new)); give the same, "
                + "or another --job")
    }
}

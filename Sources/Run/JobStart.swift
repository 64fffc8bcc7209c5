import Files
import Plan
import StreamEngine

/// How a run starts, which may resume an earlier one.
enum JobStart {
    /// A new job, or none; with the positions where the input starts if they are not its beginning.
    case fresh(Checkpoint?)
    /// Continues from the checkpoint.
    case resume(Checkpoint)
    /// The whole input was read and delivered, and has not grown since.
    case finished(Checkpoint)
}

extension JobStart {
    /// - Parameter stored: the stored state of the job; nil when it is new.
    /// - Throws: `mismatch` when the stored state does not fit this command line or its inputs.
    init(
        _ plan: Plan, _ input: any Input, _ job: JobPlan, stored: JobState?
    ) throws(RunError) {
        guard let stored else {
            self = .fresh(try input.begin(from: nil, job: job.name))
            return
        }
        try Self.compare(job, stored.fingerprint)
        let last: Checkpoint
        do throws(CheckpointTextError) {
            last = try Checkpoint(parsing: stored.checkpoint)
        } catch {
            throw .mismatch(
                "the checkpoint of job '\(job.name)' is damaged or from a different version of streamctl (\(error)); "
                    + "use \(JobPlan.otherWays(job.name))")
        }
        guard last.stages.count == plan.laterQueries.count || last.stages.isEmpty else {
            throw .mismatch(
                "the checkpoint of job '\(job.name)' is of \(last.stages.count + 1) stages, but the command has "
                    + "\(plan.queries.count); use \(JobPlan.otherWays(job.name))")
        }
        try Self.compareTables(job, last, plan.queries.flatMap(\.tableCheckpoints))
        var checkpoint = try input.begin(from: last, job: job.name) ?? last
        // Not asked otherwise: the answer may take the reading of a whole file.
        let hasEnded = checkpoint.output.isFinished || checkpoint.output.isClosing
        let hasGrown = hasEnded ? try input.hasGrown(since: last.input) : true
        if checkpoint.output.isFinished, !hasGrown {
            self = .finished(checkpoint)
            return
        }
        if checkpoint.output.isClosing, hasGrown {
            // The rows printed at the end of the input are not final: new records belong to their windows.
            if plan.table?.mode == .append {
                throw .mismatch(
                    "job '\(job.name)' has appended the rows of windows that were open at the end of the input, but "
                        + "the input has grown since; use a new --job name with --mode upsert, which can replace them")
            }
            checkpoint.output.rowsAfter = 0
            checkpoint.output.isClosing = false
            checkpoint.output.length = checkpoint.output.committedLength
        }
        self = .resume(checkpoint)
    }

    /// Where the run starts, for users.
    func message(_ plan: Plan, _ job: JobPlan, _ input: any Input) -> String {
        switch self {
        case .fresh where job.startsOver: "job '\(job.name)' starts over; \(plan.output.startingOver(plan.table))"
        case .fresh: "job '\(job.name)' starts"
        case .finished:
            "job '\(job.name)' is already finished: it has read all of its input; --reset \(job.name) starts it over"
        case .resume(let checkpoint):
            "job '\(job.name)' resumes at \(Self.positions(checkpoint.input, input))"
        }
    }

    /// A resumed job computes its open windows again, for which it needs the same tables.
    private static func compareTables(
        _ job: JobPlan, _ last: Checkpoint, _ now: [TableCheckpoint]
    ) throws(RunError) {
        guard let (before, now) = zip(last.tables, now).first(where: { $0 != $1 }) else { return }
        func size(_ table: TableCheckpoint) -> String { "\(table.content.size) bytes" }
        let change = before.content.size == now.content.size ? "other bytes" : "\(size(before)), now \(size(now))"
        let what = "lookup \(now.path) has changed since the job began (\(change))"
        guard job.acceptsChangedTables else {
            throw .mismatch(
                "\(what); --lookup-changed accept goes on with the new one, with which open windows are computed again; or "
                    + "use \(JobPlan.otherWays(job.name))")
        }
        // They are counted, to be left out.
        guard last.output.rowsAfter == 0 || last.output.isClosing else {
            throw .mismatch(
                "\(what), and the last run was stopped between two rows of a batch, which the new one may change; use the "
                    + "former table until the next commit, or \(JobPlan.otherWays(job.name))")
        }
    }

    private static func positions(_ checkpoint: InputCheckpoint, _ input: any Input) -> String {
        let positions = checkpoint.partitions.enumerated().map { number, partition in
            let name = partition.committedChecksum.name
            return checkpoint.cluster.isEmpty
                ? input.describe(partition.committed, of: number) : "\(name)@\(partition.committed.position)"
        }
        let more = positions.count > 8 ? " and \(positions.count - 8) more" : ""
        return positions.prefix(8).joined(separator: ", ") + more
    }

    private static func compare(_ job: JobPlan, _ stored: String) throws(RunError) {
        // Some outputs store only the hash of a long fingerprint, which does not show what differs.
        guard let before = try? ControlJSON(parsing: stored) else {
            throw .mismatch(
                "job '\(job.name)' was started with different options; use the same options, "
                    + JobPlan.otherWays(job.name))
        }
        let differences = job.differences(from: before)
        guard !differences.isEmpty else { return }
        func show(_ setting: ControlJSON?) -> String {
            guard case .text(let text) = setting else { return "not given" }
            return text.isEmpty ? "given" : "'\(text)'"
        }
        let list = differences.map { "\($0) was \(show($1)), now \(show($2))" }
        throw .mismatch(
            "job '\(job.name)' was started with different options (\(list.joined(separator: "; "))); use the same "
                + "options, \(JobPlan.otherWays(job.name))")
    }
}

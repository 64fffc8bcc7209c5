import Files
import Plan
import StreamEngine
import System

/// An opened output, and where the run starts.
enum Opened {
    /// - from: where the input starts; nil for its beginning.
    case run(any RunOutput, from: Checkpoint?)
    case nothingToDo
}

/// Opens the output that the plan names and reads the stored state of its job.
func open(_ run: RunContext, _ input: any Input, _ kinds: Kinds) throws(RunError) -> Opened {
    try checkDistinct(run.plan)
    let output = try kinds.openOutput(run, input)
    do throws(RunError) {
        return try start(output, run, input)
    } catch {
        output.close()
        throw error
    }
}

func start(_ output: any OpenableOutput, _ run: RunContext, _ input: any Input) throws(RunError) -> Opened {
    let start: JobStart
    if let job = run.plan.job {
        start = try JobStart(run.plan, input, job, stored: output.stored)
    } else {
        start = .fresh(try input.begin(from: nil, job: nil))
    }
    if case .finished(let checkpoint) = start {
        try output.checkFinished(checkpoint)
        output.close()
        if let job = run.plan.job { run.warn(start.message(run.plan, job, input)) }
        return .nothingToDo
    }
    // Both are opened before either is changed: an error leaves them as they were.
    try output.prepare(from: start.resumed)
    let rejects = try RejectsFile.open(run.plan, from: start.resumed)
    let destination = try output.start(from: start.resumed)
    try rejects?.start()
    if let job = run.plan.job { run.warn(start.message(run.plan, job, input)) }
    for (before, now) in zip(start.resumed?.tables ?? [], run.plan.queries.flatMap(\.tableCheckpoints))
    where before != now {
        run.warn("lookup \(now.path) has changed; open windows are computed again with the new table")
    }
    switch destination {
    case .direct(let sink):
        let reporter = input.offsetCommitter(warn: run.warn).map { GroupOffsetReporter($0, from: start.position) }
        return .run(DirectOutput(sink, rejects, reporter), from: start.position)
    case .committed(let committer):
        return .run(CommittingOutput(committer, run, input, rejects, from: start.position), from: start.position)
    }
}

/// Writing to a file that is being read would destroy it, or never end.
private func checkDistinct(_ plan: Plan) throws(RunError) {
    func check(_ path: String, _ name: String) throws(RunError) {
        let tables = plan.queries.flatMap(\.lookups).filter { $0.database == nil }.map(\.path)
        guard (plan.input.paths + tables).contains(where: { isSameFile(input: $0, output: path) }) else { return }
        throw .cannotCreate(output: name, reason: "it is also an input; write to a different file")
    }
    if let output = plan.output.path { try check(output, output == "-" ? "stdout" : output) }
    if let rejects = plan.rejects { try check(rejects, rejects) }
}

extension JobStart {
    /// The checkpoint of earlier runs; nil for a fresh start.
    fileprivate var resumed: Checkpoint? { if case .resume(let checkpoint) = self { checkpoint } else { nil } }

    /// Where the input starts.
    fileprivate var position: Checkpoint? {
        switch self {
        case .fresh(let checkpoint): checkpoint
        case .resume(let checkpoint), .finished(let checkpoint): checkpoint
        }
    }
}

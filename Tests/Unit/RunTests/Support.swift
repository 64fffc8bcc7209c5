import Plan
import StreamEngine

@testable import Run

extension Query {
    /// Counts records by the field `k` in windows of 10 µs by the field `t`, of which rows show key and count.
    static func counts(delay: Int64? = 0) throws -> Query {
        var query = Query()
        query.time = .field(try FieldPath.parse("t"), .microseconds)
        query.window = .tumbling(size: 10, align: 0)
        query.watermarkDelay = delay
        query.groupKeys = [GroupKeySpec(name: "k", field: try FieldPath.parse("k"))]
        query.aggregates = [Aggregate(name: "count", function: .count)]
        query.select = try Expression.parseSelection("k,count")
        return query
    }
}

/// Lines with event times and keys: 14 bytes each where both have one digit.
func lines(_ records: [(t: Int, k: Int)]) -> String {
    records.map { "{\"t\":\($0.t),\"k\":\($0.k)}\n" }.joined()
}

func row(_ k: Int, _ count: Int) -> String { "{\"k\":\(k),\"count\":\(count)}\n" }

extension Plan {
    static func fake(
        _ query: Query, inputs: Int = 1, job: JobPlan? = nil, workers: Int = 1, strict: Bool = false,
        rejects: String? = nil, verbosity: Verbosity = .normal
    ) -> Plan {
        var plan = Plan(
            input: FileInputs(["a.jsonl", "b.jsonl", "c.jsonl"].prefix(inputs).map { $0 }), query: query,
            output: FileOutput(path: "out"), strict: strict, verbosity: verbosity)
        plan.job = job
        plan.jobs = workers
        plan.rejects = rejects
        plan.commitEvery = 0
        return plan
    }
}

/// How a run of the pipeline ended.
struct PipelineResult {
    var failure: RunFailure?
    var sourceFailure: RunError?
    var hasHeldBack: Bool
    var signal: Int32
    var outcome: ExitOutcome

    /// The error of the output or the engine.
    var error: RunError? {
        switch failure {
        case .output(let error), .engine(.sink(let error)): error
        default: nil
        }
    }
}

/// Runs a plan with its inputs and outputs replaced.
func runPipeline(
    _ plan: Plan, _ input: FakeInput, _ output: any RunOutput, from checkpoint: Checkpoint? = nil
) throws -> PipelineResult {
    let layout = ColumnLayout(plan.query, seed: 7)
    let options = EngineOptions(
        inputNames: input.names, isStrict: plan.strict, keepsRejects: plan.rejects != nil)
    let engine = try makeEngine(plan.query, layout, options, output)
    let pipeline = try Pipeline(plan, layout, engine, output, input, interrupt: input.interrupt)
    try pipeline.run(input.open(SourceOptions()), from: checkpoint)
    let signal = pipeline.finish()
    return PipelineResult(
        failure: pipeline.failure, sourceFailure: pipeline.sourceFailure, hasHeldBack: pipeline.hasHeldBack,
        signal: signal, outcome: ExitOutcome(pipeline, engine, output, plan, input, signal: signal))
}

/// A checkpoint of one file.
func makeCheckpoint(restart: Int, committed: Int, _ change: (inout Checkpoint) -> Void = { _ in }) -> Checkpoint {
    var checkpoint = Checkpoint()
    checkpoint.input.files.restart = InputPosition(input: 0, position: restart)
    checkpoint.input.files.committed = InputPosition(input: 0, position: committed)
    change(&checkpoint)
    return checkpoint
}

import Files
import Kafka
import Plan
import Postgres
import StreamEngine
import System

/// The output side of a run, and where the run begins.
enum Opened {
    /// - from: where the input begins; nil for its beginning.
    case run(any RunOutput, from: Checkpoint?)
    case nothingToDo
}

/// Opens the output that the plan names, and the state of its job.
func open(_ plan: Plan, _ input: any Input) throws(SinkError) -> Opened {
    if let url = plan.output as? PostgresURL, let table = plan.table {
        return try openPostgres(plan, input, url.text, table)
    }
    if let output = plan.output as? KafkaOutput { return try openTopic(plan, input, output.url) }
    guard let job = plan.job else {
        let start = try input.begin(from: nil, job: nil)
        return .run(try DirectOutput(plan, positionReport(plan, input, from: start)), from: start)
    }
    try checkDistinct(plan)
    return try openFileJob(plan, input, job)
}

private func openPostgres(
    _ plan: Plan, _ input: any Input, _ url: String, _ table: TablePlan
) throws(SinkError) -> Opened {
    try checkDistinct(plan)
    let (sink, stored) = try connect(plan, url, table)
    do throws(SinkError) {
        var start = JobStart.fresh(nil)
        if let job = plan.job {
            start = try JobStart(plan, input, job, stored: stored)
            if case .finished = start {
                sink.close()
                return .nothingToDo
            }
        } else {
            start = .fresh(try input.begin(from: nil, job: nil))
        }
        do throws(PostgresError) { try sink.checkTable() } catch { throw SinkError(error) }
        let target = try PostgresTarget(sink, plan, input, from: start.resumed)
        return .run(CommittingOutput(target, plan, input, from: start.place), from: start.place)
    } catch {
        sink.close()
        throw error
    }
}

private func connect(
    _ plan: Plan, _ url: String, _ table: TablePlan
) throws(SinkError) -> (PostgresSink, JobState?) {
    do throws(PostgresError) {
        let sink = PostgresSink(
            try PostgresDestination(url: url), table, plan.job, interrupt: Interrupt.signals.pollDescriptor,
            tell: plan.warn)
        return (sink, try sink.open())
    } catch {
        throw SinkError(error)
    }
}

private func positionReport(_ plan: Plan, _ input: any Input, from checkpoint: Checkpoint?) -> GroupOffsetReporter? {
    input.offsetCommitter(warn: plan.warn).map { GroupOffsetReporter($0, from: checkpoint) }
}

extension Plan {
    /// Reports something to the user, unless only errors are wanted.
    var warn: @Sendable (String) -> Void {
        let isQuiet = verbosity == .quiet
        return { text in if !isQuiet { StandardStreams.writeError(Diagnostics.line(text)) } }
    }
}

private func openTopic(_ plan: Plan, _ input: any Input, _ url: KafkaURL) throws(SinkError) -> Opened {
    try checkDistinct(plan)
    guard let job = plan.job else {
        let producer: Producer
        do throws(KafkaError) {
            producer = try Producer(
                url, options: plan.kafkaOptions, transactions: nil, interrupt: .signals,
                tell: plan.warn)
        } catch {
            throw SinkError(error)
        }
        let start = try input.begin(from: nil, job: nil)
        return .run(try TopicOutput(plan, producer, positionReport(plan, input, from: start)), from: start)
    }
    let producer: JobProducer
    do throws(KafkaError) {
        producer = try JobProducer(
            url, options: plan.kafkaOptions, job: job.name, fingerprint: job.fingerprintText,
            input: input as? TopicInput, interrupt: .signals, tell: plan.warn)
    } catch {
        throw SinkError(error)
    }
    let start = try JobStart(plan, input, job, stored: producer.stored)
    if case .finished = start { return .nothingToDo }
    let target = try TopicTarget(producer, plan, input, from: start.resumed)
    return .run(CommittingOutput(target, plan, input, from: start.place), from: start.place)
}

private func openFileJob(_ plan: Plan, _ input: any Input, _ job: JobPlan) throws(SinkError) -> Opened {
    let file = try JobFile(directory: job.stateDirectory ?? JobFile.usualDirectory, job: job.name)
    let start = try JobStart(plan, input, job, stored: try file.load())
    if case .finished(let checkpoint) = start {
        try FileTarget.checkOutput(plan, file, checkpoint)
        return .nothingToDo
    }
    let target = try FileTarget(plan, input, file, fingerprint: job.fingerprintText, from: start.resumed)
    return .run(CommittingOutput(target, plan, input, from: start.place), from: start.place)
}

extension JobStart {
    /// What earlier runs have done.
    fileprivate var resumed: Checkpoint? { if case .resume(let checkpoint) = self { checkpoint } else { nil } }

    /// Where the input begins.
    fileprivate var place: Checkpoint? {
        switch self {
        case .fresh(let checkpoint): checkpoint
        case .resume(let checkpoint), .finished(let checkpoint): checkpoint
        }
    }
}

import Command
import Files
import Kafka
import Plan
import Postgres
import StreamEngine
import System

/// Makes the plan, with what this machine says about the inputs and the time zone.
func makePlan(_ arguments: ParsedArguments) throws(UsageError) -> Plan {
    let inputs = try arguments.inputs()
    var isLiveTopic = false
    for case .kafka(let url) in inputs { isLiveTopic = try topicAddress(url).until == nil }
    if case .kafka(let url) = try arguments.output() { _ = try topicAddress(url) }
    let environment = PlanEnvironment(
        isLive: isLiveTopic || FileSource.isLive(inputs.compactMap(\.path)) || inputs.contains { $0.isPacedDemo },
        standardInputIsTerminal: StandardStreams.inputIsTerminal,
        zone: { name in
            guard let offsets = zoneOffsets(named: name) else { return nil }
            return ZoneOffsets(name: name, offsets: offsets)
        })
    return try Plan.make(arguments, environment: environment)
}

private func topicAddress(_ url: String) throws(UsageError) -> TopicAddress {
    do throws(KafkaError) {
        return try TopicAddress.parse(url)
    } catch {
        guard case .usage(let text) = error else { throw UsageError("\(error)") }
        throw UsageError(text)
    }
}

/// Prints what librdkafka can be told.
func listKafkaOptions() -> ExitOutcome {
    do throws(KafkaError) {
        return printText(try KafkaOptions.list())
    } catch {
        return Diagnostics.ending(of: SinkError(error, input: "-X list"))
    }
}

/// Runs a plan to its end.
func run(_ plan: Plan) -> ExitOutcome {
    do throws(SourceError) {
        for case .demo(let text) in plan.inputs { _ = try DemoOptions.parse(text) }
    } catch {
        return ExitOutcome(.usage, Diagnostics.line("\(error.input): \(error.reason)"))
    }
    let layout = ColumnLayout(plan.query, seed: randomSeed())
    do throws(ExpressionError) {
        // Wrong expressions are told before anything is opened or printed.
        _ = try ScanStage(plan.query, layout)
        try checkRowExpressions(plan.query)
    } catch {
        return ExitOutcome(.usage, Diagnostics.line("\(error.reason) in '\(error.text)', column \(error.column)"))
    }
    if plan.explain { return explain(plan) }
    return start(plan, layout)
}

/// Prints what the run would do.
private func explain(_ plan: Plan) -> ExitOutcome {
    do throws(PostgresError) {
        var notes = try outputNotes(plan)
        notes.partitions = partitionNotes(plan)
        return printText(plan.explanation(notes))
    } catch {
        return Diagnostics.ending(of: SinkError(error))
    }
}

/// What the brokers say of the topics that are read.
private func partitionNotes(_ plan: Plan) -> [String] {
    guard plan.inputs.contains(where: \.isTopic) else { return [] }
    do throws(SourceError) {
        guard case .topics(let input, _) = try RunInput.open(plan) else { return [] }
        return input.overview
    } catch {
        return ["cannot be told now: \(error.reason)"]
    }
}

/// The statements and the places of the output. Nothing is opened.
private func outputNotes(_ plan: Plan) throws(PostgresError) -> OutputNotes {
    var notes = OutputNotes()
    guard case .postgres(let url) = plan.output, let table = plan.table else {
        notes.jobFile = plan.job.map { ($0.stateDirectory ?? JobFile.usualDirectory) + "/\($0.name).job" } ?? ""
        return notes
    }
    // Only to find out whether it can be used: it is not shown.
    _ = try PostgresDestination(url: url)
    let overview = try Statements.overview(of: table)
    notes.createTable = overview.creation
    notes.write = overview.writing.last ?? ""
    notes.createJobs = Statements.createJobs(schema: try TableName(parsing: table.name).schema)
    return notes
}

/// Opens what the plan names and lets the pipeline run.
private func start(_ plan: Plan, _ layout: ColumnLayout) -> ExitOutcome {
    let input: RunInput
    do throws(SourceError) {
        try FileSource.check(plan.inputs.compactMap(\.path))
        if plan.job != nil { try checkRepeatable(plan.inputs) }
        input = try .open(plan)
    } catch {
        let signal = Interrupt.signals.signalNumber
        return signal == 0 ? Diagnostics.ending(of: error) : ExitOutcome(.done, signal: signal)
    }
    do throws(SinkError) {
        switch try open(plan, input) {
        case .run(let output, let checkpoint): return run(plan, layout, input, output, from: checkpoint)
        case .nothingToDo:
            let message =
                plan.verbosity == .verbose ? Diagnostics.line("job '\(plan.job?.name ?? "")' has finished before") : ""
            return ExitOutcome(.done, message)
        }
    } catch {
        return Diagnostics.ending(of: error)
    }
}

private func run(
    _ plan: Plan, _ layout: ColumnLayout, _ input: RunInput, _ output: any RunOutput, from checkpoint: Checkpoint?
) -> ExitOutcome {
    let options = EngineOptions(
        inputNames: input.names, isStrict: plan.strict, keepsRejects: plan.rejects != nil,
        continuesOutput: checkpoint.map { $0.output > $0.outputStart } ?? false)
    guard let engine = try? makeEngine(plan.query, layout, options, output) else {
        return ExitOutcome(.bug, Diagnostics.line("an expression was accepted and then refused; please report this"))
    }
    let pipeline = Pipeline(plan, layout, engine, output, names: input.names)
    do throws(SourceError) {
        let options = TopicOptions(
            keepsKeys: layout.uses(.key), idle: plan.partitionIdle, hasWatermark: plan.query.watermarkDelay != nil,
            output: output.watchedDescriptor,
            tell: plan.tell)
        try input.run(pipeline, plan, from: checkpoint, output: output.watchedDescriptor, options)
    } catch {
        output.abandon()
        return Diagnostics.ending(of: error)
    }
    return pipeline.ending()
}

/// A job reads its input again from some place on.
private func checkRepeatable(_ inputs: [InputSpec]) throws(SourceError) {
    for case .file(let path) in inputs where regularFileSize(path) == nil {
        throw SourceError(input: path, reason: "not a regular file, and --job must be able to read it again")
    }
}

/// Prints a text that was asked for, such as the help.
func printText(_ text: String) -> ExitOutcome {
    var sink = ByteSink.standardOutput()
    var buffer = ByteBuffer()
    buffer.append(text)
    do throws(SinkError) {
        try sink.write(buffer.bytes)
        try sink.close()
        return ExitOutcome(.done)
    } catch {
        return Diagnostics.ending(of: error)
    }
}

extension InputSpec {
    /// The file to open, `-` for standard input; nil for anything else.
    var path: String? {
        switch self {
        case .file(let path): path
        case .stdin: "-"
        case .demo, .kafka: nil
        }
    }

    /// What rejects and messages about records call it.
    var sourceName: String {
        switch self {
        case .file(let path): path
        case .stdin: "stdin"
        case .demo: "demo:sensors"
        case .kafka: name
        }
    }

    /// Bytes that there are to read; nil when there is no end to them.
    var length: Int? {
        switch self {
        case .file(let path): regularFileSize(path)
        case .stdin, .kafka: nil
        case .demo(let text): (try? DemoOptions.parse(text)).flatMap { DemoSource($0).length }
        }
    }

    var isPacedDemo: Bool {
        guard case .demo(let text) = self, let options = try? DemoOptions.parse(text) else { return false }
        return options.rate != nil || !options.isBounded
    }
}

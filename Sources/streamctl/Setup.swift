import Command
import Files
import Postgres
import StreamEngine

/// Makes the plan, with what this machine says about the inputs and the time zone.
func makePlan(_ arguments: ParsedArguments) throws(UsageError) -> Plan {
    let inputs = try arguments.inputs()
    let environment = PlanEnvironment(
        isLive: FileSource.isLive(inputs.compactMap(\.path)) || inputs.contains { $0.isPacedDemo },
        standardInputIsTerminal: StandardStreams.inputIsTerminal,
        zone: { name in
            guard let offsets = zoneOffsets(named: name) else { return nil }
            return ZoneOffsets(name: name, offsets: offsets)
        })
    return try Plan.make(arguments, environment: environment)
}

/// Runs a plan to its end.
func run(_ plan: Plan) -> Ending {
    do throws(SourceError) {
        for case .demo(let text) in plan.inputs { _ = try DemoOptions.parse(text) }
    } catch {
        return Ending(.usage, Diagnostics.line("\(error.input): \(error.reason)"))
    }
    let layout = Layout(plan.query, seed: randomSeed())
    do throws(ExpressionError) {
        // Wrong expressions are told before anything is opened or printed.
        _ = try ScanStage(plan.query, layout)
        try checkRowExpressions(plan.query)
    } catch {
        return Ending(.usage, Diagnostics.line("\(error.reason) in '\(error.text)', column \(error.column)"))
    }
    if plan.explain { return explain(plan) }
    if let input = plan.inputs.first(where: \.isTopic) {
        return notInThisRelease(input.name, "as input", "read files, - or demo:sensors")
    }
    if case .kafka = plan.output {
        return notInThisRelease(plan.output.name, "as output", "write to a file, - or postgresql://")
    }
    return start(plan, layout)
}

private func notInThisRelease(_ url: String, _ use: String, _ instead: String) -> Ending {
    Ending(.usage, Diagnostics.line("\(url): Kafka \(use) is not in this release; \(instead)"))
}

/// Prints what the run would do.
private func explain(_ plan: Plan) -> Ending {
    do throws(PostgresError) {
        return printText(plan.explanation(try outputNotes(plan)))
    } catch {
        return Diagnostics.ending(of: SinkError(error))
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
    let overview = try Statements.overview(of: TableRequest(table))
    notes.createTable = overview.creation
    notes.write = overview.writing.last ?? ""
    notes.createJobs = Statements.createJobs(schema: try TableName(parsing: table.name).schema)
    return notes
}

/// Opens what the plan names and lets the pipeline run.
private func start(_ plan: Plan, _ layout: Layout) -> Ending {
    do throws(SourceError) {
        try FileSource.check(plan.inputs.compactMap(\.path))
        if plan.job != nil { try checkRepeatable(plan.inputs) }
    } catch {
        return Diagnostics.ending(of: error)
    }
    do throws(SinkError) {
        switch try open(plan) {
        case .run(let output, let checkpoint): return run(plan, layout, output, from: checkpoint)
        case .nothingToDo:
            let message =
                plan.verbosity == .verbose ? Diagnostics.line("job '\(plan.job?.name ?? "")' has finished before") : ""
            return Ending(.done, message)
        }
    } catch {
        return Diagnostics.ending(of: error)
    }
}

private func run(_ plan: Plan, _ layout: Layout, _ output: any RunOutput, from checkpoint: Checkpoint?) -> Ending {
    let options = EngineOptions(
        inputNames: plan.inputNames, isStrict: plan.strict, keepsRejects: plan.rejects != nil,
        continuesOutput: checkpoint.map { $0.output > $0.outputStart } ?? false)
    guard let engine = try? makeEngine(plan.query, layout, options, output) else {
        return Ending(.bug, Diagnostics.line("an expression was accepted and then refused; please report this"))
    }
    let pipeline = Pipeline(plan, layout, engine, output)
    do throws(SourceError) {
        switch plan.inputs.first {
        case .demo(let text):
            let options = (try? DemoOptions.parse(text)) ?? DemoOptions()
            try pipeline.run(DemoSource(options, watchingOutput: output.watchedDescriptor), from: checkpoint)
        default:
            let source = FileSource(
                paths: plan.inputs.compactMap(\.path), maxLine: plan.maxLine,
                watchingOutput: output.watchedDescriptor)
            try pipeline.run(source, from: checkpoint)
        }
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
func printText(_ text: String) -> Ending {
    var sink = ByteSink.standardOutput()
    var buffer = ByteBuffer()
    buffer.append(text)
    do throws(SinkError) {
        try sink.write(buffer.bytes)
        try sink.close()
        return Ending(.done)
    } catch {
        return Diagnostics.ending(of: error)
    }
}

extension Plan {
    /// What rejects and messages about records call the inputs.
    var inputNames: InputNames { InputNames(inputs.map(\.sourceName)) }
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

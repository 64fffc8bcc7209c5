import Command
import Files
import Kafka
import Plan
import StreamEngine
import System

/// Makes the plan, with what this machine says about the inputs and the time zone.
func makePlan(_ arguments: ParsedArguments) throws(UsageError) -> Plan {
    let environment = PlanEnvironment(
        inputs: kinds.inputs.map { $0.spec }, outputs: kinds.outputs.map { $0.spec }, isLive: FileSource.isLive,
        standardInputIsTerminal: StandardStreams.inputIsTerminal,
        zone: { name in
            guard let offsets = zoneOffsets(named: name) else { return nil }
            return ZoneOffsets(name: name, offsets: offsets)
        })
    return try Plan.make(arguments, environment: environment)
}

/// Prints what librdkafka can be told.
func listKafkaOptions() -> ExitOutcome {
    do throws(RunError) {
        return printText(try KafkaOptions.list())
    } catch {
        return Diagnostics.ending(of: error.about("-X list"))
    }
}

/// Runs a plan to its end.
func run(_ plan: Plan) -> ExitOutcome {
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
    do throws(RunError) {
        return printText(plan.explanation(try kinds.notes(RunContext(plan, warn: plan.warn))))
    } catch {
        return Diagnostics.ending(of: error)
    }
}

/// Opens what the plan names and lets the pipeline run.
private func start(_ plan: Plan, _ layout: ColumnLayout) -> ExitOutcome {
    let input: any Input
    let context = RunContext(plan, warn: plan.warn)
    do throws(RunError) {
        input = try kinds.openInput(context)
    } catch {
        let signal = Interrupt.signals.signalNumber
        return signal == 0 ? Diagnostics.ending(of: error) : ExitOutcome(.done, signal: signal)
    }
    do throws(RunError) {
        switch try open(context, input, kinds) {
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
    _ plan: Plan, _ layout: ColumnLayout, _ input: any Input, _ output: any RunOutput, from checkpoint: Checkpoint?
) -> ExitOutcome {
    let options = EngineOptions(
        inputNames: input.names, isStrict: plan.strict, keepsRejects: plan.rejects != nil,
        continuesOutput: checkpoint.map { $0.output.length > $0.output.start } ?? false)
    guard let engine = try? makeEngine(plan.query, layout, options, output) else {
        return ExitOutcome(.bug, Diagnostics.line("an expression was accepted and then refused; please report this"))
    }
    let pipeline = Pipeline(plan, layout, engine, output, input)
    do throws(RunError) {
        var options = SourceOptions()
        options.maxLine = plan.maxLine
        options.keepsKeys = layout.uses(.key)
        options.partitionIdle = plan.partitionIdle
        options.hasWatermark = plan.query.watermarkDelay != nil
        options.output = output.watchedDescriptor
        options.warn = plan.warn
        try pipeline.run(try input.open(options), from: checkpoint)
    } catch {
        output.abandon()
        return Diagnostics.ending(of: error)
    }
    return pipeline.ending()
}

/// Prints a text that was asked for, such as the help.
func printText(_ text: String) -> ExitOutcome {
    var sink = ByteSink.standardOutput()
    var buffer = ByteBuffer()
    buffer.append(text)
    do throws(RunError) {
        try buffer.withBytes { bytes throws(RunError) in try sink.write(bytes) }
        try sink.close()
        return ExitOutcome(.done)
    } catch {
        return Diagnostics.ending(of: error)
    }
}

extension Plan {
    /// Reports something to the user, unless only errors are wanted.
    fileprivate var warn: @Sendable (String) -> Void {
        let isQuiet = verbosity == .quiet
        return { text in if !isQuiet { StandardStreams.writeError(Diagnostics.line(text)) } }
    }
}

/// Compiles the expressions over rows, as the engine will, to find what is wrong with them.
private func checkRowExpressions(_ query: Query) throws(ExpressionError) {
    final class Nowhere: RowWriter {
        func write(_ rows: borrowing EncodedRows, count: Int) throws(RunError) {}
        func flush() throws(RunError) {}
    }
    _ = try makeEngine(query, ColumnLayout(query), EngineOptions(inputNames: []), Nowhere())
}

import Plan
import StreamEngine
import System

/// Runs a plan to its end.
///
/// - Parameter kinds: all kinds of inputs and outputs.
package func run(_ plan: Plan, _ kinds: Kinds) -> ExitOutcome {
    let seed = randomSeed()
    do throws(ExpressionError) {
        try checkExpressions(plan)
    } catch {
        return Diagnostics.ending(of: error)
    }
    let input: any Input
    var context = RunContext(plan, warn: plan.warn)
    let reload = LookupReload(kinds)
    do throws(RunError) {
        input = try kinds.openInput(context)
        for number in plan.queries.indices where !plan.queries[number].lookups.isEmpty {
            context.plan.queries[number].lookups = try readTables(
                RunContext(plan.ofStage(number), warn: plan.warn), kinds, reload)
        }
    } catch {
        let signal = Interrupt.signals.signalNumber
        return signal == 0 ? Diagnostics.ending(of: error) : ExitOutcome(.done, signal: signal)
    }
    do throws(RunError) {
        switch try open(context, input, kinds) {
        case .run(let output, let checkpoint):
            return try run(context.plan, seed, input, output, from: checkpoint, reload)
        case .nothingToDo:
            var service = ServiceNotices(steadyClock())
            service?.sendStopping()
            return ExitOutcome(.done)
        }
    } catch {
        return Diagnostics.ending(of: error)
    }
}

/// The engine of a run that has ended, until the process does: to destroy the states of its groups takes time.
nonisolated(unsafe) private var ended: (any Engine)?

/// Prints what the run would do, for `--explain`. Writes nothing else.
///
/// - Parameter text: makes the explanation from the notes of inputs and output.
package func explain(_ plan: Plan, _ kinds: Kinds, _ text: (OutputNotes) -> String) -> ExitOutcome {
    do throws(ExpressionError) {
        try checkExpressions(plan)
    } catch {
        return Diagnostics.ending(of: error)
    }
    do throws(RunError) {
        var notes = try kinds.notes(RunContext(plan, warn: plan.warn))
        for number in plan.queries.indices {
            let stage = RunContext(plan.ofStage(number), warn: plan.warn)
            notes.lookups.append(try readTables(stage, kinds).flatMap(\.notes))
        }
        notes.fields = fieldNamesAtStart(of: plan.input.paths, plan.format, decompresses: plan.decompresses)
        return printText(text(notes))
    } catch {
        return Diagnostics.ending(of: error)
    }
}

private func run(
    _ plan: Plan, _ seed: UInt64, _ input: any Input, _ output: any RunOutput, from checkpoint: Checkpoint?,
    _ reload: LookupReload
) throws(RunError) -> ExitOutcome {
    let crew = ThreadCrew(width: plan.workerCount)
    defer { crew.end() }
    reload.start()
    defer { reload.end() }
    var options = EngineOptions(
        inputNames: input.names, isStrict: plan.strict, keepsRejects: plan.rejects != nil,
        continuesOutput: checkpoint.map { $0.output.length > $0.output.start } ?? false)
    options.crew = crew
    options.limitsState = plan.query.maxState != nil
    func stage(_ query: Query) -> StageQuery {
        var query = query
        query.maxState = query.stateLimit
        return StageQuery(query, seed: seed)
    }
    let first = stage(plan.query)
    let engine: any Engine
    let pipeline: Pipeline
    let results = plan.exportsResults ? LastResults() : nil
    let observer = try RunObserver(plan, results)
    let writer: any RowWriter = results.map { ResultsTap(output, $0) } ?? output
    do throws(ExpressionError) {
        engine = try makeStages(first, plan.laterQueries.map(stage), options, writer)
        pipeline = try Pipeline(plan, first.layout, engine, output, input, observer: observer, crew: crew)
    } catch {
        return ExitOutcome(.bug, Diagnostics.line("an expression was accepted and then rejected; please report this"))
    }
    var source = SourceOptions()
    source.maxLine = plan.query.documentLimit
    source.format = plan.format
    source.recordIdle = plan.recordIdle
    source.columns = first.layout.suppliedColumns
    source.partitionIdle = plan.partitionIdle
    source.hasWatermark = plan.query.watermarkDelay != nil
    source.output = output.watchedDescriptor
    source.warn = plan.warn
    do throws(RunError) {
        try pipeline.run(try input.open(source), from: checkpoint)
    } catch {
        output.abandon()
        throw error
    }
    observer.noteEnding()
    let signal = pipeline.finish()
    ended = engine
    var outcome = ExitOutcome(pipeline, engine, output, plan, input, signal: signal)
    let status = outcome.signal == 0 ? outcome.status.rawValue : 128 + outcome.signal
    do throws(RunError) {
        try observer.finish(pipeline.statistics, status: status)
    } catch {
        if outcome.status == .done, outcome.signal == 0 { outcome.status = ExitStatus(error.kind) }
        outcome.message += Diagnostics.line(error.text)
    }
    return outcome
}

/// Compiles all expressions, as the run will, so that an error is reported before anything is opened or printed.
private func checkExpressions(_ plan: Plan) throws(ExpressionError) {
    final class NoRows: RowWriter {
        func write(_ rows: borrowing EncodedRows, count: Int) throws(RunError) {}
        func flush() throws(RunError) {}
    }
    let first = StageQuery(plan.query)
    _ = try ScanStage(first.query, first.layout)
    _ = try makeStages(first, plan.laterQueries.map { StageQuery($0) }, EngineOptions(inputNames: []), NoRows())
}

extension Query {
    /// The bytes that the state may take: `--max-state`, by default a quarter of the memory.
    var stateLimit: Int { maxState ?? usableMemory() / 4 }
}

extension Plan {
    /// The number of worker threads.
    var workerCount: Int { max(1, min(jobs ?? usableProcessorCount, 256)) }

    /// Prints a warning, unless `--quiet` was given.
    fileprivate var warn: @Sendable (String) -> Void {
        let isQuiet = verbosity == .quiet
        return { text in if !isQuiet { StandardStreams.writeError(Diagnostics.line(text)) } }
    }
}

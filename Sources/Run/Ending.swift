import Glibc
import Plan
import StreamEngine
import System

extension ExitOutcome {
    /// The exit status and the report of a run whose pipeline has finished.
    ///
    /// - Parameter signal: the signal that stopped it; 0 for none.
    init(
        _ pipeline: Pipeline, _ engine: any Engine, _ output: any RunOutput, _ plan: Plan, _ input: any Input,
        signal: Int32
    ) {
        self.init(.done, signal: signal)
        let names = input.names
        switch pipeline.failure {
        case .engine(let error): self = Diagnostics.ending(of: RunError(error, names))
        case .output(let error): self = Diagnostics.ending(of: error)
        case nil: if let error = pipeline.sourceFailure { self = Diagnostics.ending(of: error) }
        }
        // When the reader of the rows has exited, there is nothing to report.
        if self.signal == SIGPIPE { return }
        let ending = message
        message = ""
        let report = Report(
            plan: plan, names: names, hasReadAll: pipeline.hasReadAll && signal == 0 && !engine.isDone, isFinal: true)
        let survey = engine.survey
        let notes = RecordNotes(plan, engine)
        let lastTime = engine.latestEventTime
        let rows = engine.rows
        engine.withCounts { counts in
            if plan.verbosity != .quiet {
                let refusals = plan.laterQueries.isEmpty ? output.refusals : RefusedRows()
                message = report.text(counts, refusals, survey, notes, pipeline, input, self, lastTime)
            }
            guard status == .done, signal == 0 else { return }
            let nothingIsTaken = rows > 0 && output.refusals.count == rows
            let lacksField = plan.strict && notes.lacksField
            if report.isUseless(counts) || report.isFileInPipe(counts) || nothingIsTaken || lacksField {
                status = .badData
            }
        }
        for (number, stage) in engine.stages.enumerated().dropFirst() {
            note(stage, number, plan, output.refusals, hasReadAll: report.hasReadAll)
        }
        message += ending
    }

    /// Adds the notes of a stage behind `--then`.
    ///
    /// - Parameter number: of the stage, from 0.
    private mutating func note(
        _ stage: any Engine, _ number: Int, _ plan: Plan, _ refusals: RefusedRows, hasReadAll: Bool
    ) {
        let plan = plan.ofStage(number)
        let report = Report(
            plan: plan, names: Query.namesOfInput(ofStage: number), hasReadAll: hasReadAll, isFinal: true)
        let survey = stage.survey
        let notes = RecordNotes(plan, stage)
        stage.withCounts { counts in
            if plan.verbosity != .quiet {
                message += report.notes(counts, plan.laterQueries.isEmpty ? refusals : RefusedRows(), survey, notes).map
                {
                    Diagnostics.line("stage \(number + 1): \($0)")
                }.joined()
            }
            guard status == .done, signal == 0 else { return }
            if report.isUseless(counts) || plan.strict && notes.lacksField { status = .badData }
        }
    }
}

extension Report {
    /// All lines before the error that ended the run, if any.
    fileprivate func text(
        _ counts: borrowing RunCounts, _ refusals: RefusedRows, _ survey: InputSurvey, _ notes: RecordNotes,
        _ pipeline: Pipeline, _ input: any Input, _ outcome: ExitOutcome,
        _ lastTime: Int64
    ) -> String {
        var lines: [String] = []
        if plan.verbosity == .verbose { lines.append(self.counts(counts)) }
        // If nothing of the input can be read, the error says so.
        if !pipeline.hasForeignInput || counts.rejectedCount < counts.records {
            lines += problems(counts, refusals, survey).map(\.text)
            lines += notes.lines(isFinal: true, hasEnded: hasReadAll)
        }
        if let line = emptyInput(counts) { lines.append(line) }
        if outcome.signal != 0, outcome.status == .done {
            lines += coverage(counts, input.share(before: pipeline.reached))
        }
        if outcome.signal == SIGINT, let line = printedOpen() { lines.append(line) }
        if outcome.signal != 0, let line = partialWindows(survey.firstTime, lastTime) {
            lines.append(line)
        }
        if pipeline.hasHeldBack {
            let name = plan.input.names.last ?? "the input"
            lines.append("\(name): the last line is incomplete; the next run of the job will read it")
        }
        return lines.map { Diagnostics.line($0) }.joined()
    }

    /// The lines about the records and rows of a stage behind `--then`.
    fileprivate func notes(
        _ counts: borrowing RunCounts, _ refusals: RefusedRows, _ survey: InputSurvey, _ notes: RecordNotes
    ) -> [String] {
        (plan.verbosity == .verbose ? [self.counts(counts)] : []) + problems(counts, refusals, survey).map(\.text)
            + notes.lines(isFinal: true, hasEnded: hasReadAll)
    }

    /// An input without records gives no rows, which looks like a filter that lets nothing pass.
    private func emptyInput(_ counts: borrowing RunCounts) -> String? {
        guard counts.records == 0, counts.rows == 0, hasReadAll, plan.job == nil else { return nil }
        let names = plan.input.names.map { $0 == "-" ? "stdin" : $0 }
        guard names != ["/dev/null"] else { return nil }
        return names.count == 1 ? "\(names[0]): the input is empty" : "the inputs are empty"
    }

    /// How much of its files a stopped run has read.
    private func coverage(_ counts: borrowing RunCounts, _ share: Double?) -> [String] {
        guard let share, share < 1 else { return [] }
        let files = plan.input.paths.map { $0 == "-" ? "stdin" : $0 }
        let what = files.count == 1 ? files[0] : "\(files.count) files"
        let stopped = "stopped after \(Percent.text(share)) of \(what) (\(counts.records) records)"
        return [
            plan.job.map { "\(stopped); the next run of job '\($0.name)' goes on from here" }
                ?? "\(stopped); the rows cover only this part"
        ]
    }

    /// What Ctrl-C did, for a user who sees it.
    private func printedOpen() -> String? {
        guard plan.isLive, plan.job == nil, !plan.lastQuery.passesThrough, StandardStreams.errorIsTerminal else {
            return nil
        }
        return "stopped by Ctrl-C; the windows that were open are printed with their records so far"
    }

    /// Windows of live input that the run did not see from their start or to their end.
    private func partialWindows(_ first: Int64?, _ last: Int64) -> String? {
        guard plan.isLive, plan.job == nil, plan.query.window.isTimed, let first, last >= first else { return nil }
        return "windows that start before \(Self.text(first)) or end after \(Self.text(last)) are not covered whole"
    }

    /// A time, to the second.
    private static func text(_ time: Int64) -> String {
        var buffer = ByteBuffer()
        buffer.append(time: time - floorRemainder(time, 1_000_000))
        return buffer.text
    }
}

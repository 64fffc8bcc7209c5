import Plan
import StreamEngine
import System

/// Lists the fields of an input, for `--fields`: reads a part of it, or all, and prints what it holds.
package func listFields(_ plan: Plan, _ kinds: Kinds) -> ExitOutcome {
    let context = RunContext(plan) { StandardStreams.writeError(Diagnostics.line($0)) }
    do throws(RunError) {
        let input = try kinds.openInput(context)
        let reading = try FieldReading(plan)
        try reading.read(input)
        return reading.ending(plan, input.names)
    } catch {
        return Diagnostics.ending(of: error)
    }
}

/// The records that `--fields` looks at.
private final class FieldReading {
    /// Without `-n`, this many records say enough.
    private static let usual = (file: 100_000, live: 1_000)
    /// How long to wait for records of live input, microseconds: for the first one, and between two.
    private static let patience: (first: Int64, next: Int64) = (10_000_000, 2_000_000)

    private enum Stop {
        case end, enough, quiet, interrupted
    }

    private let survey: FieldSurvey
    private let isLive: Bool
    private let format: FormatPlan
    private var stop = Stop.end
    private let elements: Elements?

    /// Reads the elements of arrays.
    private final class Elements {
        private var stage: ScanStage
        private var records: Records

        init(_ query: Query) throws(ExpressionError) {
            let layout = ColumnLayout(query)
            stage = try ScanStage(query, layout)
            records = Records(columnCount: layout.columnCount)
        }

        func take(_ batch: inout Batch, as format: InputFormat, _ survey: FieldSurvey) {
            stage.run(&batch, as: format, into: &records)
            survey.take(records, of: batch)
        }
    }

    init(_ plan: Plan) throws(RunError) {
        do throws(ExpressionError) {
            elements = plan.query.nesting.isEmpty ? nil : try Elements(plan.query)
        } catch {
            throw RunError(.usage, "\(error)")
        }
        isLive = plan.isLive
        format = plan.format
        survey = FieldSurvey(
            maxLine: plan.maxLine, most: plan.query.maxRecords ?? (isLive ? Self.usual.live : Self.usual.file))
    }

    func read(_ input: any Input) throws(RunError) {
        _ = try input.begin(from: nil, job: nil)
        var options = SourceOptions()
        options.format = format
        let source = try input.open(options)
        var batch = Batch()
        var deadline = steadyClock() + Self.patience.first
        while true {
            if survey.isFull {
                stop = .enough
                return
            }
            switch try source.read(into: &batch, deadline: isLive ? wallClock() + 100_000 : nil) {
            case .lines:
                if let elements {
                    elements.take(&batch, as: source.format, survey)
                } else {
                    survey.take(&batch, as: source.format)
                }
                deadline = steadyClock() + Self.patience.next
            case .quiet:
                guard isLive, steadyClock() > deadline else { continue }
                stop = .quiet
                return
            case .end: return
            case .interrupted:
                stop = .interrupted
                return
            }
        }
    }

    /// Prints the list. Standard output has only the list where it is for programs.
    func ending(_ plan: Plan, _ names: InputNames) -> ExitOutcome {
        let total = survey.recordCount + survey.rejectedCount
        let inputs = plan.input.texts
        let arrays = plan.query.nesting.arrayPath.map { ["--each \(Shell.quoted($0))"] } ?? []
        let report = FieldReport(
            fields: survey.fields, records: survey.recordCount, inputs: inputs, options: arrays)
        let rejects = survey.firstRejected.map { first in
            "\(survey.rejectedCount) of \(total) records are malformed (first at \(names.text(of: first.position)): "
                + "\(first.detail))"
        }
        var message = ""
        if plan.verbosity != .quiet {
            if let rejects { message += Diagnostics.line(rejects) }
            if survey.recordCount == 0, rejects == nil { message += Diagnostics.line("no records: \(stopText)") }
            if survey.hasMore {
                message += Diagnostics.line("only the first \(FieldSurvey.mostFields) fields are listed")
            }
        }
        var text = ""
        if let format = plan.fieldList?.format {
            text = report.text(format)
        } else if survey.recordCount > 0 {
            text = "\(plan.input.names.joined(separator: ", ")): \(Self.counted(total)), \(stopText)\n\n" + report.table
            if let start = report.start { text += "\nTo start with: \(start)\n" }
        }
        var outcome = printText(text, plan.fieldList?.format)
        if outcome.status == .done, outcome.signal == 0 {
            outcome.message = message
            if survey.recordCount == 0, survey.rejectedCount > 0 { outcome.status = .badData }
        }
        return outcome
    }

    private static func counted(_ records: Int) -> String { records == 1 ? "1 record" : "\(records) records" }

    private var stopText: String {
        switch stop {
        case .end: "read to the end"
        case .enough: "read from the start (-n N reads N records)"
        case .quiet: "read until no more came"
        case .interrupted: "read until the signal"
        }
    }
}

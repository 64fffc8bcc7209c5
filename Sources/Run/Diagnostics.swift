import Glibc
import Plan
import StreamEngine
import System

/// Messages for standard error, and the exit status of each error.
package enum Diagnostics {
    /// One message: the program's name and the escaped text.
    package static func line(_ text: String) -> String {
        var buffer = ByteBuffer()
        var text = text
        text.withUTF8 { buffer.append(printable: UnsafeRawBufferPointer($0)) }
        return "streamctl: \(buffer.text)\n"
    }

    /// An expression that cannot be compiled.
    static func ending(of error: ExpressionError) -> ExitOutcome {
        ExitOutcome(.usage, line("'\(error.text)' at column \(error.column): \(error.reason)"))
    }

    package static func ending(of error: RunError) -> ExitOutcome {
        switch error.kind {
        case .readerGone: ExitOutcome(.done, signal: SIGPIPE)
        case .interrupted: ExitOutcome(.temporary, line(error.text), signal: Interrupt.process.signalNumber)
        default: ExitOutcome(ExitStatus(error.kind), line(error.text))
        }
    }

    static func heldBack(_ plan: Plan) -> String {
        let name = plan.input.names.last ?? "the input"
        return line("\(name): the last line is incomplete; the next run of the job will read it")
    }

    /// Late, rejected, refused and skipped input, where there was any; with `--verbose` also the counts of all records.
    static func report(
        _ counts: borrowing RunCounts, _ refusals: RefusedRows, _ plan: Plan, _ names: InputNames
    ) -> String {
        var text = ""
        if plan.verbosity == .verbose {
            text += line(
                "\(counts.records) records: \(counts.inWindow) \(plan.query.passesThrough ? "passed" : "in windows"), "
                    + "\(counts.inNoWindow) in no window, \(counts.filtered) filtered, \(counts.late) late, "
                    + "\(counts.rejectedCount) rejected; \(counts.rows) rows")
        }
        if let advice = counts.lateAdvice {
            let what = "\(counts.late) of \(counts.records) records were late"
            let worst = "(worst \(DurationText.text(rounded(advice.all))))"
            let remedy =
                counts.isPunctuated
                ? "the previous stage had announced that none would follow; increase its --watermark by "
                    + DurationText.text(roundedUp(advice.all))
                : remedy(advice, counts.late)
            text += line("\(what) \(worst); \(remedy)")
        }
        if counts.latePairs > 0 {
            let often = counts.latePairs == 1 ? "once" : "\(counts.latePairs) times"
            text += line("\(often), a record missed a window that had already closed (it was counted in others)")
        }
        let rejected = RejectReason.allCases.compactMap { reason in
            counts.rejected[reason].map { item in
                "\(item.count) \(reason.rawValue) (first at \(names.text(of: item.first)): \(item.detail))"
            }
        }
        if !rejected.isEmpty {
            text += line(
                "\(counts.rejectedCount) of \(counts.records) records were rejected: \(rejected.joined(separator: ", "))"
            )
        }
        if refusals.count > 0 {
            text += line(
                "\(refusals.count) of \(counts.rows) rows were refused (first: \(refusals.first))"
                    + (plan.rejects == nil ? "; --rejects FILE keeps them" : ""))
        }
        for (name, count) in counts.bad.sorted(by: { $0.key < $1.key }) {
            text += line("\(name): skipped \(count) non-numeric \(count == 1 ? "value" : "values")")
        }
        return text
    }

    private static func remedy(_ advice: (all: Int64, most: Int64), _ late: Int) -> String {
        let all = roundedUp(advice.all)
        let most = roundedUp(min(advice.most, advice.all))
        let text = "--watermark \(DurationText.text(all)) keeps all"
        return late >= 100 && most < all ? text + ", \(DurationText.text(most)) keeps 99 % of the late ones" : text
    }

    /// For human readers: in tenths of a second at one second or more, in milliseconds below.
    private static func rounded(_ time: Int64) -> Int64 {
        let unit: Int64 = time >= 1_000_000 ? 100_000 : 1_000
        return time < unit ? time : time / unit * unit
    }

    /// For a flag: rounded up to whole seconds at one second or more, to milliseconds below.
    private static func roundedUp(_ time: Int64) -> Int64 {
        let unit: Int64 = time >= 1_000_000 ? 1_000_000 : 1_000
        let (sum, overflow) = time.addingReportingOverflow(unit - 1)
        return overflow ? time : sum / unit * unit
    }
}

extension RunError {
    /// - Parameter names: what messages call the inputs.
    init(_ error: EngineError, _ names: InputNames) {
        switch error {
        case .sink(let error): self = error
        case .rejected(let reason, let position, let detail):
            self.init(
                .badData, "\(names.text(of: position)): \(reason.rawValue): \(detail); --strict ends the run here")
        case .tooManyGroups(let limit):
            self.init(
                .badData,
                "more than \(limit) groups are open at once; raise --max-groups, or use shorter windows")
        case .tooManyGapRows(let limit):
            self.init(.badData, "--fill would print more than \(limit) rows at once; use longer windows")
        }
    }
}

import Plan
import StreamEngine
import System

/// Reports while records are still read: problems of live input soon after they begin, then each kind at most once a
/// minute; the counts when USR1 asks for them and, with `--verbose`, every minute.
struct ProgressReport {
    /// How often it needs to be called while no records arrive, microseconds.
    static let tick: Int64 = 1_000_000
    /// Problems are reported after so many records, or so long after the first record.
    private static let firstRecords = 100
    private static let firstDelay: Int64 = 2_000_000
    private static let shortDelay: Int64 = 500_000

    private let plan: Plan
    private let input: any Input
    private let say: (String) -> Void
    private let clock: () -> Int64
    private var start: Int64?
    private var nextCheck = Int64.min
    private var nextCounts = Int64.max
    /// For each kind of problem, when it may be reported again, and the number last reported.
    private var reported: [Report.Notice.Kind: (limit: NoticeLimit, count: Int)] = [:]
    private var hasReportedFields = false

    /// - Parameters:
    ///   - say: prints whole lines.
    ///   - clock: microseconds since some moment.
    init(
        _ plan: Plan, _ input: any Input, _ say: @escaping (String) -> Void, clock: @escaping () -> Int64 = steadyClock
    ) {
        self.plan = plan
        self.input = input
        self.say = say
        self.clock = clock
    }

    var needsTicks: Bool { plan.isLive && plan.verbosity != .quiet || plan.verbosity == .verbose }

    /// Called after each batch and each tick.
    mutating func check(_ engine: any Engine, at position: InputPosition) {
        if Interrupt.takeReportRequest() { sayCounts(engine, position) }
        guard needsTicks else { return }
        let now = clock()
        guard now >= nextCheck else { return }
        if start == nil {
            start = now
            nextCounts = now &+ NoticeLimit.interval
        }
        if plan.verbosity == .verbose, now >= nextCounts {
            nextCounts = now &+ NoticeLimit.interval
            sayCounts(engine, position)
        }
        if plan.isLive { checkProblems(engine, now) }
    }

    private mutating func checkProblems(_ engine: any Engine, _ now: Int64) {
        var records = 0
        engine.withCounts { records = $0.records }
        let elapsed = now &- (start ?? now)
        // A file that is piped in has often ended before the shorter delay.
        guard elapsed >= (records >= Self.firstRecords ? Self.shortDelay : Self.firstDelay) else { return }
        nextCheck = now &+ Self.tick
        guard records > 0 else { return }
        let report = Report(plan: plan, names: input.names, hasReadAll: false, isFinal: false)
        var lines: [String] = []
        let survey = engine.survey
        var notices: [Report.Notice] = []
        engine.withCounts { notices = report.problems($0, RefusedRows(), survey) }
        for notice in notices where isNews(notice, now) { lines.append(notice.text) }
        if !hasReportedFields {
            hasReportedFields = true
            lines += RecordNotes(plan, engine).lines(isFinal: false)
        }
        if !lines.isEmpty { say(lines.map { Diagnostics.line($0) }.joined()) }
    }

    private mutating func isNews(_ notice: Report.Notice, _ now: Int64) -> Bool {
        var last = reported[notice.kind] ?? (NoticeLimit(), 0)
        guard notice.count > last.count, last.limit.allows(at: now) else { return false }
        last.count = notice.count
        reported[notice.kind] = last
        return true
    }

    private func sayCounts(_ engine: any Engine, _ position: InputPosition) {
        let report = Report(plan: plan, names: input.names, hasReadAll: false, isFinal: false)
        var line = ""
        engine.withCounts { line = report.counts($0) }
        let share = input.share(before: position).map { "; \(Percent.text($0)) read" } ?? ""
        say(Diagnostics.line(line + share))
    }
}

/// Shares as messages show them.
enum Percent {
    /// `38 %`, never rounded up to 100.
    static func text(_ share: Double) -> String {
        let number = Int(max(0, min(1, share)) * 100)
        return number == 0 && share > 0 ? "less than 1 %" : "\(number) %"
    }
}

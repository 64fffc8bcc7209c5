import Plan
import StreamEngine
import System

/// Says how far a run is that reads again what its open windows hold, if that takes long.
struct ReplayReport {
    /// How long a replay is silent, microseconds.
    private static let patience: Int64 = 5_000_000

    private let job: String?
    private let say: (String) -> Void
    private let clock: () -> Int64
    private var start: Int64?
    private var limit = NoticeLimit()
    private var hasSpoken = false

    /// - Parameters:
    ///   - say: prints whole lines.
    ///   - clock: microseconds since some moment.
    init(_ plan: Plan, _ say: @escaping (String) -> Void, clock: @escaping () -> Int64 = steadyClock) {
        job = plan.verbosity == .quiet ? nil : plan.job?.name
        self.say = say
        self.clock = clock
    }

    /// Called after each batch of the replay.
    mutating func check(_ replay: ReplayTarget) {
        guard let job else { return }
        let now = clock()
        let start = start ?? now
        self.start = start
        guard now &- start >= Self.patience, limit.allows(at: now) else { return }
        hasSpoken = true
        say(
            Diagnostics.line(
                "job '\(job)' reads again what its open windows hold: \(Percent.text(replay.share)) so far, in "
                    + "\((now &- start) / 1_000_000) s"))
    }

    /// Called when the replay has ended.
    func end() {
        guard let job, hasSpoken, let start else { return }
        say(Diagnostics.line("job '\(job)' goes on with new records after \((clock() &- start) / 1_000_000) s"))
    }
}

import StreamEngine
import System

/// What the service manager is told: when the run is ready, what it does, that it is alive, and that it ends.
struct ServiceNotices: ~Copyable {
    private static let statusInterval: Int64 = 5_000_000
    /// While a job reads again what its open windows hold, a start may take as long as it takes.
    private static let replayInterval: Int64 = 2_000_000
    /// Microseconds by which a time limit of the manager is extended.
    private static let timeExtension = 30_000_000

    private let manager: ServiceManager
    private var text: ProgressText
    private var isReady = false
    private var nextStatus = Int64.min
    private var nextLife: Int64

    /// - Parameter start: when the run has begun, microseconds.
    /// - Returns: nil if no service manager wants to know.
    init?(_ start: Int64) {
        guard let manager = ServiceManager() else { return nil }
        nextLife = manager.watchdog == nil ? Int64.max : Int64.min
        self.manager = manager
        text = ProgressText(start)
    }

    /// How often it must be called, microseconds.
    var tick: Int64 { min(1_000_000, max(1000, (manager.watchdog ?? Int64.max) / 4)) }

    func isDue(_ now: Int64) -> Bool { !isReady || now >= min(nextStatus, nextLife) }

    /// Called by the loop of the run: a thread of its own would not show that the run is alive.
    mutating func send(_ statistics: RunStatistics, _ now: Int64) {
        var lines: [String] = []
        if now >= nextLife {
            nextLife = now &+ (manager.watchdog ?? 0) / 2
            lines.append("WATCHDOG=1")
        }
        if let share = statistics.replayed {
            if now >= nextStatus {
                nextStatus = now &+ Self.replayInterval
                lines.append("STATUS=replaying \(Percent.text(share))")
                if !isReady { lines.append("EXTEND_TIMEOUT_USEC=\(Self.timeExtension)") }
            }
        } else {
            if !isReady { lines.append("READY=1") }
            if !isReady || now >= nextStatus {
                nextStatus = now &+ Self.statusInterval
                lines.append("STATUS=\(text.parts(statistics, now).joined(separator: ", "))")
            }
            isReady = true
        }
        if !lines.isEmpty { manager.send(lines.joined(separator: "\n")) }
    }

    /// The input has ended, or a signal stops the run.
    mutating func sendStopping() {
        // A manager takes the end of a run that was never ready for a failure.
        manager.send((isReady ? "" : "READY=1\n") + "STOPPING=1\nEXTEND_TIMEOUT_USEC=\(Self.timeExtension)")
        isReady = true
    }
}

import StreamEngine
import System

/// Commits the positions of a run without a job to its consumer group: the positions from which another run would read
/// every record that is not in a row yet.
final class GroupOffsetReporter {
    private static let every: Int64 = 1_000_000

    private let group: any OffsetCommitter
    private var tracker: CheckpointTracker
    private let clock: () -> Int64
    private var last: Int64

    /// - Parameter clock: microseconds since some moment.
    init(_ group: any OffsetCommitter, from checkpoint: Checkpoint?, clock: @escaping () -> Int64 = steadyClock) {
        self.group = group
        self.clock = clock
        last = clock()
        tracker = CheckpointTracker(resuming: checkpoint)
    }

    func begin(_ batch: borrowing Batch, _ engine: any Engine) { tracker.begin(batch, engine) }

    /// - Parameter settle: called before positions are reported: the rows before them must have arrived.
    func end(
        _ batch: borrowing Batch, _ engine: any Engine, settle: () throws(RunError) -> Void
    ) throws(RunError) {
        if tracker.end(batch, engine) { try tick(engine, settle: settle) }
    }

    /// - Parameter settle: as for `end`.
    func tick(_ engine: any Engine, settle: () throws(RunError) -> Void) throws(RunError) {
        guard clock() - last >= Self.every else { return }
        try settle()
        send(engine)
    }

    func finish(_ engine: any Engine) {
        send(engine)
        group.finish()
    }

    private func send(_ engine: any Engine) {
        last = clock()
        group.send(tracker.checkpoint(oldest: engine.oldestBatch), isDelivered: false)
    }
}

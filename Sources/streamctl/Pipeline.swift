import Command
import Files
import Glibc
import StreamEngine

/// Source, scan, engine and sink, worked by one thread or several.
///
/// Every worker reads a batch, scans it on its own, and waits for its turn at the engine: turns follow the order of
/// reading, so the output does not depend on the number of workers. At most one batch per worker is in flight.
///
/// Unchecked: the source is touched under `reading` only, everything behind the turn by the worker whose turn it is.
final class Pipeline: @unchecked Sendable {
    private let plan: Plan
    private let layout: Layout
    private let engine: any Engine
    private let rejects: RejectsFile?
    private let reading = Lock()
    private let turns = Turns()
    // Under `reading`.
    private var nextSequence = 0
    private var hasEnded = false
    // Behind the turn.
    private var failure: Failure?
    private var sourceFailure: SourceError?

    private enum Failure {
        case engine(EngineError)
        case rejects(SinkError)
    }

    /// How long a read may wait before the engine hears of the silence, microseconds.
    private static let tick: Int64 = 200_000

    init(_ plan: Plan, _ layout: Layout, _ engine: any Engine, _ rejects: RejectsFile?) {
        self.plan = plan
        self.layout = layout
        self.engine = engine
        self.rejects = rejects
    }

    /// Reads the source to its end, or until something stops the run.
    func run<S: Source & SendableMetatype & ~Copyable>(_ source: consuming S) {
        let shared = Shared(source)
        let workers = max(1, min(plan.jobs ?? processorCount(), 256))
        runInParallel(workers) { [self] in work(shared) }
    }

    /// The source, where all workers find it.
    private final class Shared<S: Source & ~Copyable>: @unchecked Sendable {
        var source: S
        init(_ source: consuming S) { self.source = source }
    }

    private func work<S: Source & ~Copyable>(_ shared: Shared<S>) {
        guard var stage = try? ScanStage(plan.query, layout) else { return }
        var batch = Batch()
        var records = Records(columnCount: layout.columnCount)
        while true {
            reading.lock()
            let event = hasEnded ? .end : read(shared, &batch)
            batch.sequence = nextSequence
            if event == .lines || event == .quiet { nextSequence += 1 }
            reading.unlock()
            switch event {
            case .lines: stage.run(&batch, into: &records)
            case .quiet: break
            case .end, .interrupted: return
            }
            turns.wait(for: batch.sequence)
            if failure == nil, !engine.isDone { advance(event, records, batch) }
            turns.pass()
        }
    }

    /// Reads one batch; afterwards `hasEnded` says whether there are more.
    private func read<S: Source & ~Copyable>(_ shared: Shared<S>, _ batch: inout Batch) -> SourceEvent {
        var event = SourceEvent.end
        do throws(SourceError) {
            event = try shared.source.read(into: &batch, deadline: deadline())
        } catch {
            sourceFailure = error
        }
        // Silence ends here: another worker may read lines before the turn of this one comes.
        if event == .quiet { batch.arrival = wallClock() }
        if event == .end || event == .interrupted { hasEnded = true }
        return event
    }

    private func deadline() -> Int64? {
        guard plan.query.idle != nil || plan.query.early != nil else { return nil }
        return wallClock() + min(Self.tick, plan.query.early ?? Self.tick)
    }

    /// The ordered part, for one batch or one stretch of silence.
    private func advance(_ event: SourceEvent, _ records: borrowing Records, _ batch: borrowing Batch) {
        do throws(EngineError) {
            if event == .lines {
                try engine.process(records, of: batch)
            } else {
                try engine.tick(batch.arrival)
            }
        } catch {
            failure = .engine(error)
        }
        writeRejects()
        // Another worker may be waiting for input that is no longer wanted.
        if failure != nil || engine.isDone { Interrupt.process.raise(SIGPIPE) }
    }

    private func writeRejects() {
        guard let rejects else { return }
        engine.takeRejects { lines in
            do throws(SinkError) { try rejects.write(lines) } catch { failure = failure ?? .rejects(error) }
        }
    }

    /// Finishes the run: open windows are printed unless the run failed, everything is closed and accounted for.
    func ending(closing rows: Rows) -> Ending {
        let signal = failure == nil && !engine.isDone ? Interrupt.process.signalNumber : 0
        if signal == SIGPIPE { return Ending(.done, signal: SIGPIPE) }
        if failure == nil, sourceFailure == nil {
            do throws(EngineError) {
                try engine.finish()
            } catch {
                failure = .engine(error)
            }
        }
        do throws(SinkError) {
            if case .engine(.sink) = failure {} else { try rows.close() }
            try rejects?.close()
        } catch {
            failure = failure ?? .engine(.sink(error))
        }
        var ending = Ending(.done, signal: signal)
        switch failure {
        case .engine(let error): ending = Diagnostics.ending(of: error, plan)
        case .rejects(let error): ending = Diagnostics.ending(of: error)
        case nil: if let sourceFailure { ending = Diagnostics.ending(of: sourceFailure) }
        }
        engine.withAccounts { accounts in
            if plan.verbosity != .quiet { ending.message = Diagnostics.report(accounts, plan) + ending.message }
            if ending.status == .done, signal == 0, accounts.records > 0, accounts.rejectedCount == accounts.records {
                ending.status = .badData
            }
        }
        return ending
    }
}

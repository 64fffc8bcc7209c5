import Glibc
import Plan
import StreamEngine
import System

/// Source, scan, engine and sink, worked by one thread or several.
///
/// Batches are read one after the other, scanned by whoever is free, and taken in by the engine in the order of
/// reading, so the output does not depend on the number of workers. The first worker serves the engine whenever it can,
/// so that the engine's memory stays with one processor; the others do so only while that one waits for input. The
/// number of batches in flight is fixed.
///
/// Unchecked: the fields below are touched under `state` only; the source by the worker that set `isReading`, a slot
/// by the worker that reads and scans it, the engine and the failures by the worker that set `isServing`.
final class Pipeline: @unchecked Sendable {
    private let plan: Plan
    private let layout: ColumnLayout
    private let engine: any Engine
    private let output: any RunOutput
    private let input: any Input
    /// Where the replay of what earlier runs did ends; nil when there is none, or it is over. Touched by the server.
    private var replay: ReplayTarget?
    private let state = Monitor()
    private let slots: [Slot]
    private let workers: Int

    /// Batches that were read, and those that the engine has taken in.
    private var readCount = 0
    private var takenCount = 0
    private var isReading = false
    private var isServing = false
    /// The first worker is the one that reads, perhaps for long.
    private var isServerReading = false
    private var hasEnded = false
    private var failure: Failure?
    /// The last line had no end yet.
    private var hasHeldBack = false
    private var sourceFailure: RunError?

    private enum Failure {
        case engine(EngineError)
        case output(RunError)
    }

    /// A batch on its way; batch number n is in slot n modulo their number.
    private final class Slot {
        var batch = Batch()
        var records: Records
        var event = SourceEvent.quiet
        /// Scanned, and not yet taken in by the engine.
        var isReady = false

        init(_ layout: ColumnLayout) { records = Records(columnCount: layout.columnCount) }
    }

    /// How long a read may wait before the engine hears of the silence, microseconds.
    private static let tick: Int64 = 200_000

    init(
        _ plan: Plan, _ layout: ColumnLayout, _ engine: any Engine, _ output: any RunOutput, _ input: any Input
    ) {
        self.input = input
        self.plan = plan
        self.layout = layout
        self.engine = engine
        self.output = output
        workers = max(1, min(plan.jobs ?? processorCount(), 256))
        // One for each worker to scan, and one or two that wait for the engine.
        slots = (0..<(workers == 1 ? 1 : workers + 2)).map { _ in Slot(layout) }
    }

    /// Reads the source to its end, or until something stops the run.
    ///
    /// - Parameter checkpoint: what earlier runs have done, which is only done again as far as it must.
    func run(_ source: any OpenSource, from checkpoint: Checkpoint?) throws(RunError) {
        if let checkpoint {
            try source.resume(from: checkpoint.input)
            engine.beginReplay(from: checkpoint)
            replay = ReplayTarget(checkpoint)
            if replay == nil { endReplay(checkpoint) }
        }
        runInParallel(workers) { [self] worker in work(source, isServer: worker == 0) }
    }

    private func work(_ source: any OpenSource, isServer: Bool) {
        guard var stage = try? ScanStage(plan.query, layout) else { return }
        state.lock()
        defer { state.unlock() }
        while true {
            if slots[takenCount % slots.count].isReady, !isServing, isServer || isServerReading {
                serve()
            } else if !isReading, !hasEnded, readCount - takenCount < slots.count {
                readAndScan(source, &stage, isServer: isServer)
            } else if hasEnded, takenCount == readCount {
                // Not before: values that are still to be printed may borrow constant texts from the stage.
                return
            } else {
                state.wait()
            }
        }
    }

    /// Lets the engine take in the next batch. Called and left under `state`.
    private func serve() {
        let slot = slots[takenCount % slots.count]
        isServing = true
        state.unlock()
        if failure == nil, !engine.isDone { advance(slot.event, slot.records, slot.batch) }
        state.lock()
        slot.isReady = false
        isServing = false
        takenCount += 1
        state.notifyAll()
    }

    /// Reads the next batch and scans it. Called and left under `state`.
    private func readAndScan(_ source: any OpenSource, _ stage: inout ScanStage, isServer: Bool) {
        let slot = slots[readCount % slots.count]
        isReading = true
        isServerReading = isServer
        if isServer { state.notifyAll() }
        state.unlock()
        let event = read(source, &slot.batch)
        slot.event = event
        state.lock()
        isReading = false
        isServerReading = false
        let isBatch = event == .lines || event == .quiet
        if isBatch {
            slot.batch.sequence = readCount
            readCount += 1
        } else {
            hasEnded = true
        }
        state.notifyAll()
        guard isBatch else { return }
        state.unlock()
        if event == .lines { stage.run(&slot.batch, into: &slot.records) }
        state.lock()
        slot.isReady = true
        state.notifyAll()
    }

    /// Reads one batch.
    private func read(_ source: any OpenSource, _ batch: inout Batch) -> SourceEvent {
        var event = SourceEvent.end
        do throws(RunError) {
            event = try source.read(into: &batch, deadline: deadline())
        } catch {
            sourceFailure = error
        }
        // Silence ends here: another worker may read lines before the turn of this one comes.
        if event == .quiet { batch.arrival = wallClock() }
        return event
    }

    private func deadline() -> Int64? {
        guard plan.query.idle != nil || plan.query.early != nil || output.needsTicks else { return nil }
        return wallClock() + min(Self.tick, plan.query.early ?? Self.tick)
    }

    /// The ordered part, for one batch or one stretch of silence.
    private func advance(_ event: SourceEvent, _ records: borrowing Records, _ batch: borrowing Batch) {
        if event == .lines {
            reach(batch.start, of: batch.partition)
            if records.isTornLine, output.holdBack(batch) {
                hasHeldBack = true
                return
            }
            output.beginBatch(batch, engine)
        }
        do throws(EngineError) {
            if event == .lines {
                try engine.process(records, of: batch)
            } else {
                try engine.tick(batch.arrival)
            }
        } catch {
            failure = .engine(error)
        }
        do throws(RunError) {
            try writeRejects()
            if failure == nil {
                if event == .lines { try output.endBatch(batch, engine) } else { try output.tick(engine) }
            }
        } catch {
            failure = failure ?? .output(error)
        }
        if event == .lines {
            input.noteEventTime(engine.partitionState(of: batch.partition).latest, of: batch.partition)
        }
        if event == .lines { reach(batch.end, of: batch.partition) }
        // Another worker may be waiting for input that is no longer wanted.
        if failure != nil || engine.isDone { Interrupt.process.raise(SIGPIPE) }
    }

    private func writeRejects() throws(RunError) {
        guard plan.rejects != nil else { return }
        var problem: RunError?
        engine.takeRejects { lines in
            do throws(RunError) { try output.reject(lines) } catch { problem = error }
        }
        if let problem { throw problem }
    }

    /// What earlier runs have done is done again: from here on it counts.
    private func reach(_ place: InputPosition, of partition: Int) {
        guard let checkpoint = replay?.checkpoint, replay?.reach(place, of: partition) == true else { return }
        replay = nil
        endReplay(checkpoint)
    }

    private func endReplay(_ checkpoint: Checkpoint) {
        do throws(EngineError) {
            try engine.endReplay(watermark: checkpoint.time.watermark, skipping: checkpoint.output.rowsAfter)
        } catch {
            failure = failure ?? .engine(error)
        }
    }

    /// Finishes the run: open windows are printed unless the run failed, everything is closed and accounted for.
    func ending() -> ExitOutcome {
        let signal = failure == nil && !engine.isDone ? Interrupt.process.signalNumber : 0
        if signal == SIGPIPE {
            output.abandon()
            return ExitOutcome(.done, signal: SIGPIPE)
        }
        if failure == nil, sourceFailure == nil, signal == 0, let replay {
            failure = .output(
                .mismatch("the input ended before byte \(replay.checkpoint.input.files.committed.position), up to which the job had read it"
                ))
        }
        // A job that was stopped goes on later, with the windows that are open now.
        let isFinishing = failure == nil && sourceFailure == nil && (signal == 0 || plan.job == nil)
        if isFinishing {
            output.beginClosing(engine)
            do throws(EngineError) {
                try engine.finish()
            } catch {
                failure = .engine(error)
            }
        }
        close(isFinished: isFinishing && failure == nil)
        var ending = ExitOutcome(.done, signal: signal)
        switch failure {
        case .engine(let error): ending = Diagnostics.ending(of: RunError(error, input.names))
        case .output(let error): ending = Diagnostics.ending(of: error)
        case nil: if let sourceFailure { ending = Diagnostics.ending(of: sourceFailure) }
        }
        engine.withCounts { counts in
            if plan.verbosity != .quiet {
                let heldBack = hasHeldBack ? Diagnostics.heldBack(plan) : ""
                ending.message =
                    Diagnostics.report(counts, output.refusals, plan, input.names) + heldBack + ending.message
            }
            let nothingIsGood = counts.records > 0 && counts.rejectedCount == counts.records
            let nothingIsTaken = counts.rows > 0 && output.refusals.count == counts.rows
            if ending.status == .done, signal == 0, nothingIsGood || nothingIsTaken { ending.status = .badData }
        }
        return ending
    }

    /// Has everything written that was printed, unless the output itself is what failed.
    private func close(isFinished: Bool) {
        switch failure {
        case .engine(.sink), .output: output.abandon()
        default:
            do throws(RunError) {
                try output.close(engine, isFinished: isFinished)
            } catch {
                failure = failure ?? .output(error)
            }
        }
    }
}

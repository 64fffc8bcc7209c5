import Glibc
import Plan
import StreamEngine
import System

/// Reads, scans, aggregates and writes, with one worker thread or several.
///
/// Batches are read one at a time, scanned by any idle worker, and processed by the engine in read order, so the output
/// does not depend on the number of workers. The first worker serves the engine whenever it can, so that the engine's
/// memory stays with one processor; the others serve it only while the first waits for input, or has left no slot to read
/// into. The engine may leave updates of states to the lanes of a crew, which read the records of a batch after it, and
/// parts of large tasks to all threads: the workers do both between batches. The number of batches in flight is fixed.
///
/// Unchecked: the fields below are used under `state` only; the source by the worker that set `isReading`, a slot by
/// the worker that reads and scans it, the engine, the replay and the failure by the worker that set `isServing`.
final class Pipeline: @unchecked Sendable {
    private let plan: Plan
    private let engine: any Engine
    private let output: any RunOutput
    private let input: any Input
    private let interrupt: Interrupt
    /// The positions at which the replay of earlier runs ends; nil if there is no replay, or if it has ended.
    private var replay: ReplayTarget?
    private let state: Monitor
    /// The slots of the batches that were read and are not processed, in order, and those that are free.
    private var inFlight: [PipelineSlot] = []
    private var free: [PipelineSlot]
    private let crew: ThreadCrew
    private var demand: LaneDemand
    private let workers: [PipelineWorker]

    /// Number of batches read.
    private var readCount = 0
    private var isReading = false
    private var isServing = false
    /// The first worker is reading and may be waiting for input.
    private var isServerReading = false
    private var hasEnded = false
    /// What stopped the run: the failure of the engine or the output.
    private(set) var failure: RunFailure?
    /// The failure of the source: it has no next batch, or what it left out of one cannot be read. Later batches do not count.
    private var readFailure: RunError?
    private var unread: RunError?
    var sourceFailure: RunError? { unread ?? readFailure }
    /// A signal stopped the run while it waited for rows of a table: what was read after that does not count.
    private var isStopped = false
    /// The incomplete last line was left to the next run of the job.
    private(set) var hasHeldBack = false
    private var hasReachedEnd = false
    /// The source has no more records.
    var hasReadAll: Bool { hasReachedEnd && sourceFailure == nil }
    /// Nothing of an input could be read.
    var hasForeignInput: Bool { if case .engine(.foreignInput) = failure { true } else { false } }
    /// The end of the last batch that the engine has processed.
    private(set) var reached = InputPosition.start
    /// The ends of the last batches of each partition; nil for one that had none.
    private var reachedIn: [InputPosition?] = []
    /// Bytes of the batches that the engine has processed.
    private var byteCount = 0
    private let observer: RunObserver?
    private var progress: ProgressReport
    private var replayReport: ReplayReport
    private let notes: FormatNotes

    /// How long a read may wait before the engine and the output get a tick, microseconds.
    private static let tick: Int64 = 200_000

    /// - Parameter interrupt: ends the run when it is raised; the run raises it when it needs no more input.
    /// - Throws: an expression of the query that cannot be compiled.
    init(
        _ plan: Plan, _ layout: ColumnLayout, _ engine: any Engine, _ output: any RunOutput, _ input: any Input,
        observer: RunObserver? = nil, crew: ThreadCrew = ThreadCrew(width: 1), interrupt: Interrupt = .process,
        say: @escaping (String) -> Void = { StandardStreams.writeError($0) }
    ) throws(ExpressionError) {
        self.input = input
        self.observer = observer
        progress = ProgressReport(plan, input, say)
        replayReport = ReplayReport(plan, say)
        notes = FormatNotes(plan, input.names, say)
        self.plan = plan
        self.engine = engine
        self.output = output
        self.interrupt = interrupt
        self.crew = crew
        state = crew.state
        demand = LaneDemand(engine.laneDivision, workers: plan.workerCount)
        var workers: [PipelineWorker] = []
        for number in 0..<plan.workerCount {
            workers.append(
                PipelineWorker(try ScanStage(plan.query, layout, lanes: engine.laneDivision), number: number))
        }
        self.workers = workers
        // One for each worker to scan, and two that wait for the engine or for the lanes of the crew.
        let count = workers.count == 1 ? 1 : workers.count + 2
        free = (0..<count).map { _ in
            PipelineSlot(layout, isShared: count > 1, count > 1 ? engine.makeRowsAhead() : nil)
        }
    }

    /// Reads the source to its end, or until something stops the run.
    ///
    /// - Parameter checkpoint: where to resume; a replay rebuilds the windows that were open there.
    /// - Throws: the error of a source that cannot seek to the restart positions.
    func run(_ source: any OpenSource, from checkpoint: Checkpoint?) throws(RunError) {
        if let checkpoint {
            try source.resume(from: checkpoint.input)
            engine.beginReplay(from: checkpoint)
            replay = ReplayTarget(checkpoint)
            if replay == nil { endReplay(checkpoint) }
        }
        runInParallel(workers.count) { [self] number in work(source, workers[number]) }
        crew.wait(for: crew.lastPosted)
    }

    private func work(_ source: any OpenSource, _ worker: PipelineWorker) {
        state.lock()
        crew.workersAtHand += 1
        defer {
            crew.workersAtHand -= 1
            state.unlock()
        }
        while true {
            if let slot = inFlight.first, slot.isReady, !isServing, worker.isServer || mayServe {
                serve(slot)
            } else if crew.takeTask(worker.number, ofOthers: false) {
                continue
            } else if !isReading, !hasEnded, !free.isEmpty {
                readAndScan(takeSlot(for: worker), source, worker)
            } else if crew.takeTask(worker.number) {
                continue
            } else if hasEnded, !isReading, inFlight.isEmpty {
                return
            } else if free.isEmpty, demand.isOpen {
                let start = steadyClock()
                state.wait()
                demand.noteWait(since: start)
            } else {
                state.wait()
            }
        }
    }

    /// Whether other workers than the first serve the engine: they would wait otherwise. Before the lanes look up groups, waits
    /// show whether they should.
    private var mayServe: Bool { isServerReading || free.isEmpty && !demand.isOpen }

    /// Has the engine process the next batch. Called and left under `state`.
    private func serve(_ slot: PipelineSlot) {
        isServing = true
        state.unlock()
        if unread == nil, let problem = slot.failure {
            unread = problem
            // Another worker may be waiting for input that is no longer needed.
            interrupt.raise(SIGPIPE)
        }
        if failure == nil, unread == nil, !isStopped, !engine.isDone {
            if slot.event == .lines, slot.batch.startsInput { notes.note(slot.format, of: slot.batch.input) }
            if slot.event == .lines, let ahead = slot.ahead { engine.take(ahead) }
            advance(slot.event, slot.records, slot.batch)
            slot.task = crew.lastPosted
        }
        state.lock()
        slot.isReady = false
        slot.failure = nil
        hasEnded = hasEnded || unread != nil
        isServing = false
        inFlight.removeFirst()
        free.append(slot)
        state.notifyAll()
    }

    /// A free slot: if possible one that no lane reads any more, and that the worker has filled before, so that it is in the
    /// cache of its core.
    private func takeSlot(for worker: PipelineWorker) -> PipelineSlot {
        let number =
            free.lastIndex { $0.worker == worker.number && crew.hasDone($0.task) }
            ?? free.lastIndex { crew.hasDone($0.task) } ?? 0
        return free.remove(at: number)
    }

    /// Reads the next batch and scans it. Called and left under `state`.
    private func readAndScan(_ slot: PipelineSlot, _ source: any OpenSource, _ worker: PipelineWorker) {
        slot.worker = worker.number
        isReading = true
        crew.workersAtHand -= 1
        isServerReading = worker.isServer
        if worker.isServer { state.notifyAll() }
        state.unlock()
        crew.wait(for: slot.task)
        let event = read(source, &slot.batch)
        slot.event = event
        slot.format = source.format
        if event == .lines { worker.noteTables(in: slot) }
        state.lock()
        isReading = false
        crew.workersAtHand += 1
        isServerReading = false
        let isBatch = event == .lines || event == .quiet
        hasReachedEnd = event == .end && readFailure == nil
        if isBatch {
            slot.batch.sequence = readCount
            readCount += 1
            inFlight.append(slot)
        } else {
            hasEnded = true
            free.append(slot)
        }
        state.notifyAll()
        guard isBatch else { return }
        state.unlock()
        if event == .lines { worker.scan(slot) }
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
            readFailure = error
        }
        // The time of the tick: when the engine processes it, another worker may have read later records.
        if event == .quiet { batch.arrival = wallClock() }
        return event
    }

    private func deadline() -> Int64? {
        var tick = observer?.tick
        let early = plan.lastQuery.early
        if plan.query.idle != nil || plan.recordIdle != nil || early != nil || output.needsTicks {
            tick = min(tick ?? Self.tick, Self.tick, early ?? Self.tick)
        } else if progress.needsTicks {
            tick = min(tick ?? ProgressReport.tick, ProgressReport.tick)
        }
        return tick.map { wallClock() + $0 }
    }

    /// The ordered part, for one batch or one tick.
    private func advance(_ event: SourceEvent, _ records: borrowing Records, _ batch: borrowing Batch) {
        if event == .lines {
            processBatch(records, batch)
        } else {
            attempt { () throws(EngineError) in try engine.tick(batch.arrival) }
            attempt { () throws(RunError) in
                try writeRejects()
                if failure == nil { try output.tick(engine) }
            }
        }
        if let replay {
            replayReport.check(replay)
        } else if failure == nil {
            progress.check(engine, at: reached)
        }
        if let observer, observer.isDue {
            let statistics = statistics
            attempt { () throws(RunError) in try observer.show(statistics) }
            attempt { () throws(EngineError) in if failure == nil { try observer.show(statistics, engine) } }
        }
        // Another worker may be waiting for input that is no longer needed.
        if failure != nil || engine.isDone { interrupt.raise(SIGPIPE) }
    }

    private func processBatch(_ records: borrowing Records, _ batch: borrowing Batch) {
        reach(batch.start, of: batch.partition)
        if records.isTornLine, output.holdBack(batch) {
            hasHeldBack = true
            return
        }
        output.beginBatch(batch, engine)
        do throws(EngineError) {
            try engine.process(records, of: batch)
            try checkReadable(batch)
        } catch {
            if case .lookup(let problem) = error, problem.kind == .interrupted {
                isStopped = true
                return
            }
            note(.engine(error))
        }
        reached = batch.end
        byteCount &+= batch.count
        while reachedIn.count <= batch.partition { reachedIn.append(nil) }
        reachedIn[batch.partition] = batch.end
        do throws(RunError) {
            try writeRejects()
            if failure == nil { try output.endBatch(batch, engine) }
        } catch {
            note(.output(error))
        }
        input.noteEventTime(engine.partitionState(of: batch.partition).latest, of: batch.partition)
        reach(batch.end, of: batch.partition)
        guard failure == nil else { return }
        attempt { () throws(RunError) in try output.commitIfDue(engine) }
    }

    /// Ends the run at the first batch of an input of which nothing can be read, unless its records are wanted as rejects.
    ///
    /// A live input may begin with a few lines of something else.
    private func checkReadable(_ batch: borrowing Batch) throws(EngineError) {
        guard batch.startsInput, plan.rejects == nil, replay == nil, batch.framing == .lines else { return }
        let survey = engine.survey
        let head = Array(batch.bytes.prefix(4096))
        guard survey.isUnreadable, let content = ForeignContent(head) else { return }
        // That the named format does not fit is all there is to say, unless another one does.
        if content.isLog, plan.format.name != .auto { return }
        let isEnough = survey.recordsOfHead > 1 || !content.mayBeOneLine
        guard content.isCertain || !plan.isLive && content != .text && isEnough else { return }
        throw .foreignInput(content, head: head, input: batch.input)
    }

    /// What the run has done so far. Called by the worker that serves the engine, or after the run.
    var statistics: RunStatistics {
        RunStatistics(
            engine, input, output, plan.queries.map(\.lookups), reached: reached, partitions: reachedIn,
            bytes: byteCount,
            replay: replay)
    }

    private func writeRejects() throws(RunError) {
        guard plan.rejects != nil else { return }
        var problem: RunError?
        engine.takeRejects { lines in
            do throws(RunError) { try output.reject(lines) } catch { problem = error }
        }
        if let problem { throw problem }
    }

    /// Keeps the first failure.
    private func note(_ failure: RunFailure) { self.failure = self.failure ?? failure }

    private func attempt(_ body: () throws(EngineError) -> Void) {
        do throws(EngineError) { try body() } catch { note(.engine(error)) }
    }

    private func attempt(_ body: () throws(RunError) -> Void) {
        do throws(RunError) { try body() } catch { note(.output(error)) }
    }

    /// Ends the replay when all partitions have reached their committed positions.
    private func reach(_ position: InputPosition, of partition: Int) {
        guard let checkpoint = replay?.checkpoint, replay?.reach(position, of: partition) == true else { return }
        replay = nil
        replayReport.end()
        endReplay(checkpoint)
    }

    /// Rows are new from now on. The output comes first: the engine may write rows at once.
    private func endReplay(_ checkpoint: Checkpoint) {
        output.endReplay(checkpoint)
        attempt { () throws(EngineError) in
            try engine.endReplay(watermark: checkpoint.time.watermark, skipping: checkpoint.output.rowsAfter)
        }
    }

    /// Ends the run: prints the open windows unless the run failed, and closes the output.
    ///
    /// - Returns: the signal that stopped the run; 0 for none.
    func finish() -> Int32 {
        let signal = failure == nil && unread == nil && !engine.isDone ? interrupt.signalNumber : 0
        if signal == SIGPIPE {
            output.abandon()
            return signal
        }
        if failure == nil, sourceFailure == nil, signal == 0, let unreached = replay?.firstUnreached {
            let name = input.describe(unreached.position, of: unreached.partition)
            note(.output(.mismatch("the input ended before \(name), but the job has read it up to there")))
        }
        // A stopped job keeps its windows open for its next run.
        let isReadable = sourceFailure == nil || countsBeforeDamage
        let isFinishing = failure == nil && isReadable && (signal == 0 || plan.job == nil)
        if isFinishing {
            output.beginClosing(engine)
            attempt { () throws(EngineError) in try engine.finish() }
            // A later stage may reject rows of windows that closed now.
            attempt { () throws(RunError) in try writeRejects() }
        }
        close(isFinished: isFinishing && failure == nil)
        return signal
    }

    /// Whether the records before the place where an input is damaged give rows. A job waits for an input that is whole.
    private var countsBeforeDamage: Bool {
        guard sourceFailure?.kind == .damagedInput, plan.job == nil else { return false }
        var records = 0
        engine.withCounts { records = $0.records }
        return records > 0
    }

    /// Closes the output, which delivers all rows so far, unless the output itself has failed.
    private func close(isFinished: Bool) {
        switch failure {
        case .engine(.sink), .output: output.abandon()
        default: attempt { () throws(RunError) in try output.close(engine, isFinished: isFinished) }
        }
    }
}

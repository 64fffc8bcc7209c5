import Glibc
import Plan
import StreamEngine
import System

/// Collects rows and commits them on a background thread while the next ones are computed. One commit is in flight and
/// one is being filled; when both are full, the run waits: a slow database slows the reader and costs no memory.
///
/// Unchecked: `inFlight`, `failure` and `isEnding` are used under `state` only, the rest by the worker that serves the
/// engine.
final class CommittingOutput: RunOutput, RowTable, @unchecked Sendable {
    /// How often a job without commits (a long interval, a replay) shows that it is alive, microseconds.
    private static let heartbeatEvery: Int64 = 5_000_000

    private let committer: any Committer
    private let commitEvery: Int64
    /// Bytes at which a commit starts before `commitEvery` has passed.
    private let fullSize: Int
    /// Microseconds since some moment.
    private let clock: () -> Int64
    /// Microseconds since 1970.
    private let wall: @Sendable () -> Int64
    private var arrival: Int64 = 0
    private let rejects: (any RejectsWriter)?
    /// A commit may end between any two rows; otherwise only at the end of a batch.
    private let cutsAnywhere: Bool
    /// Bytes of rows that may wait for the end of a batch.
    private let mostWaiting: Int
    let watchedDescriptor: Int32
    private let isJob: Bool
    private let report: (any OffsetCommitter)?
    private var tracker: CheckpointTracker?
    private var keyReach: KeyReachNotice?
    /// No batch has started since the current position.
    private var isAtPosition = true
    /// Rows after the current position.
    private var rowsAfter = 0
    /// Bytes of the collected rows, and `rowsAfter`, where the batch began that the engine is processing.
    private var batchStart: (bytes: Int, rowsAfter: Int)?
    private var isClosing = false
    private let lastInput: Int
    private let tables: [TableCheckpoint]
    /// Bytes of the incomplete last line that is left to the next run.
    private var heldBack = 0
    /// Rows that earlier runs have delivered are computed again, without output.
    private var isReplaying: Bool
    private var filling = Committable()
    private var spare = Committable()
    private let heartbeat = Committable(isHeartbeat: true)
    private var lastCommit: Int64
    private var lastSent: Int64
    private var refusedEarly = RefusedRows()
    /// Where the rejects of this job begin must be stored before any of them is written: after a crash, a run could not
    /// tell them from what the file contained before.
    private var opening: Committable?

    private let state = Monitor()
    private var inFlight: Committable?
    private var failure: RunError?
    private var isEnding = false
    private var processing = Latencies()
    private var commits = Latencies()
    /// What the committer has counted by its last commit.
    private var refusedLater = RefusedRows()
    private var reconnects = 0
    private var thread: BackgroundThread?

    /// - Parameters:
    ///   - checkpoint: where the input starts.
    ///   - fullSize: bytes at which a commit starts before its time; nil for the usual ones.
    ///   - clock: microseconds since some moment.
    init(
        _ committer: any Committer, _ run: RunContext, _ input: any Input, _ rejects: (any RejectsWriter)?,
        from checkpoint: Checkpoint?, fullSize: Int? = nil, clock: @escaping () -> Int64 = steadyClock,
        wall: @escaping @Sendable () -> Int64 = wallClock
    ) {
        let plan = run.plan
        // Of changes of a table, only the last of each key is written: the more of them, the less there is to write.
        // The memory that 56 MiB take is that of any size above 32 MiB.
        self.fullSize = fullSize ?? (plan.table?.changes == nil ? 8 << 20 : 56 << 20)
        self.clock = clock
        self.wall = wall
        lastCommit = clock()
        lastSent = lastCommit
        self.committer = committer
        cutsAnywhere = input.repeatsInOrder || plan.job == nil
        mostWaiting = plan.query.stateLimit
        commitEvery = plan.commitEvery
        lastInput = plan.input.names.count - 1
        tables = plan.queries.flatMap(\.tableCheckpoints)
        isJob = plan.job != nil
        report = input.offsetCommitter(warn: run.warn)
        tracker = isJob || report != nil ? CheckpointTracker(resuming: checkpoint) : nil
        isReplaying = checkpoint != nil
        keyReach = KeyReachNotice(run)
        self.rejects = rejects
        // Without a checkpoint, the next run could not tell rows of this one in >> FILE from what was there before.
        let appends = checkpoint == nil && plan.output.path == "-"
        if isJob, appends || !(rejects?.isRecorded ?? true) {
            let first = Committable()
            first.checkpoint = checkpoint ?? tracker?.checkpoint()
            first.checkpoint?.tables = tables
            opening = first
        }
        watchedDescriptor = plan.output.path == "-" ? STDOUT_FILENO : -1
    }

    var needsTicks: Bool { true }

    // MARK: - Rows and batches

    func makeEncoder(_ schema: RowSchema) -> any RowEncoder { committer.makeEncoder(schema, for: self) }

    func write(_ rows: borrowing EncodedRows, count: Int) throws(RunError) {
        filling.rows.append(rows)
        filling.oldestArrival = filling.oldestArrival ?? arrival
        rowsAfter += count
        if cutsAnywhere, filling.rows.byteCount >= fullSize { try send(tracker?.checkpoint()) }
        if filling.rows.byteCount > mostWaiting {
            throw RunError(
                .badData,
                "the rows that one batch of records prints take more than \(StateSize.text(mostWaiting)), and the job can "
                    + "commit only after it; raise --max-state, or use shorter windows")
        }
    }

    func flush() throws(RunError) {}

    func reject(_ lines: UnsafeRawBufferPointer) throws(RunError) { filling.rejects.append(lines) }

    func beginBatch(_ batch: borrowing Batch, _ engine: any Engine) {
        isAtPosition = false
        arrival = batch.arrival
        batchStart = (filling.rows.byteCount, rowsAfter)
        tracker?.begin(batch, engine)
    }

    func endBatch(_ batch: borrowing Batch, _ engine: any Engine) {
        batchStart = nil
        // While rows are skipped, rows after the end of this batch are already delivered.
        guard isReplaying || !engine.isSkipping, tracker?.end(batch, engine) == true else { return }
        isAtPosition = true
        passPosition()
    }

    /// All rows so far come before the current position.
    private func passPosition() {
        rowsAfter = 0
        filling.boundary = filling.rows.byteCount
    }

    func holdBack(_ batch: borrowing Batch) -> Bool {
        guard isJob, batch.input == lastInput else { return false }
        heldBack = batch.count
        return true
    }

    func endReplay(_ checkpoint: Checkpoint) {
        isReplaying = false
        // If a line is too long, no batch may have ended at the committed position.
        tracker?.skip(to: checkpoint)
        rowsAfter = checkpoint.output.rowsAfter
        isClosing = checkpoint.output.isClosing
        filling.boundary = nil
    }

    func tick(_ engine: any Engine) throws(RunError) {
        // What the clock has closed is not computed again: a resumed run starts with the watermark of the checkpoint.
        if isAtPosition, !isReplaying, !engine.isSkipping {
            tracker?.note(engine)
            passPosition()
        }
        try commitIfDue(engine)
    }

    func beginClosing(_ engine: any Engine) {
        isClosing = true
        // If the input grows, a later run needs the windows that are open now.
        tracker?.trim(toOldest: engine.oldestBatch, engine.stageMarks)
    }

    func abandon() { end() }

    func close(_ engine: any Engine, isFinished: Bool) throws(RunError) {
        if !cutsAnywhere { dropUnfinishedBatch() }
        filling.isLast = true
        var checkpoint = isReplaying ? nil : tracker?.checkpoint()
        checkpoint?.output.isFinished = isFinished
        checkpoint?.input.heldBack = heldBack
        let result: RunError?
        do throws(RunError) {
            try send(checkpoint)
            try waitUntilSent()
            result = nil
        } catch {
            result = error
        }
        end()
        if let result { throw result }
    }

    /// Drops the rows of a batch in which the engine failed: the next run may read other partitions first.
    private func dropUnfinishedBatch() {
        guard let batchStart else { return }
        filling.rows.truncate(to: batchStart.bytes)
        rowsAfter = batchStart.rowsAfter
    }

    // MARK: - The table

    func columns(for contents: [ColumnContent]) throws(RunError) -> [CopyColumn] {
        // The connection serves one thread at a time.
        try waitUntilSent()
        return try committer.columns(for: contents)
    }

    func refuse(_ row: UnsafeRawBufferPointer, reason: String) throws(RunError) {
        refusedEarly.add(reason)
        if rejects != nil { filling.rejects.append(refused: row, reason: reason) }
    }

    var refusals: RefusedRows {
        var all = refusedEarly
        state.lock()
        let later = refusedLater
        state.unlock()
        if all.count == 0 { all.first = later.first }
        all.count += later.count
        return all
    }

    // MARK: - Sending

    func commitIfDue(_ engine: any Engine) throws(RunError) {
        let now = clock()
        if !cutsAnywhere, isAtPosition, filling.rows.byteCount >= fullSize {
            try send(checkpoint(engine))
        } else if !isReplaying, now - lastCommit >= commitEvery, tracker != nil || !filling.isEmpty {
            guard isIdle else { return }
            try send(checkpoint(engine))
        } else if isJob, now - lastSent >= Self.heartbeatEvery, isIdle {
            try waitUntilSent()
            try dispatch(heartbeat)
        }
    }

    /// Windows that have closed since the position are computed again as long as rows after it count as delivered.
    private func checkpoint(_ engine: any Engine) -> Checkpoint? {
        isAtPosition && rowsAfter == 0
            ? tracker?.checkpoint(oldest: engine.oldestBatch, engine.stageMarks) : tracker?.checkpoint()
    }

    var delivery: DeliveryStatistics {
        state.lock()
        defer { state.unlock() }
        var delivery = DeliveryStatistics()
        delivery.processing = processing.summary
        delivery.commits = commits.summary
        delivery.reconnects = reconnects
        return delivery
    }

    private var isIdle: Bool {
        state.lock()
        defer { state.unlock() }
        return inFlight == nil
    }

    /// Hands the collected rows to the thread, once it has finished the previous commit.
    private func send(_ checkpoint: Checkpoint?) throws(RunError) {
        try waitUntilSent()
        if let first = opening {
            opening = nil
            try dispatch(first)
            try waitUntilSent()
        }
        if keyReach != nil, let tracker, keyReach?.look(at: tracker) == true { keyReach = nil }
        if report != nil { filling.reached = checkpoint }
        filling.checkpoint = isJob ? checkpoint : nil
        filling.checkpoint?.output.rowsAfter = rowsAfter
        filling.checkpoint?.tables = tables
        filling.checkpoint?.output.isClosing = isClosing && rowsAfter > 0
        lastCommit = clock()
        swap(&filling, &spare)
        filling.removeAll()
        try dispatch(spare)
    }

    /// Hands a commit to the thread, which must be idle.
    private func dispatch(_ batch: Committable) throws(RunError) {
        lastSent = clock()
        if thread == nil { thread = BackgroundThread.start { [self] in deliver() } }
        guard thread != nil else {
            throw .temporary("could not start the delivery thread")
        }
        state.lock()
        inFlight = batch
        state.notifyAll()
        state.unlock()
    }

    /// Waits for the commit in flight.
    ///
    /// - Throws: the error of the commit that failed.
    private func waitUntilSent() throws(RunError) {
        state.lock()
        while inFlight != nil, failure == nil { state.wait() }
        let failure = failure
        state.unlock()
        if let failure { throw failure }
    }

    private func end() {
        state.lock()
        isEnding = true
        state.notifyAll()
        state.unlock()
        thread?.join()
        report?.finish()
        committer.close()
        // Everything has been written already.
        try? rejects?.close()
    }

    /// The thread: commits until the run ends or a commit fails.
    private func deliver() {
        state.lock()
        defer { state.unlock() }
        while !isEnding {
            guard let batch = inFlight, failure == nil else {
                state.wait()
                continue
            }
            state.unlock()
            var problem: RunError?
            let start = wall()
            do throws(RunError) { try committer.commit(batch, rejects) } catch { problem = error }
            let end = wall()
            if problem == nil, let reached = batch.reached { report?.send(reached, isDelivered: isJob) }
            state.lock()
            failure = problem
            refusedLater = committer.refusals
            reconnects = committer.reconnects
            if problem == nil, !batch.isHeartbeat {
                commits.add(end &- start)
                if let arrival = batch.oldestArrival { processing.add(end &- arrival) }
            }
            inFlight = nil
            state.notifyAll()
        }
    }
}

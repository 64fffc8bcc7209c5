import Glibc
import Plan
import StreamEngine
import System

/// Collects rows and has them committed by a thread of its own, while the next ones are computed. One parcel is on its
/// way and one is being filled; when both are full, the run waits: a slow database slows the reader and costs no memory.
///
/// Unchecked: `inFlight`, `failure` and `isEnding` are touched under `state` only, the rest by the worker that serves
/// the engine.
final class CommittingOutput: RunOutput, RowTable, @unchecked Sendable {
    /// How often a job that commits seldom, or does not commit because it replays, says that it is alive; microseconds.
    private static let heartbeatEvery: Int64 = 5_000_000

    private let target: any Committer
    private let commitEvery: Int64
    /// Bytes at which a commit starts before `commitEvery` has passed.
    private let fullSize: Int
    /// Microseconds since some moment.
    private let clock: () -> Int64
    private let rejects: (any RejectsWriter)?
    /// A parcel may end between any two rows; otherwise only where a batch does.
    private let cutsAnywhere: Bool
    let watchedDescriptor: Int32
    private let isJob: Bool
    private let report: (any OffsetCommitter)?
    private var tracker: CheckpointTracker?
    /// No batch was taken in since the place up to which the run has come.
    private var isAtPlace = true
    /// Rows since that place.
    private var rowsAfter = 0
    private var isClosing = false
    private let lastInput: Int
    private var heldBack = 0
    /// What earlier runs have delivered is computed again, without output.
    private var isReplaying: Bool
    private var filling = Committable()
    private var spare = Committable()
    private let heartbeat = Committable(isHeartbeat: true)
    private var lastCommit: Int64
    private var lastSent: Int64
    private var refusedEarly = RefusedRows()

    private let state = Monitor()
    private var inFlight: Committable?
    private var failure: RunError?
    private var isEnding = false
    private var thread: BackgroundThread?

    /// - Parameters:
    ///   - checkpoint: where the input starts.
    ///   - fullSize: bytes at which a commit starts before its time.
    ///   - clock: microseconds since some moment.
    init(
        _ target: any Committer, _ run: RunContext, _ input: any Input, _ rejects: (any RejectsWriter)?,
        from checkpoint: Checkpoint?, fullSize: Int = 8 << 20, clock: @escaping () -> Int64 = steadyClock
    ) {
        let plan = run.plan
        self.fullSize = fullSize
        self.clock = clock
        lastCommit = clock()
        lastSent = lastCommit
        self.target = target
        cutsAnywhere = input.repeatsInOrder || plan.job == nil
        commitEvery = plan.commitEvery
        lastInput = plan.input.names.count - 1
        isJob = plan.job != nil
        report = input.offsetCommitter(warn: run.warn)
        tracker = isJob || report != nil ? CheckpointTracker(resuming: checkpoint) : nil
        isReplaying = checkpoint != nil
        self.rejects = rejects
        watchedDescriptor =
            plan.output.path == "-" ? STDOUT_FILENO : -1
    }

    var needsTicks: Bool { true }

    // MARK: - What the run brings

    func makeEncoder(_ schema: RowSchema) -> any RowEncoder { target.makeEncoder(schema, for: self) }

    func write(_ rows: borrowing EncodedRows, count: Int) throws(RunError) {
        filling.rows.append(rows)
        rowsAfter += count
        if cutsAnywhere, filling.rows.byteCount >= fullSize { try send(tracker?.checkpoint()) }
    }

    func flush() throws(RunError) {}

    func reject(_ lines: UnsafeRawBufferPointer) throws(RunError) { filling.rejects.append(lines) }

    func beginBatch(_ batch: borrowing Batch, _ engine: any Engine) {
        isAtPlace = false
        tracker?.begin(batch, engine)
    }

    func endBatch(_ batch: borrowing Batch, _ engine: any Engine) {
        // While rows are skipped, more is delivered than those up to the end of this batch.
        guard isReplaying || !engine.isSkipping, tracker?.end(batch, engine) == true else { return }
        isAtPlace = true
        rowsAfter = 0
        filling.boundary = filling.rows.byteCount
    }

    func commitIfDue(_ engine: any Engine) throws(RunError) { try sendIfDue(engine) }

    func holdBack(_ batch: borrowing Batch) -> Bool {
        guard isJob, batch.input == lastInput else { return false }
        heldBack = batch.count
        return true
    }

    func endReplay(_ checkpoint: Checkpoint) {
        isReplaying = false
        // A line that is too long may have hidden the end of a batch.
        tracker?.skip(to: checkpoint)
        rowsAfter = checkpoint.output.rowsAfter
        isClosing = checkpoint.output.isClosing
        filling.boundary = nil
    }

    func tick(_ engine: any Engine) throws(RunError) {
        if rowsAfter == 0 { tracker?.note(engine) }
        try sendIfDue(engine)
    }

    func beginClosing(_ engine: any Engine) {
        isClosing = true
        // The windows that are open now are those that a later run needs again, if the input grows.
        tracker?.trim(toOldest: engine.oldestBatch)
    }

    func abandon() { end() }

    func close(_ engine: any Engine, isFinished: Bool) throws(RunError) {
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

    // MARK: - The table

    func columns(for contents: [ColumnContent]) throws(RunError) -> [CopyColumn] {
        // The connection has one user at a time.
        try waitUntilSent()
        return try target.columns(for: contents)
    }

    func refuse(_ row: UnsafeRawBufferPointer, reason: String) throws(RunError) {
        refusedEarly.add(reason)
        if rejects != nil { filling.rejects.append(refused: row, reason: reason) }
    }

    var refusals: RefusedRows {
        var all = refusedEarly
        let later = target.refusals
        if all.count == 0 { all.first = later.first }
        all.count += later.count
        return all
    }

    // MARK: - Sending

    private func sendIfDue(_ engine: any Engine) throws(RunError) {
        let now = clock()
        if !cutsAnywhere, isAtPlace, filling.rows.byteCount >= fullSize {
            try send(tracker?.checkpoint(oldest: engine.oldestBatch))
        } else if !isReplaying, now - lastCommit >= commitEvery, tracker != nil || !filling.isEmpty {
            guard isIdle else { return }
            try send(isAtPlace ? tracker?.checkpoint(oldest: engine.oldestBatch) : tracker?.checkpoint())
        } else if isJob, now - lastSent >= Self.heartbeatEvery, isIdle {
            try waitUntilSent()
            try dispatch(heartbeat)
        }
    }

    private var isIdle: Bool {
        state.lock()
        defer { state.unlock() }
        return inFlight == nil
    }

    /// Hands what was collected to the thread, once it is done with the parcel before.
    private func send(_ checkpoint: Checkpoint?) throws(RunError) {
        try waitUntilSent()
        if report != nil { filling.reached = checkpoint }
        filling.checkpoint = isJob ? checkpoint : nil
        filling.checkpoint?.output.rowsAfter = rowsAfter
        filling.checkpoint?.output.isClosing = isClosing && rowsAfter > 0
        lastCommit = clock()
        swap(&filling, &spare)
        filling.removeAll()
        try dispatch(spare)
    }

    /// Hands a parcel to the thread, which has none.
    private func dispatch(_ parcel: Committable) throws(RunError) {
        lastSent = clock()
        if thread == nil { thread = BackgroundThread.start { [self] in deliver() } }
        guard thread != nil else {
            throw .temporary("no thread can be made to deliver rows with")
        }
        state.lock()
        inFlight = parcel
        state.notifyAll()
        state.unlock()
    }

    /// - Throws: what went wrong with a parcel that was sent.
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
        target.close()
        // Everything was written before.
        try? rejects?.close()
    }

    /// The thread: commits parcels until the run ends or one fails.
    private func deliver() {
        state.lock()
        defer { state.unlock() }
        while !isEnding {
            guard let parcel = inFlight, failure == nil else {
                state.wait()
                continue
            }
            state.unlock()
            var problem: RunError?
            do throws(RunError) { try target.commit(parcel, rejects) } catch { problem = error }
            if problem == nil, let reached = parcel.reached { report?.send(reached, isDelivered: isJob) }
            state.lock()
            failure = problem
            inFlight = nil
            state.notifyAll()
        }
    }
}

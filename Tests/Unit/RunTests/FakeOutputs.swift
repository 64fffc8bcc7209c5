import StreamEngine
import Synchronization

@testable import Run

extension EncodedRows {
    var text: String { buffer.text }
}

/// Records what the pipeline asks of an output, and fails where a test wants it.
final class FakeOutput: RunOutput {
    enum Call: Equatable {
        case begin(Int)
        case rows(String)
        case rejects
        case end(Int)
        case commitIfDue
        case endReplay
        case tick
        case beginClosing
        case close(isFinished: Bool)
        case abandon
    }

    enum Step { case write, reject, endBatch, commit, tick, close }

    private(set) var calls: [Call] = []
    private(set) var text = ""
    private(set) var rejects = ""
    /// Calls of this step throw.
    var failing: (step: Step, error: RunError)?
    /// An incomplete last line is left to a later run.
    var holdsBack = false
    var refusals = RefusedRows()
    var watchedDescriptor: Int32 { -1 }
    var needsTicks = false

    /// The calls without those that every batch brings.
    var milestones: [Call] {
        calls.filter { call in
            switch call {
            case .endReplay, .beginClosing, .close, .abandon: true
            default: false
            }
        }
    }

    private func fail(at step: Step) throws(RunError) {
        if let failing, failing.step == step { throw failing.error }
    }

    func makeEncoder(_ schema: RowSchema) -> any RowEncoder { TextEncoder(schema) }

    func write(_ rows: borrowing EncodedRows, count: Int) throws(RunError) {
        try fail(at: .write)
        calls.append(.rows(rows.text))
        text += rows.text
    }

    func flush() throws(RunError) {}

    func reject(_ lines: UnsafeRawBufferPointer) throws(RunError) {
        guard lines.count > 0 else { return }
        try fail(at: .reject)
        calls.append(.rejects)
        rejects += String(decoding: lines, as: UTF8.self)
    }

    func beginBatch(_ batch: borrowing Batch, _ engine: any Engine) { calls.append(.begin(batch.position)) }

    func endBatch(_ batch: borrowing Batch, _ engine: any Engine) throws(RunError) {
        calls.append(.end(batch.position))
        try fail(at: .endBatch)
    }

    func commitIfDue(_ engine: any Engine) throws(RunError) {
        calls.append(.commitIfDue)
        try fail(at: .commit)
    }

    func endReplay(_ checkpoint: Checkpoint) { calls.append(.endReplay) }
    func holdBack(_ batch: borrowing Batch) -> Bool { holdsBack }

    func tick(_ engine: any Engine) throws(RunError) {
        calls.append(.tick)
        try fail(at: .tick)
    }

    func beginClosing(_ engine: any Engine) { calls.append(.beginClosing) }

    func close(_ engine: any Engine, isFinished: Bool) throws(RunError) {
        calls.append(.close(isFinished: isFinished))
        try fail(at: .close)
    }

    func abandon() { calls.append(.abandon) }
}

/// Keeps what is committed.
final class FakeCommitter: Committer {
    struct Commit: Equatable, Sendable {
        var rows: String
        var rejects: String
        var boundary: Int?
        var checkpoint: Checkpoint?
        var isLast: Bool
        var isHeartbeat: Bool

        init(_ content: Committable) {
            rows = content.rows.text
            rejects = content.rejects.text
            boundary = content.boundary
            checkpoint = content.checkpoint
            isLast = content.isLast
            isHeartbeat = content.isHeartbeat
        }
    }

    private struct State {
        var commits: [Commit] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    private let failure: RunError
    private let failingCommit: Int
    private let beforeCommit: @Sendable () -> Void
    let refusals: RefusedRows

    /// - Parameters:
    ///   - failingCommit: the number, from 0, of the commit that throws `failure`.
    ///   - beforeCommit: called by the thread that commits.
    init(
        failingCommit: Int = .max, _ failure: RunError = .unavailable("the database is gone"),
        refusals: RefusedRows = RefusedRows(), beforeCommit: @escaping @Sendable () -> Void = {}
    ) {
        self.failingCommit = failingCommit
        self.failure = failure
        self.refusals = refusals
        self.beforeCommit = beforeCommit
    }

    /// Those that succeeded.
    var commits: [Commit] { state.withLock { $0.commits } }
    var isClosed: Bool { state.withLock { $0.isClosed } }
    var text: String { commits.map(\.rows).joined() }
    /// The last stored checkpoint.
    var checkpoint: Checkpoint? { commits.lazy.compactMap(\.checkpoint).last }

    func makeEncoder(_ schema: RowSchema, for table: any RowTable) -> any RowEncoder { TextEncoder(schema) }

    func commit(_ batch: Committable, _ rejects: (any RejectsWriter)?) throws(RunError) {
        beforeCommit()
        let isFailing = state.withLock { state in
            if state.commits.count >= failingCommit { return true }
            state.commits.append(Commit(batch))
            return false
        }
        if isFailing { throw failure }
    }

    func close() { state.withLock { $0.isClosed = true } }
}

/// The order of the calls of several fakes that are used by one thread.
final class CallLog {
    var calls: [String] = []
}

/// Takes rows at once.
final class FakeSink: RowSink {
    let log: CallLog
    /// What `takeRefused` returns next.
    var refused: [RefusedRow] = []
    /// Rows that are refused while the sink awaits delivery.
    var refusedLater: [RefusedRow] = []
    var failure: RunError?
    var needsTicks = false

    init(_ log: CallLog) { self.log = log }

    func makeEncoder(_ schema: RowSchema) -> any RowEncoder { TextEncoder(schema) }

    func write(_ rows: borrowing EncodedRows) throws(RunError) {
        log.calls.append("write \(rows.text)")
        if let failure { throw failure }
    }

    func flush() throws(RunError) { log.calls.append("flush") }

    func awaitDelivery() throws(RunError) {
        log.calls.append("awaitDelivery")
        swap(&refused, &refusedLater)
    }

    func close() throws(RunError) {
        log.calls.append("close")
        swap(&refused, &refusedLater)
    }

    func takeRefused() -> [RefusedRow] {
        defer { refused = [] }
        return refused
    }
}

/// A rejects file in memory.
final class FakeRejects: RejectsWriter {
    let log: CallLog
    private(set) var text = ""
    var length: Int { text.utf8.count }
    let isRecorded: Bool

    init(_ log: CallLog = CallLog(), isRecorded: Bool = true) {
        self.log = log
        self.isRecorded = isRecorded
    }

    func write(_ lines: UnsafeRawBufferPointer) throws(RunError) { text += String(decoding: lines, as: UTF8.self) }
    func flush() throws(RunError) {}
    func synchronize() throws(RunError) {}
    func close() throws(RunError) { log.calls.append("close rejects") }
}

/// Keeps the positions that are reported to a group.
final class FakeOffsetCommitter: OffsetCommitter {
    struct Sent: Equatable, Sendable {
        var restart: Int
        var committed: Int
        var isDelivered: Bool
    }

    private let state = Mutex((sent: [Sent](), isFinished: false))
    private let onSend: @Sendable () -> Void

    init(onSend: @escaping @Sendable () -> Void = {}) { self.onSend = onSend }

    var sent: [Sent] { state.withLock { $0.sent } }
    var isFinished: Bool { state.withLock { $0.isFinished } }

    func send(_ checkpoint: Checkpoint, isDelivered: Bool) {
        let files = checkpoint.input.files
        let sent = Sent(
            restart: files.restart.position, committed: files.committed.position, isDelivered: isDelivered)
        state.withLock { $0.sent.append(sent) }
        onSend()
    }

    func finish() { state.withLock { $0.isFinished = true } }
}

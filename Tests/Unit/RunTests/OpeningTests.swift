import Plan
import StreamEngine
import Testing

@testable import Run

/// An output that records how it is opened.
private final class FakeOpenable: OpenableOutput {
    let log: CallLog
    var stored: JobState?
    let destination: Destination
    var failure: RunError?
    private(set) var started: Checkpoint?

    init(_ log: CallLog, stored: JobState? = nil, _ destination: Destination, failure: RunError? = nil) {
        self.log = log
        self.stored = stored
        self.destination = destination
        self.failure = failure
    }

    static func open(_ spec: FileOutput, _ run: RunContext, _ input: any Input) throws(RunError) -> FakeOpenable {
        throw .usage("not opened by tests")
    }

    static func explain(_ spec: FileOutput, _ plan: Plan, _ notes: inout OutputNotes) {}

    func checkFinished(_ checkpoint: Checkpoint) throws(RunError) {
        log.calls.append("check")
        if let failure { throw failure }
    }

    func prepare(from checkpoint: Checkpoint?) { log.calls.append("prepare") }

    func start(from checkpoint: Checkpoint?) throws(RunError) -> Destination {
        log.calls.append("start")
        started = checkpoint
        if let failure { throw failure }
        return destination
    }

    func close() { log.calls.append("close") }
}

@Suite("opening an output") struct OpeningTests {
    private let log = CallLog()
    private let job = JobPlan(name: "j")
    private let input = FakeInput([""])

    private func open(_ output: FakeOpenable, job: JobPlan?) throws(RunError) -> Opened {
        try Run.start(output, RunContext(.fake(Query(), job: job)) { _ in }, input)
    }

    private func stored(_ checkpoint: Checkpoint) -> JobState {
        JobState(fingerprint: job.fingerprintText, checkpoint: checkpoint.text)
    }

    @Test("a job resumes its output and its input from the stored checkpoint") func resumed() throws {
        let start = makeCheckpoint(restart: 14, committed: 28)
        let output = FakeOpenable(log, stored: stored(start), .committed(FakeCommitter()))
        guard case .run(let opened, let from) = try open(output, job: job) else {
            return #expect(Bool(false), "nothing to do")
        }
        #expect(opened is CommittingOutput && from == start && output.started == start)
        #expect(log.calls == ["prepare", "start"])
        opened.abandon()
    }

    @Test("a run without a job starts its output afresh, and its input where that says") func withoutJob() throws {
        input.known = makeCheckpoint(restart: 5, committed: 5)
        let output = FakeOpenable(log, .direct(FakeSink(log)))
        guard case .run(let opened, let from) = try open(output, job: nil) else {
            return #expect(Bool(false), "nothing to do")
        }
        #expect(opened is DirectOutput && from == input.known && output.started == nil)
        #expect(log.calls == ["prepare", "start"])
    }

    @Test("positions are reported by a run over an input that has a group") func group() throws {
        input.offsets = FakeOffsetCommitter()
        let output = FakeOpenable(log, .direct(FakeSink(log)))
        guard case .run(let opened, _) = try open(output, job: nil) else {
            return #expect(Bool(false), "nothing to do")
        }
        #expect(opened.needsTicks)
    }

    @Test("the output of a finished job is checked and closed, and not started") func finished() throws {
        let state = stored(makeCheckpoint(restart: 28, committed: 28) { $0.output.isFinished = true })
        let output = FakeOpenable(log, stored: state, .committed(FakeCommitter()))
        guard case .nothingToDo = try open(output, job: job) else { return #expect(Bool(false), "started") }
        #expect(log.calls == ["check", "close"])
    }

    @Test("a failure to start is passed on") func failure() throws {
        let expected = RunError.cannotCreate(output: "out", reason: "Permission denied")
        let output = FakeOpenable(log, .direct(FakeSink(log)), failure: expected)
        #expect(throws: expected) { _ = try open(output, job: nil) }
    }
}

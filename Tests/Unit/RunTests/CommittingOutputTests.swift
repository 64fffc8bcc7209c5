import Plan
import StreamEngine
import Synchronization
import System
import Testing

@testable import Run

/// A committing output over fakes and a clock that only moves by hand.
private final class Bench {
    static let second: Int64 = 1_000_000

    let committer: FakeCommitter
    let rejects: FakeRejects
    let clock = FakeClock()
    let input: FakeInput
    let driver: Driver<CommittingOutput>
    var output: CommittingOutput { driver.output }

    init(
        query: Query? = nil, job: JobPlan? = JobPlan(name: "j"), commitEvery: Int64 = second, fullSize: Int = 8 << 20,
        inputs: Int = 1, repeatsInOrder: Bool = true, strict: Bool = false, offsets: FakeOffsetCommitter? = nil,
        committer: FakeCommitter = FakeCommitter(), from checkpoint: Checkpoint? = nil, knowsRejects: Bool = true,
        wall: @escaping @Sendable () -> Int64 = wallClock
    ) throws {
        self.committer = committer
        rejects = FakeRejects(isRecorded: knowsRejects)
        let query = try query ?? .counts()
        var plan = Plan.fake(query, inputs: inputs, job: job)
        plan.commitEvery = commitEvery
        input = FakeInput(Array(repeating: "", count: inputs))
        input.repeatsInOrder = repeatsInOrder
        input.offsets = offsets
        let output = CommittingOutput(
            committer, RunContext(plan) { _ in }, input, rejects, from: checkpoint, fullSize: fullSize,
            clock: clock.read, wall: wall)
        driver = try Driver(query, output, strict: strict, from: checkpoint)
    }

    /// Waits until the thread has committed what it was given.
    func settle() throws(RunError) { _ = try output.columns(for: []) }

    func read(_ records: [(t: Int, k: Int)]) throws {
        try driver.read(lines(records))
        try settle()
    }

    func tick(_ now: Int64 = 0) throws {
        try driver.tick(now)
        try settle()
    }

    var commits: [FakeCommitter.Commit] { committer.commits }
}

extension FakeCommitter.Commit {
    fileprivate var files: PartitionCheckpoint? { checkpoint?.input.files }
    fileprivate var delivery: OutputCheckpoint? { checkpoint?.output }
}

@Suite("committing output", .timeLimit(.minutes(5))) struct CommittingOutputTests {
    @Test("rows are committed with their checkpoint when the time for it has come") func together() throws {
        let bench = try Bench()
        try bench.read([(1, 1)])
        try bench.read([(11, 1)])
        #expect(bench.commits.isEmpty)
        bench.clock.now += Bench.second
        try bench.read([(12, 1)])
        let commit = try #require(bench.commits.first)
        #expect(bench.commits.count == 1 && commit.rows == row(1, 1))
        // The open window began with the second line.
        #expect(commit.files?.restart.position == 14 && commit.files?.committed.position == 44)
        #expect(commit.delivery?.rowsAfter == 0 && commit.boundary == commit.rows.utf8.count)
        #expect(commit.delivery?.isClosing == false && commit.delivery?.isFinished == false && !commit.isLast)
        try bench.driver.finish()
        #expect(bench.committer.text == row(1, 1) + row(1, 2))
    }

    @Test("a commit that falls inside a batch counts the rows after the committed position") func cutAnywhere() throws {
        let bench = try Bench(fullSize: 1)
        try bench.read([(1, 1), (1, 2)])
        try bench.read([(11, 1)])
        var commit = try #require(bench.commits.last)
        #expect(bench.commits.count == 1 && commit.rows == row(1, 1) + row(2, 1))
        #expect(commit.files?.restart.position == 0 && commit.files?.committed.position == 28)
        #expect(commit.delivery?.rowsAfter == 2 && commit.boundary == 0)
        // A batch without rows: its end is before the rows of the next commit.
        try bench.read([(12, 3)])
        try bench.read([(21, 1)])
        commit = try #require(bench.commits.last)
        #expect(bench.commits.count == 2 && commit.rows == row(1, 1) + row(3, 1))
        #expect(commit.files?.committed.position == 58 && commit.delivery?.rowsAfter == 2 && commit.boundary == 0)
    }

    @Test("rows of several writes after the committed position add up, without those that the clock asked for")
    func rowsAfter() throws {
        let bench = try Bench(fullSize: 4)
        for (text, count) in [("12\n", 2), ("3\n", 1), ("early\n", 0)] {
            var rows = EncodedRows()
            rows.buffer.append(text)
            try bench.output.write(rows, count: count)
        }
        try bench.settle()
        #expect(bench.commits.map(\.rows) == ["12\n3\n", "early\n"])
        #expect(bench.commits.map { $0.delivery?.rowsAfter } == [3, 3])
        // The committed position comes before the rows of both.
        #expect(bench.commits.map(\.boundary) == [nil, nil])
    }

    @Test("rows that can only be committed together are bounded by --max-state") func waitingRows() throws {
        var query = try Query.counts()
        query.maxState = 10
        let bench = try Bench(query: query, fullSize: 1, repeatsInOrder: false)
        var rows = EncodedRows()
        rows.buffer.append("12345\n")
        try bench.output.write(rows, count: 1)
        #expect(throws: RunError.self) { try bench.output.write(rows, count: 1) }
        // Others are sent as soon as they are many.
        let other = try Bench(query: query, fullSize: 1)
        for _ in 0..<9 { try other.output.write(rows, count: 1) }
        try other.settle()
        #expect(other.commits.map(\.rows).joined().count == 54)
    }

    @Test("over an input that does not repeat its order, commits of a job fall between batches only")
    func betweenBatches() throws {
        let bench = try Bench(commitEvery: .max, fullSize: 1, repeatsInOrder: false)
        try bench.read([(1, 1)])
        #expect(bench.commits.isEmpty)
        try bench.read([(11, 1)])
        let commit = try #require(bench.commits.first)
        #expect(commit.rows == row(1, 1) && commit.delivery?.rowsAfter == 0)
        #expect(commit.files?.committed.position == 29 && commit.boundary == commit.rows.utf8.count)
        // Without a job it does not matter.
        let other = try Bench(job: nil, commitEvery: .max, fullSize: 1, repeatsInOrder: false)
        try other.driver.read(lines([(1, 1)]))
        var rows = EncodedRows()
        rows.buffer.append("1\n")
        try other.output.write(rows, count: 1)
        try other.settle()
        #expect(other.commits.map(\.rows) == ["1\n"])
    }

    @Test(
        "after an error inside a batch, the last commit of such a job ends before the batch", arguments: [true, false])
    func errorInsideBatch(repeatsInOrder: Bool) throws {
        let bench = try Bench(repeatsInOrder: repeatsInOrder, strict: true)
        try bench.read([(1, 1), (11, 1)])
        #expect(throws: EngineError.self) { try bench.driver.read(lines([(21, 1)]) + "{\n") }
        try bench.driver.finish(isFinished: false)
        let commit = try #require(bench.commits.last)
        #expect(bench.commits.count == 1 && commit.isLast && commit.files?.committed.position == 29)
        #expect(commit.boundary == row(1, 1).utf8.count)
        // The next run may read another partition first, whose rows are not those that would be skipped.
        #expect(commit.rows == row(1, 1) + (repeatsInOrder ? row(1, 1) : ""))
        #expect(commit.delivery?.rowsAfter == (repeatsInOrder ? 1 : 0))
    }

    @Test("nothing is committed during a replay") func replay() throws {
        let start = makeCheckpoint(restart: 0, committed: 29) { $0.output.rowsAfter = 1 }
        let bench = try Bench(commitEvery: 0, from: start)
        try bench.read([(1, 1)])
        try bench.read([(11, 1)])
        try bench.tick()
        #expect(bench.commits.isEmpty)
        try bench.driver.endReplay(start)
        // The first row after the position is delivered: the checkpoint still counts it.
        try bench.tick()
        #expect(bench.commits.map(\.rows) == [""])
        #expect(bench.commits.last?.checkpoint?.output.rowsAfter == 1)
        #expect(bench.commits.last?.files?.committed.position == 29)
        try bench.read([(21, 1)])
        try bench.read([(31, 1)])
        #expect(bench.committer.text == row(1, 1))
        #expect(bench.committer.checkpoint?.output.rowsAfter == 0)
    }

    @Test("a run that is stopped during its replay stores no checkpoint") func stoppedReplay() throws {
        let bench = try Bench(commitEvery: 0, from: makeCheckpoint(restart: 0, committed: 29))
        try bench.read([(1, 1)])
        try bench.driver.finish(isFinished: false)
        #expect(bench.committer.checkpoint == nil && bench.committer.text.isEmpty)
        #expect(bench.committer.isClosed)
    }

    @Test("a failed commit ends the run with its error, and nothing is committed after it") func failure() throws {
        let attempts = Mutex(0)
        let committer = FakeCommitter(failingCommit: 1) { attempts.withLock { $0 += 1 } }
        let bench = try Bench(commitEvery: 0, committer: committer)
        try bench.read([(1, 1)])
        let expected = RunError.unavailable("the database is gone")
        #expect(throws: expected) { try bench.read([(11, 1)]) }
        #expect(throws: expected) { try bench.driver.read(lines([(21, 1)])) }
        #expect(throws: expected) { try bench.driver.tick() }
        bench.output.abandon()
        #expect(bench.commits.count == 1 && attempts.withLock { $0 } == 2)
        #expect(committer.isClosed)
    }

    @Test("a commit that fails last is a failure of close") func failingLast() throws {
        let bench = try Bench(committer: FakeCommitter(failingCommit: 0))
        try bench.read([(1, 1)])
        #expect(throws: RunError.unavailable("the database is gone")) { try bench.driver.finish() }
        #expect(bench.commits.isEmpty && bench.committer.isClosed)
    }

    @Test("the pipeline reports a failed commit", arguments: [1, 2]) func pipeline(workers: Int) throws {
        let committer = FakeCommitter(failingCommit: 0)
        let plan = Plan.fake(try .counts(), job: JobPlan(name: "j"), workers: workers)
        let input = FakeInput([lines((0..<200).map { (t: $0, k: 1) })])
        let output = CommittingOutput(committer, RunContext(plan) { _ in }, input, nil, from: nil)
        let result = try runPipeline(plan, input, output)
        #expect(result.error == .unavailable("the database is gone") && result.outcome.status == .unavailable)
        #expect(committer.commits.isEmpty && committer.isClosed)
    }

    @Test("a job that has nothing to commit shows every five seconds that it is alive") func heartbeat() throws {
        let start = makeCheckpoint(restart: 0, committed: 1000)
        let job = JobPlan(name: "j")
        let runs: [(job: JobPlan?, start: Checkpoint?)] = [(job, nil), (job, start), (nil, nil)]
        for (job, start) in runs {
            let bench = try Bench(job: job, commitEvery: 60 * Bench.second, from: start)
            bench.clock.now += 5 * Bench.second - 1
            try bench.read([(1, 1)])
            #expect(bench.commits.isEmpty)
            bench.clock.now += 1
            try bench.read([(1, 1)])
            bench.clock.now += 4 * Bench.second
            try bench.tick()
            #expect(bench.commits.map(\.isHeartbeat) == (job == nil ? [] : [true]))
            bench.clock.now += Bench.second
            try bench.tick()
            #expect(bench.commits.map(\.isHeartbeat) == (job == nil ? [] : [true, true]))
            #expect(bench.commits.allSatisfy { $0.rows.isEmpty && $0.checkpoint == nil })
            bench.output.abandon()
        }
    }

    @Test("the last commit has the rest, and whether the input was read to its end", arguments: [true, false])
    func close(isFinished: Bool) throws {
        let bench = try Bench()
        try bench.read([(1, 1), (11, 1)])
        try bench.driver.finish(isFinished: isFinished)
        let commit = try #require(bench.commits.first)
        #expect(bench.commits.count == 1 && commit.isLast && bench.committer.isClosed)
        #expect(commit.rows == row(1, 1) + (isFinished ? row(1, 1) : ""))
        #expect(commit.delivery?.isFinished == isFinished && commit.delivery?.isClosing == isFinished)
        #expect(commit.delivery?.rowsAfter == (isFinished ? 1 : 0) && commit.boundary == row(1, 1).utf8.count)
        // A later run needs the window that was open at the end, if the input grows.
        #expect(commit.files?.restart.position == 0 && commit.files?.committed.position == 29)
    }

    @Test("rows of the end that are committed in pieces are marked as such") func closingInPieces() throws {
        let bench = try Bench(commitEvery: .max, fullSize: 1)
        try bench.read([(1, 1)])
        try bench.driver.finish()
        #expect(bench.commits.map(\.rows) == [row(1, 1), ""])
        #expect(bench.commits.map { $0.delivery?.isClosing } == [true, true])
        #expect(bench.commits.map { $0.delivery?.rowsAfter } == [1, 1])
        #expect(bench.commits.map { $0.delivery?.isFinished } == [false, true])
        #expect(bench.commits.map(\.isLast) == [false, true])
    }

    @Test("an output that is abandoned commits nothing of what it has collected") func abandon() throws {
        let bench = try Bench()
        try bench.read([(1, 1), (11, 1)])
        bench.output.abandon()
        #expect(bench.commits.isEmpty && bench.committer.isClosed)
    }

    @Test("while a commit is on its way, the next one waits without holding up the run") func inFlight() throws {
        let gate = Monitor()
        let isOpen = Mutex(false)
        let committer = FakeCommitter {
            gate.lock()
            while !isOpen.withLock({ $0 }) { gate.wait() }
            gate.unlock()
        }
        let bench = try Bench(commitEvery: 0, committer: committer)
        for time in [1, 11, 21, 31] { try bench.driver.read(lines([(time, 1)])) }
        #expect(bench.commits.isEmpty)
        gate.lock()
        isOpen.withLock { $0 = true }
        gate.notifyAll()
        gate.unlock()
        try bench.driver.finish()
        #expect(bench.commits.count == 2)
        #expect(bench.committer.text == String(repeating: row(1, 1), count: 4))
    }

    @Test("without a job only rows and rejects are committed, and no checkpoint") func withoutJob() throws {
        let bench = try Bench(job: nil, commitEvery: 0)
        try bench.read([(1, 1)])
        #expect(bench.commits.isEmpty)
        try bench.driver.read("{\n")
        try bench.settle()
        #expect(bench.commits.count == 1 && bench.commits[0].rejects.contains("malformed"))
        try bench.driver.finish()
        #expect(bench.committer.text == row(1, 1) && bench.committer.checkpoint == nil)
    }

    @Test("positions of a group are sent after their rows are committed", arguments: [true, false])
    func groupOffsets(isJob: Bool) throws {
        let committer = FakeCommitter()
        let sent = Mutex<[Int]>([])
        let offsets = FakeOffsetCommitter { sent.withLock { $0.append(committer.commits.count) } }
        let bench = try Bench(
            job: isJob ? JobPlan(name: "j") : nil, commitEvery: 0, offsets: offsets, committer: committer)
        try bench.read([(1, 1)])
        try bench.read([(11, 1)])
        try bench.driver.finish()
        #expect(offsets.sent.map(\.committed) == [14, 29, 29] && offsets.sent.map(\.restart) == [0, 14, 14])
        #expect(offsets.sent.allSatisfy { $0.isDelivered == isJob })
        #expect(sent.withLock { $0 } == [1, 2, 3] && offsets.isFinished)
        #expect((committer.checkpoint != nil) == isJob)
    }

    @Test("refused rows are counted with those that the committer refused, and written to the rejects file")
    func refused() throws {
        var later = RefusedRows()
        later.add("duplicate key")
        let bench = try Bench(committer: FakeCommitter(refusals: later))
        try Array(#"{"a":1}"#.utf8).withUnsafeBytes { try bench.output.refuse($0, reason: "out of range") }
        #expect(bench.output.refusals.count == 1 && bench.output.refusals.first == "out of range")
        try bench.driver.finish()
        #expect(bench.output.refusals.count == 2 && bench.output.refusals.first == "out of range")
        #expect(bench.commits.last?.rejects == #"{"reason":"refused","detail":"out of range","row":{"a":1}}"# + "\n")
    }

    @Test("an incomplete last line is held back by jobs, in their last input") func heldBack() throws {
        var batch = Batch()
        Array("{\"a\"".utf8).withUnsafeBytes { batch.append($0) }
        let bench = try Bench(inputs: 2)
        let heldInFirst = bench.output.holdBack(batch)
        #expect(!heldInFirst)
        batch.input = 1
        let heldInLast = bench.output.holdBack(batch)
        #expect(heldInLast)
        try bench.driver.finish()
        #expect(bench.committer.checkpoint?.input.heldBack == 4)
        let other = try Bench(job: nil, inputs: 2)
        let heldWithoutJob = other.output.holdBack(batch)
        #expect(!heldWithoutJob)
        other.output.abandon()
    }
}

@Suite("committing output and the clock", .timeLimit(.minutes(5))) struct CommittingOutputClockTests {
    private static func query() throws -> Query {
        var query = try Query.counts()
        query.idle = 100
        return query
    }

    @Test("the watermark that the clock has advanced is part of the checkpoint") func watermark() throws {
        let bench = try Bench(query: Self.query(), commitEvery: 0)
        try bench.read([(1, 1)])
        let before = try #require(bench.committer.checkpoint).time.watermark
        try bench.tick(105)
        #expect(try #require(bench.committer.checkpoint).time.watermark > before)
    }

    @Test("after windows that the clock has closed, a resumed run delivers every row once") func idle() throws {
        let bench = try Bench(query: Self.query(), commitEvery: 0)
        try bench.read([(1, 1), (2, 2)])
        try bench.tick(1000)
        #expect(bench.committer.text == row(1, 1) + row(2, 1))
        // The process dies here.
        bench.output.abandon()

        let start = try #require(bench.committer.checkpoint)
        let next = try Bench(query: Self.query(), commitEvery: 0, from: start)
        if start.input.files.restart < start.input.files.committed { try next.read([(1, 1), (2, 2)]) }
        try next.driver.endReplay(start)
        try next.read([(5001, 3)])
        try next.driver.finish()
        #expect(next.committer.text == row(3, 1))
    }

    @Test("while delivered rows are still skipped, their windows remain part of a replay") func skipping() throws {
        var query = try Query.counts(delay: 20)
        query.idle = 1
        let start = makeCheckpoint(restart: 0, committed: 29) { $0.output.rowsAfter = 2 }
        let bench = try Bench(query: query, commitEvery: 0, from: start)
        try bench.read([(1, 1), (11, 2)])
        try bench.driver.endReplay(start)
        // Closes the first of two windows, whose row is delivered.
        try bench.tick(20)
        let checkpoint = try #require(bench.committer.checkpoint)
        #expect(checkpoint.output.rowsAfter == 2 && checkpoint.input.files.restart.position == 0)
        // Closes the second one: both rows come before the position now.
        try bench.tick(100)
        #expect(bench.committer.checkpoint?.output.rowsAfter == 0 && bench.committer.text.isEmpty)
        #expect(bench.committer.checkpoint?.input.files.restart.position == 29)
    }

    @Test("a job commits where its rejects begin before it writes any of them; without a job, it does not")
    func beginningOfRejects() throws {
        let bench = try Bench(knowsRejects: false)
        try bench.read([(1, 1)])
        try bench.read([(11, 1)])
        bench.clock.now += Bench.second
        try bench.read([(12, 1)])
        #expect(bench.commits.map(\.rows) == ["", row(1, 1)])
        #expect(bench.commits.first?.files?.committed.position == 0)
        let start = makeCheckpoint(restart: 14, committed: 28) { $0.output.rowsAfter = 2 }
        let resumed = try Bench(from: start, knowsRejects: false)
        try resumed.driver.endReplay(start)
        try resumed.driver.finish()
        #expect(resumed.commits.first?.checkpoint == start)
        let other = try Bench(job: nil, knowsRejects: false)
        try other.driver.finish()
        #expect(other.commits.count == 1)
    }

    /// A clock that each commit moves by a known time.
    private final class SlowSink: Sendable {
        private let state = Mutex((now: Int64(0), taken: [Int64]()))

        func read() -> Int64 { state.withLock { $0.now } }
        func commit(_ microseconds: Int64) {
            state.withLock { state in
                state.now += microseconds
                state.taken.append(microseconds)
            }
        }
        var taken: [Int64] { state.withLock { $0.taken } }
    }

    @Test("delays of the sink are found within 1 %", arguments: 1...5 as ClosedRange<UInt64>)
    func latencies(seed: UInt64) throws {
        let sink = SlowSink()
        let random = Mutex(SeededGenerator(seed: seed))
        let committer = FakeCommitter(beforeCommit: {
            sink.commit(random.withLock { Int64.random(in: 1...2_000_000, using: &$0) })
        })
        let bench = try Bench(commitEvery: 0, committer: committer, wall: sink.read)
        // Records are read at 0, and each closes the window before it.
        for number in 0..<300 { try bench.read([(number * 10 + 1, 1)]) }
        try bench.driver.finish()
        let taken = sink.taken.sorted()
        let commits = bench.output.delivery.commits
        #expect(commits.count == taken.count && commits.sum == taken.reduce(0, +))
        func isNear(_ found: Double?, _ rank: Double) -> Bool {
            let exact = Double(taken[Int((Double(taken.count - 1) * rank).rounded())])
            let next = Double(taken[min(taken.count - 1, Int(Double(taken.count - 1) * rank) + 1)])
            return found.map { $0 >= min(exact, next) * 0.99 && $0 <= max(exact, next) * 1.01 } ?? false
        }
        #expect(isNear(commits.median, 0.5) && isNear(commits.p99, 0.99) && isNear(commits.longest, 1))
        let processing = bench.output.delivery.processing
        #expect(processing.count > 250 && processing.longest.map { abs($0 / Double(sink.read()) - 1) < 0.01 } == true)
    }
}

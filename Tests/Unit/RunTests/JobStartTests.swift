import Plan
import StreamEngine
import Testing

@testable import Run

@Suite("where a job starts") struct JobStartTests {
    private let job = JobPlan(
        name: "daily", fingerprint: [.init(flag: "--tumbling", value: "1m"), .init(flag: "--fill", value: "")])
    private let input = FakeInput([""])

    private func start(_ stored: JobState?, mode: TablePlan.Mode? = nil) throws(RunError) -> JobStart {
        var plan = Plan.fake(Query(), job: job)
        plan.table = mode.map { TablePlan(name: "t", columns: [], mode: $0, creates: false) }
        return try JobStart(plan, input, job, stored: stored)
    }

    private func stored(_ change: (inout Checkpoint) -> Void) -> (state: JobState, checkpoint: Checkpoint) {
        let checkpoint = makeCheckpoint(restart: 14, committed: 28, change)
        return (JobState(fingerprint: job.fingerprintText, checkpoint: checkpoint.text), checkpoint)
    }

    @Test("a new job starts where the input says") func fresh() throws {
        guard case .fresh(nil) = try start(nil) else { return #expect(Bool(false), "not fresh") }
        input.known = makeCheckpoint(restart: 5, committed: 5)
        guard case .fresh(let known) = try start(nil) else { return #expect(Bool(false), "not fresh") }
        #expect(known == input.known)
    }

    @Test("an unfinished job resumes from its checkpoint, with what the input adds to it") func resume() throws {
        let (state, checkpoint) = stored { $0.output.rowsAfter = 3 }
        for grown in [false, true] {
            input.hasGrown = grown
            guard case .resume(let found) = try start(state) else { return #expect(Bool(false), "not resumed") }
            #expect(found == checkpoint)
        }
        var known = checkpoint
        known.input.partitions.append(PartitionCheckpoint())
        input.known = known
        guard case .resume(let found) = try start(state) else { return #expect(Bool(false), "not resumed") }
        #expect(found == known)
        // Growth is judged by what was read.
        #expect(input.grownSince.allSatisfy { $0 == checkpoint.input.files.committed })
    }

    @Test("a finished job has nothing to do until its input grows") func finished() throws {
        let (state, checkpoint) = stored { $0.output.isFinished = true }
        guard case .finished(let found) = try start(state) else { return #expect(Bool(false), "not finished") }
        #expect(found == checkpoint)
        input.hasGrown = true
        guard case .resume = try start(state) else { return #expect(Bool(false), "not resumed") }
    }

    @Test(
        "rows of the end are replaced if the input has grown since",
        arguments: [nil, TablePlan.Mode.upsert], [true, false])
    func closingThenGrown(mode: TablePlan.Mode?, isFinished: Bool) throws {
        let (state, _) = stored {
            $0.output.isFinished = isFinished
            $0.output.isClosing = true
            $0.output.rowsAfter = 2
            $0.output.committedLength = 100
            $0.output.length = 150
        }
        input.hasGrown = true
        guard case .resume(let found) = try start(state, mode: mode) else {
            return #expect(Bool(false), "not resumed")
        }
        #expect(found.output.rowsAfter == 0 && !found.output.isClosing && found.output.length == 100)
        #expect(found.input.files.committed.position == 28)
    }

    @Test("rows of the end that were appended cannot be replaced, which is an error if the input has grown")
    func appended() throws {
        let (state, _) = stored {
            $0.output.isFinished = true
            $0.output.isClosing = true
            $0.output.rowsAfter = 2
        }
        guard case .finished = try start(state, mode: .append) else { return #expect(Bool(false), "not finished") }
        input.hasGrown = true
        let error = #expect(throws: RunError.self) { try start(state, mode: .append) }
        #expect(error?.kind == .mismatch)
        #expect(error?.text.contains("'daily'") == true && error?.text.contains("--mode upsert") == true)
    }

    @Test("a job that was stopped among the rows of the end resumes after those that are delivered")
    func stoppedWhileClosing() throws {
        let (state, checkpoint) = stored {
            $0.output.isClosing = true
            $0.output.rowsAfter = 2
        }
        for mode in [nil, TablePlan.Mode.append, .upsert] {
            guard case .resume(let found) = try start(state, mode: mode) else {
                return #expect(Bool(false), "not resumed")
            }
            #expect(found == checkpoint)
        }
    }

    @Test("a damaged checkpoint is an error that names the job and the defect") func damaged() throws {
        let (state, checkpoint) = stored { _ in }
        for (text, defect) in [
            (String(checkpoint.text.dropLast()), "byte"), ("[]", "not an object"),
            (checkpoint.text.replacing("\"format\":1", with: "\"format\":2"), "format"),
            (checkpoint.text.replacing("\"watermark\":", with: "\"water\":"), "watermark"),
            (checkpoint.text.replacing("\"rejects\":0", with: "\"rejects\":1"), "checksum"),
        ] {
            let damaged = JobState(fingerprint: state.fingerprint, checkpoint: text)
            let error = #expect(throws: RunError.self) { try start(damaged) }
            #expect(error?.kind == .mismatch)
            #expect(error?.text.contains("'daily'") == true && error?.text.contains(defect) == true, "\(text)")
        }
    }

    @Test("other flags are an error that names the flag, its old value and its new one")
    func otherFlags() throws {
        let (state, _) = stored { _ in }
        for (flags, facts) in [
            (#"{"--tumbling":"2m","--fill":""}"#, ["--tumbling", "'2m'", "'1m'"]),
            (#"{"--tumbling":"1m"}"#, ["--fill", "not given"]),
            (#"{"--tumbling":"1m","--fill":"","--lateness":"5s"}"#, ["--lateness", "'5s'", "not given"]),
        ] {
            let error = #expect(throws: RunError.self) {
                try start(JobState(fingerprint: flags, checkpoint: state.checkpoint))
            }
            #expect(error?.kind == .mismatch)
            for fact in facts + ["'daily'"] { #expect(error?.text.contains(fact) == true, "\(fact)") }
        }
    }

    @Test("all changed flags are named, and how to start over") func allFlags() throws {
        let (state, _) = stored { _ in }
        let flags = #"{"--tumbling":"2m","--lateness":"5s"}"#
        #expect(
            throws: RunError.mismatch(
                "job 'daily' was started with different options (--tumbling was '2m', now '1m'; --lateness was '5s', now "
                    + "not given; --fill was not given, now given); use the same options, a new --job name, or "
                    + "--reset daily to start over")
        ) { try start(JobState(fingerprint: flags, checkpoint: state.checkpoint)) }
    }

    @Test("flags of which only a hash is stored are compared by it, and their error names the job") func hash() throws {
        let (state, _) = stored { _ in }
        let error = #expect(throws: RunError.self) {
            try start(JobState(fingerprint: "sha256-01ab", checkpoint: state.checkpoint))
        }
        #expect(error?.kind == .mismatch && error?.text.contains("'daily'") == true)
    }
}

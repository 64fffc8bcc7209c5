import Glibc
import Plan
import StreamEngine
import System
import Testing

@testable import Run

@Suite("pipeline", .timeLimit(.minutes(5))) struct PipelineTests {
    private static let failure = RunError.writeFailed(output: "out", reason: "No space left on device")
    private static let text = lines([(1, 1), (2, 2), (11, 1), (12, 1), (21, 1)])
    private static let closed = row(1, 1) + row(2, 1) + row(1, 2)

    /// Records of several groups, some late, some rejected.
    private static func mixedText() -> String {
        var random = SeededGenerator(seed: 5)
        var text = ""
        for number in 0..<600 {
            text += lines([(number / 4 + Int.random(in: 0..<25, using: &random), Int.random(in: 0..<4, using: &random))]
            )
            if number % 97 == 0 { text += "not a record\n" }
        }
        return text
    }

    @Test("rows, rejects and counts are the same for every number of workers and every cut of the bytes")
    func workers() throws {
        let query = try Query.counts(delay: 5)
        let texts = [Self.mixedText(), "", lines([(300, 7)]) + "{\"t\":301,\"k\":7}"]
        func run(workers: Int, block: Int) throws -> (text: String, rejects: String, message: String) {
            let plan = Plan.fake(query, inputs: 3, workers: workers, rejects: "rejects", verbosity: .verbose)
            let output = FakeOutput()
            let result = try runPipeline(plan, FakeInput(texts, block: block), output)
            #expect(result.outcome.status == .done)
            return (output.text, output.rejects, result.outcome.message)
        }
        let expected = try run(workers: 1, block: 1 << 30)
        #expect(expected.text.hasSuffix(row(7, 2)))
        #expect(expected.rejects.contains("malformed") && expected.rejects.contains("late"))
        for workers in [1, 2, 7] {
            for block in [1, 40, 1000, 1 << 20] {
                let found = try run(workers: workers, block: block)
                let isSame = found == expected
                try #require(isSame, "\(workers) workers, blocks of \(block) bytes")
            }
        }
    }

    @Test("selected rows are the same, whichever thread encodes them", arguments: [OutputFormat.json, .csv, .tsv])
    func selection(format: OutputFormat) throws {
        var query = Query()
        query.filter = try .parse("k > 0")
        query.select = try Expression.parseSelection("k,t,d=t*0.37")
        query.format = format
        let texts = [Self.mixedText(), "", "{\"t\":7,\"k\":\"a,b\"}\n"]
        func run(workers: Int, block: Int, most: Int?) throws -> (text: String, rows: Int) {
            var query = query
            query.maxRecords = most
            let output = FakeOutput()
            let plan = Plan.fake(query, inputs: 3, workers: workers)
            _ = try runPipeline(plan, FakeInput(texts, block: block), output)
            return (output.text, output.text.split(separator: "\n").count)
        }
        for most in [nil, 0, 1, 100, 500] {
            let expected = try run(workers: 1, block: 1 << 30, most: most)
            #expect(expected.rows > 100 || most != nil)
            for (workers, block) in [(2, 1), (2, 1000), (7, 300), (3, 1 << 20)] {
                let found = try run(workers: workers, block: block, most: most)
                let isSame = found == expected
                try #require(isSame, "\(workers) workers, blocks of \(block) bytes, \(most ?? -1) records")
            }
        }
    }

    @Test("the lines that a filter leaves are the same, whichever thread copies them", arguments: [false, true])
    func filteredLines(hasTimes: Bool) throws {
        var query = Query()
        query.filter = try .parse("k > 1")
        if hasTimes { query.time = try Query.counts(delay: 5).time }
        let records = Self.mixedText().split(separator: "\n")
        let texts = [
            records.joined(separator: "\n") + "\n", records.joined(separator: "\r\n") + "\n\n",
            records.joined(separator: "\n"),
        ]
        let kept = records.filter { $0.hasSuffix("\"k\":2}") || $0.hasSuffix("\"k\":3}") }.map { $0 + "\n" }
        try #require(kept.count > 200)
        func run(workers: Int, block: Int, most: Int?) throws -> (text: String, message: String) {
            var query = query
            query.maxRecords = most
            let output = FakeOutput()
            let plan = Plan.fake(query, inputs: 3, workers: workers, verbosity: .verbose)
            let result = try runPipeline(plan, FakeInput(texts, block: block), output)
            return (output.text, result.outcome.message)
        }
        for most in [nil, 0, 1, 100, 700] {
            let expected = try run(workers: 1, block: 1, most: most)
            if most == nil {
                #expect(expected.text == (kept + kept + kept).joined())
                #expect(expected.message.contains("\(3 * (600 - kept.count)) filtered"))
            }
            for (workers, block) in [(1, 1 << 20), (1, 500), (2, 1), (2, 1000), (7, 300), (3, 1 << 20)] {
                let found = try run(workers: workers, block: block, most: most)
                let isSame = found == expected
                try #require(isSame, "\(workers) workers, blocks of \(block) bytes, \(most ?? -1) records")
            }
        }
    }

    @Test("an input without records begins and ends") func empty() throws {
        let output = FakeOutput()
        let result = try runPipeline(.fake(try .counts()), FakeInput([""]), output)
        #expect(output.calls == [.beginClosing, .close(isFinished: true)])
        #expect(result.outcome.status == .done)
        #expect(result.outcome.message.contains("the input is empty"))
    }

    @Test("each batch begins, writes its rows, ends, and may be committed") func order() throws {
        let output = FakeOutput()
        _ = try runPipeline(.fake(Query()), FakeInput(["{}\n", "{\n"]), output)
        #expect(
            output.calls == [
                .begin(0), .rows("{}\n"), .end(0), .commitIfDue, .begin(0), .end(0), .commitIfDue, .beginClosing,
                .close(isFinished: true),
            ])
    }

    @Test("when the source fails, rows that are final are written and open windows are not", arguments: [1, 2])
    func sourceFailure(workers: Int) throws {
        let gone = RunError.noInput("a.jsonl: Input/output error")
        let output = FakeOutput()
        let input = FakeInput([Self.text], events: [5: .failure(gone)])
        let result = try runPipeline(.fake(try .counts(), workers: workers), input, output)
        #expect(output.text == Self.closed)
        #expect(output.milestones == [.close(isFinished: false)])
        #expect(result.failure == nil && result.sourceFailure == gone)
        #expect(result.outcome.status == .noInput && result.outcome.message.contains(gone.text))
    }

    @Test("bytes that the source leaves out are read by the workers", arguments: [1, 2, 7])
    func gaps(workers: Int) throws {
        let output = FakeOutput()
        let input = FakeInput([Self.text], events: [0: .gap(nil), 1: .gap(nil), 3: .gap(nil)])
        let result = try runPipeline(.fake(try .counts(), workers: workers), input, output)
        #expect(output.text == Self.closed + row(1, 1))
        #expect(result.outcome.status == .done)
    }

    @Test("when such bytes cannot be read, no later record counts, and a source that waits is not waited for")
    func unreadableGap() throws {
        let gone = RunError.noInput("a.jsonl: Input/output error")
        for events: [Int: ReadEvent] in [[4: .gap(gone)], [4: .gap(gone), 5: .waitForInterrupt]] {
            for workers in [2, 7] {
                let output = FakeOutput()
                let input = FakeInput([Self.text + lines([(31, 1), (41, 1)])], events: events)
                let result = try runPipeline(.fake(try .counts(), workers: workers), input, output)
                #expect(output.text == row(1, 1) + row(2, 1))
                #expect(output.milestones == [.close(isFinished: false)])
                #expect(result.failure == nil && result.sourceFailure == gone && result.signal == 0)
                #expect(result.outcome.status == .noInput && result.outcome.message.contains(gone.text))
            }
        }
    }

    @Test("when source and output fail, the failure of the output is reported") func twoFailures() throws {
        let output = FakeOutput()
        output.failing = (.close, Self.failure)
        let input = FakeInput([Self.text], events: [2: .failure(.noInput("a.jsonl: gone"))])
        let result = try runPipeline(.fake(try .counts()), input, output)
        #expect(result.sourceFailure != nil && result.error == Self.failure)
        #expect(result.outcome.status == .writeFailed && !result.outcome.message.contains("gone"))
    }

    @Test("with --strict a rejected record ends the run; rows and rejects before it are written", arguments: [1, 2])
    func strict(workers: Int) throws {
        let output = FakeOutput()
        let plan = Plan.fake(Query(), workers: workers, strict: true, rejects: "rejects")
        let input = FakeInput(["{}\n{\n{}\n"], events: [3: .waitForInterrupt])
        let result = try runPipeline(plan, input, output)
        #expect(output.text == "{}\n" && output.rejects.contains("\"line\":2"))
        #expect(output.milestones == [.close(isFinished: false)])
        #expect(result.signal == 0 && input.interrupt.isRaised)
        #expect(result.outcome.status == .badData && result.outcome.message.contains("a.jsonl:2"))
        // The batch that failed has not ended: nothing may be committed after it.
        #expect(output.calls.filter { if case .end = $0 { true } else { false } } == [.end(0)])
    }

    @Test("of a rejected record and an output that then cannot be closed, the record is reported")
    func strictAndClose() throws {
        let output = FakeOutput()
        output.failing = (.close, Self.failure)
        let result = try runPipeline(.fake(Query(), strict: true), FakeInput(["{\n"]), output)
        #expect(result.outcome.status == .badData && result.error == nil)
    }

    @Test(
        "an output that fails is abandoned, not closed, and its failure is reported",
        arguments: [FakeOutput.Step.write, .reject, .endBatch, .commit, .tick], [1, 2])
    func outputFailure(step: FakeOutput.Step, workers: Int) throws {
        let output = FakeOutput()
        output.failing = (step, Self.failure)
        let plan = Plan.fake(Query(), workers: workers, rejects: "rejects")
        let input = FakeInput(["{\n{}\n{}\n{}\n"], events: [3: .quiet, 6: .waitForInterrupt])
        let result = try runPipeline(plan, input, output)
        #expect(output.milestones == [.abandon])
        #expect(result.error == Self.failure && result.signal == 0)
        #expect(input.interrupt.isRaised)
        #expect(result.outcome.status == .writeFailed && result.outcome.message.contains(Self.failure.text))
    }

    @Test("an output that cannot be closed is a failure") func closeFailure() throws {
        let output = FakeOutput()
        output.failing = (.close, Self.failure)
        let result = try runPipeline(.fake(Query()), FakeInput(["{}\n"]), output)
        #expect(output.milestones == [.beginClosing, .close(isFinished: true)])
        #expect(result.outcome.status == .writeFailed)
    }

    @Test("after the last record that is wanted, the run raises its interrupt and ends", arguments: [1, 2, 7])
    func enough(workers: Int) throws {
        var query = try Query.counts()
        query.maxRecords = 2
        let output = FakeOutput()
        let input = FakeInput([Self.text], events: [2: .waitForInterrupt])
        let result = try runPipeline(.fake(query, workers: workers), input, output)
        #expect(input.interrupt.signalNumber == SIGPIPE)
        #expect(result.signal == 0 && result.outcome.signal == 0 && result.outcome.status == .done)
        #expect(output.text == row(1, 1) + row(2, 1))
        #expect(output.milestones == [.beginClosing, .close(isFinished: true)])
    }

    @Test("a signal prints the open windows of a run without a job") func signal() throws {
        let output = FakeOutput()
        let input = FakeInput([Self.text], events: [5: .signal(SIGTERM)])
        let result = try runPipeline(.fake(try .counts()), input, output)
        #expect(output.text == Self.closed + row(1, 1))
        #expect(output.milestones.first == .beginClosing)
        #expect(result.signal == SIGTERM && result.outcome.signal == SIGTERM && result.outcome.status == .done)
    }

    @Test("a signal leaves the open windows of a job to its next run") func signalOfJob() throws {
        let output = FakeOutput()
        let input = FakeInput([Self.text], events: [5: .signal(SIGINT)])
        let result = try runPipeline(.fake(try .counts(), job: JobPlan(name: "j")), input, output)
        #expect(output.text == Self.closed)
        #expect(output.milestones == [.close(isFinished: false)])
        #expect(result.outcome.signal == SIGINT)
    }

    @Test("when the reader of the rows goes away, the run ends without a message") func readerGone() throws {
        let output = FakeOutput()
        let input = FakeInput([Self.text + "{\n"], events: [6: .signal(SIGPIPE)])
        let result = try runPipeline(.fake(try .counts()), input, output)
        #expect(output.milestones == [.abandon])
        #expect(result.outcome.signal == SIGPIPE && result.outcome.message.isEmpty)
    }

    @Test("an incomplete last line is left to the next run if the output holds it back, and rejected otherwise")
    func tornLine() throws {
        for holdsBack in [true, false] {
            for block in [1, 1000] {
                let output = FakeOutput()
                output.holdsBack = holdsBack
                let result = try runPipeline(.fake(Query()), FakeInput(["{}\n{\"a\":"], block: block), output)
                #expect(output.text == "{}\n")
                #expect(result.hasHeldBack == holdsBack)
                #expect(output.calls.contains(.begin(3)) == !holdsBack)
                #expect(result.outcome.message.contains("rejected") == !holdsBack)
                #expect(!holdsBack || result.outcome.message.contains("a.jsonl"))
            }
        }
    }

    @Test("a last line that is complete but for its newline is a record") func openLine() throws {
        let output = FakeOutput()
        output.holdsBack = true
        let result = try runPipeline(.fake(Query()), FakeInput(["{}\n{\"a\":1}"]), output)
        #expect(output.text == "{}\n{\"a\":1}\n" && !result.hasHeldBack)
    }

    @Test("reads have a deadline if the query or the output needs the clock, and silence reaches both")
    func deadlines() throws {
        var idle = Query()
        idle.idle = 1_000_000
        var early = Query()
        early.early = 1_000_000
        for (query, needsTicks) in [(Query(), false), (Query(), true), (idle, false), (early, false)] {
            let output = FakeOutput()
            output.needsTicks = needsTicks
            let input = FakeInput(["{}\n"], events: [1: .quiet])
            _ = try runPipeline(.fake(query), input, output)
            let hasDeadline = needsTicks || query.idle != nil || query.early != nil
            #expect(input.deadlines.count == 3 && input.deadlines.allSatisfy { ($0 != nil) == hasDeadline })
            #expect(output.calls.filter { $0 == .tick } == [.tick])
        }
    }

    @Test("a run of which all records are rejected, or all rows refused, has bad data") func nothingGood() throws {
        let rejected = try runPipeline(.fake(Query()), FakeInput(["{\n[\n"]), FakeOutput())
        #expect(rejected.outcome.status == .badData)
        #expect(try runPipeline(.fake(Query()), FakeInput(["{\n{}\n"]), FakeOutput()).outcome.status == .done)
        for (refused, status) in [(1, ExitStatus.done), (2, .badData)] {
            let output = FakeOutput()
            for _ in 0..<refused { output.refusals.add("a value is too long") }
            #expect(try runPipeline(.fake(Query()), FakeInput(["{}\n{}\n"]), output).outcome.status == status)
        }
    }
}

import Glibc
import Plan
import StreamEngine
import Testing

@testable import Run

@Suite("replay in the pipeline", .timeLimit(.minutes(5))) struct PipelineReplayTests {
    private static let texts = [lines([(1, 1), (2, 2), (3, 3), (4, 4)]), lines([(5, 5)])]
    /// Bytes of a line.
    private static let line = 14

    private func run(
        _ checkpoint: Checkpoint, block: Int = 1, workers: Int = 1, events: [Int: ReadEvent] = [:],
        job: JobPlan? = JobPlan(name: "j")
    ) throws -> (output: FakeOutput, result: PipelineResult) {
        let output = FakeOutput()
        let plan = Plan.fake(Query(), inputs: 2, job: job, workers: workers)
        let result = try runPipeline(
            plan, FakeInput(Self.texts, block: block, events: events), output, from: checkpoint)
        return (output, result)
    }

    @Test("rows before the committed position are not written again", arguments: [1, 2, 7], [1, 20, 1000])
    func resumed(workers: Int, block: Int) throws {
        for restart in 0...4 {
            for committed in restart...4 {
                let (output, result) = try run(
                    makeCheckpoint(restart: restart * Self.line, committed: committed * Self.line), block: block,
                    workers: workers)
                let expected = (Self.texts[0] + Self.texts[1]).utf8.dropFirst(committed * Self.line)
                #expect(output.text == String(expected), "\(restart) \(committed)")
                #expect(output.calls.count { $0 == .endReplay } == 1)
                #expect(result.outcome.status == .done)
            }
        }
    }

    @Test("the replay ends once, at the committed position and before any new row")
    func endReplay() throws {
        let (output, _) = try run(makeCheckpoint(restart: Self.line, committed: 3 * Self.line))
        #expect(
            output.calls.prefix(9) == [
                .begin(14), .end(14), .commitIfDue, .begin(28), .end(28), .endReplay, .commitIfDue, .begin(42),
                .rows(lines([(4, 4)])),
            ])
    }

    @Test("a run that has nothing to replay ends its replay before the first batch") func nothingToReplay() throws {
        let (output, _) = try run(makeCheckpoint(restart: 2 * Self.line, committed: 2 * Self.line))
        #expect(output.calls.prefix(2) == [.endReplay, .begin(28)])
    }

    @Test("rows beyond the committed position that are delivered are left out") func rowsAfter() throws {
        let (output, _) = try run(
            makeCheckpoint(restart: 0, committed: Self.line) { $0.output.rowsAfter = 2 }, block: 1000)
        #expect(output.text == lines([(4, 4), (5, 5)]))
    }

    @Test("an input that ends before the committed position is an error with its name and the byte", arguments: [1, 2])
    func inputTooShort(workers: Int) throws {
        for (texts, position, name) in [(1, 99, "a.jsonl"), (2, 77, "b.jsonl")] {
            let output = FakeOutput()
            let start = makeCheckpoint(restart: 0, committed: 0) {
                $0.input.files.committed = InputPosition(input: texts - 1, position: position)
            }
            let result = try runPipeline(
                .fake(Query(), inputs: texts, job: JobPlan(name: "j"), workers: workers),
                FakeInput(Array(Self.texts.prefix(texts))), output, from: start)
            #expect(result.error?.kind == .mismatch && result.outcome.status == .mismatch)
            #expect(result.outcome.message.contains("byte \(position) of \(name)"))
            #expect(output.text.isEmpty && output.milestones == [.abandon])
        }
    }

    @Test("a signal or a failure of the source during the replay is not a mismatch") func interrupted() throws {
        let start = makeCheckpoint(restart: 0, committed: 3 * Self.line)
        let (output, result) = try run(start, events: [1: .signal(SIGTERM)])
        #expect(output.text.isEmpty && output.milestones == [.close(isFinished: false)])
        #expect(result.outcome.signal == SIGTERM && result.failure == nil)

        let gone = RunError.noInput("a.jsonl: gone")
        let (failed, ending) = try run(start, events: [1: .failure(gone)])
        #expect(failed.text.isEmpty && failed.milestones == [.close(isFinished: false)])
        #expect(ending.outcome.status == .noInput)
    }

    @Test("a failure of the source to resume is thrown") func resumeFails() throws {
        final class Unseekable: OpenSource {
            let format = InputFormat.json
            func read(into batch: inout Batch, deadline: Int64?) throws(RunError) -> SourceEvent { .end }
            func resume(from checkpoint: InputCheckpoint) throws(RunError) { throw .noInput("cannot seek") }
        }
        let query = Query()
        let (layout, input, output) = (ColumnLayout(query), FakeInput([""]), FakeOutput())
        let engine = try makeEngine(query, layout, EngineOptions(inputNames: input.names), output)
        let pipeline = try Pipeline(.fake(query), layout, engine, output, input, interrupt: input.interrupt)
        #expect(throws: RunError.noInput("cannot seek")) {
            try pipeline.run(Unseekable(), from: makeCheckpoint(restart: 0, committed: 0))
        }
        #expect(output.calls.isEmpty)
    }
}

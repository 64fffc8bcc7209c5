import Glibc
import Plan
import StreamEngine
import Testing

@testable import Run

@Suite("exactly once", .timeLimit(.minutes(5))) struct ExactlyOnceTests {
    private static let job = JobPlan(name: "j")

    /// Records of several groups, some of them late.
    private func text(_ random: inout SeededGenerator) -> String {
        var records: [(t: Int, k: Int)] = []
        for number in 0..<Int.random(in: 20...60, using: &random) {
            let time = number + Int.random(in: 0..<25, using: &random)
            records.append((t: time, k: Int.random(in: 0..<3, using: &random)))
        }
        return lines(records)
    }

    /// Runs a job whose commits fail and that signals stop, until it finishes.
    ///
    /// - Returns: the rows of all commits.
    private func deliver(_ query: Query, _ texts: [String], _ random: inout SeededGenerator) throws -> String {
        var delivered = ""
        var stored: String?
        for attempt in 0..<1000 {
            let workers = [1, 2, 7].randomElement(using: &random) ?? 1
            var plan = Plan.fake(query, inputs: texts.count, job: Self.job, workers: workers)
            plan.commitEvery = Bool.random(using: &random) ? 0 : 1_000_000
            // The more often it has failed, the longer it runs.
            let limit = Int.random(in: 0...(3 + attempt / 4), using: &random)
            let isSignalled = Int.random(in: 0..<4, using: &random) == 0
            let committer = FakeCommitter(failingCommit: isSignalled ? .max : limit)
            let input = FakeInput(
                texts, block: Int.random(in: 1...200, using: &random),
                events: isSignalled ? [limit: .signal(SIGTERM)] : [:])
            input.repeatsInOrder = Bool.random(using: &random)
            let checkpoint = stored.flatMap { Checkpoint(text: $0) }
            let output = CommittingOutput(
                committer, RunContext(plan) { _ in }, input, nil, from: checkpoint,
                fullSize: Int.random(in: 1...200, using: &random))
            let result = try runPipeline(plan, input, output, from: checkpoint)
            delivered += committer.text
            stored = committer.checkpoint?.text ?? stored
            if result.outcome.status == .done, result.outcome.signal == 0 { return delivered }
        }
        Issue.record("the job does not finish")
        return delivered
    }

    @Test("a job that is stopped anywhere and resumed delivers what one run writes") func resumed() throws {
        for seed in 0..<150 {
            var random = SeededGenerator(seed: UInt64(seed))
            let query = seed % 3 == 0 ? Query() : try Query.counts(delay: [0, 5, nil][seed / 3 % 3])
            let texts = [text(&random), text(&random)]
            let whole = FakeOutput()
            _ = try runPipeline(.fake(query, inputs: 2), FakeInput(texts), whole)
            let delivered = try deliver(query, texts, &random)
            try #require(delivered == whole.text, "seed \(seed)")
        }
    }
}

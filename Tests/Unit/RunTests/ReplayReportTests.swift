import Plan
import StreamEngine
import Testing

@testable import Run

@Suite("what is reported while a job reads again") struct ReplayReportTests {
    /// What is said at each second of a replay of 100 bytes, one byte a second, and at its end.
    private func said(_ seconds: Int, verbosity: Plan.Verbosity = .normal) throws -> [String] {
        final class Scene {
            var lines: [String] = []
            var now: Int64 = 77
        }
        let scene = Scene()
        let job = JobPlan(name: "hours", takesOver: false, fingerprint: [])
        let plan = Plan.fake(try Query.counts(delay: 5), job: job, verbosity: verbosity)
        var report = ReplayReport(plan, { scene.lines.append($0) }, clock: { scene.now })
        var checkpoint = Checkpoint()
        var partition = PartitionCheckpoint()
        partition.committed = InputPosition(input: 0, position: 100)
        checkpoint.input.partitions = [partition]
        var target = try #require(ReplayTarget(checkpoint))
        for second in 0..<seconds {
            _ = target.reach(InputPosition(input: 0, position: second), of: 0)
            report.check(target)
            scene.now += 1_000_000
        }
        report.end()
        return scene.lines
    }

    @Test("a short one is silent") func short() throws { #expect(try said(5) == []) }

    @Test("a long one says how far it is after 5 seconds and then every minute, and when it ends") func long() throws {
        #expect(
            try said(70) == [
                "streamctl: job 'hours' reads again what its open windows hold: 5 % so far, in 5 s\n",
                "streamctl: job 'hours' reads again what its open windows hold: 65 % so far, in 65 s\n",
                "streamctl: job 'hours' goes on with new records after 70 s\n",
            ])
    }

    @Test("--quiet silences it") func quiet() throws { #expect(try said(70, verbosity: .quiet) == []) }
}

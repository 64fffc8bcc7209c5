import Plan
import StreamEngine
import Testing

@testable import Run

@Suite("what is reported while input is read") struct ProgressReportTests {
    /// Collects what is said, and holds the time.
    private final class Scene {
        var said: [String] = []
        var now: Int64 = 0
    }

    /// Feeds batches to an engine, each at its second, and returns what was said after each.
    private func run(
        _ batches: [(second: Double, text: String)], isLive: Bool = true, verbosity: Plan.Verbosity = .normal,
        window: WindowSpec? = nil
    ) throws -> [String] {
        let scene = Scene()
        var query = try Query.counts(delay: 5)
        if let window { query.window = window }
        var plan = Plan.fake(query, verbosity: verbosity)
        plan.isLive = isLive
        let layout = ColumnLayout(plan.query, seed: 7)
        let output = FakeOutput()
        let input = FakeInput([""])
        let engine = try makeEngine(plan.query, layout, EngineOptions(inputNames: input.names), output)
        var stage = try ScanStage(plan.query, layout)
        var records = Records(columnCount: layout.columnCount)
        var batch = Batch(capacity: 1024)
        var report = ProgressReport(plan, input, { scene.said.append($0) }, clock: { scene.now })
        var result: [String] = []
        for (number, item) in batches.enumerated() {
            batch.removeAll()
            Array(item.text.utf8).withUnsafeBytes { batch.append($0) }
            batch.sequence = number
            batch.startsInput = number == 0
            stage.run(&batch, into: &records)
            try engine.process(records, of: batch)
            scene.now = Int64(item.second * 1e6)
            scene.said = []
            report.check(engine, at: .start)
            result.append(scene.said.joined())
        }
        return result
    }

    @Test("whatever is reported before the end says so") func missedWindows() throws {
        let said = try run(
            [(0, good + "{\"t\":30,\"k\":1}\n"), (3, "{\"t\":18,\"k\":1}\n")],
            window: .hopping(size: 30, step: 10, align: 0))
        #expect(said[1].hasPrefix("streamctl: once so far, a record missed a window"), "\(said)")
    }

    private let good = "{\"t\":1,\"k\":1}\n"

    @Test("rejected records are reported two seconds after the first record, then once a minute") func rejects() throws
    {
        let said = try run([
            (0, good + "oops\n"), (1, "oops\n"), (2, "oops\n"), (3, "oops\n"), (30, "oops\n"), (61, good),
            (63, "oops\n"),
            (64, "oops\n"), (200, good), (201, good),
        ])
        #expect(said.map { $0.isEmpty } == [true, true, false, true, true, true, false, true, false, true])
        #expect(
            said[2]
                == "streamctl: 3 of 4 records so far were rejected: 3 malformed (first at a.jsonl:2: not a JSON object: "
                + "'oops'; then a.jsonl:3, a.jsonl:4)\n")
        #expect(said[6].contains("6 of 8"))
    }

    @Test("each kind of problem is reported at once, and then once a minute by itself") func kinds() throws {
        let late = "{\"t\":100,\"k\":1}\n" + good
        let said = try run([(0, good + "oops\n"), (3, good), (10, late), (20, "oops\n" + good), (63, good), (70, good)])
        #expect(said.map { $0.isEmpty } == [true, false, false, true, false, false])
        #expect(said[1].contains("rejected") && !said[1].contains("late"))
        #expect(said[2].contains("late") && !said[2].contains("rejected"))
        #expect(said[4].contains("rejected") && !said[4].contains("late"))
        #expect(said[5].contains("late") && !said[5].contains("rejected"))
    }

    @Test("a hundred records do not wait for two seconds") func hundred() throws {
        let text = String(repeating: "oops\n", count: 100)
        #expect(try run([(0, text), (0.6, good)]).map { $0.isEmpty } == [true, false])
    }

    @Test("late records and fields that no record has are reported while the run goes on") func others() throws {
        let said = try run([(0, "{\"t\":100,\"x\":1}\n{\"t\":1}\n"), (3, good)])
        #expect(said[1].contains("2 of 3 records so far were late"))
        let missing = try run([(0, "{\"t\":100,\"K\":1}\n"), (3, "{\"t\":101,\"K\":1}\n")])
        #expect(missing[1].contains("--by: no record so far has 'k'; did you mean 'K'?"))
    }

    @Test("nothing is said about input that is all right, or that is a file, or with --quiet") func silence() throws {
        let times = [0.0, 1, 2, 3, 100, 200]
        #expect(try run(times.map { ($0, good) }).joined() == "")
        #expect(try run(times.map { ($0, "oops\n") }, isLive: false).joined() == "")
        #expect(try run(times.map { ($0, "oops\n") }, verbosity: .quiet).joined() == "")
    }

    @Test("--verbose prints the counts every minute") func verbose() throws {
        let said = try run([(0, good), (30, good), (61, good), (62, good), (122, good)], verbosity: .verbose)
        #expect(said.map { $0.isEmpty } == [true, true, false, true, false])
        #expect(said[2].hasPrefix("streamctl: 3 records so far: 3 in windows"))
    }

    @Test(
        "shares are rounded down",
        arguments: [(0.0, "0 %"), (0.001, "less than 1 %"), (0.387, "38 %"), (0.999, "99 %")])
    func shares(_ share: Double, _ text: String) { #expect(Percent.text(share) == text) }
}

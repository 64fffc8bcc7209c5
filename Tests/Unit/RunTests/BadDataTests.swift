import Plan
import StreamEngine
import Testing

@testable import Run

@Suite("bad data ends with status 65") struct BadDataTests {
    private func outcome(
        _ query: Query, _ texts: [String], isLive: Bool = false, usesDefaultWatermark: Bool = false,
        rejects: String? = nil, events: [Int: ReadEvent] = [:]
    ) throws -> ExitOutcome {
        var plan = Plan.fake(query, inputs: texts.count, rejects: rejects)
        plan.isLive = isLive
        plan.usesDefaultWatermark = usesDefaultWatermark
        return try runPipeline(plan, FakeInput(texts, block: 1 << 20, events: events), FakeOutput()).outcome
    }

    private let good = "{\"t\":1,\"k\":1}\n"

    @Test("more than half of the records are malformed") func malformed() throws {
        for (text, isBad) in [
            ("a\nb\n" + good, true), ("a\n" + good, false), (good + good + "a\n", false), (good + "a\nb\nc\n", true),
            ("a\n", true),
        ] {
            #expect(try (outcome(.counts(), [text]).status == .badData) == isBad, "\(text)")
        }
        // With --rejects, they are expected.
        #expect(try outcome(.counts(), ["a\nb\n" + good], rejects: "r").status == .done)
        #expect(try outcome(.counts(), ["a\nb\n"], rejects: "r").status == .badData)
    }

    @Test("no record has a usable time, whatever else is wrong") func times() throws {
        let filtered = "{\"k\":9}\n"
        var query = try Query.counts()
        query.filter = try Expression.parse("k != 9")
        let bad = "{\"k\":1}\n"
        #expect(try outcome(query, [bad + filtered + "x\n" + bad]).status == .badData)
        #expect(try outcome(query, [bad + filtered + good]).status == .done)
    }

    @Test("the time of a duplicate is usable") func duplicates() throws {
        var query = try Query.counts()
        query.dedup = Deduplication(fields: [try FieldPath.parse("k")])
        // The first record was counted by an earlier run.
        let result = try runPipeline(
            .fake(query), FakeInput([good + good + "{\"k\":1}\n"]), FakeOutput(),
            from: makeCheckpoint(restart: 0, committed: good.utf8.count))
        #expect(result.outcome.message.contains("1 of 2 records dropped as duplicates"))
        #expect(result.outcome.message.contains("1 of 2 records were rejected"))
        #expect(result.outcome.status == .done)
    }

    @Test("a file in a pipe loses what a file keeps: -W none is named first") func pipe() throws {
        var query = try Query.counts(delay: 5)
        query.window = .tumbling(size: 10, align: 0)
        let early = lines([(100, 1), (1, 1), (2, 1)])
        let found = try outcome(query, [early], isLive: true, usesDefaultWatermark: true)
        #expect(found.status == .badData)
        #expect(found.message.hasPrefix("streamctl: add -W none: this input ended"))
        #expect(found.message.contains("2 of 3 records"))
        // With --watermark it was chosen.
        #expect(try outcome(query, [early], isLive: true).status == .done)
        // A few late records are those of live input.
        let many = lines((100..<500).map { (t: $0, k: 1) }) + lines([(1, 1)])
        let few = try outcome(query, [many], isLive: true, usesDefaultWatermark: true)
        #expect(few.status == .done && few.message.contains("-W none"))
        // Stopped, it has not ended.
        let stopped = try outcome(
            query, [early], isLive: true, usesDefaultWatermark: true, events: [1: .signal(2)])
        #expect(stopped.signal == 2 && stopped.status == .done && !stopped.message.contains("this input ended"))
    }

    @Test("with --max-records an input has not ended") func limited() throws {
        var query = try Query.counts(delay: 5)
        query.maxRecords = 2
        let found = try outcome(query, [lines([(100, 1), (1, 1), (2, 1)])], isLive: true, usesDefaultWatermark: true)
        #expect(found.status == .done)
    }

    @Test("an input of which nothing can be read ends the run at its first batch") func foreign() throws {
        let csv = "id,t\n1,2\n3,4\n"
        let found = try outcome(.counts(), [csv])
        #expect(found.status == .badData)
        #expect(
            found.message
                == "streamctl: a.jsonl is CSV, not JSON lines: streamctl -i csv --no-header a.jsonl …\n")
        // The second of two inputs is named, and what the first one had is not called unreadable.
        let second = try outcome(.counts(), [good, csv])
        #expect(second.status == .badData && second.message.contains("b.jsonl is CSV"))
        // Whoever keeps rejects wants all of them.
        #expect(try outcome(.counts(), [csv], rejects: "r").message.contains("3 malformed"))
        // Live input may begin with other lines.
        #expect(try outcome(.counts(), [csv + good + good + good + good], isLive: true).status == .done)
    }

    @Test("the advised delays keep what they promise", arguments: 1...20 as ClosedRange<UInt64>)
    func advice(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var query = try Query.counts(delay: 0)
        query.window = .tumbling(size: 1_000_000, align: 0)
        let text = lines(
            (0..<2000).map { number in
                let lag = Int.random(in: 0..<10, using: &random) == 0 ? Int.random(in: 0...900, using: &random) : 0
                return (t: max(0, number * 1_000_000 - lag * 1_000_000), k: 1)
            })
        func late(_ delay: Int64) throws -> (count: Int, advice: (all: Int64, most: Int64)?) {
            query.watermarkDelay = delay
            let output = FakeOutput()
            let plan = Plan.fake(query)
            let engine = try makeEngine(
                query, ColumnLayout(query, seed: 7), EngineOptions(inputNames: ["a"]), output)
            let pipeline = try Pipeline(plan, ColumnLayout(query, seed: 7), engine, output, FakeInput([text]))
            try pipeline.run(FakeInput([text], block: 1 << 16).open(SourceOptions()), from: nil)
            _ = pipeline.finish()
            var found: (Int, (all: Int64, most: Int64)?) = (0, nil)
            engine.withCounts { found = ($0.late, $0.lateAdvice) }
            return found
        }
        let (count, advice) = try late(0)
        let found = try #require(advice)
        #expect(try late(found.all).count == 0)
        #expect(try late(found.most).count <= count / 100)
    }
}

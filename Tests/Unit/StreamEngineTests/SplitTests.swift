import Testing

@testable import StreamEngine

@Suite struct SplitTests {
    /// Lines joined into batches that begin at the given line numbers.
    private static func batches(_ lines: [String], cuts: Set<Int>) -> [[UInt8]] {
        var batches: [[UInt8]] = []
        for (number, line) in lines.enumerated() {
            if number == 0 || cuts.contains(number) { batches.append([]) }
            batches[batches.count - 1] += Array((line + "\n").utf8)
        }
        return batches
    }

    /// False: a difference was recorded, and one is enough.
    private static func expectSame(
        _ query: Query, _ lines: [String], seed: UInt64, _ note: String = ""
    ) throws -> Bool {
        var random = SeededGenerator(seed: seed &+ 99)
        let whole = try runEngine(query, batches: batches(lines, cuts: []))
        var ways = (1..<max(2, lines.count)).map { Set([$0]) }
        ways.append(Set(0..<lines.count))
        for _ in 0..<4 {
            ways.append(Set((0..<lines.count).filter { _ in Int.random(in: 0..<4, using: &random) == 0 }))
        }
        for cuts in ways {
            let result = try runEngine(
                query, batches: batches(lines, cuts: cuts), seed: random.next(), crew: ShuffledCrew(seed: random.next())
            )
            guard result.output == whole.output, result.rejects == whole.rejects, result.figures == whole.figures,
                result.reasons == whole.reasons, result.badValues == whole.badValues
            else {
                Issue.record(
                    """
                    seed \(seed) \(note) cut at \(cuts.sorted())
                    \(lines.joined(separator: "\n"))
                    whole: \(whole.figures)
                    \(whole.text)\(whole.rejectText)cut: \(result.figures)
                    \(result.text)\(result.rejectText)
                    """)
                return false
            }
        }
        return true
    }

    @Test("where the input is cut into batches does not show", arguments: ModelCase.Kind.allCases)
    func windows(kind: ModelCase.Kind) throws {
        for seed in 0..<UInt64(25) {
            var random = SeededGenerator(seed: seed &+ 1_000_000)
            let trial = ModelCase(kind, &random)
            var query = try trial.query()
            query.punctuate = trial.window.isTimed && trial.hasTime
            if seed % 3 == 0 { query.maxRecords = Int.random(in: 1...30, using: &random) }
            guard try Self.expectSame(query, trial.records.map(\.line), seed: seed, "\(trial.window)") else { return }
        }
    }

    @Test("a strict run ends at the same record with the same rows, wherever the input is cut")
    func strict() throws {
        var failed = 0
        for seed in 0..<UInt64(60) {
            var random = SeededGenerator(seed: seed &+ 7_000_000)
            let trial = ModelCase([.tumbling, .hopping, .session, .rows][Int(seed % 4)], &random)
            let query = try trial.query()
            func run(_ batches: [[UInt8]]) throws -> EngineResult {
                let steps = batches.enumerated().map { EngineStep.lines($0.element, startsInput: $0.offset == 0) }
                return try runEngine(query, steps, isStrict: true)
            }
            let whole = try run([Array(trial.text.utf8)])
            if whole.error != nil { failed += 1 }
            let lines = trial.records.map(\.line)
            for cut in 0..<lines.count {
                let result = try run(Self.batches(lines, cuts: [cut]))
                #expect(result.error == whole.error, "seed \(seed) cut at \(cut)")
                #expect(result.output == whole.output && result.figures == whole.figures, "seed \(seed) cut at \(cut)")
            }
        }
        #expect(failed > 10)
    }

    @Test(
        "control lines between records, wherever the input is cut",
        arguments: [ModelCase.Kind.tumbling, .hopping, .session, .rows, .all])
    func controlLines(kind: ModelCase.Kind) throws {
        for seed in 0..<UInt64(25) {
            var random = SeededGenerator(seed: seed &+ 2_000_000)
            let trial = ModelCase(kind, &random)
            var lines: [String] = []
            for record in trial.records {
                while Int.random(in: 0..<3, using: &random) == 0 {
                    let bound = Int64.random(in: -60...20, using: &random)
                    lines.append(
                        ["{\"$watermark\":{}}", "{\"$watermark\":{\"t\":\"\(timeText(bound))\"}}", ""].randomElement(
                            using: &random) ?? "")
                }
                lines.append(record.line)
            }
            guard try Self.expectSame(try trial.query(), lines, seed: seed, "\(trial.window)") else { return }
        }
    }

    @Test("records of equal time keep their order of arrival across batches with control lines")
    func tiesAcrossBatches() throws {
        let query = try Query.timed(.all, [try .over(.first, "v"), try .over(.last, "v")])
        let control = "{\"$watermark\":{}}"
        let lines = [control, control, control, "{\"t\":1,\"v\":\"one\"}", "{\"t\":1,\"v\":\"two\"}"]
        let result = try runEngine(query, batches: Self.batches(lines, cuts: [4]))
        #expect(result.text == "{\"first_v\":\"one\",\"last_v\":\"two\"}\n")
        #expect(try Self.expectSame(query, lines, seed: 0))
    }

    enum PassThroughForm: CaseIterable, Sendable { case asIs, filtered, withLet, selected, punctuated, csv }

    @Test("where the input is cut does not show in records that pass through", arguments: PassThroughForm.allCases)
    func passThrough(form: PassThroughForm) throws {
        for seed in 0..<UInt64(20) {
            var random = SeededGenerator(seed: seed &+ 3_000_000)
            let trial = ModelCase(.tumbling, &random)
            var query = Query()
            switch form {
            case .asIs: break
            case .filtered: query.filter = try Expression.parse("v > 0")
            case .withLet: query.lets = try Expression.parseSelection("w=v + 1,v=w * 2")
            case .csv:
                query.format = .csv
                fallthrough
            case .selected: query.select = try Expression.parseSelection("t,k0,twice=v * 2")
            case .punctuated:
                query.time = .field(try FieldPath.parse("t"), .microseconds)
                query.watermarkDelay = 3
                query.punctuate = true
                query.select = try Expression.parseSelection("t,v")
            }
            var lines = trial.records.map(\.line)
            if form != .csv { lines.insert("{\"$watermark\":{}}", at: lines.count / 2) }
            guard try Self.expectSame(query, lines, seed: seed, "\(form)") else { return }
        }
    }

    @Test(
        "windows that close amid a large batch are those of records that come one by one",
        arguments: [
            WindowSpec.tumbling(size: 40, align: 0), .hopping(size: 60, step: 20, align: 0),
            .cumulative(max: 60, step: 20, align: 0),
        ])
    func largeBatches(window: WindowSpec) throws {
        for seed in 0..<UInt64(24) {
            var random = SeededGenerator(seed: seed &+ 5_000_000)
            let disorder = Int64.random(in: 1...30, using: &random)
            var query = try Query.timed(
                window, by: ["k0"], delay: Int64.random(in: 0...40, using: &random), [try .over(.sum, "v")])
            if seed % 2 == 0 { query.lateness = 15 }
            if seed % 3 == 0 { query.filter = try Expression.parse("v > 1") }
            query.punctuate = seed % 5 == 0
            var lines: [String] = []
            for number in 0..<Int64(700) {
                let time = number / Int64(2 + seed % 4) - Int64.random(in: 0..<disorder, using: &random)
                lines.append("{\"t\":\(time),\"k0\":\(number % 3),\"v\":\(number % 7)}")
            }
            let whole = try runEngine(query, batches: Self.batches(lines, cuts: []))
            let each = try runEngine(query, batches: Self.batches(lines, cuts: Set(0..<lines.count)))
            try #require(whole.output == each.output && whole.rejects == each.rejects, "seed \(seed)")
            try #require(whole.figures == each.figures && whole.reasons == each.reasons, "seed \(seed)")
        }
    }

    @Test("lines of any length, in batches of any size, give the same rows")
    func randomLengths() throws {
        for seed in 0..<UInt64(6) {
            var random = SeededGenerator(seed: seed &+ 4_000_000)
            var lines: [String] = []
            for number in 0..<200 {
                let length = Int.random(in: 0...(Bool.random(using: &random) ? 40 : 900), using: &random)
                let filler = String(
                    (0..<length).map { _ in "abcdefgh \u{e9}\u{1d11e}".randomElement(using: &random) ?? "a" })
                let spaces = String(repeating: " ", count: Int.random(in: 0...20, using: &random))
                let key = quoted(String(filler.prefix(3)))
                let time = number * 7 % 100
                lines.append("{\(spaces)\"pad\":\(quoted(filler)),\"k0\":\(key),\"t\":\(time)\(spaces)}")
            }
            let query = try Query.timed(.tumbling(size: 10, align: 0), by: ["k0"], delay: 20, [try .over(.last, "pad")])
            let bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
            let whole = try runEngine(query, batches: [bytes])
            #expect(!whole.output.isEmpty)
            for _ in 0..<10 {
                let size = Int.random(in: 1...20_000, using: &random)
                var batches: [[UInt8]] = [[]]
                for line in lines {
                    if batches[batches.count - 1].count > size { batches.append([]) }
                    batches[batches.count - 1] += Array((line + "\n").utf8)
                }
                let result = try runEngine(query, batches: batches)
                #expect(
                    result.output == whole.output && result.figures == whole.figures, "seed \(seed), batches of \(size)"
                )
            }
        }
    }

    @Test("the last line needs no newline")
    func lastLine() throws {
        let query = try Query.timed(.tumbling(size: 10, align: 0), [try .over(.sum, "v")])
        let text = "{\"t\":1,\"v\":1}\n{\"t\":2,\"v\":20}"
        #expect(try runEngine(query, text).output == runEngine(query, text + "\n").output)
        #expect(try runEngine(query, text).text.contains("\"sum_v\":21}"))
    }
}

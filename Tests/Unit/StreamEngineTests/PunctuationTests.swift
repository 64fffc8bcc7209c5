import Foundation
import Testing

@testable import StreamEngine

@Suite struct PunctuationTests {
    /// A line of output as its members.
    private static func members(_ line: String) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    private static func time(_ value: Any?) -> Int64? {
        (value as? String).flatMap { text in Array(text.utf8).withUnsafeBytes { RFC3339.parse($0) } }
    }

    private static func times(_ start: Int64, _ end: Int64) -> String {
        "\"window_start\":\"\(timeText(start))\",\"window_end\":\"\(timeText(end))\""
    }

    private static func row(_ start: Int64, _ end: Int64, count: Int) -> String {
        "{\(times(start, end)),\"count\":\(count)}"
    }

    private static func bounds(_ start: Int64, _ end: Int64) -> String {
        "{\"$watermark\":{\(times(start, end))}}"
    }

    private static func isControl(_ line: String) -> Bool { line.hasPrefix("{\"$watermark\":") }

    private static func cases(
        _ kind: ModelCase.Kind, _ seeds: Range<UInt64>, _ body: (ModelCase, UInt64) throws -> Bool
    ) throws {
        for seed in seeds {
            var random = SeededGenerator(seed: seed &+ 5_000_000)
            let trial = ModelCase(kind, &random)
            guard try body(trial, seed) else { return }
        }
    }

    static let kinds: [ModelCase.Kind] = [
        .tumbling, .hopping, .cumulative, .session, .calendar, .lateTumbling, .lateHopping, .lateCumulative,
        .lateSession, .lateCalendar, .fullTumbling, .fullCalendar, .lateFullTumbling,
    ]

    @Test("no row has a smaller time than the last bound before it, and bounds only grow", arguments: kinds)
    func boundsAreTrue(kind: ModelCase.Kind) throws {
        var bounds = 0
        try Self.cases(kind, 0..<150) { trial, seed in
            var query = try trial.query()
            query.punctuate = true
            // In every second input bounds move the watermark as well, beyond the records.
            let text = trial.records.enumerated().map { number, record in
                let bounded = (seed + UInt64(number)) % 6 == 0 && seed % 2 == 0
                return record.line + "\n" + (bounded ? controlLine(record.time.map { $0 + Int64(seed % 7) }) : "")
            }.joined()
            let lines = try runEngine(query, text).lines
            var last: [String: Int64] = [:]
            for (number, line) in lines.enumerated() {
                let members = try Self.members(line)
                let named = members["$watermark"] as? [String: Any]
                for column in ["window_start", "window_end"] {
                    let value = Self.time((named ?? members)[column])
                    if let value, let bound = last[column], value < bound {
                        Issue.record(
                            """
                            seed \(seed) \(trial.window) delay \(trial.delay ?? -1) lateness \(trial.lateness): \
                            line \(number) \
                            of the output is below the last bound of \(column)
                            \(text)
                            \(lines.joined(separator: "\n"))
                            """)
                        return false
                    }
                    if named != nil, let value {
                        last[column] = value
                        bounds += 1
                    }
                }
            }
            return true
        }
        #expect(bounds > 100)
    }

    @Test("a session can begin before any bound, by records that reach it one after the other")
    func sessionStarts() throws {
        var query = try Query.timed(.session(gap: 10))
        query.punctuate = true
        let lines = try runEngine(query, controlLine(100) + "{\"t\":95}\n{\"t\":86}\n{\"t\":77}\n").lines
        #expect(
            lines == [
                "{\"$watermark\":{}}", "{\"$watermark\":{\"window_end\":\"1970-01-01T00:00:00.000100Z\"}}",
                Self.row(77, 105, count: 3),
            ])
    }

    @Test("control lines are all that punctuation adds, and the first announces the others", arguments: kinds)
    func onlyControlLines(kind: ModelCase.Kind) throws {
        try Self.cases(kind, 200..<240) { trial, seed in
            var query = try trial.query()
            let plain = try runEngine(query, trial.text)
            query.punctuate = true
            let result = try runEngine(query, trial.text)
            #expect(result.lines.first == "{\"$watermark\":{}}", "seed \(seed)")
            #expect(result.lines.filter { !Self.isControl($0) } == plain.lines, "seed \(seed)")
            #expect(result.figures == plain.figures, "seed \(seed)")
            return true
        }
    }

    @Test(
        "a stage that reads the rows of another by their times finds none late", arguments: kinds,
        ["window_start", "window_end"])
    func pipes(kind: ModelCase.Kind, column: String) throws {
        try Self.cases(kind, 300..<340) { trial, seed in
            var query = try trial.query()
            query.punctuate = true
            let first = try runEngine(query, trial.text)
            var second = Query()
            second.time = .field(try FieldPath.parse(column), .auto)
            second.window = .tumbling(size: 16, align: 0)
            // Not used: the rows say themselves how far they have come.
            second.watermarkDelay = 0
            second.aggregates = [try .over(.sum, "count"), try .over(.count)]
            let result = try runEngine(second, first.text)
            #expect(result.figures.records == first.figures.rows, "seed \(seed)")
            if result.figures.late + result.figures.latePairs > 0 {
                Issue.record("seed \(seed) \(trial.window)\n\(trial.text)\(first.text)")
                return false
            }
            return true
        }
    }

    @Test("the bound comes behind the rows that it makes final, in the same breath")
    func rowsFirst() throws {
        var query = try Query.timed(.tumbling(size: 10, align: 0), delay: 0)
        query.punctuate = true
        let lines = try runEngine(query, "{\"t\":1}\n{\"t\":25}\n").lines
        #expect(
            lines == [
                "{\"$watermark\":{}}",
                // After the first record: no earlier window is to come.
                Self.bounds(0, 10),
                Self.row(0, 10, count: 1),
                Self.bounds(20, 30),
                Self.row(20, 30, count: 1),
            ])
    }

    @Test("an empty input is announced as well")
    func empty() throws {
        var query = try Query.timed(.tumbling(size: 10, align: 0), delay: 0)
        query.punctuate = true
        #expect(try runEngine(query, "").text == "{\"$watermark\":{}}\n")
        #expect(try runEngine(query, "\n\n").text == "{\"$watermark\":{}}\n")
    }

    @Test("records that pass through carry the bound of their time field, in whole seconds")
    func passThrough() throws {
        var query = Query()
        query.time = .field(try FieldPath.parse("t"), .seconds)
        query.watermarkDelay = 2_000_000
        query.punctuate = true
        let text = "{\"t\":10}\n{\"t\":10.5}\n{\"t\":12.2}\n{\"t\":11}\n"
        let lines = try runEngine(query, text).lines
        #expect(
            lines == [
                "{\"$watermark\":{}}", "{\"t\":10}", "{\"$watermark\":{\"t\":\"1970-01-01T00:00:08Z\"}}",
                "{\"t\":10.5}",
                "{\"t\":12.2}", "{\"$watermark\":{\"t\":\"1970-01-01T00:00:10Z\"}}", "{\"t\":11}",
            ])
    }

    @Test("a stage without a time hands control lines on, in their place")
    func handedOn() throws {
        let control = "{\"$watermark\":{\"window_start\":\"1970-01-01T00:00:08Z\"}}"
        let text = "{\"v\":1}\n\(control)\n{\"v\":-1}\n{\"v\":2}\n"
        var query = Query()
        query.filter = try Expression.parse("v > 0")
        #expect(try runEngine(query, text).lines == ["{\"v\":1}", control, "{\"v\":2}"])
        query.select = try Expression.parseSelection("v")
        #expect(try runEngine(query, text).lines == ["{\"v\":1}", control, "{\"v\":2}"])
        query.select = nil
        query.lets = try Expression.parseSelection("w=v")
        #expect(try runEngine(query, text).lines == ["{\"v\":1,\"w\":1}", control, "{\"v\":2,\"w\":2}"])
    }
}

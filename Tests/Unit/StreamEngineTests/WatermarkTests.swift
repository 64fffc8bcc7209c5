import Testing

@testable import StreamEngine

/// A control line that bounds one field; nil: it bounds none.
func controlLine(_ bound: Int64?, of field: String = "t") -> String {
    bound.map { "{\"$watermark\":{\"\(field)\":\"\(timeText($0))\"}}\n" } ?? "{\"$watermark\":{}}\n"
}

private func record(_ time: Int64) -> String { "{\"t\":\(time)}\n" }

@Suite struct WatermarkTests {
    private static func tumbling(delay: Int64?, lateness: Int64 = 0) throws -> Query {
        try .timed(.tumbling(size: 10, align: 0), delay: delay, lateness: lateness)
    }

    /// The counts of the rows, in order.
    private static func counts(_ result: EngineResult) -> [Int] {
        result.lines.compactMap { line in
            line.split(separator: "\"count\":").last.flatMap { Int($0.prefix { $0.isNumber }) }
        }
    }

    @Test("a record is judged before it moves the watermark")
    func judgedFirst() throws {
        // 25 closes what ends at 20 or before; itself it is in a window that is open.
        let result = try runEngine(try Self.tumbling(delay: 5), record(0) + record(25) + record(19) + record(20))
        #expect(result.figures.late == 1 && result.figures.inWindow == 3)
        #expect(Self.counts(result) == [1, 2])
    }

    @Test("a window closes when the watermark reaches its end", arguments: [(14, 2), (15, 1)] as [(Int64, Int)])
    func closing(time: Int64, count: Int) throws {
        let result = try runEngine(try Self.tumbling(delay: 5), record(9) + record(time) + record(8))
        #expect(Self.counts(result) == [count, 1])
    }

    @Test(
        "a closed window stays correctable until the watermark reaches its end and the lateness",
        arguments: [(22, 0), (23, 1)] as [(Int64, Int)])
    func correctable(time: Int64, late: Int) throws {
        let result = try runEngine(try Self.tumbling(delay: 5, lateness: 8), record(9) + record(time) + record(8))
        #expect(result.figures.late == late)
        #expect(result.text.contains("\"revision\":1") == (late == 0))
    }

    @Test("a control line without a bound switches the reader off its own delay")
    func announcement() throws {
        let text = record(5) + record(100) + record(6)
        #expect(try runEngine(try Self.tumbling(delay: 0), text).figures.late == 1)
        #expect(try runEngine(try Self.tumbling(delay: 0), controlLine(nil) + text).figures.late == 0)
        // What the delay has closed before stays closed.
        #expect(
            try runEngine(try Self.tumbling(delay: 0), record(5) + record(100) + controlLine(nil) + record(6)).figures
                .late == 1)
    }

    @Test("a bound is the watermark from there on", arguments: [(9, 0), (10, 1)] as [(Int64, Int)])
    func bound(bound: Int64, late: Int) throws {
        let text = controlLine(nil) + record(3) + controlLine(bound) + record(4)
        for delay in [nil, 0, 50] as [Int64?] {
            let result = try runEngine(try Self.tumbling(delay: delay), text)
            #expect(result.figures.late == late && result.figures.records == 2)
        }
    }

    @Test("rows come out when a bound closes their window, before the next record")
    func closedByBound() throws {
        let steps: [EngineStep] = [
            .lines(Array((controlLine(nil) + record(3)).utf8), startsInput: true),
            .lines(Array(controlLine(10).utf8)), .lines(Array(record(40).utf8)),
        ]
        let result = try runEngine(try Self.tumbling(delay: nil), steps)
        #expect(result.marks[0] == 0 && result.marks[1] > 0 && result.marks[2] == result.marks[1])
    }

    @Test("the watermark never goes backwards")
    func monotone() throws {
        let text = controlLine(20) + controlLine(5) + record(12)
        #expect(try runEngine(try Self.tumbling(delay: nil), text).figures.late == 1)
    }

    @Test("only the bound of the reader's own time field counts")
    func otherField() throws {
        let text = record(3) + controlLine(500, of: "other") + record(4)
        #expect(try runEngine(try Self.tumbling(delay: nil), text).figures.late == 0)
        let both =
            record(3) + "{\"$watermark\":{\"other\":\"1970-01-01T00:00:00Z\",\"t\":\"1970-01-01T00:00:01Z\"}}\n"
            + record(4)
        #expect(try runEngine(try Self.tumbling(delay: nil), both).figures.late == 1)
    }

    @Test(
        "lines that only resemble a control line are records",
        arguments: [
            "{\"$watermark\":1}", "{\"$watermark\":[]}", "{\"$watermark\":{},\"t\":1}", "{\"a\":{\"$watermark\":{}}}",
        ])
    func lookalikes(line: String) throws {
        var query = Query()
        query.aggregates = [Aggregate(name: "count", function: .count)]
        #expect(try runEngine(query, line + "\n").figures.records == 1)
        #expect(try runEngine(query, "{\"$watermark\":{}}\n").figures.records == 0)
        #expect(try runEngine(query, " { \"\\u0024watermark\" : { \"x\" : 1 } } \r\n").figures.records == 0)
    }

    @Test("a control line is never filtered, counted or rejected")
    func controlIsNoData() throws {
        var query = try Self.tumbling(delay: nil)
        query.filter = try Expression.parse("t > 5")
        query.maxRecords = 1
        let result = try runEngine(query, controlLine(nil) + controlLine(3) + record(6) + controlLine(4))
        #expect(result.figures == AccountFigures(records: 1, inWindow: 1, rows: 1))
    }

    @Test("a record that is filtered out moves the watermark all the same")
    func filteredMoves() throws {
        var query = try Self.tumbling(delay: 0)
        query.filter = try Expression.parse("t < 50")
        let result = try runEngine(query, record(3) + record(60) + record(4))
        #expect(result.figures.filtered == 1 && result.figures.late == 1)
    }

    @Test(
        "a record too far ahead of the wall clock is rejected and does not move the watermark",
        arguments: [(150, 1), (151, 0)] as [(Int64, Int)])
    func future(time: Int64, late: Int) throws {
        var query = try Self.tumbling(delay: 0)
        query.maxAhead = 50
        let text = record(3) + record(time) + record(4)
        let result = try runEngine(query, [.lines(Array(text.utf8), startsInput: true, arrival: 100)])
        #expect(result.figures.late == late && result.figures.rejected == 1 - late)
        #expect(result.reasons["future"] == (late == 0 ? 1 : nil))
    }

    @Test("after a silence of the idle time the watermark goes on with the wall clock")
    func idle() throws {
        var query = try Self.tumbling(delay: 5)
        query.idle = 100
        let lines = EngineStep.lines(Array(record(8).utf8), startsInput: true, arrival: 1000)
        let result = try runEngine(
            query, [lines, .tick(1099), .tick(1100), .lines(Array(record(9).utf8), arrival: 1200)])
        #expect(result.marks[1] == 0 && result.marks[2] > 0)
        #expect(result.figures.late == 1)
        query.idle = nil
        #expect(try runEngine(query, [lines, .tick(1_000_000)]).marks[1] == 0)
    }

    @Test("a pass-through that has seen no time yet has no bound to tell, however silent the input is")
    func idleWithoutTime() throws {
        var query = Query()
        query.time = .field(try FieldPath.parse("t"), .microseconds)
        query.watermarkDelay = 0
        query.idle = 100
        query.punctuate = true
        let result = try runEngine(
            query,
            [
                .lines(Array("\n".utf8), startsInput: true, arrival: 1000), .tick(2000),
                .lines(Array("{\"t\":5000000}\n".utf8), arrival: 2100),
            ])
        #expect(
            result.lines == [
                "{\"$watermark\":{}}", "{\"t\":5000000}", "{\"$watermark\":{\"t\":\"1970-01-01T00:00:05Z\"}}",
            ])
    }

    @Test("processing time goes on with records that are filtered out")
    func arrivalOfFiltered() throws {
        var query = try Self.tumbling(delay: 0)
        query.time = .arrival
        query.filter = try Expression.parse("keep")
        let result = try runEngine(
            query,
            [
                .lines(Array("{\"keep\":true}\n".utf8), startsInput: true, arrival: 1_000_000),
                .lines(Array("{\"keep\":false}\n".utf8), arrival: 9_000_000),
            ])
        #expect(result.marks[0] == 0 && result.marks[1] > 0)
        let back = try runEngine(
            query,
            [
                .lines(Array("{\"keep\":true}\n".utf8), startsInput: true, arrival: 9_000_000),
                .lines(Array("{\"keep\":true}\n".utf8), arrival: 1_000_000),
            ])
        #expect(back.figures.late == 0)
    }

    @Test("the advice counts from the watermark, not from the records, where the clock moved it")
    func adviceAfterIdle() throws {
        var query = try Self.tumbling(delay: 5)
        query.idle = 100
        let result = try runEngine(
            query,
            [
                .lines(Array(record(8).utf8), startsInput: true, arrival: 1000), .tick(1200),
                .lines(Array(record(9).utf8), arrival: 1300),
            ])
        #expect(result.figures.late == 1 && (result.advisedDelay ?? 0) > 5)
    }

    @Test("a punctuated input tells itself how far it has come, however silent it is")
    func idlePunctuated() throws {
        var query = try Self.tumbling(delay: 5)
        query.idle = 100
        let text = controlLine(nil) + record(8)
        let steps: [EngineStep] = [
            .lines(Array(text.utf8), startsInput: true, arrival: 1000), .tick(10_000),
            .lines(Array(record(9).utf8), arrival: 10_001),
        ]
        #expect(try runEngine(query, steps).figures.late == 0)
    }

    @Test("every number has the unit of its own size, however the input is cut")
    func epochUnit() throws {
        var query = try Query.timed(.tumbling(size: 1_000_000, align: 0))
        query.time = .field(try FieldPath.parse("t"), .auto)
        let numbers = ["0", "1600000000", "1600000001000", "1600000002000000", "1600000003000000000", "20200913122644"]
        let lines = numbers.map { "{\"t\":\($0)}\n" }
        func times(_ steps: [EngineStep]) throws -> [String] {
            try runEngine(query, steps).lines.map { String($0.dropFirst(17).prefix { $0 != "\"" }) }
        }
        let wanted = ["1970-01-01T00:00:00Z"] + (0..<5).map { "2020-09-13T12:26:4\($0)Z" }
        #expect(try times([.lines(Array(lines.joined().utf8), startsInput: true)]) == wanted)
        #expect(try times(lines.map { .lines(Array($0.utf8)) }) == wanted)
        #expect(try times(lines.reversed().map { .lines(Array($0.utf8)) }) == wanted)
    }

    @Test("the arrival times of records are their event times when asked for")
    func arrival() throws {
        var query = try Query.timed(.tumbling(size: 10, align: 0), [try .over(.rate, "v"), try .over(.last, "v")])
        query.time = .arrival
        let steps: [EngineStep] = [
            .lines(Array("{\"v\":1}\n".utf8), startsInput: true, arrival: 1_000_001),
            .lines(Array("{\"v\":3}\n".utf8), arrival: 1_000_005),
        ]
        let result = try runEngine(query, steps)
        let window = "\"window_start\":\"1970-01-01T00:00:01Z\",\"window_end\":\"1970-01-01T00:00:01.000010Z\""
        #expect(result.text == "{\(window),\"rate_v\":500000.0,\"last_v\":3}\n")
    }

    @Test("the advice after late records is the delay that would just have kept them")
    func advice() throws {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<40 {
            let text = (0..<40).map { record(Int64($0 * 3) - Int64.random(in: 0...30, using: &random)) }.joined()
            let query = try Self.tumbling(delay: 0)
            var advised: Int64?
            let layout = ColumnLayout(query)
            var stage = try ScanStage(query, layout)
            let engine = try makeEngine(query, layout, EngineOptions(inputNames: []), NoRows())
            var batch = Batch()
            var records = Records(columnCount: layout.columnCount)
            Array(text.utf8).withUnsafeBytes { batch.append($0) }
            stage.run(&batch, into: &records)
            try engine.process(records, of: batch)
            engine.withCounts { advised = $0.lateAdvice?.all }
            let delay = try #require(advised)
            #expect(try runEngine(try Self.tumbling(delay: delay), text).figures.late == 0)
            #expect(try runEngine(try Self.tumbling(delay: delay - 1), text).figures.late > 0)
        }
    }
}

private final class NoRows: RowWriter {
    func write(_ rows: borrowing EncodedRows, count: Int) throws(RunError) {}
    func flush() throws(RunError) {}
}

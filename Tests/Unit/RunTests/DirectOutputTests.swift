import StreamEngine
import Testing

@testable import Run

@Suite("direct output") struct DirectOutputTests {
    private let log = CallLog()
    private let refusal = RefusedRow(json: Array(#"{"a":1}"#.utf8), reason: "too large")

    private func write(_ text: String, to output: some RunOutput, count: Int = 1) throws {
        var rows = EncodedRows()
        rows.buffer.append(text)
        try output.write(rows, count: count)
    }

    private func makeEngine(_ output: some RunOutput) throws -> any Engine {
        try StreamEngine.makeEngine(Query(), ColumnLayout(Query()), EngineOptions(inputNames: ["a"]), output)
    }

    @Test("rows leave as they come") func rows() throws {
        let output = DirectOutput(FakeSink(log), nil, nil)
        try write("1\n", to: output)
        try output.flush()
        try output.close(makeEngine(output), isFinished: true)
        #expect(log.calls == ["write 1\n", "flush", "close"])
        #expect(output.refusals.count == 0 && !output.needsTicks)
    }

    @Test("refused rows are counted and written to the rejects file, also those that are refused at the end")
    func refused() throws {
        let sink = FakeSink(log)
        let rejects = FakeRejects(log)
        let output = DirectOutput(sink, rejects, nil)
        sink.refused = [refusal]
        try write("1\n", to: output)
        #expect(output.refusals.count == 1 && output.refusals.first == "too large")
        #expect(rejects.text == #"{"reason":"refused","detail":"too large","row":{"a":1}}"# + "\n")
        sink.refused = [RefusedRow(json: Array("{}".utf8), reason: "unknown topic"), refusal]
        try output.flush()
        #expect(output.refusals.count == 3 && output.refusals.first == "too large")
        sink.refusedLater = [refusal]
        try output.close(makeEngine(output), isFinished: true)
        #expect(output.refusals.count == 4)
        #expect(rejects.text.split(separator: "\n").count == 4)
        #expect(log.calls.suffix(2) == ["close", "close rejects"])
    }

    @Test("without a rejects file refused rows are only counted") func counted() throws {
        let sink = FakeSink(log)
        let output = DirectOutput(sink, nil, nil)
        sink.refused = [refusal]
        try write("1\n", to: output)
        #expect(output.refusals.count == 1)
    }

    @Test("rejected records go to the rejects file") func rejects() throws {
        let rejects = FakeRejects()
        let output = DirectOutput(FakeSink(log), rejects, nil)
        let line = Array("{\"reason\":\"late\"}\n".utf8)
        try line.withUnsafeBytes { bytes in try output.reject(bytes) }
        #expect(rejects.text == "{\"reason\":\"late\"}\n")
    }

    @Test("a failing sink is a failure of the output") func failing() throws {
        let sink = FakeSink(log)
        sink.failure = .unavailable("the brokers are gone")
        let output = DirectOutput(sink, nil, nil)
        #expect(throws: RunError.unavailable("the brokers are gone")) { try write("1\n", to: output) }
    }

    @Test("an output needs ticks if its sink does, or if positions are reported") func ticks() {
        let sink = FakeSink(log)
        #expect(!DirectOutput(sink, nil, nil).needsTicks)
        #expect(DirectOutput(sink, nil, GroupOffsetReporter(FakeOffsetCommitter(), from: nil)).needsTicks)
        sink.needsTicks = true
        #expect(DirectOutput(sink, nil, nil).needsTicks)
    }
}

@Suite("positions of a group") struct GroupOffsetReporterTests {
    /// An output with a reporter, over a clock that only moves by hand.
    private final class Bench {
        let log = CallLog()
        let sink: FakeSink
        let group = FakeOffsetCommitter()
        let clock = FakeClock()
        let driver: Driver<DirectOutput>
        var output: DirectOutput { driver.output }

        init(from checkpoint: Checkpoint? = nil) throws {
            sink = FakeSink(log)
            let reporter = GroupOffsetReporter(group, from: checkpoint, clock: clock.read)
            driver = try Driver(.counts(), DirectOutput(sink, nil, reporter))
        }
    }

    @Test("positions are reported once a second, after the rows before them have arrived") func settled() throws {
        let bench = try Bench()
        try bench.driver.read(lines([(1, 1)]))
        #expect(bench.group.sent.isEmpty && bench.log.calls.isEmpty)
        bench.clock.now += 1_000_000
        bench.log.calls.append("second")
        try bench.driver.read(lines([(11, 1)]))
        #expect(bench.log.calls == ["second", "write \(row(1, 1))", "flush", "awaitDelivery"])
        // The window of the second line is open: a run would start there.
        #expect(bench.group.sent == [.init(restart: 14, committed: 29, isDelivered: false)])
        try bench.driver.read(lines([(21, 1)]))
        #expect(bench.group.sent.count == 1)
    }

    @Test("silence reports positions too") func silence() throws {
        let bench = try Bench()
        try bench.driver.read(lines([(1, 1)]))
        bench.clock.now += 999_999
        try bench.driver.tick()
        #expect(bench.log.calls == ["flush"] && bench.group.sent.isEmpty)
        bench.clock.now += 1
        try bench.driver.tick()
        #expect(bench.log.calls == ["flush", "flush", "awaitDelivery"])
        #expect(bench.group.sent == [.init(restart: 0, committed: 14, isDelivered: false)])
    }

    @Test("a row that is refused while the output awaits delivery is counted") func refused() throws {
        let bench = try Bench()
        bench.sink.refusedLater = [RefusedRow(json: Array("{}".utf8), reason: "too large")]
        bench.clock.now += 1_000_000
        try bench.driver.tick()
        #expect(bench.output.refusals.count == 1)
    }

    @Test("the last positions are reported when the output is closed") func close() throws {
        let bench = try Bench()
        try bench.driver.read(lines([(1, 1), (2, 2)]))
        try bench.driver.finish()
        #expect(bench.group.sent == [.init(restart: 28, committed: 28, isDelivered: false)])
        #expect(bench.group.isFinished && bench.log.calls.last == "close")
    }

    @Test("a run that starts in the middle reports from there") func start() throws {
        let bench = try Bench(from: makeCheckpoint(restart: 140, committed: 140))
        bench.clock.now += 1_000_000
        try bench.driver.tick()
        #expect(bench.group.sent == [.init(restart: 140, committed: 140, isDelivered: false)])
    }
}

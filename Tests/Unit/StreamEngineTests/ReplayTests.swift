import Testing

@testable import StreamEngine

/// The rows of a run and of those that came before it: what a file would hold that is cut to the length of the
/// checkpoint when a run is resumed.
private final class DeliveryReports: RowWriter {
    var rows: [UInt8] = []

    func write(_ rows: borrowing EncodedRows, count: Int) throws(RunError) {
        rows.withBytes { self.rows.append(contentsOf: $0) }
    }
    func flush() throws(RunError) {}
}

/// One input, read in random batches by runs that are cut off somewhere and resumed.
struct JobModel {
    /// Those of the stages.
    let queries: [Query]
    let input: [UInt8]
    /// Ends of its lines.
    let ends: [Int]

    init(_ query: Query, _ input: [UInt8]) { self.init([query], input) }

    init(_ queries: [Query], _ input: [UInt8]) {
        self.queries = queries
        self.input = input
        ends = input.indices.filter { input[$0] == UInt8(ascii: "\n") }.map { $0 + 1 }
    }

    /// The rows of runs that are cut off anywhere and resumed.
    func rowsOfResumedRuns(_ random: inout SeededGenerator, _ resumptions: inout Int) throws -> [UInt8] {
        var rows: [UInt8] = []
        var checkpoint: Checkpoint?
        for _ in 0..<8 {
            let part = try run(from: checkpoint, most: 6, &random)
            rows += part.rows
            guard let made = part.checkpoint else { return rows }
            resumptions += 1
            // It goes through a database or a file in between.
            checkpoint = Checkpoint(text: made.text)
            try #require(checkpoint == made)
        }
        return rows + (try run(from: checkpoint, most: nil, &random).rows)
    }

    /// Ends of batches from `start` on; one of them is `boundary`.
    func cuts(from start: Int, boundary: Int, _ random: inout SeededGenerator) -> [Int] {
        ends.filter {
            $0 > start && ($0 == boundary || $0 == input.count || Int.random(in: 0..<4, using: &random) == 0)
        }
    }

    /// Reads on from a checkpoint, for about `most` batches; nil: to the end.
    ///
    /// - Returns: the rows of this run, where the output of the next one must be cut to, and its checkpoint; no
    ///   checkpoint when the run came to its end.
    func run(
        from checkpoint: Checkpoint?, most: Int?, _ random: inout SeededGenerator
    ) throws -> (rows: [UInt8], checkpoint: Checkpoint?) {
        let stages = queries.map { StageQuery($0, seed: 3) }
        let layout = stages[0].layout
        var stage = try ScanStage(queries[0], layout)
        let output = DeliveryReports()
        let engine = try makeStages(stages[0], Array(stages.dropFirst()), EngineOptions(inputNames: ["a"]), output)
        var tracker = CheckpointTracker(resuming: checkpoint)
        let start = checkpoint?.input.files.restart.position ?? 0
        let at = checkpoint?.input.files.committed.position ?? 0
        if let checkpoint { engine.beginReplay(from: checkpoint) }
        func endReplay(_ position: Int) throws {
            guard let checkpoint, position == at else { return }
            try engine.endReplay(watermark: checkpoint.time.watermark, skipping: checkpoint.output.rowsAfter)
            #expect(output.rows.isEmpty)
        }
        try endReplay(start)
        var batch = Batch(capacity: 64)
        var records = Records(columnCount: layout.columnCount)
        var position = start
        var exact: Checkpoint?
        for (number, end) in cuts(from: start, boundary: at, &random).enumerated() {
            batch.removeAll()
            input[position..<end].withUnsafeBytes { batch.append($0) }
            batch.sequence = number
            batch.position = position
            batch.startsInput = position == 0
            stage.run(&batch, into: &records)
            tracker.begin(batch, engine)
            let mark = output.rows.count
            try engine.process(records, of: batch)
            if end > at, isCut(most, &random), let exact {
                // Delivered up to somewhere among the rows of this batch.
                return cut(output, exact, mark, &random)
            }
            position = end
            if end > at, engine.isSkipping { continue }
            let isPlace = tracker.end(batch, engine)
            #expect(isPlace)
            try endReplay(end)
            guard end >= at else { continue }
            exact =
                Bool.random(using: &random)
                ? tracker.checkpoint(oldest: engine.oldestBatch, engine.stageMarks) : tracker.checkpoint()
            if end == at { exact?.output.rowsAfter = checkpoint?.output.rowsAfter ?? 0 }
            if end > at, isCut(most, &random) { return (output.rows, exact) }
        }
        let mark = output.rows.count
        try engine.finish()
        if let exact, isCut(most.map { min($0, 3) }, &random) {
            return cut(output, exact, mark, &random)
        }
        return (output.rows, nil)
    }

    private func isCut(_ most: Int?, _ random: inout SeededGenerator) -> Bool {
        most.map { Int.random(in: 0..<$0, using: &random) == 0 } ?? false
    }

    /// Some of the rows behind `mark` are delivered, others not.
    private func cut(
        _ output: DeliveryReports, _ checkpoint: Checkpoint, _ mark: Int, _ random: inout SeededGenerator
    ) -> (rows: [UInt8], checkpoint: Checkpoint?) {
        let newlines = output.rows.indices.filter { $0 >= mark && output.rows[$0] == UInt8(ascii: "\n") }
        let count = Int.random(in: 0...newlines.count, using: &random)
        var checkpoint = checkpoint
        checkpoint.output.rowsAfter += count
        return (Array(output.rows[..<(count == 0 ? mark : newlines[count - 1] + 1)]), checkpoint)
    }
}

@Suite("resume by quiet replay")
struct ReplayTests {
    /// Windows that a job can resume.
    static let kinds = ModelCase.Kind.allCases.filter { $0 != .rows && $0 != .deepRows }

    @Test(
        "runs that are cut off anywhere and resumed print together what one run prints",
        arguments: kinds)
    func resumed(kind: ModelCase.Kind) throws {
        var resumptions = 0
        for seed in 0..<120 {
            var random = SeededGenerator(seed: UInt64(seed) &* 77 &+ UInt64(kind.rawValue.utf8.count))
            let model = ModelCase(kind, &random)
            let query = try model.query()
            let input = model.batches(&random).flatMap { $0 }
            let whole = try runEngine(query, batches: [input])
            let job = JobModel(query, input)
            let rows = try job.rowsOfResumedRuns(&random, &resumptions)
            try #require(
                String(decoding: rows, as: UTF8.self) == whole.text, "seed \(seed), \(query.window), \(resumptions)")
        }
        #expect(resumptions > 100)
    }

    @Test(
        "windows whose first rows are corrected are printed alike, however batches and runs are cut",
        arguments: [
            ModelCase.Kind.lateTumbling, .lateHopping, .lateCumulative, .lateCalendar, .lateFullTumbling,
            .lateDeepHopping,
            .lateDeepCumulative,
        ])
    func corrected(kind: ModelCase.Kind) throws {
        var (resumptions, corrections) = (0, 0)
        for seed in 0..<200 {
            var random = SeededGenerator(seed: UInt64(seed) &* 31 &+ UInt64(kind.rawValue.utf8.count))
            let model = ModelCase(kind, &random)
            var query = try model.query()
            query.order = RowOrder(
                [.init(name: "count", isDescending: Bool.random(using: &random))],
                limit: Int.random(in: 1...3, using: &random), rank: "place")
            let batches = model.batches(&random)
            let input = batches.flatMap { $0 }
            let whole = try runEngine(query, batches: [input])
            corrections += whole.text.split(separator: "\n").count { !$0.contains("\"revision\":0") }
            try #require(try runEngine(query, batches: batches).text == whole.text, "seed \(seed), \(query.window)")
            let rows = try JobModel(query, input).rowsOfResumedRuns(&random, &resumptions)
            try #require(
                String(decoding: rows, as: UTF8.self) == whole.text, "seed \(seed), \(query.window), \(resumptions)")
        }
        #expect(resumptions > 100)
        #expect(corrections > 100)
    }

    @Test("records that pass through are handed on once each")
    func passThrough() throws {
        for seed in 0..<200 {
            var random = SeededGenerator(seed: UInt64(seed))
            var query = Query()
            if Bool.random(using: &random) { query.filter = try Expression.parse("a % 3 == 1") }
            if Bool.random(using: &random) { query.select = try Expression.parseSelection("a,b=a*2") }
            let input = Array((0..<50).map { "{\"a\":\($0)}\n" }.joined().utf8)
            let whole = try runEngine(query, batches: [input])
            let job = JobModel(query, input)
            var rows: [UInt8] = []
            var checkpoint: Checkpoint?
            repeat {
                let part = try job.run(from: checkpoint, most: 8, &random)
                rows += part.rows
                checkpoint = part.checkpoint
            } while checkpoint != nil
            try #require(rows == whole.output)
        }
    }

    @Test("a replay begins at the batch that opened the oldest window, not before")
    func low() throws {
        let query = try Query.timed(.tumbling(size: 10, align: 0), by: ["k"], delay: 0)
        let layout = ColumnLayout(query, seed: 3)
        var stage = try ScanStage(query, layout)
        let engine = try makeEngine(query, layout, EngineOptions(inputNames: ["a"]), DeliveryReports())
        var tracker = CheckpointTracker(resuming: nil)
        var batch = Batch(capacity: 64)
        var records = Records(columnCount: layout.columnCount)
        var starts: [Int] = []
        for (number, time) in [1, 2, 11, 12, 13, 25].enumerated() {
            let position = tracker.checkpoint().input.files.committed.position
            batch.removeAll()
            Array("{\"t\":\(time),\"k\":1}\n".utf8).withUnsafeBytes { batch.append($0) }
            batch.sequence = number
            batch.position = position
            batch.startsInput = position == 0
            stage.run(&batch, into: &records)
            tracker.begin(batch, engine)
            try engine.process(records, of: batch)
            let isPlace = tracker.end(batch, engine)
            #expect(isPlace)
            starts.append(position)
            let checkpoint = tracker.checkpoint(oldest: engine.oldestBatch)
            #expect(checkpoint.input.files.restart.position == starts[[0, 0, 2, 2, 2, 5][number]])
            #expect(checkpoint.input.files.committed.position == position + batch.count)
        }
    }

    @Test("a checkpoint of another format, with a member missing or with places out of order is none")
    func badText() {
        var checkpoint = Checkpoint()
        checkpoint.input.files.committed = InputPosition(input: 1, position: 9)
        checkpoint.input.files.committedChecksum = PositionChecksum(name: "a \"quoted\" name\n", hash: -5)
        checkpoint.input.files.restartState.yearAnchor = -5
        #expect(Checkpoint(text: checkpoint.text) == checkpoint)
        for (old, new) in [
            ("\"format\":1", "\"format\":2"), ("\"at_0\":9", "\"at_0\":-9"),
            ("\"low_input_0\":0", "\"low_input_0\":2"), ("\"low_unit_0\":\"-5\"", "\"low_unit_0\":\"h\""),
            ("\"watermark\":", "\"water\":"), ("\"closing\":false", "\"closing\":0"), ("{", ""),
        ] {
            let text = checkpoint.text.replacing(old, with: new, maxReplacements: 1)
            #expect(text != checkpoint.text)
            #expect(Checkpoint(text: text) == nil, "\(new)")
        }
    }
}

import Testing

@testable import StreamEngine

@Suite("Duplicates") struct DedupTests {
    @Test("are dropped before windows of every kind, wherever the input is cut", arguments: ModelCase.Kind.allCases)
    func windows(kind: ModelCase.Kind) throws {
        var (duplicates, late) = (0, 0)
        for seed in 0..<UInt64(60) {
            var random = SeededGenerator(seed: seed &+ 20_000_000)
            let trial = try DedupCase(ModelCase(kind, &random), &random)
            let expected = try trial.expected()
            let batches = cut(trial.lines, &random)
            let found = try runEngine(trial.query, batches: batches)
            try #require(found.text == expected.text, "seed \(seed) \(trial.query.window)")
            #expect(found.figures.isComplete)
            #expect(found.figures.duplicates == trial.model.duplicates)
            #expect(found.figures.late == expected.figures.late + trial.model.late)
            duplicates += found.figures.duplicates
            late += trial.model.late
        }
        #expect(duplicates > 100)
        if kind.rawValue.hasPrefix("late") { #expect(late > 0) }
    }

    @Test("are those of a job that was cut off anywhere and resumed", arguments: ReplayTests.kinds)
    func resumed(kind: ModelCase.Kind) throws {
        var (resumptions, warmUps) = (0, 0)
        for seed in 0..<UInt64(120) {
            var random = SeededGenerator(seed: seed &+ 21_000_000)
            let trial = try DedupCase(ModelCase(kind, &random), &random)
            let expected = try trial.expected()
            let job = JobModel(trial.query, DedupCase.bytes(trial.lines))
            var rows: [UInt8] = []
            var checkpoint: Checkpoint?
            for number in 0..<9 {
                let part = try job.run(from: checkpoint, most: number < 8 ? 6 : nil, &random)
                rows += part.rows
                guard let made = part.checkpoint else { break }
                resumptions += 1
                if made.input.files.windowStart > .start { warmUps += 1 }
                checkpoint = Checkpoint(text: made.text)
                try #require(checkpoint == made)
            }
            try #require(
                String(decoding: rows, as: UTF8.self) == expected.text,
                "seed \(seed) \(trial.query.window) \(String(describing: trial.query.dedup?.within))")
        }
        #expect(resumptions > 100)
        // Filled windows need all of the input anyway.
        let needsAll = kind == .all || kind.rawValue.lowercased().contains("full") || kind.rawValue.contains("filled")
        if !needsAll { #expect(warmUps > 0) }
    }

    @Test("of records that pass through are those of a job that was cut off anywhere and resumed")
    func passThrough() throws {
        var restarts = 0
        for seed in 0..<UInt64(600) {
            var random = SeededGenerator(seed: seed &+ 22_000_000)
            let delay = Int64(random.below(8))
            let within = Int64(1 + random.below(10))
            var (time, lines): (Int64, [String]) = (100, [])
            for number in 0..<60 {
                time += Int64(random.below(random.pick([2, 2, 30])))
                lines.append("{\"t\":\(time - Int64(random.below(12))),\"id\":\(random.below(3)),\"n\":\(number)}")
            }
            var query = Query()
            query.time = .field(try FieldPath.parse("t"), .microseconds)
            query.watermarkDelay = delay
            query.dedup = Deduplication(fields: [try FieldPath.parse("id")], within: within)
            if Bool.random(using: &random) { query.select = try Expression.parseSelection("n,t") }
            let expected = try runEngine(query, batches: [DedupCase.bytes(lines)])
            let job = JobModel(query, DedupCase.bytes(lines))
            var rows: [UInt8] = []
            var checkpoint: Checkpoint?
            repeat {
                let part = try job.run(from: checkpoint, most: 8, &random)
                rows += part.rows
                checkpoint = part.checkpoint.flatMap { Checkpoint(text: $0.text) }
                if let checkpoint, checkpoint.input.files.restart > .start { restarts += 1 }
            } while checkpoint != nil
            try #require(String(decoding: rows, as: UTF8.self) == expected.text, "seed \(seed)")
        }
        // A replay need not begin at the start of the input.
        #expect(restarts > 100)
    }

    @Test("of several partitions are found in each by itself, in whatever order they are read and resumed")
    func partitions() throws {
        var resumed = 0
        for seed in 0..<UInt64(150) {
            var random = SeededGenerator(seed: seed &+ 23_000_000)
            let kind = random.pick([ModelCase.Kind.tumbling, .hopping, .session, .calendar])
            let trial = ModelCase(kind, &random)
            var query = try trial.query()
            query.aggregates.removeAll { $0.function == .first || $0.function == .last }
            query.lateness = 0
            let parts = (0..<(1 + random.below(3))).map { _ in
                trial.records.filter { _ in random.below(3) > 0 }.map {
                    IdentifiedRecord($0, hasTime: true, ids: 4, &random)
                }
            }
            // No record is late for its window in its own partition.
            var delay: Int64 = 1
            for part in parts {
                var latest = Int64.min
                for time in part.compactMap(\.time) {
                    latest = max(latest, time)
                    delay = max(delay, latest - time + 1)
                }
            }
            query.watermarkDelay = delay
            var plain = query
            plain.dedup = nil
            let times = parts.flatMap { $0.compactMap(\.time) }
            let within = max(1, ((times.max() ?? 0) - (times.min() ?? 0)) / Int64(random.pick([2, 5, 20])))
            query.dedup = Deduplication(fields: [try FieldPath.parse("id")], within: within)
            let kept = PartitionCase(plain, parts.map { DedupModel($0, within: within, delay: delay).lines })
            let job = PartitionCase(query, parts.map { $0.map(\.line) })
            let expected = try kept.rows()
            for _ in 0..<2 {
                try #require(try job.resumedRows(&random, &resumed) == expected, "seed \(seed) \(query.window)")
            }
        }
        #expect(resumed > 100)
    }

    @Test("by several fields compare typed values, and a key of nulls only is none")
    func keys() throws {
        var query = Query()
        query.dedup = Deduplication(fields: [try FieldPath.parse("a"), try FieldPath.parse("b")])
        let lines = [
            "{\"a\":1,\"b\":\"x\"}", "{\"a\":1.0,\"b\":\"x\"}", "{\"a\":\"1\",\"b\":\"x\"}", "{\"a\":1}",
            "{\"a\":1,\"b\":null}",
            "{\"b\":1}", "{}", "{\"a\":null}", "{}", "{\"a\":\"1x\"}", "{\"a\":\"\",\"b\":\"\"}",
            "{\"a\":\"\",\"b\":\"\"}",
        ]
        let result = try runEngine(query, lines.map { $0 + "\n" }.joined())
        #expect(result.lines == [0, 2, 3, 5, 6, 7, 8, 9, 10].map { lines[$0] })
        #expect(result.figures.duplicates == 3)
        #expect(result.figures.withoutKey == 3)
    }

    @Test("of many keys are all found while the tables grow, and the memory of old keys is used again")
    func manyKeys() throws {
        var query = Query()
        query.time = .field(try FieldPath.parse("t"), .microseconds)
        query.dedup = Deduplication(fields: [try FieldPath.parse("t")])
        let batches = (0..<40).map { batch in
            DedupCase.bytes((0..<5000).map { "{\"t\":\((batch / 2 * 5000 + $0) * 10)}" })
        }
        let whole = try runEngine(query, batches: batches)
        #expect(whole.figures.inWindow == 100_000)
        #expect(whole.figures.duplicates == 100_000)
        query.watermarkDelay = 0
        query.dedup?.within = 50_000
        let within = try runEngine(query, batches: batches.enumerated().filter { $0.offset % 2 == 0 }.map(\.element))
        #expect(within.figures.inWindow == 100_000)
        let bytes = within.open.map(\.bytes)
        #expect((bytes.max() ?? 0) * 2 < whole.open.map(\.bytes).max() ?? 0)
    }

    @Test("are searched until --max-state is reached, which the message says")
    func maxState() throws {
        var query = Query()
        query.maxState = StateMemory.bytes + 1 << 20
        query.dedup = Deduplication(fields: [try FieldPath.parse("t")])
        let result = try runEngine(query, batches: [DedupCase.bytes((0..<200_000).map { "{\"t\":\($0)}" })])
        #expect(result.error?.contains("stateTooLarge") == true)
        #expect(result.error?.contains("keys") == true)
    }

    private func cut(_ lines: [String], _ random: inout SeededGenerator) -> [[UInt8]] {
        var batches: [[UInt8]] = [[]]
        for line in lines {
            if random.below(4) == 0, !batches[batches.count - 1].isEmpty { batches.append([]) }
            batches[batches.count - 1] += DedupCase.bytes([line])
        }
        return batches
    }
}

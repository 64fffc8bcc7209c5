import Testing

@testable import StreamEngine

extension PartitionCase {
    /// Reads on from a checkpoint in an order of its own. As long as earlier work is done again, each partition waits
    /// where it had come to; what lies behind is read when all of them are there.
    ///
    /// - Parameter most: about how many batches there are until the run is cut off; nil: it comes to its end.
    /// - Returns: the rows up to the checkpoint; no checkpoint when the run came to its end.
    func run(
        from checkpoint: Checkpoint?, most: Int?, _ random: inout SeededGenerator
    ) throws -> (rows: String, checkpoint: Checkpoint?) {
        let run = try PartitionRun(query, partitions: ends.count, resuming: checkpoint)
        let goal = checkpoint?.input.partitions.map(\.committed.position) ?? []
        func isCut() -> Bool { most.map { random.below($0) == 0 } ?? false }
        if run.isReplaying {
            for batch in input.batches(from: run.positions, to: goal, &random) {
                #expect(run.isReplaying)
                try run.take(batch)
            }
        }
        #expect(!run.isReplaying && run.text.isEmpty)
        #expect(checkpoint == nil || run.positions == goal)
        // Before anything is read, or when the replay has just ended.
        if let checkpoint, isCut() {
            let made = random.pick([run.checkpoint(), run.tracker.checkpoint()])
            #expect(made.time.watermark >= checkpoint.time.watermark)
            return ("", made)
        }
        for batch in input.batches(from: run.positions, &random) {
            try run.take(batch)
            if isCut() { return (run.text, random.pick([run.checkpoint(), run.tracker.checkpoint()])) }
        }
        try run.engine.finish()
        return (run.text, nil)
    }

    /// The rows of runs that are cut off and resumed.
    func resumedRows(_ random: inout SeededGenerator, _ resumed: inout Int) throws -> String {
        var rows = ""
        var checkpoint: Checkpoint?
        for number in 0..<9 {
            let part = try run(from: checkpoint, most: number < 8 ? 6 : nil, &random)
            rows += part.rows
            guard let made = part.checkpoint else { return rows }
            resumed += 1
            // It goes through a database or a file in between.
            checkpoint = Checkpoint(text: made.text)
            try #require(checkpoint == made)
        }
        return rows
    }
}

@Suite("Resume of several partitions") struct PartitionReplayTests {
    @Test(
        "runs that read the partitions in orders of their own, cut off and resumed, print together what one run prints",
        arguments: PartitionOrderTests.kinds)
    func resumed(kind: ModelCase.Kind) throws {
        var resumed = 0
        for seed in 0..<UInt64(80) {
            var random = SeededGenerator(seed: seed &+ 10_000_000)
            let trial = try PartitionCase(kind, &random)
            let expected = try trial.rows()
            for _ in 0..<2 {
                let rows = try trial.resumedRows(&random, &resumed)
                try #require(
                    rows == expected, "seed \(seed) \(trial.query.window) delay \(trial.query.watermarkDelay ?? -1)")
            }
        }
        #expect(resumed > 100)
    }

    @Test("filled rows are printed once each as well", arguments: [ModelCase.Kind.filledTumbling, .filledCalendar])
    func filled(kind: ModelCase.Kind) throws {
        func sorted(_ text: String) -> [Substring] { text.split(separator: "\n").sorted() }
        var resumed = 0
        for seed in 0..<UInt64(60) {
            var random = SeededGenerator(seed: seed &+ 11_000_000)
            let trial = try PartitionCase(kind, &random)
            let rows = try trial.resumedRows(&random, &resumed)
            try #require(sorted(rows) == sorted(try trial.rows()), "seed \(seed)")
        }
        #expect(resumed > 30)
    }

    @Test("a run that goes on as one that was not cut off prints the same, also with late records")
    func sameOrder() throws {
        var late = 0
        for seed in 0..<UInt64(200) {
            var random = SeededGenerator(seed: seed &+ 12_000_000)
            let kind = random.pick([ModelCase.Kind.tumbling, .hopping, .cumulative, .calendar])
            var query = try PartitionCase(kind, &random).query
            query.watermarkDelay = 0
            let trial = ModelCase(kind, &random)
            let input = PartitionedInput(trial.records.map(\.line), to: 3, &random)
            let batches = input.batches(from: [0, 0, 0], &random)
            let cut = random.below(batches.count)
            let whole = try PartitionRun(query, partitions: 3)
            for batch in batches[...cut] { try whole.take(batch) }
            let checkpoint = whole.checkpoint()
            let before = whole.text
            let resumed = try PartitionRun(query, resuming: checkpoint)
            let goal = checkpoint.input.partitions.map(\.committed.position)
            for var batch in input.batches(from: resumed.positions, to: goal, &random) {
                batch.outlook = .more
                try resumed.take(batch)
            }
            try #require(!resumed.isReplaying && resumed.engine.watermark >= whole.engine.watermark)
            // Who holds nothing any more had said so before the cut.
            for batch in batches[...cut] where batch.outlook != .more {
                try resumed.take(PartitionBatch(batch.partition, [], batch.outlook))
            }
            for batch in batches[(cut + 1)...] {
                try whole.take(batch)
                try resumed.take(batch)
            }
            try whole.engine.finish()
            try resumed.engine.finish()
            late += whole.late
            try #require(before + resumed.text == whole.text, "seed \(seed) \(query.window)")
        }
        #expect(late > 100)
    }

    @Test("partitions that have brought nothing stay at their beginning, and hold the watermark")
    func withoutBatches() throws {
        let query = try Query.timed(.tumbling(size: 10, align: 0), delay: 0)
        let first = try PartitionRun(query, partitions: 3)
        try first.take(.init(1, at: 1, 25))
        let checkpoint = first.checkpoint()
        #expect(checkpoint.input.partitions.map(\.committed.position) == [0, 2, 0])
        #expect(checkpoint.input.partitions.map(\.restart.position) == [0, 0, 0])
        let run = try PartitionRun(query, resuming: checkpoint)
        #expect(run.replayEnd(of: 0) == 0 && run.replayEnd(of: 1) == 2)
        try run.take(.init(1, at: 1, 25))
        #expect(!run.isReplaying && run.engine.watermark == Int64.min)
        try run.take(.init(0, at: 30))
        try run.take(.init(2, at: 12))
        #expect(run.counts == ["0:1"] && run.engine.watermark == 12)
    }

    @Test("a partition that has appeared since holds the watermark, which does not go back") func appeared() throws {
        let query = try Query.timed(.tumbling(size: 10, align: 0), delay: 0)
        let first = try PartitionRun(query, partitions: 1)
        try first.take(.init(0, at: 1, 25))
        var checkpoint = first.checkpoint()
        checkpoint.input.partitions.append(PartitionCheckpoint())
        let run = try PartitionRun(query, resuming: checkpoint)
        try run.take(.init(0, at: 1, 25))
        #expect(!run.isReplaying && run.engine.watermark == 25)
        try run.take(.init(0, at: 95))
        #expect(run.counts == [])
        try run.take(.init(1, at: 19, 41))
        #expect(run.counts == ["20:1"] && run.late == 1)
    }

    @Test("windows that were closed while a partition was idle are closed quietly", arguments: [[0, 1], [1, 0]])
    func idle(order: [Int]) throws {
        let query = try Query.timed(.tumbling(size: 10, align: 0), delay: 0)
        let records = [[1, 12, 35], [2, 13]].map { $0.map { "{\"t\":\($0)}" } }
        let first = try PartitionRun(query, partitions: 2)
        for partition in [0, 1] { try first.take(PartitionBatch(partition, records[partition])) }
        #expect(first.counts == ["0:2"])
        // As it was before the silence, in places and windows.
        var checkpoint = first.tracker.checkpoint()
        try first.take(.init(1, [], .idle))
        #expect(first.counts == ["0:2", "10:2"] && first.engine.watermark == 35)
        checkpoint.time.watermark = first.checkpoint().time.watermark
        let run = try PartitionRun(query, resuming: checkpoint)
        for partition in order { try run.take(PartitionBatch(partition, records[partition])) }
        #expect(!run.isReplaying && run.text.isEmpty && run.engine.watermark == 35)
        #expect(run.tracker.checkpoint().time.watermark == 35)
        try run.take(.init(1, at: 14, 33))
        #expect(run.late == 1)
        try run.engine.finish()
        #expect(run.counts == ["30:2"])
    }

    @Test("a partition that ends during a replay lets windows close behind it, where they are printed")
    func endInReplay() throws {
        let query = try Query.timed(.tumbling(size: 10, align: 0), delay: 0)
        let first = try PartitionRun(query, partitions: 3)
        try first.take(.init(0, at: 1))
        try first.take(.init(1, at: 2, 35))
        try first.take(.init(2, at: 31))
        #expect(first.counts == [] && first.engine.watermark == 1)
        // The replay may end with the partition, or with another.
        for (outlook, order) in [(Batch.Outlook.ended, [0, 1, 2]), (.idle, [1, 0, 2]), (.ended, [2, 1, 0])] {
            for next in [0, 1, 2] {
                let run = try PartitionRun(query, resuming: first.checkpoint())
                for partition in order {
                    switch partition {
                    case 0: try run.take(.init(0, at: 1, then: outlook))
                    case 1: try run.take(.init(1, at: 2, 35))
                    default: try run.take(.init(2, at: 31))
                    }
                }
                #expect(!run.isReplaying && run.text.isEmpty && run.engine.watermark == 1)
                // The next batch that says anything, of whichever partition.
                try run.take(next == 0 ? .init(0, [], outlook) : .init(next, at: 36))
                #expect(run.counts == ["0:2"] && run.engine.watermark == (next == 2 ? 35 : 31))
            }
        }
    }

    @Test("the watermark of a checkpoint is not lost when the next one is made before anything else is read")
    func idleTwice() throws {
        let query = try Query.timed(.tumbling(size: 10, align: 0), delay: 0)
        let first = try PartitionRun(query, partitions: 2)
        try first.take(.init(0, at: 1, 12, 35))
        try first.take(.init(1, at: 2, 13))
        try first.take(.init(1, [], .idle))
        #expect(first.counts == ["0:2", "10:2"])
        var checkpoint = first.checkpoint()
        #expect(checkpoint.time.watermark == 35)
        for _ in 0..<3 {
            let run = try PartitionRun(query, resuming: checkpoint)
            for partition in [1, 0] {
                let lines = partition == 0 ? [1, 12, 35] : [2, 13]
                let left = lines.dropFirst(checkpoint.input.partitions[partition].restart.position)
                if !left.isEmpty { try run.take(PartitionBatch(partition, left.map { "{\"t\":\($0)}" })) }
            }
            #expect(!run.isReplaying && run.text.isEmpty)
            checkpoint = run.tracker.checkpoint()
            #expect(checkpoint.time.watermark == 35)
        }
    }
}

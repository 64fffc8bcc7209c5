import Testing

@testable import StreamEngine

@Suite("The watermark of several partitions") struct PartitionTests {
    private static func tumbling(delay: Int64? = 0) throws -> Query {
        try .timed(.tumbling(size: 10, align: 0), delay: delay)
    }

    /// A run over the batches, without the end of the input.
    private static func run(_ query: Query, of partitions: Int, _ batches: [PartitionBatch]) throws -> PartitionRun {
        let run = try PartitionRun(query, partitions: partitions)
        for batch in batches { try run.take(batch) }
        return run
    }

    private static func run(of partitions: Int, _ batches: PartitionBatch...) throws -> PartitionRun {
        try run(tumbling(), of: partitions, batches)
    }

    @Test("a partition that has brought nothing holds all windows") func silent() throws {
        let run = try Self.run(of: 3, .init(0, at: 1, 95), .init(2, at: 99))
        #expect(run.counts == [] && run.engine.watermark == Int64.min)
        try run.take(.init(1, at: 31))
        #expect(run.counts == ["0:1"] && run.engine.watermark == 31)
    }

    @Test("the watermark is the lowest of all partitions, and the others come in time") func lowest() throws {
        let run = try Self.run(of: 2, .init(0, at: 5, 95), .init(1, at: 7), .init(0, at: 8))
        #expect(run.counts == [] && run.late == 0 && run.engine.watermark == 7)
        try run.take(.init(1, at: 25))
        #expect(run.counts == ["0:3"])
        try run.take(.init(0, at: 9, 20))
        #expect(run.late == 1 && run.engine.watermark == 25)
    }

    @Test(
        "a partition that has ended or is idle holds nothing, said behind its records or with them",
        arguments: [Batch.Outlook.idle, .ended], [true, false])
    func notWaitedFor(outlook: Batch.Outlook, isEmpty: Bool) throws {
        let run = try Self.run(of: 3, .init(0, at: 1, 95), .init(1, at: 3))
        try run.take(isEmpty ? .init(2, [], outlook) : .init(2, at: 2, then: outlook))
        #expect(run.engine.watermark == 3)
        try run.take(isEmpty ? .init(1, [], outlook) : .init(1, at: 4, then: outlook))
        #expect(run.counts == [isEmpty ? "0:2" : "0:4"] && run.engine.watermark == 95)
    }

    @Test("when all partitions are silent, the latest of their watermarks counts") func nobody() throws {
        let run = try Self.run(of: 2, .init(0, at: 1, 95), .init(1, at: 33), .init(0, [], .idle), .init(1, [], .idle))
        #expect(run.engine.watermark == 95 && run.counts == ["0:1", "30:1", "90:1"].dropLast())
        // News without records change nothing.
        try run.take(.init(0, [], .ended))
        try run.take(.init(1, []))
        #expect(run.engine.watermark == 95)
        try run.take(.init(1, at: 34, 99, 101))
        #expect(run.late == 1 && run.engine.watermark == 101)
    }

    @Test("one that has ended does not count when the others are silent") func endedAndSilent() throws {
        let run = try Self.run(of: 2, .init(0, at: 1, 95), .init(1, at: 33), .init(0, [], .ended), .init(1, [], .idle))
        #expect(run.engine.watermark == 33)
        try run.take(.init(1, at: 34, 41))
        #expect(run.late == 0 && run.engine.watermark == 41)
    }

    @Test("an idle partition that brings records is waited for again") func back() throws {
        let run = try Self.run(of: 2, .init(0, at: 1), .init(1, [], .idle), .init(0, at: 15))
        #expect(run.counts == ["0:1"])
        try run.take(.init(1, at: 16))
        try run.take(.init(0, at: 95))
        #expect(run.counts == ["0:1"] && run.engine.watermark == 16)
    }

    @Test("an idle partition is waited for again also when no other has brought anything meanwhile")
    func backAtOnce() throws {
        let run = try Self.run(of: 2, .init(1, at: 1), .init(0, at: 12), .init(0, [], .idle), .init(0, at: 13))
        try run.take(.init(1, at: 95))
        #expect(run.counts == ["0:1"] && run.engine.watermark == 13)
    }

    @Test("a batch without records does not make anybody wait for an idle partition") func emptyBatch() throws {
        let run = try Self.run(of: 2, .init(0, at: 1), .init(1, [], .idle), .init(1, []), .init(0, at: 15))
        #expect(run.counts == ["0:1"])
    }

    @Test("the watermark never goes back, whoever is waited for") func monotone() throws {
        let run = try Self.run(of: 2, .init(0, at: 1), .init(1, at: 2), .init(1, [], .idle), .init(0, at: 55))
        #expect(run.engine.watermark == 55)
        try run.take(.init(1, at: 3, 49, 51))
        #expect(run.engine.watermark == 55 && run.late == 2)
        try run.take(.init(0, at: 49))
        #expect(run.late == 3)
        try run.take(.init(2, at: 48, of: 3))
        #expect(run.engine.watermark == 55 && run.late == 4)
    }

    @Test("a new partition holds the watermark until it has brought records", arguments: [0, 1, 2])
    func growth(teller: Int) throws {
        let run = try Self.run(of: 2, .init(0, at: 1), .init(1, at: 12))
        #expect(run.engine.watermark == 1)
        // Whichever partition the first batch after it is of.
        if teller < 2 { try run.take(.init(teller, [], of: 3)) } else { try run.take(.init(2, at: 2, of: 3)) }
        try run.take(.init(0, at: 44))
        try run.take(.init(1, at: 45))
        #expect(run.counts == [] && run.engine.watermark == (teller < 2 ? 1 : 2))
        try run.take(.init(2, at: 30))
        #expect(run.counts == [teller < 2 ? "0:1" : "0:2", "10:1"] && run.engine.watermark == 30)
    }

    @Test("each number has its own unit, whatever others of its partition have") func units() throws {
        var query = try Query.timed(.tumbling(size: 10_000_000, align: 0))
        query.time = .field(try FieldPath.parse("t"), .auto)
        let run = try PartitionRun(query, partitions: 2)
        try run.take(.init(0, at: 1_600_000_000))
        try run.take(.init(1, at: 1_600_000_000_000))
        try run.take(.init(1, at: 1_000))
        try run.take(.init(0, at: 1_600_000_001))
        try run.engine.finish()
        #expect(run.counts == ["\(1_000_000_000):1", "\(1_600_000_000_000_000):3"])
    }

    @Test("control lines count for their partition, and the others keep their delay") func punctuation() throws {
        func bound(_ time: Int64?) -> String { String(controlLine(time).dropLast()) }
        let run = try PartitionRun(try Self.tumbling(delay: 5), partitions: 2)
        try run.take(.init(0, [bound(nil), "{\"t\":95}", bound(30)]))
        try run.take(.init(1, at: 8))
        #expect(run.engine.watermark == 3)
        try run.take(.init(1, at: 50))
        #expect(run.engine.watermark == 30 && run.counts == ["0:1"])
        // No delay moves the first one any more, also after others were read.
        try run.take(.init(0, at: 99))
        #expect(run.engine.watermark == 30)
        try run.take(.init(0, [bound(80)]))
        #expect(run.engine.watermark == 45)
        try run.take(.init(1, [bound(60)]))
        #expect(run.engine.watermark == 60 && run.counts == ["0:1", "50:1"])
    }

    @Test("too far ahead of the clock is judged batch by batch, and moves no partition") func future() throws {
        var query = try Self.tumbling()
        query.maxAhead = 50
        let run = try PartitionRun(query, partitions: 2)
        try run.take(.init(0, ["{\"t\":30}", "{\"t\":151}"], arrival: 100))
        try run.take(.init(1, ["{\"t\":151}"], arrival: 101))
        #expect(run.reasons == ["future": 1] && run.engine.watermark == 30)
        #expect(run.engine.partitionState(of: 0).latest == 30 && run.engine.partitionState(of: 1).latest == 151)
    }

    @Test("in a replay each partition has its own latest time, whatever the clock says then") func futureAgain() throws
    {
        var query = try Self.tumbling()
        query.maxAhead = 50
        let first = try PartitionRun(query, partitions: 2)
        let records = [["{\"t\":30}", "{\"t\":151}"], ["{\"t\":32}", "{\"t\":151}"]]
        try first.take(.init(0, records[0], arrival: 100))
        try first.take(.init(1, records[1], arrival: 101))
        for order in [[0, 1], [1, 0]] {
            let run = try PartitionRun(query, partitions: 2, resuming: first.checkpoint())
            for partition in order { try run.take(.init(partition, records[partition], arrival: 9000)) }
            #expect(!run.isReplaying && run.engine.watermark == 30)
            try run.engine.finish()
            #expect(run.counts == ["30:2", "150:1"])
        }
    }

    @Test("rejected records are told by partition and offset") func positions() throws {
        let run = try Self.run(of: 2, .init(0, at: 1), .init(1, at: 1, 2), .init(1, ["{}"]), .init(0, ["x"]))
        var text = ""
        run.engine.takeRejects { text = String(decoding: $0, as: UTF8.self) }
        let lines = text.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.first?.contains("\"p1\"") == true && lines.first?.contains(":2,") == true)
        #expect(lines.last?.contains("\"p0\"") == true && lines.last?.contains(":1,") == true)
    }

    @Test("the lines of a partition are counted on after others were read") func noTimes() throws {
        // A run of batches without one unusual record and one with: both ways through the engine.
        let run = try Self.run(
            of: 2, .init(0, at: 1), .init(1, ["{\"t\":2}", "{}"]), .init(0, at: 95), .init(1, at: 12))
        #expect(run.reasons == ["no-time": 1] && run.counts == ["0:2"])
    }
}

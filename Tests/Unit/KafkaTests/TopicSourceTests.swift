import CRDKafka
import StreamEngine
import Synchronization
import System
import Testing

@testable import Kafka

@Suite("Topics as a source") struct TopicSourceTests {
    private static func cluster() throws -> TestCluster { try TestCluster.shared.get() }

    private static func lines(_ numbers: Range<Int>, _ partition: Int = 0) -> [String] {
        numbers.map { "{\"p\":\(partition),\"n\":\($0)}" }
    }

    /// A topic with so many messages in each partition.
    private static func topic(_ counts: Int...) throws -> (TestCluster, String) {
        let cluster = try cluster()
        let topic = try cluster.topic(partitions: Int32(counts.count))
        for (partition, count) in counts.enumerated() where count > 0 {
            try cluster.write(lines(0..<count, partition), to: topic, Int32(partition))
        }
        return (cluster, topic)
    }

    @Test("until=end reads every message once, in offset order, and none that arrived later") func toTheEnd()
        throws
    {
        let (cluster, topic) = try Self.topic(3000, 1, 500)
        let input = try cluster.input(topic, "until=end")
        let reader = try TopicReader(input)
        for partition in 0..<3 { try cluster.write(["{\"late\":true}"], to: topic, Int32(partition)) }
        let event = try reader.readAll()
        #expect(event == .end)
        for (partition, count) in [3000, 1, 500].enumerated() {
            #expect(reader.lines(of: partition) == Self.lines(0..<count, partition))
            // Without a gap, and told to be the last.
            var position = 0
            for piece in reader.pieces where piece.partition == partition {
                #expect(piece.offsets.lowerBound == position && piece.partitionCount == 3)
                position = piece.offsets.upperBound
                guard !piece.lines.isEmpty else { continue }
                #expect(piece.checksum?.name == "\(topic)[\(partition)]" && piece.checksum?.offset == position - 1)
            }
            #expect(position == count)
            #expect(reader.pieces.last { $0.partition == partition }?.outlook == .ended)
        }
    }

    @Test("an empty topic ends at once", .timeLimit(.minutes(1))) func empty() throws {
        let (cluster, topic) = try Self.topic(0, 0)
        let reader = try TopicReader(cluster.input(topic, "until=end"))
        let event = try reader.readAll()
        #expect(event == .end && reader.pieces.allSatisfy(\.lines.isEmpty))
    }

    @Test("start=end reads what arrives from then on; partitions= reads only those") func start() throws {
        let (cluster, topic) = try Self.topic(5, 6, 7)
        let reader = try TopicReader(cluster.input(topic, "start=end&partitions=1-2"))
        try cluster.write(["{\"new\":0}"], to: topic, 0)
        try cluster.write(["{\"new\":2}"], to: topic, 2)
        while reader.pieces.allSatisfy(\.lines.isEmpty) { try #require(reader.read() == .lines) }
        let piece = try #require(reader.pieces.last)
        #expect(piece.lines == ["{\"new\":2}"] && piece.offsets == 7..<8 && piece.partitionCount == 2)
        #expect(piece.checksum?.name == "\(topic)[2]")
    }

    @Test("an error names the missing partitions and the existing ones")
    func missingPartitions() throws {
        let (cluster, topic) = try Self.topic(0, 0)
        for (options, words) in [
            ("partitions=5", "none of the named partitions"), ("partitions=1-2", "partition 2 does not exist"),
        ] {
            let failure = failure { _ = try cluster.input(topic, options) }
            #expect(failure?.kind == .noInput)
            #expect(failure?.text.contains(words) == true && failure?.text.contains("\(topic)[1]") == true)
        }
    }

    @Test("several topics are read as one, with all their partitions") func topics() throws {
        let (cluster, first) = try Self.topic(3, 2)
        let (_, second) = try Self.topic(4)
        let reader = try TopicReader(cluster.input("\(second),\(first)", "until=end"))
        let event = try reader.readAll()
        #expect(event == .end)
        #expect((0..<3).map { reader.lines(of: $0).count } == [4, 3, 2])
    }

    @Test("tombstones are delivered; keys only if they are needed", arguments: [true, false])
    func tombstones(keepsKeys: Bool) throws {
        let (cluster, topic) = try Self.topic(0)
        try cluster.write(["{\"a\":1}", nil, "", "{\n}"], key: "k", to: topic)
        let reader = try TopicReader(cluster.input(topic, "until=end"), keepsKeys: keepsKeys)
        let event = try reader.readAll()
        #expect(event == .end && reader.pieces.last?.offsets.upperBound == 4)
        #expect(reader.lines(of: 0) == ["{\"a\":1}", "", "", "{\n}"])
    }

    @Test("a replay stops at its end in each partition until all have reached it") func replay() throws {
        let (cluster, topic) = try Self.topic(2000, 30, 40, 0)
        let (lows, ends) = ([100, 5, 0, 0], [1500, 25, 0, 0])
        let checkpoint = try cluster.checkpoint(topic, lows: lows, ends: ends)
        let reader = try TopicReader(cluster.input(topic, "until=end"), from: checkpoint)
        let event = try reader.readAll()
        #expect(event == .end)
        var positions = lows
        for piece in reader.pieces {
            #expect(piece.offsets.lowerBound == positions[piece.partition])
            let isBehind = piece.offsets.lowerBound >= ends[piece.partition] && !piece.lines.isEmpty
            #expect(!isBehind || zip(positions, ends).allSatisfy { $0 >= $1 })
            // No batch lies on both sides.
            #expect(isBehind || piece.offsets.upperBound <= ends[piece.partition] || piece.lines.isEmpty)
            positions[piece.partition] = piece.offsets.upperBound
        }
        #expect(positions == [2000, 30, 40, 0])
        for partition in 0..<3 {
            let all = Self.lines(lows[partition]..<positions[partition], partition)
            #expect(reader.lines(of: partition) == all)
        }
    }

    @Test("a checkpoint of another cluster, a longer topic or a partition that is not read is refused") func mismatch()
        throws
    {
        let (cluster, topic) = try Self.topic(10, 10)
        let checkpoint = try cluster.checkpoint(topic, lows: [0, 0], ends: [10, 10])
        func refusal(_ options: String = "", _ change: (inout Checkpoint) -> Void) throws -> String {
            var changed = checkpoint
            change(&changed)
            let failure = failure { _ = try cluster.input(topic, options).resolve(changed) }
            #expect(failure?.kind == .mismatch)
            return failure?.text ?? ""
        }
        _ = try cluster.input(topic).resolve(checkpoint)
        #expect(try refusal { $0.input.cluster = "another" }.contains("cluster another"))
        #expect(try refusal { $0.input.partitions[1].committed.position = 11 }.contains("ends at offset 10"))
        #expect(try refusal { $0.input.partitions[1].committedChecksum.name = "\(topic)[7]" }.contains("\(topic)[7]"))
        #expect(try refusal("partitions=0") { _ in }.contains("\(topic)[1]"))
    }

    @Test("a changed record ends the run; a deleted record does not") func checksum()
        throws
    {
        let (cluster, topic) = try Self.topic(10)
        let first = try TopicReader(cluster.input(topic, "until=end"))
        _ = try first.readAll()
        let checksum = try #require(first.pieces.last { $0.checksum != nil }?.checksum)
        #expect(checksum.offset == 9)
        try cluster.write(["{\"more\":1}"], to: topic)
        var checkpoint = try cluster.checkpoint(topic, lows: [10], ends: [10])
        checkpoint.input.partitions[0].committedChecksum = checksum
        let reader = try TopicReader(cluster.input(topic, "until=end"), from: checkpoint)
        let event = try reader.readAll()
        #expect(event == .end && reader.lines(of: 0) == ["{\"more\":1}"])

        checkpoint.input.partitions[0].committedChecksum = PositionChecksum(
            name: checksum.name, hash: checksum.hash &+ 1, offset: 9)
        let other = try TopicReader(cluster.input(topic, "until=end"), from: checkpoint)
        let failure = failure { _ = try other.readAll() }
        #expect(failure?.kind == .mismatch && failure?.text.contains("offset 9 has changed") == true)
        #expect(other.lines(of: 0) == [])
    }

    @Test("every batch with records has the checksum of its last one, even if the end was fetched with it")
    func proofBeforeEnd() throws {
        let (cluster, topic) = try Self.topic(10)
        let checkpoint = try cluster.checkpoint(topic, lows: [0], ends: [4])
        for _ in 0..<5 {
            let reader = try TopicReader(cluster.input(topic, "until=end"), from: checkpoint)
            // Long enough for all of it to be there, with the news that it is the end.
            pause(milliseconds: 200)
            _ = try reader.readAll()
            let pieces = reader.pieces.filter { !$0.lines.isEmpty }
            #expect(pieces.map { $0.checksum?.offset } == pieces.map { $0.offsets.upperBound - 1 })
            #expect(pieces.contains { $0.checksum?.offset == 3 } && pieces.last?.checksum?.offset == 9)
        }
    }

    @Test("records deleted before they were read are a gap that is found before the first read") func gapAtStart()
        throws
    {
        let cluster = try Self.cluster()
        let topic = try cluster.topic()
        // More than the cluster keeps of a partition.
        let large = "{\"a\":\"" + String(repeating: "x", count: 900_000) + "\"}"
        for _ in 0..<8 { try cluster.write([large], to: topic) }
        let checkpoint = try cluster.checkpoint(topic, lows: [1], ends: [8])
        #expect(checkpoint.input.partitions.first?.committedChecksum.name == "\(topic)[0]")
        let failure = failure { _ = try cluster.input(topic).resolve(checkpoint) }
        #expect(failure?.kind == .recordsGone && failure?.text.contains("deleted") == true)
    }

    @Test("an offset out of range while reading is a gap, never a restart") func gapMeanwhile() throws {
        let cluster = try TestCluster()
        let topic = try cluster.topic()
        try cluster.write(Self.lines(0..<3), to: topic)
        cluster.failFetches(RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE)
        let reader = try TopicReader(cluster.input(topic, "until=end"))
        let failure = failure { _ = try reader.readAll() }
        #expect(failure?.kind == .recordsGone && failure?.text.contains("deleted") == true)
    }

    @Test("errors that librdkafka retries are said once a minute, not each time", .timeLimit(.minutes(1)))
    func retriedErrors() throws {
        let cluster = try TestCluster()
        let topic = try cluster.topic()
        try cluster.write(Self.lines(0..<3), to: topic)
        let unknown = rd_kafka_resp_err_t(rawValue: -1)
        cluster.failFetches(unknown, times: 4)
        let warnings = Mutex<[String]>([])
        let reader = try TopicReader(cluster.input(topic, "until=end")) { text in
            warnings.withLock { $0.append(text) }
        }
        let event = try reader.readAll()
        #expect(event == .end && reader.lines(of: 0) == Self.lines(0..<3))
        let said = warnings.withLock { $0 }
        #expect(said.count == 1 && said[0].hasPrefix("\(topic)[0]: ") && said[0].hasSuffix("; retrying"), "\(said)")
    }

    @Test("an idle partition is reported once, until it delivers something") func idle() throws {
        let (cluster, topic) = try Self.topic(1, 0)
        let reader = try TopicReader(cluster.input(topic), idle: 200_000)
        let event = try reader.readAll(within: 1500)
        #expect(event == .quiet && reader.lines(of: 0).count == 1)
        #expect(reader.pieces.filter { $0.outlook == .idle }.map(\.partition).sorted() == [0, 1])
        try cluster.write(["{}"], to: topic, 1)
        let next = try reader.readAll(within: 1500)
        #expect(next == .quiet && reader.lines(of: 1) == ["{}"])
        #expect(reader.pieces.filter { $0.outlook == .idle }.map(\.partition).sorted() == [0, 1, 1])
    }

    @Test("a wait ends at its deadline or on a signal") func waits() throws {
        let (cluster, topic) = try Self.topic(0)
        let reader = try TopicReader(cluster.input(topic))
        let start = steadyClock()
        let event = try reader.readAll(within: 200)
        #expect(event == .quiet && steadyClock() - start < 5_000_000)
        reader.interrupt.raise(15)
        let last = try reader.read()
        #expect(last == .interrupted)
    }

    @Test("a job notices whether there is more to read, and reads new partitions from the beginning") func growth()
        throws
    {
        let (cluster, topic) = try Self.topic(4, 2)
        var checkpoint = try cluster.checkpoint(topic, lows: [4, 2], ends: [4, 2])
        let input = try cluster.input(topic, "until=end")
        let same = try input.resolve(checkpoint)
        #expect(same.input == checkpoint.input && !input.hasGrown(since: checkpoint.input))
        let live = try cluster.input(topic)
        _ = try live.resolve(checkpoint)
        #expect(live.hasGrown(since: checkpoint.input))
        // The job has known one partition only.
        checkpoint.input.partitions.removeFirst()
        let grown = try input.resolve(checkpoint)
        #expect(
            input.hasGrown(since: checkpoint.input)
                && grown.input.partitions.map(\.committedChecksum.name) == ["\(topic)[1]", "\(topic)[0]"])
        #expect(grown.input.partitions.map(\.committed.position) == [2, 0])
        try cluster.write(["{}"], to: topic, 1)
        _ = try input.resolve(same)
        #expect(input.hasGrown(since: same.input))
    }
}

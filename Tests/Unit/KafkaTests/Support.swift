import CRDKafka
import Plan
import StreamEngine
import Synchronization
import System
import Testing

@testable import Kafka
@testable import streamctl_mock_kafka

/// A mock cluster and a producer that writes to it. Its calls may come from any thread.
final class TestCluster: @unchecked Sendable {
    private let cluster: Cluster
    private let producer: Client
    /// What tells the topics of tests apart that share it.
    private let count = Atomic<Int>(0)

    /// That of tests which do it no harm.
    static let shared = Result { try TestCluster() }

    init() throws {
        cluster = try Cluster(brokers: 1)
        let calls = try Library.use()
        producer = try Client(
            calls, RD_KAFKA_PRODUCER,
            Configuration(
                calls, brokers: cluster.bootstrap, usual: [("linger.ms", "0")], fixed: [], options: []))
    }

    /// A new topic.
    func topic(partitions: Int32 = 1) throws -> String {
        let name = "topic-\(count.add(1, ordering: .relaxed).newValue)"
        try cluster.create(name, partitions: partitions)
        return name
    }

    /// Appends messages to a partition; a value of nil is a tombstone.
    func write(_ values: [String?], key: String = "", to topic: String, _ partition: Int32 = 0) throws {
        let calls = producer.calls
        let reference = try #require(calls.rd_kafka_topic_new(producer.handle, topic, nil))
        defer { calls.rd_kafka_topic_destroy(reference) }
        for value in values {
            var bytes = Array((value ?? "").utf8)
            var key = Array(key.utf8)
            let (size, keySize) = (bytes.count, key.count)
            let status = bytes.withUnsafeMutableBytes { bytes in
                key.withUnsafeMutableBytes { key in
                    calls.rd_kafka_produce(
                        reference, partition, RD_KAFKA_MSG_F_COPY, value == nil ? nil : bytes.baseAddress, size,
                        keySize == 0 ? nil : key.baseAddress, keySize, nil)
                }
            }
            try #require(status == 0)
        }
        try #require(calls.rd_kafka_flush(producer.handle, 10_000) == RD_KAFKA_RESP_ERR_NO_ERROR)
    }

    /// The next answers to fetches are this error.
    func failFetches(_ error: rd_kafka_resp_err_t, times: Int = 1) {
        cluster.push(1, Array(repeating: error, count: times))
    }

    /// Metadata of the topic is this error.
    func fail(_ topic: String, _ error: rd_kafka_resp_err_t) { cluster.setError(topic, error) }

    func address(_ topic: String, _ options: String = "") throws -> KafkaURL {
        try KafkaURL("kafka://\(cluster.bootstrap)/\(topic)" + (options.isEmpty ? "" : "?\(options)"))
    }

    func input(_ topic: String, _ options: String = "") throws -> TopicInput {
        try TopicInput(address(topic, options), options: [], interrupt: Interrupt())
    }

    /// What a job would remember that has read everything up to `ends` and needs it again from `lows` on.
    func checkpoint(_ topic: String, lows: [Int], ends: [Int]) throws -> Checkpoint {
        var checkpoint = try input(topic).resolve(nil)
        for (number, (low, end)) in zip(lows, ends).enumerated() {
            checkpoint.input.partitions[number].restart = InputPosition(input: 0, position: low)
            checkpoint.input.partitions[number].committed = InputPosition(input: 0, position: end)
        }
        return checkpoint
    }
}

/// A copy of what a batch of a topic held.
struct TopicPiece {
    var partition: Int
    var partitionCount: Int
    var offsets: Range<Int>
    var lines: [String]
    var outlook: Batch.Outlook
    var checksum: PositionChecksum?

    init(_ batch: borrowing Batch) {
        partition = batch.partition
        partitionCount = batch.partitionCount
        offsets = batch.position..<max(batch.position, batch.end.position)
        var start = 0
        lines = batch.recordEnds.map { end in
            defer { start = end + 1 }
            return String(decoding: batch.bytes[start..<end], as: UTF8.self)
        }
        outlook = batch.outlook
        checksum = batch.checksum
    }
}

/// Reads topics and keeps what it got.
final class TopicReader {
    private var source: TopicSource
    private var batch: Batch
    let interrupt: Interrupt
    private(set) var pieces: [TopicPiece] = []

    init(
        _ input: TopicInput, from checkpoint: Checkpoint? = nil, keepsKeys: Bool = false, idle: Int64? = nil,
        warn: @escaping @Sendable (String) -> Void = { _ in }
    ) throws {
        _ = try input.resolve(checkpoint)
        var options = SourceOptions()
        if keepsKeys { options.columns = [.key] }
        options.partitionIdle = idle
        options.hasWatermark = true
        options.warn = warn
        let interrupt = Interrupt()
        source = try TopicSource(input, options, interrupt: interrupt)
        batch = Batch()
        self.interrupt = interrupt
    }

    /// One read; a limit in milliseconds.
    func read(within limit: Int64 = 10_000) throws -> SourceEvent {
        let event = try source.read(into: &batch, deadline: wallClock() + limit * 1000)
        if event == .lines { pieces.append(TopicPiece(batch)) }
        return event
    }

    /// Reads until something else than lines comes.
    func readAll(within limit: Int64 = 10_000) throws -> SourceEvent {
        while true {
            let event = try read(within: limit)
            if event != .lines { return event }
        }
    }

    func lines(of partition: Int) -> [String] { pieces.filter { $0.partition == partition }.flatMap(\.lines) }
}

func pause(milliseconds: Int64) {
    _ = wait(for: -1, interrupt: Interrupt(), deadline: wallClock() + milliseconds * 1000)
}

/// The words of a usage error; nil for anything else.
func usage(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch let error as RunError {
        return error.kind == .usage ? error.text : nil
    } catch {
        return nil
    }
}

/// How a source failed; nil when it did not.
func failure(_ body: () throws -> Void) -> RunError? {
    do {
        try body()
        return nil
    } catch let error as RunError {
        return error
    } catch {
        return nil
    }
}

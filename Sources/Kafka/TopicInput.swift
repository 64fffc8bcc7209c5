import CRDKafka
import Plan
import StreamEngine
import System

/// The topics to read: a connected consumer, and the start and end offset of each partition.
///
/// Partitions are assigned manually. The checkpoint of a job contains their positions. Offsets committed to the
/// consumer group of `group=` are only for lag monitors and for runs with `start=stored`.
///
/// Unchecked: used by one thread at a time until the source is opened, then by the reading thread. librdkafka's
/// functions are thread-safe.
package final class TopicInput: OpenableInput, @unchecked Sendable {
    package let address: KafkaURL
    let client: Client
    let interrupt: Interrupt
    /// Where the schemas of messages are; nil if they have none.
    let registry: RegistryOptions?
    let found: [TopicPartition]
    private(set) var plans: [PartitionPlan] = []
    /// The id of the cluster.
    package let cluster: String
    let partitionNames = PartitionNames()
    let alignment = WatermarkAlignment()
    package var names: InputNames { InputNames { [partitionNames] in partitionNames.name($0) } }
    /// Each partition keeps its order, but partitions are read concurrently.
    package var repeatsInOrder: Bool { false }

    /// Connects and lists the partitions.
    ///
    /// - Parameter options: the `-X` options.
    /// - Throws: `usage`, `noTopic`, `unavailable` (after 10 s), `interrupted`.
    package init(_ address: KafkaURL, options: [String], interrupt: Interrupt) throws(RunError) {
        self.address = address
        self.interrupt = interrupt
        registry = try RegistryOptions(KafkaOptions.expand(options))
        // What may be fetched ahead depends on the number of partitions and cannot be changed later.
        let probe = try Self.connect(address, options, partitions: 1)
        let all = try probe.partitions(of: try probe.topics(of: address, interrupt: interrupt), interrupt: interrupt)
        found = all.filter { address.wants($0.id) }
        client = try Self.connect(address, options, partitions: found.count)
        guard !found.isEmpty else {
            throw .noInput("none of the named partitions exists; there are \(all.map(\.name).joined(separator: ", "))")
        }
        for range in address.partitions {
            guard let missing = range.first(where: { id in !all.contains { $0.id == id } }) else { continue }
            throw .noInput("partition \(missing) does not exist; there are \(all.map(\.name).joined(separator: ", "))")
        }
        cluster = try probe.clusterName(interrupt: interrupt)
        // The first request must be one that opens a connection; other requests only wait for a connection.
        _ = try client.partitions(of: all.first.map { [$0.topic] } ?? [], interrupt: interrupt)
    }

    private static func connect(
        _ address: KafkaURL, _ options: [String], partitions: Int
    ) throws(RunError) -> Client {
        let calls = try Library.use()
        let configuration = try Configuration(
            calls, brokers: address.brokers,
            usual: [
                ("check.crcs", "true"), ("fetch.wait.max.ms", fetchWait(address)), ("reconnect.backoff.max.ms", "2000"),
            ] + FetchGate.properties(calls, partitions: partitions),
            fixed: [
                ("group.id", address.group ?? "streamctl"), ("enable.auto.commit", "false"),
                ("enable.auto.offset.store", "false"), ("auto.offset.reset", "error"),
                ("enable.partition.eof", "true"), ("allow.auto.create.topics", "false"),
            ], options: options, watchesLeaders: true)
        return try Client(calls, RD_KAFKA_CONSUMER, configuration)
    }

    /// How long a broker waits for new messages, milliseconds. A broker gets one fetch at a time, and one of partitions
    /// whose messages are all on their way already would hold up the others. A run that ends now needs no new messages.
    private static func fetchWait(_ address: KafkaURL) -> String { address.until == .end ? "10" : "100" }

    /// Determines the start and end offset of each partition.
    ///
    /// - Parameter stored: the checkpoint of the job; nil for a new run.
    /// - Returns: a checkpoint that contains all partitions.
    /// - Throws: `noTopic`, `unavailable`, `gap`, `mismatch`, `interrupted`.
    package func resolve(_ stored: Checkpoint?) throws(RunError) -> Checkpoint {
        if let stored, stored.input.cluster != cluster {
            throw .mismatch(
                "this is cluster \(cluster), but the job has read cluster \(stored.input.cluster); use that one, or a "
                    + "new --job name or --reset NAME")
        }
        plans = try client.plan(address, found, from: stored?.input, now: wallClock(), interrupt: interrupt)
        var checkpoint = stored ?? Checkpoint()
        checkpoint.input.cluster = cluster
        if stored == nil {
            checkpoint.time.watermark = plans.reduce(Int64.min) { max($0, $1.watermark) }
            checkpoint.time.restartWatermark = checkpoint.time.watermark
        }
        let known = Dictionary(
            (stored?.input.partitions ?? []).map { ($0.committedChecksum.name, $0) },
            uniquingKeysWith: { first, _ in first })
        checkpoint.input.partitions = plans.map { plan in
            if let old = known[plan.partition.name] { return old }
            var new = PartitionCheckpoint()
            new.committed = InputPosition(input: 0, position: plan.start)
            new.restart = new.committed
            new.committedChecksum.name = plan.partition.name
            return new
        }
        return checkpoint
    }

    /// The offsets that a new run would read, one line per partition.
    private func overview() throws(RunError) -> [String] {
        _ = try resolve(nil)
        let most = 32
        let lines = plans.prefix(most).map { plan in
            "\(plan.partition.name) from offset \(plan.start)" + (plan.end.map { ", up to \($0)" } ?? "")
        }
        let rest = plans.count > most ? ["and \(plans.count - most) more"] : []
        return lines + rest + ["cluster \(cluster)"]
    }

    /// Whether there are, or may be, records after the committed positions.
    package func hasGrown(since checkpoint: InputCheckpoint) -> Bool {
        zip(plans, checkpoint.partitions).contains { plan, partition in
            plan.end.map { $0 > partition.committed.position } ?? true
        } || plans.count > checkpoint.partitions.count
    }

    /// The partitions to read.
    var partitions: [TopicPartition] { found }

    /// What the brokers say of the topics during a run.
    enum Listing {
        case partitions([TopicPartition])
        /// Topics that they do not know, or no longer show.
        case missing(String)
        case noAnswer
    }

    /// The wanted partitions, without waiting for brokers that do not respond at once.
    func listing() -> Listing {
        do throws(RunError) {
            let topics = try client.topics(of: address, limit: 0, interrupt: interrupt)
            let all = try client.partitions(of: topics, limit: 0, interrupt: interrupt)
            return .partitions(all.filter { address.wants($0.id) })
        } catch {
            return error.kind == .noInput ? .missing(error.text) : .noAnswer
        }
    }

    /// Fetches partitions from other offsets; what is in their queues becomes void.
    func restart(_ partitions: [(partition: TopicPartition, offset: Int)]) throws(RunError) {
        guard !partitions.isEmpty else { return }
        let list = PartitionList(client.calls)
        for item in partitions { list.add(item.partition, offset: Int64(item.offset)) }
        // A seek takes effect on the queues at once, but librdkafka ignores it after an error that stops a partition.
        for error in [
            client.calls.rd_kafka_seek_partitions(client.handle, list.pointer, 0),
            client.calls.rd_kafka_incremental_unassign(client.handle, list.pointer),
        ] { error.map(client.calls.rd_kafka_error_destroy) }
        try assign(partitions)
    }

    /// Starts fetching.
    ///
    /// - Throws: `unavailable`
    func assign(_ partitions: [(partition: TopicPartition, offset: Int)]) throws(RunError) {
        let list = PartitionList(client.calls)
        for item in partitions { list.add(item.partition, offset: Int64(item.offset)) }
        guard let error = client.calls.rd_kafka_incremental_assign(client.handle, list.pointer) else { return }
        defer { client.calls.rd_kafka_error_destroy(error) }
        throw .unavailable(client.calls.rd_kafka_error_string(error).map { String(cString: $0) } ?? "assign failed")
    }
}

// MARK: - The input of a run

extension TopicInput {
    package static func open(_ spec: KafkaURL, _ run: RunContext) throws(RunError) -> TopicInput {
        do throws(RunError) {
            return try TopicInput(spec, options: run.plan.kafkaOptions, interrupt: .signals)
        } catch {
            throw error.about(spec.name)
        }
    }

    package static func overview(
        _ spec: KafkaURL, _ run: RunContext, stored: () throws(RunError) -> InputCheckpoint?
    ) -> [String] {
        do throws(RunError) {
            return try TopicInput(spec, options: run.plan.kafkaOptions, interrupt: .signals).overview()
        } catch {
            return ["not available: \(error.text)"]
        }
    }

    package func begin(from stored: Checkpoint?, job: String?) throws(RunError) -> Checkpoint? {
        do throws(RunError) { return try resolve(stored) } catch { throw error.about(address.name) }
    }

    package func describe(_ position: InputPosition, of partition: Int) -> String {
        "offset \(position.position) of \(names[partition])"
    }

    package func name(of position: InputPosition, in partition: Int) -> String { names[partition] }

    /// Of the last answer to a fetch; nothing is asked.
    package func end(of partition: Int) -> Int? {
        guard let partition = partitionNames[partition] else { return nil }
        var (low, high): (Int64, Int64) = (0, 0)
        let code = client.calls.rd_kafka_get_watermark_offsets(
            client.handle, partition.topic, partition.id, &low, &high)
        return code == RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0 ? Int(high) : nil
    }

    /// Adds no checksums: they were recorded when the records were read.
    package func seal(_ checkpoint: inout InputCheckpoint) { checkpoint.cluster = cluster }

    package func open(_ options: SourceOptions) throws(RunError) -> any OpenSource {
        SourceBox(try TopicSource(self, options))
    }

    package func noteEventTime(_ time: Int64, of partition: Int) { alignment.note(time, of: partition) }

    package func offsetCommitter(warn: @escaping @Sendable (String) -> Void) -> (any OffsetCommitter)? {
        GroupOffsetCommitter(self, warn: warn)
    }
}

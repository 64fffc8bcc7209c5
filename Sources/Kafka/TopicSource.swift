import CRDKafka
import Glibc
import Plan
import StreamEngine
import System

/// Reads the partitions of topics, each from its own queue. The one furthest behind in event time is read first, so
/// that the others do not fill memory with windows that wait for it.
package struct TopicSource: ~Copyable, Source {
    let input: TopicInput
    let options: SourceOptions
    let interrupt: Interrupt
    var partitions: [Partition] = []
    var gate: FetchGate
    /// Messages to take from a queue at once.
    var pullSize = TopicSource.leastPulled
    /// Bytes that may still be fetched, with the overhead of messages.
    var room = 0
    /// Notified when a queue is no longer empty.
    private let wakePipe = WakePipe()
    private let common: OpaquePointer?
    package let format: InputFormat
    /// The headers of the message that is added to a batch.
    var headers = HeaderObject()
    /// Decodes messages whose schemas are in a registry; nil without one.
    let decoder: WireDecoder?
    /// Whether the next message of the partition that was tried last waits for its schema.
    var isWaitingForSchema = false
    /// How many partitions have been announced in a batch.
    var announced = 0
    /// The partition read last, so that equal ones take turns.
    private var last = 0
    var nextDiscovery: Int64
    var outage = Outage()
    /// Since when (steady clock) the brokers do not know a topic or partition that is being read, and what they say.
    var missing: (since: Int64, reason: String)?
    /// Whether to see if all partitions still exist.
    var isDoubtful = false
    /// For errors of single partitions, which librdkafka retries.
    var errorLimit = NoticeLimit()
    /// For idle partitions.
    var idleLimit = NoticeLimit()

    /// The fewest messages to take from a queue at once, if there are as many.
    static let leastPulled = 1024
    /// How often to look for new partitions, microseconds.
    static let discoveryInterval: Int64 = 30_000_000
    /// How often to see whether brokers are back, microseconds.
    static let outageInterval: Int64 = 2_000_000
    /// How long partitions wait for a lagging one whose messages have not arrived, microseconds.
    private static let alignmentTimeout: Int64 = 1_000_000
    /// How far partitions may be ahead of a lagging one in event time, microseconds.
    private static let maxDrift: Int64 = 10_000_000
    /// How long a partition may be idle before a warning that it holds back the watermark, microseconds.
    static let stallWarningDelay: Int64 = 10_000_000

    /// Starts fetching the partitions that the input has planned.
    ///
    /// - Throws: `unavailable` if a partition cannot be read.
    package init(
        _ input: TopicInput, _ options: SourceOptions, interrupt: Interrupt = .process
    ) throws(RunError) {
        self.input = input
        self.options = options
        self.interrupt = interrupt
        announced = input.plans.count
        nextDiscovery = steadyClock() + Self.discoveryInterval
        format = options.format.format ?? .json
        let name = input.address.name
        decoder = input.registry.map { registry in
            let schemas = SchemaRegistry(registry, interrupt: interrupt) { options.warn("\(name): \($0)") }
            return WireDecoder(schemas, limit: options.maxLine)
        }
        common = input.client.calls.rd_kafka_queue_get_consumer(input.client.handle)
        gate = FetchGate(input.client, partitions: input.found.count)
        wakeOnMessages(in: common)
        for queue in gate.queues { wakeOnMessages(in: queue) }
        do throws(RunError) { try add(input.plans) } catch { throw error.about(input.address.name) }
    }

    deinit {
        let calls = input.client.calls
        for var partition in partitions { partition.fetched.removeAll(calls) }
        for queue in gate.queues { calls.rd_kafka_queue_io_event_enable(queue, -1, nil, 0) }
        for queue in partitions.map(\.queue) + [common].compactMap(\.self) {
            calls.rd_kafka_queue_io_event_enable(queue, -1, nil, 0)
            calls.rd_kafka_queue_destroy(queue)
        }
    }

    /// The input has already determined where to start.
    package mutating func resume(from checkpoint: InputCheckpoint) {}

    // MARK: - Partitions

    mutating func add(_ plans: [PartitionPlan]) throws(RunError) {
        let calls = input.client.calls
        for plan in plans {
            guard
                let queue = calls.rd_kafka_queue_get_partition(
                    input.client.handle, plan.partition.topic, plan.partition.id)
            else { throw .unavailable("cannot read \(plan.partition.name)") }
            // Keep its messages out of the common queue.
            if gate.isActive { gate.shut(queue) } else { calls.rd_kafka_queue_forward(queue, nil) }
            wakeOnMessages(in: queue)
            var partition = Partition(
                partition: plan.partition, name: plan.partition.name, queue: queue, position: plan.start,
                end: plan.end, checksum: plan.checksum, isShut: gate.isActive, behindSince: steadyClock(),
                lastActivity: steadyClock())
            partition.replayEnd = plan.replayEnd
            partition.lastRead = plan.checksum
            partition.earlierEnd = plan.earlierEnd
            partition.isEnded = plan.end.map { plan.start >= $0 } ?? false
            input.partitionNames.add(plan.partition)
            partitions.append(partition)
        }
        endReplayIfDone()
        try input.assign(plans.map { ($0.partition, min($0.start, $0.checksum?.offset ?? $0.start)) })
    }

    private func wakeOnMessages(in queue: OpaquePointer?) {
        var byte: UInt8 = 1
        input.client.calls.rd_kafka_queue_io_event_enable(queue, wakePipe.writeEnd, &byte, 1)
    }

    var isReplaying: Bool { partitions.contains { $0.replayEnd != nil } }

    /// Ends the replay once all partitions have reached its end.
    mutating func endReplayIfDone() {
        guard partitions.allSatisfy(\.isAtReplayEnd) else { return }
        for index in partitions.indices { partitions[index].replayEnd = nil }
    }

    // MARK: - Reading

    package mutating func read(into batch: inout Batch, deadline: Int64?) throws(RunError) -> SourceEvent {
        do throws(RunError) {
            return try readNext(into: &batch, deadline: deadline)
        } catch {
            if error.kind == .interrupted { return .interrupted }
            throw error.about(input.address.name)
        }
    }

    private mutating func readNext(into batch: inout Batch, deadline: Int64?) throws(RunError) -> SourceEvent {
        batch.removeAll()
        while true {
            guard !interrupt.isRaised else { return .interrupted }
            try serve()
            try recheckDoubtful()
            try discoverPartitions()
            let now = steadyClock()
            admit(now: now)
            if deliverEvent(into: &batch, now: now) { return .lines }
            if try deliverNext(into: &batch, now: now) { return .lines }
            if partitions.allSatisfy(\.isEnded) { return .end }
            warnAboutStalledPartitions(now)
            // Often enough to notice idle and new partitions, and timeouts.
            let soon = wallClock() + 100_000
            switch wait(
                for: wakePipe.readEnd, output: options.output, interrupt: interrupt,
                deadline: min(soon, deadline ?? soon))
            {
            case .interrupted: return .interrupted
            case .ready: noteWakeup()
            case .deadline: if let deadline, wallClock() >= deadline { return .quiet }
            }
        }
    }

    /// A queue has messages; the wakeup does not show which one.
    private mutating func noteWakeup() {
        wakePipe.drain()
        for index in partitions.indices { partitions[index].mayHaveMore = true }
    }

    /// Handles errors and events of librdkafka.
    private mutating func serve() throws(RunError) {
        input.client.serve()
        var strays = FetchedMessages()
        while let common, strays.fill(from: common, most: 16, input.client.calls) > 0 {}
        while let message = strays.next {
            strays.dropNext()
            // Messages of a partition should not arrive here. If one does, it was fetched before those in its queue.
            takeStray(message)
        }
        if let refusal = input.client.events.refusal { throw .unavailable(refusal) }
        if let fatal = input.client.events.fatal { throw .unavailable(fatal) }
        if input.client.events.consumeBrokersDown() || outage.isOngoing { noteUnreachable() }
    }

    /// A message that was in no queue of a partition, or an error.
    mutating func takeStray(_ message: FetchedMessages.Message) {
        if let topic = message.pointee.rkt, let name = input.client.calls.rd_kafka_topic_name(topic),
            let index = partitions.firstIndex(where: {
                $0.partition.id == message.pointee.partition && $0.partition.topic == String(cString: name)
            })
        {
            partitions[index].fetched.append(message)
        } else {
            input.client.events.note(message.pointee.err.rawValue, input.client.errorText(message.pointee.err))
            input.client.calls.rd_kafka_message_destroy(message)
        }
    }

    private mutating func noteUnreachable() {
        let now = steadyClock()
        nextDiscovery = min(nextDiscovery, now + Self.outageInterval)
        guard outage.fail(at: now) else { return }
        options.warn("\(input.address.name): \(input.client.events.outageText)")
    }

    /// Only an answer of a broker tells it: messages may have been fetched before.
    mutating func noteReachable() {
        guard let message = outage.recover(at: steadyClock()) else { return }
        options.warn("\(input.address.name): \(message)")
    }

    /// Fills the batch from the next partition.
    private mutating func deliverNext(into batch: inout Batch, now: Int64) throws(RunError) -> Bool {
        let times = input.alignment.all(partitions.count)
        var tried = Set(announced..<partitions.count)
        while let index = nextPartition(times, without: tried, now: now) {
            if partitions[index].fetched.isEmpty {
                pull(index)
                // What has just been taken from the queue may be of another topic with the same name.
                if try recheckDoubtful() { continue }
            }
            if !partitions[index].fetched.isEmpty, try fill(&batch, from: index, now: now) {
                last = index
                return true
            }
            if isWaitingForSchema || partitions[index].fetched.isEmpty && !partitions[index].mayHaveMore {
                tried.insert(index)
            }
        }
        return false
    }

    /// The partition furthest behind among those with messages; nil if all of them must wait for a lagging one.
    private mutating func nextPartition(_ times: [Int64], without tried: Set<Int>, now: Int64) -> Int? {
        var best: Int?
        var lagging: Int?
        let isReplaying = isReplaying
        for offset in 1...partitions.count {
            let index = (last + offset) % partitions.count
            // No partition, not even a new one, continues past the replay before all have reached its end.
            guard !partitions[index].isEnded, !isReplaying || !partitions[index].isAtReplayEnd else { continue }
            if partitions[index].isReady, !tried.contains(index) {
                if best.map({ times[index] < times[$0] }) ?? true { best = index }
            } else if isLagging(index, now: now) {
                if lagging.map({ times[index] < times[$0] }) ?? true { lagging = index }
            }
        }
        guard let best, let lagging else { return best }
        let (drift, overflow) = times[best].subtractingReportingOverflow(times[lagging])
        return overflow || drift > Self.maxDrift ? nil : best
    }

    /// Whether its messages are on their way and worth waiting for.
    private mutating func isLagging(_ index: Int, now: Int64) -> Bool {
        guard !partitions[index].isShut, !partitions[index].isAtEnd, !partitions[index].isIdle,
            !partitions[index].hasAlignmentTimedOut
        else { return false }
        let since = partitions[index].alignmentStart ?? now
        partitions[index].alignmentStart = since
        guard now - since >= Self.alignmentTimeout else { return true }
        partitions[index].hasAlignmentTimedOut = true
        return false
    }

    /// The partition has delivered something.
    mutating func noteActivity(of index: Int, now: Int64) {
        partitions[index].lastActivity = now
        partitions[index].isIdle = false
        partitions[index].isStallReported = false
        partitions[index].alignmentStart = nil
        partitions[index].hasAlignmentTimedOut = false
    }

    var keepsKeys: Bool { options.columns.contains(.key) || options.columns.contains(.keyHex) }
    var keepsHeaders: Bool { options.columns.contains(.headers) }
    func warn(_ text: String) { options.warn(text) }
}

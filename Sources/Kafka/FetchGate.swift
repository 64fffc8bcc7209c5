import CRDKafka
import Glibc
import Plan
import StreamEngine
import System

/// Lets librdkafka fetch only what fits into memory, so that it does not grow with the partitions.
///
/// librdkafka limits each queue on its own, and a fetch brings up to a megabyte of each partition. It fetches a partition
/// only while its queue holds fewer messages than `queued.min.messages`. So a partition is shut by forwarding its queue to
/// one that always holds as many, and what a fetch has brought shuts it too until it is taken. No memory grows while the
/// reading thread waits for an output.
///
/// Few partitions are not gated: the limits of their queues are enough. Waiting until a queue is nearly empty would cost
/// them round trips if brokers are slow.
struct FetchGate: ~Copyable {
    /// Whether there are so many partitions.
    let isActive: Bool
    private let calls: CRDKafkaCalls
    private let handle: OpaquePointer
    /// Two queues, of which one always holds enough: replies that are not read stay in it.
    private var full: OpaquePointer?
    private var spare: OpaquePointer?
    /// For what is taken from a partition that must not be fetched in the meantime.
    private let aside: OpaquePointer?
    /// Whether librdkafka looks again at full queues by itself (`fetch.queue.backoff.ms`). Before, its threads sleep for
    /// up to a second once all queues are full.
    private let looksAgain: Bool

    /// Bytes that a message takes in addition to its key and value.
    static let overhead = 512
    /// Bytes of messages, with their overhead, to have in memory.
    static let limit = 128 << 20

    /// What a fetch brings of a partition: the most messages of the latest ones.
    private(set) var portion = 16384
    /// Bytes of keys and values of a message: an average of the latest ones.
    private var size = 0
    /// Opened since the threads of librdkafka were woken.
    private var opened: [TopicPartition] = []

    /// Partitions from which on there is a gate.
    private static let fewest = 17
    /// Messages in a queue from which on its partition is not fetched.
    static let enough = 1024

    /// The properties that limit what is fetched ahead of so many partitions.
    static func properties(_ calls: CRDKafkaCalls, partitions: Int) -> [(String, String)] {
        // Also the most bytes of a fetch. The fetcher of librdkafka before 2.2 sleeps for a second when a queue is full, so
        // this also limits the bytes per second.
        let most = limit / min(max(1, partitions), fewest - 1)
        let size = [("queued.max.messages.kbytes", "\(most >> 10)")]
        guard partitions >= fewest else { return size + [("queued.min.messages", "10000000")] }
        let backoff = looksAgain(calls) ? [("fetch.queue.backoff.ms", "2")] : []
        return size + [("queued.min.messages", "\(enough)")] + backoff
    }

    /// - Parameter partitions: as many as `properties` was asked for.
    init(_ client: borrowing Client, partitions: Int) {
        isActive = partitions >= Self.fewest
        calls = client.calls
        handle = client.handle
        full = isActive ? calls.rd_kafka_queue_new(handle) : nil
        spare = isActive ? calls.rd_kafka_queue_new(handle) : nil
        aside = isActive ? calls.rd_kafka_queue_new(handle) : nil
        looksAgain = Self.looksAgain(calls)
        for queue in queues { refill(queue) }
        if isActive { waitForReplies(in: full) }
    }

    /// What may receive messages that were on their way when their partitions were shut.
    var queues: [OpaquePointer] { [full, spare].compactMap(\.self) }

    private static func looksAgain(_ calls: CRDKafkaCalls) -> Bool {
        let firstBackoff: Int32 = 0x0202_0000
        return calls.rd_kafka_version() >= firstBackoff
    }

    deinit {
        for queue in [full, spare, aside].compactMap(\.self) { calls.rd_kafka_queue_destroy(queue) }
    }

    /// Has enough replies arrive in the queue: that nothing was committed, which asks no broker. With a callback, whatever
    /// takes messages from the queue drops the replies.
    private func refill(_ queue: OpaquePointer?) {
        let none = PartitionList(calls)
        for _ in 0..<Self.enough {
            _ = calls.rd_kafka_commit_queue(handle, none.pointer, queue, { _, _, _, _ in }, nil)
        }
    }

    /// Bytes that a fetch brings of a partition, with overhead.
    var portionSize: Int { memory(of: portion, from: portion) }

    /// Bytes that messages take. Their keys and values stay until all that were fetched with them are done.
    func memory(of count: Int, from fetched: Int) -> Int {
        count * Self.overhead + (count > 0 ? max(count, fetched) * size : 0)
    }

    mutating func note(bytes: Int, messages: Int) {
        guard messages > 0 else { return }
        size += (bytes / messages - size) / 8
    }

    mutating func note(portion count: Int) { portion = max(count, portion - portion / 16, 1) }

    /// Replies take a moment. Without them, more is fetched than fits.
    private func waitForReplies(in queue: OpaquePointer?) {
        for _ in 0..<1000 where length(queue) < Self.enough { usleep(50) }
    }

    /// Whether there are messages that were on their way when their partitions were shut.
    var hasStrays: Bool { length(full) > Self.enough }

    /// Takes those messages.
    ///
    /// - Parameter shut: the queues of all shut partitions. They are not open in the meantime.
    mutating func strays(_ shut: [OpaquePointer]) -> FetchedMessages {
        var strays = FetchedMessages()
        waitForReplies(in: spare)
        for queue in shut { calls.rd_kafka_queue_forward(queue, spare) }
        swap(&full, &spare)
        while let spare, strays.fill(from: spare, most: 1024, calls) > 0 {}
        refill(spare)
        return strays
    }

    func length(_ queue: OpaquePointer?) -> Int { queue.map { calls.rd_kafka_queue_length($0) } ?? 0 }

    func shut(_ queue: OpaquePointer) { calls.rd_kafka_queue_forward(queue, full) }

    /// Takes all messages from a queue, and shuts it without librdkafka ever seeing it empty.
    func shut(_ queue: OpaquePointer, moving count: Int, to messages: inout FetchedMessages) {
        calls.rd_kafka_queue_forward(queue, aside)
        calls.rd_kafka_queue_forward(queue, full)
        while let aside, messages.fill(from: aside, most: count, calls) > 0 {}
    }

    mutating func open(_ queue: OpaquePointer, _ partition: TopicPartition) {
        calls.rd_kafka_queue_forward(queue, nil)
        noteWanting(partition)
    }

    /// The queue of an open partition holds fewer messages than enough.
    mutating func noteWanting(_ partition: TopicPartition) { if !looksAgain { opened.append(partition) } }

    /// Wakes the threads of the leaders of what was opened by a request without consequences, whose answer is dropped.
    mutating func wake() {
        guard !opened.isEmpty else { return }
        let list = PartitionList(calls)
        let latest: Int64 = -1
        for partition in opened.prefix(32) { list.add(partition, offset: latest) }
        _ = calls.rd_kafka_offsets_for_times(handle, list.pointer, 0)
        opened.removeAll(keepingCapacity: true)
    }
}

extension TopicSource {
    /// How long a partition must have had something to fetch, so that others that have nothing are left out of fetches:
    /// a fetch of them alone waits for new messages, and nothing else is fetched until then. Microseconds.
    private static let catchUpDelay: Int64 = 200_000
    /// How often, and how long, those are fetched in between, microseconds.
    private static let lookInterval: Int64 = 2_000_000
    private static let lookLength: Int64 = 150_000
    /// The most messages to take from a queue at once.
    private static let mostPulled = 65_536

    /// Opens and shuts partitions by what is in memory and on its way.
    mutating func admit(now: Int64) {
        guard gate.isActive else { return }
        takeStrays()
        let isReplaying = isReplaying
        var (held, expected, behind, isCatchingUp, canDeliver) = (0, 0, 0, false, false)
        for index in partitions.indices {
            guard !partitions[index].isEnded else {
                if !partitions[index].isShut { shut(index) }
                continue
            }
            var count = partitions[index].fetched.count
            if !partitions[index].isShut {
                let queued = measure(index)
                if queued < FetchGate.enough, !partitions[index].isAtEnd { expected += 1 }
                count += queued
            }
            held += gate.memory(of: count, from: partitions[index].arrived)
            if count > 0, !isReplaying || !partitions[index].isAtReplayEnd { canDeliver = true }
            guard !partitions[index].isAtEnd else { continue }
            behind += 1
            if now - partitions[index].behindSince >= Self.catchUpDelay { isCatchingUp = true }
        }
        pullSize = max(Self.leastPulled, Self.mostPulled / max(1, behind))
        let leavesOut = isCatchingUp && options.partitionIdle == nil && now % Self.lookInterval >= Self.lookLength
        let free = FetchGate.limit - held - expected * gate.portionSize
        // In rounds: a fetch waits for the one before, so it should be one of many partitions.
        room = free >= FetchGate.limit / 2 ? free : 0
        if free < 0 { shutFetched() }
        if leavesOut { shutFinished() }
        open(leavesOut: leavesOut, needsOne: expected == 0 && !canDeliver, isReplaying)
        gate.wake()
    }

    /// Shuts those of which there is something to deliver.
    private mutating func shutFetched() {
        for index in partitions.indices where !partitions[index].isShut && !partitions[index].isAtEnd {
            let queued = gate.length(partitions[index].queue)
            if queued > 0, queued < FetchGate.enough { shut(index, moving: queued) }
        }
    }

    /// Shuts those that have nothing to fetch now.
    private mutating func shutFinished() {
        for index in partitions.indices where !partitions[index].isShut && partitions[index].isAtEnd {
            if gate.length(partitions[index].queue) == 0 { shut(index) }
        }
    }

    /// Opens those furthest behind while there is room.
    private mutating func open(leavesOut: Bool, needsOne: Bool, _ isReplaying: Bool) {
        var waiting: [Int] = []
        for index in partitions.indices where partitions[index].isShut && !partitions[index].isEnded {
            if partitions[index].isAtEnd {
                if !leavesOut { open(index) }
            } else if room >= gate.portionSize || needsOne, !isReplaying || !partitions[index].isAtReplayEnd {
                waiting.append(index)
            }
        }
        guard !waiting.isEmpty else { return }
        let times = input.alignment.all(partitions.count)
        var isFirst = needsOne
        for index in waiting.sorted(by: { times[$0] < times[$1] }) {
            guard room >= gate.portionSize || isFirst else { return }
            open(index)
            room -= gate.portionSize
            isFirst = false
        }
    }

    private mutating func shut(_ index: Int) {
        partitions[index].isShut = true
        gate.shut(partitions[index].queue)
    }

    private mutating func shut(_ index: Int, moving queued: Int) {
        partitions[index].isShut = true
        partitions[index].isMeasured = false
        gate.shut(partitions[index].queue, moving: queued, to: &partitions[index].fetched)
    }

    private mutating func open(_ index: Int) {
        gate.open(partitions[index].queue, partitions[index].partition)
        partitions[index].isShut = false
        // What was on its way comes before what is fetched now.
        takeStrays()
        partitions[index].mayHaveMore = true
        partitions[index].isMeasured = false
        guard !partitions[index].isAtEnd else { return }
        // Others wait for it from now on, and it is not idle for having been shut.
        partitions[index].alignmentStart = nil
        partitions[index].hasAlignmentTimedOut = false
        partitions[index].lastActivity = steadyClock()
    }

    private mutating func takeStrays() {
        guard gate.hasStrays else { return }
        var strays = gate.strays(partitions.filter(\.isShut).map(\.queue))
        while let message = strays.next {
            strays.dropNext()
            takeStray(message)
        }
    }

    /// The length of the queue of an open partition, and what the latest fetch has brought.
    private mutating func measure(_ index: Int) -> Int {
        let queued = gate.length(partitions[index].queue)
        guard queued > 0 else {
            partitions[index].isMeasured = false
            return 0
        }
        guard !partitions[index].isMeasured else { return queued }
        partitions[index].isMeasured = true
        partitions[index].arrived = partitions[index].fetched.count + queued
        gate.note(portion: queued)
        return queued
    }

    /// Takes messages from a queue. If it would be fetched again then, and there is no room for more, the partition is shut.
    mutating func pull(_ index: Int) {
        guard gate.isActive else { return take(index, Self.leastPulled) }
        guard !partitions[index].isShut else { return }
        let queued = measure(index)
        let most = max(1, min(pullSize, queued))
        guard queued > 0, queued - most < FetchGate.enough, !partitions[index].isAtEnd else { return take(index, most) }
        // Where it was short before, a portion of it is expected already.
        let isNew = queued >= FetchGate.enough
        let portion = isNew ? gate.portionSize : 0
        guard room >= portion else {
            return shut(index, moving: queued)
        }
        take(index, most)
        room -= portion
        if isNew { gate.noteWanting(partitions[index].partition) }
    }

    private mutating func take(_ index: Int, _ most: Int) {
        let count = partitions[index].fetched.fill(from: partitions[index].queue, most: most, input.client.calls)
        if count == 0 { partitions[index].mayHaveMore = false }
    }
}

import CRDKafka
import StreamEngine

/// A partition that is being read: its fetched messages and its progress.
struct Partition {
    let partition: TopicPartition
    let name: String
    /// librdkafka's queue of fetched messages.
    let queue: OpaquePointer
    /// The offset of the next message to deliver.
    var position: Int
    /// Reading ends before this offset; nil if it never ends.
    var end: Int?
    /// An earlier run of the group has read up to this offset.
    var earlierEnd = 0
    /// A replay stops here until all partitions have reached their ends; nil without a replay.
    var replayEnd: Int?
    /// Compared with the record at its offset when that is read.
    var checksum: PositionChecksum?
    /// The last record that this run, or the run before it, has read.
    var lastRead: PositionChecksum?
    /// The checksum is that of a record which this run has read.
    var isRechecked = false
    /// Messages taken from the queue but not yet delivered.
    var fetched = FetchedMessages()
    /// The queue may hold more: it signals only its first message.
    var mayHaveMore = true
    /// Nothing of it is fetched; see `FetchGate`.
    var isShut = false
    /// Since when (steady clock) there was always more to fetch.
    var behindSince: Int64
    /// What the latest fetch has brought was measured.
    var isMeasured = false
    /// Messages that were there then.
    var arrived = 0
    /// All available messages have been fetched.
    var isAtEnd = false
    /// No more messages are wanted.
    var isEnded = false
    /// A batch has reported the end.
    var isEndReported = false
    /// A batch has reported that it is idle.
    var isIdle = false
    /// The user was warned that it holds back the watermark.
    var isStallReported = false
    /// When it last delivered something (steady clock).
    var lastActivity: Int64
    /// Since when (steady clock) other partitions wait for its messages, and whether they have stopped waiting.
    var alignmentStart: Int64?
    var hasAlignmentTimedOut = false

    /// Has a record that this run has read compared again, unless that of the run before still has to be.
    mutating func recheck(_ record: PositionChecksum) {
        guard checksum == nil else { return }
        checksum = record
        isRechecked = true
    }

    /// Whether there is, or may be, something to deliver.
    var isReady: Bool { !isEnded && (!fetched.isEmpty || mayHaveMore && !isShut) }
    /// Whether it has messages that are not fetched yet.
    var isHeldBack: Bool { isShut && !isAtEnd }
    /// Whether it has reached the end of the replay and must wait for the other partitions.
    var isAtReplayEnd: Bool { replayEnd.map { position >= $0 } ?? true }
}

/// Messages in offset order. librdkafka owns their memory until they are destroyed.
struct FetchedMessages {
    typealias Message = UnsafeMutablePointer<rd_kafka_message_t>

    private var list: [Message?] = []
    private var first = 0

    var isEmpty: Bool { first == list.count }
    var count: Int { list.count - first }
    var next: Message? { first < list.count ? list[first] : nil }

    mutating func dropNext() {
        first += 1
        if first == list.count {
            list.removeAll(keepingCapacity: true)
            first = 0
        }
    }

    mutating func append(_ message: Message) { list.append(message) }

    /// Appends up to `most` messages from the queue.
    ///
    /// - Returns: the number of messages.
    mutating func fill(from queue: OpaquePointer, most: Int, _ calls: CRDKafkaCalls) -> Int {
        let start = list.count
        list.append(contentsOf: repeatElement(nil, count: most))
        let count = list.withUnsafeMutableBufferPointer { list -> Int in
            guard let base = list.baseAddress else { return 0 }
            return calls.rd_kafka_consume_batch_queue(queue, 0, base + start, most)
        }
        list.removeLast(most - max(0, count))
        return max(0, count)
    }

    mutating func removeAll(_ calls: CRDKafkaCalls) {
        while let message = next {
            calls.rd_kafka_message_destroy(message)
            dropNext()
        }
    }
}

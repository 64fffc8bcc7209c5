import CRDKafka
import StreamEngine

/// A partition that is being read: what has been fetched of it, and how far it was delivered.
struct Partition {
    let partition: TopicPartition
    let name: String
    /// What librdkafka has fetched of it.
    let queue: OpaquePointer
    /// The offset of the next message to deliver.
    var position: Int
    /// It ends before this offset.
    var end: Int?
    /// A replay waits here for the other partitions.
    var replayEnd: Int?
    /// To be compared with the record of that offset when it comes by.
    var checksum: PositionChecksum?
    /// Messages that were taken from the queue and not yet delivered.
    var fetched = FetchedMessages()
    /// The queue may hold more: it tells of its first message only.
    var mayHaveMore = true
    /// Everything that there is has been fetched.
    var isAtEnd = false
    /// Nothing more is wanted of it.
    var isEnded = false
    /// That was told to whoever takes the batches.
    var isEndReported = false
    /// It was said to be idle.
    var isIdle = false
    /// Somebody was told that all wait for it.
    var isStallReported = false
    /// Steady clock when it last brought something.
    var lastActivity: Int64
    /// Others have waited for its messages since then (steady clock), and long enough.
    var alignmentStart: Int64?
    var hasAlignmentTimedOut = false

    /// There is, or may be, something to deliver.
    var isReady: Bool { !isEnded && (!fetched.isEmpty || mayHaveMore) }
    /// It has come to where the replay ends, and must not go on alone.
    var isAtReplayEnd: Bool { replayEnd.map { position >= $0 } ?? true }
}

/// Messages in the order of their offsets, which belong to librdkafka until they are destroyed.
struct FetchedMessages {
    typealias Message = UnsafeMutablePointer<rd_kafka_message_t>

    private var list: [Message?] = []
    private var first = 0

    var isEmpty: Bool { first == list.count }
    var next: Message? { first < list.count ? list[first] : nil }

    mutating func dropNext() {
        first += 1
        if first == list.count {
            list.removeAll(keepingCapacity: true)
            first = 0
        }
    }

    mutating func append(_ message: Message) { list.append(message) }

    /// Takes what the queue holds, up to `most` messages.
    ///
    /// - Returns: how many there were.
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

import CRDKafka
import Glibc
import Plan
import StreamEngine
import System

/// Turns messages into batches.
extension TopicSource {
    /// Bytes of messages after which a batch is full; the last message may exceed it.
    private static let batchSize = 256 * 1024

    /// Moves messages of a partition into the batch.
    ///
    /// - Returns: false if there is nothing to report.
    mutating func fill(_ batch: inout Batch, from index: Int, now: Int64) throws(RunError) -> Bool {
        begin(&batch, index)
        isWaitingForSchema = false
        let start = partitions[index].position
        // The last message taken, for the checksum.
        var taken: FetchedMessages.Message?
        defer { if let taken { input.client.calls.rd_kafka_message_destroy(taken) } }
        while let message = partitions[index].fetched.next, batch.count < Self.batchSize {
            if message.pointee.err != RD_KAFKA_RESP_ERR_NO_ERROR {
                // Deliver the records before the error first.
                if batch.count > 0 { break }
                if waitsForReplay(message, of: index) { break }
                defer { drop(message, of: index) }
                try take(error: message.pointee, of: index)
                if partitions[index].position > start { break }
                continue
            }
            let offset = Int(message.pointee.offset)
            if partitions[index].checksum != nil { try verify(message, of: index) }
            if offset < partitions[index].position {
                drop(message, of: index)
                continue
            }
            if stops(at: offset, message, of: index) { break }
            if offset >= partitions[index].earlierEnd, start < partitions[index].earlierEnd, batch.count > 0 { break }
            guard try isDecodable(message, of: index, isFirst: batch.count == 0) else { break }
            append(message, to: &batch)
            partitions[index].position = offset + 1
            if partitions[index].isAtEnd {
                partitions[index].isAtEnd = false
                partitions[index].behindSince = now
            }
            partitions[index].fetched.dropNext()
            if let taken { input.client.calls.rd_kafka_message_destroy(taken) }
            taken = message
        }
        gate.note(bytes: batch.count, messages: partitions[index].position - start)
        if let last = taken?.pointee {
            batch.checksum = PositionChecksum(
                name: partitions[index].name, hash: Self.hash(last), offset: Int(last.offset))
            partitions[index].lastRead = batch.checksum
        }
        if batch.count > 0 || partitions[index].position > start { noteActivity(of: index, now: now) }
        return finish(&batch, index)
    }

    mutating func begin(_ batch: inout Batch, _ index: Int) {
        batch.removeAll()
        batch.input = 0
        batch.partition = index
        batch.partitionCount = announced
        batch.position = partitions[index].position
        batch.isReread = partitions[index].position < partitions[index].earlierEnd
        batch.startsInput = false
        batch.sourceColumns.share(.text(partitions[index].partition.topic), as: .topic)
        batch.sourceColumns.share(.integer(Int64(partitions[index].partition.id)), as: .partition)
    }

    /// - Returns: false if the batch has no records and reports nothing.
    @discardableResult
    mutating func finish(_ batch: inout Batch, _ index: Int) -> Bool {
        batch.nextPosition = partitions[index].position
        batch.arrival = wallClock()
        batch.written = batch.sourceColumns.firstTime
        if !partitions[index].isEnded, partitions[index].end.map({ partitions[index].position >= $0 }) ?? false {
            partitions[index].isEnded = true
        }
        if partitions[index].replayEnd != nil, partitions[index].isAtReplayEnd { endReplayIfDone() }
        if partitions[index].isEnded {
            partitions[index].fetched.removeAll(input.client.calls)
            // Not during a replay, which must not close a window that was open at its end.
            if !isReplaying {
                partitions[index].isEndReported = true
                batch.outlook = .ended
            }
        }
        return batch.count > 0 || batch.position != partitions[index].position || batch.outlook != .more
    }

    private mutating func drop(_ message: FetchedMessages.Message, of index: Int) {
        partitions[index].fetched.dropNext()
        input.client.calls.rd_kafka_message_destroy(message)
    }

    /// Whether the message is beyond the end of this run or of the replay.
    private mutating func stops(at offset: Int, _ message: FetchedMessages.Message, of index: Int) -> Bool {
        if let end = partitions[index].replayEnd, offset >= end {
            partitions[index].position = max(end, partitions[index].position)
            return true
        }
        // Replayed records are read again regardless of any other end.
        if partitions[index].replayEnd != nil { return false }
        if let end = partitions[index].end, offset >= end {
            partitions[index].position = max(end, partitions[index].position)
            return true
        }
        if case .time(let time) = input.address.until, timestamp(message) >= time {
            partitions[index].isEnded = true
            return true
        }
        return false
    }

    /// Whether the end of the partition is after the end of the replay. librdkafka reports it only once, so keep it.
    private mutating func waitsForReplay(_ message: FetchedMessages.Message, of index: Int) -> Bool {
        guard message.pointee.err == RD_KAFKA_RESP_ERR__PARTITION_EOF, let end = partitions[index].replayEnd,
            message.pointee.offset > end
        else { return false }
        partitions[index].position = max(end, partitions[index].position)
        return true
    }

    private func timestamp(_ message: FetchedMessages.Message) -> Int64 {
        var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        let milliseconds = input.client.calls.rd_kafka_message_timestamp(message, &kind)
        let (time, overflow) = milliseconds.multipliedReportingOverflow(by: 1000)
        return kind == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || milliseconds < 0 || overflow ? Int64.min : time
    }

    private mutating func append(_ message: FetchedMessages.Message, to batch: inout Batch) {
        let (key, record) = parts(of: message)
        guard let decoder else { return append(message, key, record, nil, to: &batch) }
        decoder.decode(key: key) { key in
            decoder.decode(value: record) { record, defect in append(message, key, record, defect, to: &batch) }
        }
    }

    /// The key, if it is used, and the value.
    private func parts(
        of message: FetchedMessages.Message
    ) -> (key: UnsafeRawBufferPointer?, record: UnsafeRawBufferPointer?) {
        let bytes = message.pointee
        let key = keepsKeys && bytes.key != nil ? UnsafeRawBufferPointer(start: bytes.key, count: bytes.key_len) : nil
        return (key, bytes.payload.map { UnsafeRawBufferPointer(start: $0, count: bytes.len) })
    }

    private mutating func append(
        _ message: FetchedMessages.Message, _ key: UnsafeRawBufferPointer?, _ record: UnsafeRawBufferPointer?,
        _ defect: RecordDefect?, to batch: inout Batch
    ) {
        let offset = message.pointee.offset
        let time = timestamp(message)
        guard keepsHeaders else {
            return batch.append(record: record, offset: offset, time: time, key: key, defect: defect)
        }
        addHeaders(of: message)
        headers.take {
            batch.append(record: record, offset: offset, time: time, key: key, headers: $0, defect: defect)
        }
    }

    /// Whether the message needs no schema that is not there. Asks the registry only for the first message of a batch:
    /// what comes before it is delivered first.
    private mutating func isDecodable(
        _ message: FetchedMessages.Message, of index: Int, isFirst: Bool
    ) throws(RunError) -> Bool {
        guard let decoder else { return true }
        let (key, record) = parts(of: message)
        if decoder.isReady(key, record) { return true }
        guard isFirst else { return false }
        do throws(RunError) {
            isWaitingForSchema = try !decoder.prepare(key, record)
            return !isWaitingForSchema
        } catch {
            guard error.kind != .interrupted else { throw error }
            throw error.about("\(partitions[index].name)@\(message.pointee.offset)")
        }
    }

    private mutating func addHeaders(of message: FetchedMessages.Message) {
        let calls = input.client.calls
        var list: OpaquePointer?
        guard calls.rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list else { return }
        var (index, name, value, size) = (0, UnsafePointer<CChar>?.none, UnsafeRawPointer?.none, 0)
        while calls.rd_kafka_header_get_all(list, index, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR {
            if let name {
                headers.add(
                    name: UnsafeRawBufferPointer(start: name, count: strlen(name)),
                    value: value.map { UnsafeRawBufferPointer(start: $0, count: size) })
            }
            index += 1
        }
    }

    // MARK: - Errors and events

    private mutating func take(error: rd_kafka_message_t, of index: Int) throws(RunError) {
        let name = partitions[index].name
        switch error.err {
        case RD_KAFKA_RESP_ERR__PARTITION_EOF:
            if let checksum = partitions[index].checksum, partitions[index].isRechecked,
                error.offset <= checksum.offset
            {
                throw recreated(index, "it ends at offset \(error.offset)")
            }
            partitions[index].isAtEnd = true
            // Transaction markers and compaction leave gaps in the offsets.
            partitions[index].position = max(partitions[index].position, Int(error.offset))
            if case .time(let time) = input.address.until, wallClock() >= time { partitions[index].isEnded = true }
        case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
            if try continues(index) { return }
            throw .recordsGone(
                "\(name): offset \(partitions[index].position) no longer exists: records were deleted before they "
                    + "were read (see retention)")
        case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
            let topic = partitions[index].partition.topic
            throw .noInput(MissingRight(operation: .read, resource: .topic(topic)).message(input.client.identity))
        case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION,
            RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
            try doubt(index)
        case RD_KAFKA_RESP_ERR__BAD_MSG, RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
            throw .recordsGone("\(name): a record after offset \(partitions[index].position) is corrupt on the broker")
        default:
            // librdkafka retries by itself.
            guard errorLimit.allows(at: steadyClock()) else { return }
            warn("\(name): \(input.client.errorText(error.err)); retrying")
        }
    }

    // MARK: - Checksum

    /// Compares the last record of an earlier run with the record at the same offset now.
    private mutating func verify(_ message: FetchedMessages.Message, of index: Int) throws(RunError) {
        guard let checksum = partitions[index].checksum, message.pointee.offset >= checksum.offset else { return }
        partitions[index].checksum = nil
        let isRechecked = partitions[index].isRechecked
        partitions[index].isRechecked = false
        // Compaction may have removed it.
        guard message.pointee.offset == checksum.offset, Self.hash(message.pointee) != checksum.hash else { return }
        if isRechecked { throw recreated(index, "its record at offset \(checksum.offset) has changed") }
        throw .mismatch(
            "\(checksum.name) is not what the job has read: its record at offset \(checksum.offset) has changed; use a "
                + "new --job name or --reset NAME to read it from the start")
    }

    /// FNV-1a over key and value.
    private static func hash(_ message: rd_kafka_message_t) -> Int64 {
        var hash = FNV1a()
        func add(_ start: UnsafeMutableRawPointer?, _ count: Int) {
            guard let start else { return }
            hash.add(UnsafeRawBufferPointer(start: start, count: count))
            hash.add(0xff)
        }
        add(message.key, message.key_len)
        add(message.payload, message.len)
        return Int64(bitPattern: hash.value)
    }
}

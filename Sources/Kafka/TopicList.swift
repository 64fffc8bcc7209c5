import CRDKafka
import Glibc
import StreamEngine
import System

/// A partition of a topic.
struct TopicPartition: Sendable, Hashable {
    var topic: String
    var id: Int32

    /// `topic[3]`
    var name: String { "\(topic)[\(id)]" }
}

/// Owns a partition list of librdkafka.
struct PartitionList: ~Copyable {
    private let calls: CRDKafkaCalls
    let pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?

    init(_ calls: CRDKafkaCalls) {
        self.calls = calls
        pointer = calls.rd_kafka_topic_partition_list_new(16)
    }

    deinit { calls.rd_kafka_topic_partition_list_destroy(pointer) }

    func add(_ partition: TopicPartition, offset: Int64, text: String = "") {
        guard let element = calls.rd_kafka_topic_partition_list_add(pointer, partition.topic, partition.id) else {
            return
        }
        element.pointee.offset = offset
        guard !text.isEmpty else { return }
        // The list frees it.
        element.pointee.metadata = UnsafeMutableRawPointer(strdup(text))
        element.pointee.metadata_size = text.utf8.count
    }

    /// The partitions with the results of the last request.
    var all: [rd_kafka_topic_partition_t] {
        guard let list = pointer?.pointee, let elements = list.elems else { return [] }
        return (0..<Int(list.cnt)).map { elements[$0] }
    }
}

extension Client {
    /// The partitions of the topics, in order.
    ///
    /// - Parameters:
    ///   - operation: what the run will do there.
    ///   - remark: said where the right to it is missing.
    /// - Throws: `noInput`, `unavailable`, `interrupted`.
    func partitions(
        of topics: [String], for operation: MissingRight.Operation = .read, remark: String = "",
        limit: Int64 = 10_000_000, interrupt: Interrupt
    ) throws(RunError) -> [TopicPartition] {
        var all: [TopicPartition] = []
        for topic in topics {
            guard let reference = calls.rd_kafka_topic_new(handle, topic, nil) else {
                throw .noInput("\(topic): \(errorText(calls.rd_kafka_last_error()))")
            }
            defer { calls.rd_kafka_topic_destroy(reference) }
            var ids: [Int32] = []
            try retry("could not list the partitions of \(topic)", limit: limit, interrupt: interrupt) {
                milliseconds throws(RunError) in
                var metadata: UnsafePointer<rd_kafka_metadata>?
                let code = calls.rd_kafka_metadata(handle, 0, reference, &metadata, milliseconds)
                guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else { return code }
                defer { calls.rd_kafka_metadata_destroy(metadata) }
                guard metadata.pointee.topic_cnt == 1, let found = metadata.pointee.topics?.pointee else {
                    return RD_KAFKA_RESP_ERR__RETRY
                }
                switch found.err {
                case RD_KAFKA_RESP_ERR_NO_ERROR: break
                case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
                    // Brokers do not tell which topics exist.
                    let hint = "they also answer so if the topic does not exist"
                    throw denied(operation, .topic(topic), remark.isEmpty ? hint : "\(hint); \(remark)")
                case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART where operation == .write:
                    throw .noInput(
                        "topic '\(topic)' does not exist; create it with: kafka-topics --bootstrap-server "
                            + "\(identity.bootstrap) --create --topic \(topic)")
                case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
                    throw .noInput("topic \(topic): \(errorText(found.err))")
                default: return found.err
                }
                ids = (0..<Int(found.partition_cnt)).map { found.partitions[$0].id }
                return ids.isEmpty ? RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE : RD_KAFKA_RESP_ERR_NO_ERROR
            }
            all += ids.sorted().map { TopicPartition(topic: topic, id: $0) }
        }
        return all
    }

    /// The oldest offset of each partition, and the offset of its next message.
    ///
    /// Queried as the offsets of two special times: rd_kafka_query_watermark_offsets of librdkafka 2.0.2 loses an error
    /// if both answers arrive together, and then reports a full partition as empty.
    func offsets(
        of partitions: [TopicPartition], interrupt: Interrupt
    ) throws(RunError) -> [(low: Int, high: Int)] {
        let (earliest, latest): (Int64, Int64) = (-2, -1)
        let low = try offsets(of: partitions, at: earliest, interrupt: interrupt)
        let high = try offsets(of: partitions, at: latest, interrupt: interrupt)
        return zip(low, high).map { (Int($0), Int(max($0, $1))) }
    }

    /// The first offset at or after a time; nil if there is none yet.
    ///
    /// - Parameter time: microseconds since 1970.
    func offset(of partition: TopicPartition, at time: Int64, interrupt: Interrupt) throws(RunError) -> Int? {
        // Timestamps have milliseconds, so round up. Nothing is older than 1970, and negative numbers have a special
        // meaning.
        let milliseconds = max(0, time / 1000 + (time % 1000 > 0 ? 1 : 0))
        let found = try offsets(of: [partition], at: milliseconds, interrupt: interrupt)
        return found.first.flatMap { $0 >= 0 ? Int($0) : nil }
    }

    /// - Parameter time: milliseconds since 1970; -2 for the oldest offset, -1 for the one after the newest.
    /// - Returns: an offset per partition; negative if it has no such message.
    private func offsets(
        of partitions: [TopicPartition], at time: Int64, interrupt: Interrupt
    ) throws(RunError) -> [Int64] {
        var found = [Int64?](repeating: nil, count: partitions.count)
        var isFirst = true
        try retry("could not read the offsets of the partitions", interrupt: interrupt) {
            milliseconds throws(RunError) in
            // First all at once. If one of them fails, none has a result, and each is requested alone.
            let missing = found.indices.filter { found[$0] == nil }
            var failure = RD_KAFKA_RESP_ERR_NO_ERROR
            for some in isFirst ? [missing] : missing.map({ [$0] }) {
                let list = PartitionList(calls)
                for index in some { list.add(partitions[index], offset: time) }
                var code = calls.rd_kafka_offsets_for_times(handle, list.pointer, milliseconds)
                let answers = list.all
                if code == RD_KAFKA_RESP_ERR_NO_ERROR, answers.count != some.count { code = RD_KAFKA_RESP_ERR__RETRY }
                guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
                    failure = code
                    if interrupt.isRaised { break }
                    continue
                }
                for (index, answer) in zip(some, answers) {
                    // An unchanged offset is not an answer.
                    let isMissing = time < 0 && answer.offset < 0
                    if answer.err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED {
                        throw denied(.read, .topic(partitions[index].topic))
                    } else if answer.err == RD_KAFKA_RESP_ERR_NO_ERROR, !isMissing {
                        found[index] = answer.offset
                    } else {
                        failure = isMissing ? RD_KAFKA_RESP_ERR__RETRY : answer.err
                    }
                }
            }
            isFirst = false
            return failure
        }
        return found.compactMap(\.self)
    }

    private func denied(
        _ operation: MissingRight.Operation, _ resource: MissingRight.Resource, _ remark: String = ""
    ) -> RunError {
        .noInput(MissingRight(operation: operation, resource: resource).message(identity, remark: remark))
    }

    /// Requests the offsets committed for a group, which is this client's.
    ///
    /// - Parameter remark: said where a right is missing.
    /// - Throws: `noInput` if a right is missing.
    private func requestCommitted(
        _ list: borrowing PartitionList, of group: String, _ milliseconds: Int32, remark: String = ""
    ) throws(RunError) -> rd_kafka_resp_err_t {
        let code = calls.rd_kafka_committed(handle, list.pointer, milliseconds)
        noteConsumerErrors()
        let answers = list.all
        let errors = [code] + answers.map(\.err)
        if events.isGroupDenied || errors.contains(RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED) {
            throw denied(.read, .group(group), remark)
        }
        if let answer = answers.first(where: { $0.err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED }) {
            throw denied(.read, .topic(String(cString: answer.topic)), remark)
        }
        return errors.first { $0 != RD_KAFKA_RESP_ERR_NO_ERROR } ?? RD_KAFKA_RESP_ERR_NO_ERROR
    }

    /// The metadata of the offsets committed for this client's group, where there is any.
    func committedTexts(
        _ partitions: [TopicPartition], of group: String, remark: String, interrupt: Interrupt
    ) throws(RunError) -> [String] {
        var texts: [String] = []
        try retry("could not read the offsets of the job", interrupt: interrupt) { milliseconds throws(RunError) in
            let list = PartitionList(calls)
            for partition in partitions { list.add(partition, offset: -1) }
            let code = try requestCommitted(list, of: group, milliseconds, remark: remark)
            guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { return code }
            texts = list.all.filter { $0.offset >= 0 && $0.metadata_size > 0 }.map { item in
                String(decoding: UnsafeRawBufferPointer(start: item.metadata, count: item.metadata_size), as: UTF8.self)
            }
            return RD_KAFKA_RESP_ERR_NO_ERROR
        }
        return texts
    }

    /// The offset committed for this client's group, with its metadata; nil if there is none.
    func committed(
        _ partition: TopicPartition, of group: String, interrupt: Interrupt
    ) throws(RunError) -> (offset: Int, text: String)? {
        var found: Int64 = -1
        var text = ""
        try retry("could not read the offsets of the group", interrupt: interrupt) { milliseconds throws(RunError) in
            let list = PartitionList(calls)
            list.add(partition, offset: -1)
            let code = try requestCommitted(list, of: group, milliseconds)
            guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let answer = list.all.first else { return code }
            found = answer.offset
            text = String(
                decoding: UnsafeRawBufferPointer(start: answer.metadata, count: answer.metadata_size), as: UTF8.self)
            return answer.err
        }
        return found >= 0 ? (Int(found), text) : nil
    }

    /// The id of the cluster.
    func clusterName(interrupt: Interrupt) throws(RunError) -> String {
        var name = ""
        try retry("could not read the id of the cluster", interrupt: interrupt) { milliseconds throws(RunError) in
            guard let text = calls.rd_kafka_clusterid(handle, milliseconds) else { return RD_KAFKA_RESP_ERR__TIMED_OUT }
            name = String(cString: text)
            calls.rd_kafka_mem_free(handle, text)
            return RD_KAFKA_RESP_ERR_NO_ERROR
        }
        return name
    }
}

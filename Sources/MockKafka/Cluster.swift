import CRDKafka
import Kafka

/// An error, as text for the user.
struct MockError: Error, CustomStringConvertible {
    var text: String
    var description: String { text }
}

/// A mock Kafka cluster of librdkafka: it speaks the protocol on free ports of the loopback interface, and loses
/// everything when the process ends.
final class Cluster {
    private let library: CRDKafkaCalls
    private let calls: CRDKafkaMockCalls
    private let cluster: OpaquePointer
    let bootstrap: String
    let brokers: Int32

    init(brokers: Int32) throws(MockError) {
        do { library = try Library.use() } catch { throw MockError(text: "librdkafka is not available: \(error)") }
        calls = try Self.load()
        // The cluster needs a handle for its log and its lifetime. The handle itself connects to nothing.
        let configuration = library.rd_kafka_conf_new()
        _ = library.rd_kafka_conf_set(configuration, "log_level", "0", nil, 0)
        guard let handle = library.rd_kafka_new(RD_KAFKA_PRODUCER, configuration, nil, 0),
            let cluster = calls.rd_kafka_mock_cluster_new(handle, brokers)
        else { throw MockError(text: "librdkafka could not start a cluster of \(brokers) brokers") }
        guard let bootstrap = calls.rd_kafka_mock_cluster_bootstraps(cluster) else {
            throw MockError(text: "the cluster has no address")
        }
        self.cluster = cluster
        self.bootstrap = String(cString: bootstrap)
        self.brokers = brokers
    }

    private static func load() throws(MockError) -> CRDKafkaMockCalls {
        let loaded: Result<CRDKafkaMockCalls, MockError> = withUnsafeTemporaryAllocation(
            of: CRDKafkaMockCalls.self, capacity: 1
        ) { buffer in
            guard let table = buffer.baseAddress else { return .failure(MockError(text: "no memory")) }
            if let missing = CRDKafkaMockLoad(table) {
                return .failure(MockError(text: "this librdkafka has no mock cluster: \(String(cString: missing))"))
            }
            return .success(table.pointee)
        }
        return try loaded.get()
    }

    func create(_ topic: String, partitions: Int32) throws(MockError) {
        try check(calls.rd_kafka_mock_topic_create(cluster, topic, partitions, min(brokers, 3)))
    }

    func setDown(_ broker: Int32) throws(MockError) { try check(calls.rd_kafka_mock_broker_set_down(cluster, broker)) }

    func setUp(_ broker: Int32) throws(MockError) { try check(calls.rd_kafka_mock_broker_set_up(cluster, broker)) }

    func setDelay(_ broker: Int32, milliseconds: Int32) throws(MockError) {
        try check(calls.rd_kafka_mock_broker_set_rtt(cluster, broker, milliseconds))
    }

    func setLeader(_ topic: String, partition: Int32, broker: Int32) throws(MockError) {
        try check(calls.rd_kafka_mock_partition_set_leader(cluster, topic, partition, broker))
    }

    func setCoordinator(_ kind: String, _ key: String, broker: Int32) throws(MockError) {
        try check(calls.rd_kafka_mock_coordinator_set(cluster, kind, key, broker))
    }

    /// The next replies to such requests, from any broker, are these errors.
    func push(_ request: Int16, _ errors: [rd_kafka_resp_err_t]) {
        calls.rd_kafka_mock_push_request_errors_array(cluster, request, errors.count, errors)
    }

    func push(
        _ broker: Int32, _ request: Int16, _ error: rd_kafka_resp_err_t, milliseconds: Int32
    ) throws(MockError) {
        try check(withUnsafePointer(to: calls) { CRDKafkaMockPush($0, cluster, broker, request, error, milliseconds) })
    }

    /// How many of the errors pushed to a broker are still pending.
    func waiting(_ broker: Int32, _ request: Int16) throws(MockError) -> Int {
        var count = 0
        try check(calls.rd_kafka_mock_broker_error_stack_cnt(cluster, broker, request, &count))
        return count
    }

    func clear(_ request: Int16) { calls.rd_kafka_mock_clear_request_errors(cluster, request) }

    func setError(_ topic: String, _ error: rd_kafka_resp_err_t) {
        calls.rd_kafka_mock_topic_set_error(cluster, topic, error)
    }

    /// The offsets that a follower reports: the first one, and the one after the last.
    func setFollowerBounds(_ topic: String, partition: Int32, low: Int64, high: Int64) throws(MockError) {
        try check(calls.rd_kafka_mock_partition_set_follower_wmarks(cluster, topic, partition, low, high))
    }

    /// An error by its name, such as NOT_LEADER_FOR_PARTITION or _TRANSPORT, or by its number.
    func error(_ word: String) throws(MockError) -> rd_kafka_resp_err_t {
        if let number = Int32(word) { return rd_kafka_resp_err_t(rawValue: number) }
        for number in Int32(-250)...250 {
            let code = rd_kafka_resp_err_t(rawValue: number)
            if let name = library.rd_kafka_err2name(code), String(cString: name) == word { return code }
        }
        throw MockError(text: "unknown error \(word)")
    }

    private func check(_ code: rd_kafka_resp_err_t) throws(MockError) {
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        throw MockError(text: library.rd_kafka_err2str(code).map { String(cString: $0) } ?? "error \(code.rawValue)")
    }
}

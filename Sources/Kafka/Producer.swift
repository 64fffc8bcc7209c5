import CRDKafka
import Plan
import StreamEngine
import System

/// A producer of messages for one topic. Used by one thread at a time.
package final class Producer: @unchecked Sendable {
    package let address: KafkaURL
    let client: Client
    let deliveries = DeliveryReports()
    let interrupt: Interrupt
    let topic: OpaquePointer
    /// The names of the headers of every message.
    private let headers: [HeaderName]
    /// The transactional id of a job, which is also its consumer group.
    private let transactions: String?
    private let warn: @Sendable (String) -> Void
    private var outage = Outage()
    /// All brokers went down, and nothing was delivered since.
    private var isDown = false
    /// Since when messages wait while brokers are down (steady clock).
    private var waitingSince: Int64?

    /// How long messages must wait for brokers that are down before this is reported, microseconds. The brokers may be
    /// back since long: an idle producer does not notice.
    private static let outageDelay: Int64 = 1_000_000

    /// How long a stopping run waits for the delivery of messages, microseconds.
    static let shutdownGrace: Int64 = 1_500_000

    /// Connects and checks that the topic exists.
    ///
    /// - Parameters:
    ///   - transactions: the transactional id; nil without transactions.
    ///   - headers: the names of the headers of every message.
    /// - Throws: `usage`, `cannotCreate`, `unavailable` (after 10 s), `interrupted`.
    package init(
        _ address: KafkaURL, options: [String], transactions: String?, headers: [String], interrupt: Interrupt,
        warn: @escaping @Sendable (String) -> Void
    ) throws(RunError) {
        let name = address.topics.first ?? ""
        self.address = address
        self.transactions = transactions
        self.headers = headers.map(HeaderName.init)
        self.interrupt = interrupt
        self.warn = warn
        let calls = try Library.use()
        var fixed = [("enable.idempotence", "true"), ("acks", "all")]
        // Without transactions, messages never time out; transactions have a timeout of their own.
        if let transactions { fixed.append(("transactional.id", transactions)) }
        var usual = [
            ("partitioner", "murmur2_random"), ("queue.buffering.max.kbytes", "65536"),
            ("reconnect.backoff.max.ms", "2000"),
        ]
        if transactions == nil { usual.append(("message.timeout.ms", "0")) }
        var configuration = try Configuration(
            calls, brokers: address.brokers, usual: usual, fixed: fixed, options: options)
        configuration.reportDeliveries { _, message, opaque in
            guard let message, let opaque else { return }
            let words = try? Library.use().rd_kafka_err2str(message.pointee.err)
            Unmanaged<ClientEvents>.fromOpaque(opaque).takeUnretainedValue()
                .delivered(message.pointee, words.map { String(cString: $0) } ?? "")
        }
        client = try Client(calls, RD_KAFKA_PRODUCER, configuration, deliveries)
        guard let topic = calls.rd_kafka_topic_new(client.handle, name, nil) else {
            throw .cannotCreate(
                output: "\(name): \(client.errorText(calls.rd_kafka_last_error()))",
                reason: "rows cannot be written there")
        }
        self.topic = topic
        do throws(RunError) {
            _ = try client.partitions(of: [name], for: .write, remark: remark, interrupt: interrupt)
        } catch {
            guard error.kind == .noInput else { throw error }
            throw .cannotCreate(output: address.name, reason: error.text)
        }
    }

    deinit { client.calls.rd_kafka_topic_destroy(topic) }

    /// Sends a message; blocks while the queue is full.
    ///
    /// - Parameter number: identifies the message if it is refused.
    /// - Returns: why the message can never be accepted; nil if it was queued.
    package func send(
        _ value: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer?, headers: [MessageHeader] = [], number: Int
    ) throws(RunError) -> String? {
        while true {
            let code = enqueue(value, key, headers, number)
            switch code {
            case RD_KAFKA_RESP_ERR_NO_ERROR: return nil
            case RD_KAFKA_RESP_ERR__QUEUE_FULL: try wait(milliseconds: 100)
            case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE: return Self.tooLarge(value.count + (key?.count ?? 0))
            default:
                let text = try reason(client.errorText(code))
                throw denial(code, text) ?? .unavailable("\(address.name): \(text)")
            }
        }
    }

    /// Adds a message to the queue of librdkafka.
    private func enqueue(
        _ value: UnsafeRawBufferPointer, _ key: UnsafeRawBufferPointer?, _ headers: [MessageHeader], _ number: Int
    ) -> rd_kafka_resp_err_t {
        let (calls, opaque) = (client.calls, UnsafeMutableRawPointer(bitPattern: number))
        guard !headers.isEmpty else {
            let result = calls.rd_kafka_produce(
                topic, -1, RD_KAFKA_MSG_F_COPY, UnsafeMutableRawPointer(mutating: value.baseAddress), value.count,
                key?.baseAddress, key?.count ?? 0, opaque)
            return result == 0 ? RD_KAFKA_RESP_ERR_NO_ERROR : calls.rd_kafka_last_error()
        }
        let parts = MessageParts(topic, value, key, headers, opaque)
        guard let error = calls.rd_kafka_produceva(client.handle, parts.list, parts.list.count) else {
            return RD_KAFKA_RESP_ERR_NO_ERROR
        }
        defer { calls.rd_kafka_error_destroy(error) }
        return calls.rd_kafka_error_code(error)
    }

    /// The reason to give for a message that librdkafka does not send.
    private static func tooLarge(_ size: Int) -> String {
        let enough = (size / 1_000_000 + 1) * 1_000_000 + 100_000
        return
            "its \(size) bytes exceed message.max.bytes of librdkafka; -X message.max.bytes=\(enough) sends it, if the "
            + "max.message.bytes of the topic permits"
    }

    /// Sends a row with its key.
    ///
    /// - Parameter bytes: the bytes of all rows.
    package func send(
        _ row: EncodedRow, in bytes: UnsafeRawBufferPointer, number: Int
    ) throws(RunError) -> String? {
        var found: [MessageHeader] = []
        if !headers.isEmpty {
            row.eachHeader(headers.count, in: bytes) { number, value in
                found.append(MessageHeader(name: headers[number], value: value))
            }
        }
        return try send(
            UnsafeRawBufferPointer(rebasing: bytes[row.line]),
            key: row.key.map { UnsafeRawBufferPointer(rebasing: bytes[$0]) }, headers: found, number: number)
    }

    /// Serves delivery reports for up to this long.
    private func wait(milliseconds: Int32) throws(RunError) {
        _ = client.calls.rd_kafka_poll(client.handle, milliseconds)
        try check()
        guard !interrupt.isRaised else { throw .interrupted }
    }

    /// Serves delivery reports without waiting.
    package func serve() throws(RunError) {
        client.serve()
        try check()
    }

    private func check() throws(RunError) {
        if let (code, text) = client.fatalError, let denial = denial(code, text) { throw denial }
        if let failure = deliveries.takeFailure() {
            throw denial(failure.code, failure.text) ?? .unavailable("\(address.name): \(failure.text)")
        }
        if let refusal = client.events.refusal { throw .unavailable(refusal) }
        if let fatal = client.events.fatal { throw fenced(fatal) }
        if deliveries.takeDelivered() { noteReachable() }
        if client.events.consumeBrokersDown() { isDown = true }
        guard isDown, client.calls.rd_kafka_outq_len(client.handle) > 0 else {
            waitingSince = nil
            return
        }
        let now = steadyClock()
        let since = waitingSince ?? now
        waitingSince = since
        guard now - since >= Self.outageDelay, outage.fail(at: now) else { return }
        warn("\(address.name): \(client.events.outageText)")
    }

    private func noteReachable() {
        isDown = false
        waitingSince = nil
        if let message = outage.recover(at: steadyClock()) { warn("\(address.name): \(message)") }
    }

    /// The error of a run to which the brokers deny a right.
    ///
    /// - Parameters:
    ///   - words: librdkafka's description.
    ///   - topics: those whose offsets a transaction commits.
    /// - Returns: nil for any other code.
    func denial(_ code: rd_kafka_resp_err_t, _ words: String, topics: [String] = []) -> RunError? {
        let output = address.topics.first ?? ""
        let right: MissingRight
        switch code {
        case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
            // The same code for adding a partition to the transaction, which is a right to write, and for committing
            // offsets, which is a right to read. Only the description says which, as 'TOPIC[PARTITION](REASON)'.
            let isOffset = words.contains("commit offsets")
            let topic = isOffset ? topics.first { words.contains(" \($0)[") } ?? output : output
            right = MissingRight(operation: isOffset ? .read : .write, resource: .topic(topic))
            guard topic == output else {
                let name = KafkaURL(brokers: address.brokers, topics: [topic]).name
                return .noInput("\(name): \(right.message(client.identity))")
            }
        case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
            right = MissingRight(operation: .read, resource: .group(transactions ?? ""))
        case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
            right = MissingRight(operation: .write, resource: .transactionalID(transactions ?? ""))
        case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
            let text = MissingRight.idempotentProducer(of: output, client.identity)
            return .cannotCreate(output: address.name, reason: text)
        default: return nil
        }
        return .cannotCreate(output: address.name, reason: right.message(client.identity, remark: remark))
    }

    /// All rights of a job, so that they can be granted together.
    var remark: String {
        transactions.map {
            "a job that writes to a topic needs Read and Write on it, Read on group '\($0)' and Write on transactional "
                + "id '\($0)'"
        } ?? ""
    }

    private func reason(_ words: String) throws(RunError) -> String {
        try check()
        return words
    }

    /// The client has failed for good, usually because another process uses the same transactional id.
    func fenced(_ words: String) -> RunError { .temporary("\(address.name): \(words)") }

    /// Waits until all messages are delivered.
    package func flush() throws(RunError) {
        var end: Int64?
        while client.calls.rd_kafka_flush(client.handle, 100) != RD_KAFKA_RESP_ERR_NO_ERROR {
            try check()
            guard interrupt.isRaised else { continue }
            let limit = end ?? steadyClock() + Self.shutdownGrace
            end = limit
            guard steadyClock() < limit else {
                let count = client.calls.rd_kafka_outq_len(client.handle)
                throw .unavailable("\(address.name): could not deliver \(count) rows (\(client.events.reason))")
            }
        }
        try check()
        noteReachable()
    }

    /// Rows that the brokers have refused since the last call.
    package func takeRefused() -> [(number: Int, value: [UInt8], reason: String)] {
        deliveries.takeRefused().map { ($0.number, $0.value, $0.reason) }
    }
}

import CRDKafka
import Synchronization

/// Errors that a librdkafka client has reported. Shared between its threads and ours.
final class ClientEvents: Sendable {
    private struct State: Sendable {
        var reason = ""
        var isDown = false
        var fatal: String?
        var isFenced = false
        var refusal: String?
        var isGroupDenied = false
    }

    private let state = Mutex(State())
    /// Receives the delivery reports of a producer.
    private let deliveries: DeliveryReports?

    init(_ deliveries: DeliveryReports? = nil) { self.deliveries = deliveries }

    func delivered(_ message: rd_kafka_message_t, _ words: String) { deliveries?.note(message, words) }

    func note(_ code: Int32, _ text: String) {
        let reason = Self.shortened(text)
        state.withLock { state in
            switch rd_kafka_resp_err_t(code) {
            case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN: state.isDown = true
            case RD_KAFKA_RESP_ERR__FATAL: state.fatal = reason
            case RD_KAFKA_RESP_ERR__FENCED, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH,
                RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
                state.isFenced = true
                state.fatal = reason
            case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED: state.isGroupDenied = true
            case RD_KAFKA_RESP_ERR__AUTHENTICATION, RD_KAFKA_RESP_ERR__SSL:
                state.refusal = reason
                state.reason = reason
            // A timeout says less than the error before or after it.
            case RD_KAFKA_RESP_ERR__TIMED_OUT where !state.reason.isEmpty: break
            default: state.reason = reason
            }
        }
    }

    /// Removes the duration and state that librdkafka appends to a message.
    private static func shortened(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let remark = Array(" (after ".utf8)
        guard bytes.count > remark.count,
            let start = (0...(bytes.count - remark.count)).first(where: { bytes[$0...].starts(with: remark) })
        else { return text }
        return String(decoding: bytes[..<start], as: UTF8.self)
    }

    /// The latest error; empty if there was none.
    var reason: String { state.withLock { $0.reason } }
    /// The message about an outage.
    var outageText: String {
        let reason = reason
        return "no broker can be reached\(reason.isEmpty ? "" : " (\(reason))"); retrying"
    }
    /// Whether all brokers went down since the last call.
    func consumeBrokersDown() -> Bool {
        state.withLock { state in
            defer { state.isDown = false }
            return state.isDown
        }
    }
    /// The error that made the client unusable.
    var fatal: String? { state.withLock { $0.fatal } }
    /// Whether another producer has taken over the transactional id.
    var isFenced: Bool { state.withLock { $0.isFenced } }
    /// Whether the brokers deny the consumer group to this client. Most clients do not use theirs.
    var isGroupDenied: Bool { state.withLock { $0.isGroupDenied } }
    func noteGroupAllowed() { state.withLock { $0.isGroupDenied = false } }
    /// Why the brokers refuse this client: authentication or TLS.
    var refusal: String? { state.withLock { $0.refusal } }
}

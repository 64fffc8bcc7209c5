import CRDKafka
import Synchronization

/// What a client of librdkafka has complained about. Its own threads and ours write and read it.
final class ClientEvents: Sendable {
    private struct State: Sendable {
        var reason = ""
        var isDown = false
        var fatal: String?
        var isFenced = false
        var refusal: String?
    }

    private let state = Mutex(State())
    /// Where a producer has noted what became of its messages.
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
            case RD_KAFKA_RESP_ERR__AUTHENTICATION, RD_KAFKA_RESP_ERR__SSL:
                state.refusal = reason
                state.reason = reason
            // What matters is said in the words that come before or after it.
            case RD_KAFKA_RESP_ERR__TIMED_OUT where !state.reason.isEmpty: break
            default: state.reason = reason
            }
        }
    }

    /// Without librdkafka's remark on how long it took, in which state.
    private static func shortened(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let remark = Array(" (after ".utf8)
        guard bytes.count > remark.count,
            let start = (0...(bytes.count - remark.count)).first(where: { bytes[$0...].starts(with: remark) })
        else { return text }
        return String(decoding: bytes[..<start], as: UTF8.self)
    }

    /// The latest reason why something did not work; empty when nothing was said.
    var reason: String { state.withLock { $0.reason } }
    /// All brokers were lost since this was asked last.
    func consumeBrokersDown() -> Bool {
        state.withLock { state in
            defer { state.isDown = false }
            return state.isDown
        }
    }
    /// The client is of no use any more.
    var fatal: String? { state.withLock { $0.fatal } }
    /// Another producer has taken the name of this one.
    var isFenced: Bool { state.withLock { $0.isFenced } }
    /// The brokers do not let this client in.
    var refusal: String? { state.withLock { $0.refusal } }
}

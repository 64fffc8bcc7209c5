import CRDKafka
import StreamEngine
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

    /// Whether the user has asked for the debug messages of librdkafka.
    let printsDebug: Bool
    /// The partitions that have changed their leader, or may have.
    let doubts = SharedDoubts()

    init(_ deliveries: DeliveryReports? = nil, printsDebug: Bool = false) {
        self.deliveries = deliveries
        self.printsDebug = printsDebug
    }

    /// Takes notice of a message of librdkafka, in the thread that writes it.
    func noteLog(_ facility: UnsafePointer<CChar>, _ text: UnsafePointer<CChar>) {
        guard let found = Doubts(facility: String(cString: facility), text: text) else { return }
        doubts.add(found)
    }

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
                state.refusal = reason + Self.advice(on: reason)
                state.reason = reason
            // A timeout says less than the error before or after it.
            case RD_KAFKA_RESP_ERR__TIMED_OUT where !state.reason.isEmpty: break
            default: state.reason = reason
            }
        }
    }

    /// The first librdkafka whose SCRAM Kafka 4.0 accepts.
    private static let scramVersion: Int32 = 0x0206_01ff

    private static func advice(on refusal: String) -> String {
        guard refusal.contains("SCRAM"), let calls = try? Library.use() else { return "" }
        return advice(onSCRAMWith: calls.rd_kafka_version(), (try? libraryVersion()) ?? "")
    }

    /// - Parameter version: of librdkafka, with two hexadecimal digits for each part.
    static func advice(onSCRAMWith version: Int32, _ name: String) -> String {
        guard version < scramVersion else { return "" }
        return "; if the user and password are right: Kafka 4.0 and later refuse SCRAM of librdkafka before 2.6.1, and "
            + "this is \(name); LD_LIBRARY_PATH=DIRECTORY makes streamctl load a newer librdkafka.so.1 from there"
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

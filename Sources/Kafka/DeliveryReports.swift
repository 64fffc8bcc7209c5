import CRDKafka
import Synchronization

/// Delivery reports of a producer's messages. librdkafka calls back when the client is served.
final class DeliveryReports: Sendable {
    /// A message that the brokers permanently refuse.
    struct Refused: Sendable {
        /// The number passed when it was sent.
        var number: Int
        var value: [UInt8]
        var reason: String
    }

    private struct State: Sendable {
        var refused: [Refused] = []
        var failure: Failure?
    }

    /// Why a message could not be delivered.
    struct Failure: Sendable {
        var code: rd_kafka_resp_err_t
        /// librdkafka's description.
        var text: String
    }

    private let state = Mutex(State())
    private let delivered = Atomic<Bool>(false)

    /// - Parameter words: librdkafka's description of the error.
    func note(_ message: rd_kafka_message_t, _ words: String) {
        switch message.err {
        case RD_KAFKA_RESP_ERR_NO_ERROR: delivered.store(true, ordering: .relaxed)
        // An aborted transaction drops its messages; they are sent again.
        case RD_KAFKA_RESP_ERR__PURGE_QUEUE, RD_KAFKA_RESP_ERR__PURGE_INFLIGHT: return
        case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_MSG, RD_KAFKA_RESP_ERR_INVALID_RECORD,
            RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
            let value = Array(UnsafeRawBufferPointer(start: message.payload, count: message.len))
            let number = Int(bitPattern: message._private)
            let isTooLarge = message.err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE
            let reason = words + (isTooLarge ? "; see max.message.bytes of the topic" : "")
            state.withLock { $0.refused.append(Refused(number: number, value: value, reason: reason)) }
        default:
            state.withLock { $0.failure = $0.failure ?? Failure(code: message.err, text: words) }
        }
    }

    /// Whether a message was delivered since the last call.
    func takeDelivered() -> Bool { delivered.exchange(false, ordering: .relaxed) }

    var hasRefused: Bool { state.withLock { !$0.refused.isEmpty } }

    func takeRefused() -> [Refused] {
        state.withLock { state in
            defer { state.refused = [] }
            return state.refused
        }
    }

    func takeFailure() -> Failure? {
        state.withLock { state in
            defer { state.failure = nil }
            return state.failure
        }
    }
}

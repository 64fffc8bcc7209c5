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
        var failure: String?
    }

    private let state = Mutex(State())

    /// - Parameter words: librdkafka's description of the error.
    func note(_ message: rd_kafka_message_t, _ words: String) {
        switch message.err {
        case RD_KAFKA_RESP_ERR_NO_ERROR,
            // An aborted transaction drops its messages; they are sent again.
            RD_KAFKA_RESP_ERR__PURGE_QUEUE, RD_KAFKA_RESP_ERR__PURGE_INFLIGHT:
            return
        case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_MSG, RD_KAFKA_RESP_ERR_INVALID_RECORD,
            RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
            let value = Array(UnsafeRawBufferPointer(start: message.payload, count: message.len))
            let number = Int(bitPattern: message._private)
            state.withLock { $0.refused.append(Refused(number: number, value: value, reason: words)) }
        default:
            state.withLock { $0.failure = $0.failure ?? words }
        }
    }

    var hasRefused: Bool { state.withLock { !$0.refused.isEmpty } }

    func takeRefused() -> [Refused] {
        state.withLock { state in
            defer { state.refused = [] }
            return state.refused
        }
    }

    /// Why a message could not be delivered.
    func takeFailure() -> String? {
        state.withLock { state in
            defer { state.failure = nil }
            return state.failure
        }
    }
}

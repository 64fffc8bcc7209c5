import CRDKafka
import Synchronization

/// What became of the messages that were handed to a producer. Told by librdkafka when it is served.
final class DeliveryReports: Sendable {
    /// A message that the brokers will never take.
    struct Refused: Sendable {
        /// Its number, as it was given when it was handed over.
        var number: Int
        var value: [UInt8]
        var reason: String
    }

    private struct State: Sendable {
        var refused: [Refused] = []
        var failure: String?
    }

    private let state = Mutex(State())

    /// - Parameter words: what librdkafka calls the error.
    func note(_ message: rd_kafka_message_t, _ words: String) {
        switch message.err {
        case RD_KAFKA_RESP_ERR_NO_ERROR,
            // A transaction that was given up takes its messages with it, and they are sent anew.
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

    /// Why a message was given up.
    func takeFailure() -> String? {
        state.withLock { state in
            defer { state.failure = nil }
            return state.failure
        }
    }
}

import CRDKafka
import Glibc
import StreamEngine
import Synchronization
import System

/// Threads of librdkafka. The process does not wait for them when it exits.
package enum ClientThreads {
    fileprivate static let haveStarted = Atomic<Bool>(false)

    package static var mayRun: Bool { haveStarted.load(ordering: .relaxed) }
}

/// A librdkafka client, which owns its handle.
struct Client: ~Copyable {
    let calls: CRDKafkaCalls
    let handle: OpaquePointer
    let events: ClientEvents
    let identity: ClientIdentity
    private let retainedEvents: Unmanaged<ClientEvents>

    init(
        _ calls: CRDKafkaCalls, _ type: rd_kafka_type_t, _ configuration: consuming Configuration,
        _ deliveries: DeliveryReports? = nil
    ) throws(RunError) {
        self.calls = calls
        events = ClientEvents(deliveries, printsDebug: configuration.printsDebug)
        identity = configuration.identity
        configuration.report(to: events)
        // The client's threads may call back until the process ends.
        retainedEvents = .passRetained(events)
        var signals = BlockedSignals()
        defer { signals.restore() }
        ClientThreads.haveStarted.store(true, ordering: .relaxed)
        do throws(RunError) {
            handle = try configuration.makeClient(type)
        } catch {
            retainedEvents.release()
            throw error
        }
    }

    /// Closing may block on brokers that do not respond, so a background thread does it. No offsets depend on it.
    deinit {
        struct ClosingClient: @unchecked Sendable {
            let calls: CRDKafkaCalls
            let handle: OpaquePointer
        }
        let closing = ClosingClient(calls: calls, handle: handle)
        let thread = BackgroundThread.start {
            closing.calls.rd_kafka_destroy_flags(closing.handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
        }
        thread?.detach()
    }

    /// Delivers pending callbacks to `events`.
    func serve() { _ = calls.rd_kafka_poll(handle, 0) }

    /// The error that made the client unusable; nil while it is usable.
    var fatalError: (code: rd_kafka_resp_err_t, text: String)? {
        var words = [CChar](repeating: 0, count: 512)
        let code = calls.rd_kafka_fatal_error(handle, &words, words.count)
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        return (code, words.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" })
    }

    /// Notes the errors of a consumer that concern no partition. Only while nothing else reads its queue.
    func noteConsumerErrors() {
        guard let queue = calls.rd_kafka_queue_get_consumer(handle) else { return }
        defer { calls.rd_kafka_queue_destroy(queue) }
        var errors = FetchedMessages()
        while errors.fill(from: queue, most: 16, calls) > 0 {}
        while let error = errors.next {
            events.note(error.pointee.err.rawValue, errorText(error.pointee.err))
            errors.dropNext()
            calls.rd_kafka_message_destroy(error)
        }
    }

    func errorText(_ code: rd_kafka_resp_err_t) -> String {
        calls.rd_kafka_err2str(code).map { String(cString: $0) } ?? "error \(code.rawValue)"
    }

    /// Retries a request with short timeouts until it succeeds or fails for good.
    ///
    /// - Parameters:
    ///   - limit: microseconds after which the request fails.
    ///   - request: takes a timeout in milliseconds.
    /// - Throws: `unavailable` with the reason, `interrupted`.
    func retry(
        _ what: String, limit: Int64 = 10_000_000, interrupt: Interrupt,
        _ request: (Int32) throws(RunError) -> rd_kafka_resp_err_t
    ) throws(RunError) {
        let end = steadyClock() + limit
        // Distant brokers may need longer, but signals must be handled promptly.
        var milliseconds: Int32 = 500
        var code = RD_KAFKA_RESP_ERR_NO_ERROR
        while true {
            guard !interrupt.isRaised else { throw .interrupted }
            code = try request(milliseconds)
            milliseconds = min(2 * milliseconds, 2000)
            serve()
            if code == RD_KAFKA_RESP_ERR_NO_ERROR { return }
            if let refusal = events.refusal { throw .unavailable(refusal) }
            guard Self.isTemporary(code) else { throw .unavailable("\(what): \(errorText(code))") }
            guard steadyClock() < end else { break }
            // Errors that return immediately are retried after a pause.
            if code != RD_KAFKA_RESP_ERR__TIMED_OUT { pause(100_000, interrupt) }
        }
        let reason = events.reason.isEmpty ? errorText(code) : events.reason
        throw .unavailable("\(what): \(reason)\(securityHint(reason))")
    }

    /// Advice where a broker accepts connections but does not answer: it may expect encryption or a password.
    private func securityHint(_ reason: String) -> String {
        let isReached = !["Connect to", "resolve"].contains { reason.contains($0) }
        guard isReached, identity.isPlaintext else { return "" }
        return "; if the brokers require encryption or a password, set -X security.protocol=SSL, SASL_SSL or "
            + "SASL_PLAINTEXT"
    }

    private func pause(_ length: Int64, _ interrupt: Interrupt) {
        _ = wait(for: -1, interrupt: interrupt, deadline: wallClock() + length)
    }

    private static func isTemporary(_ code: rd_kafka_resp_err_t) -> Bool {
        [
            RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN,
            RD_KAFKA_RESP_ERR__RESOLVE, RD_KAFKA_RESP_ERR__WAIT_COORD, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
            RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
            RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE,
            RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
            RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION, RD_KAFKA_RESP_ERR__WAIT_CACHE, RD_KAFKA_RESP_ERR__RETRY,
            // A topic that was just listed may be moving.
            RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT,
            RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE,
        ].contains(code)
    }
}

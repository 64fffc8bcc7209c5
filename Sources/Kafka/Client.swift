import CRDKafka
import Glibc
import StreamEngine
import Synchronization
import System

/// Threads of librdkafka, which nobody waits for at the end of the process.
package enum ClientThreads {
    fileprivate static let haveStarted = Atomic<Bool>(false)

    package static var mayRun: Bool { haveStarted.load(ordering: .relaxed) }
}

/// A client of librdkafka, which owns it.
struct Client: ~Copyable {
    let calls: CRDKafkaCalls
    let handle: OpaquePointer
    let events: ClientEvents
    private let retainedEvents: Unmanaged<ClientEvents>

    init(
        _ calls: CRDKafkaCalls, _ type: rd_kafka_type_t, _ configuration: consuming Configuration,
        _ deliveries: DeliveryReports? = nil
    ) throws(RunError) {
        self.calls = calls
        events = ClientEvents(deliveries)
        configuration.report(to: events)
        // Its threads may speak until the process ends.
        retainedEvents = .passRetained(events)
        // Threads inherit the signals that are blocked: ours are to be handled by ours.
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        ClientThreads.haveStarted.store(true, ordering: .relaxed)
        do throws(RunError) {
            handle = try configuration.makeClient(type)
        } catch {
            retainedEvents.release()
            throw error
        }
    }

    /// Closing can wait for brokers that do not answer, so that nobody waits for it: positions are kept elsewhere.
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

    /// Has what happened told to `events`.
    func serve() { _ = calls.rd_kafka_poll(handle, 0) }

    func errorText(_ code: rd_kafka_resp_err_t) -> String {
        calls.rd_kafka_err2str(code).map { String(cString: $0) } ?? "error \(code.rawValue)"
    }

    /// Repeats a request, each time for a short while, until it is answered.
    ///
    /// - Parameters:
    ///   - limit: microseconds after which the brokers are given up.
    ///   - request: gets a time-out in milliseconds.
    /// - Throws: `unavailable` with the reason, `interrupted`.
    func retry(
        _ what: String, limit: Int64 = 10_000_000, interrupt: Interrupt,
        _ request: (Int32) throws(RunError) -> rd_kafka_resp_err_t
    ) throws(RunError) {
        let end = steadyClock() + limit
        // Brokers far away may need longer; a signal must not wait for long.
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
            // Errors that come at once are not asked for again at once.
            if code != RD_KAFKA_RESP_ERR__TIMED_OUT { pause(100_000, interrupt) }
        }
        let reason = events.reason
        throw .unavailable("\(what): " + (reason.isEmpty ? errorText(code) : reason))
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

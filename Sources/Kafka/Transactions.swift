import CRDKafka
import Plan
import StreamEngine
import System

/// How a transaction failed.
enum TransactionError: Error {
    /// It must be aborted, and may be retried with the same rows.
    case abort(String)
    /// The producer is unusable; whether the transaction was committed must be looked up.
    case fatal(String)
    /// The library does not end it, although it has had the time to ask the brokers several times.
    case unanswered(String)
    /// Another producer uses the transactional id.
    case fenced(String)
    /// The brokers deny a right, which ends the run.
    case denied(RunError)
    /// A signal asked to stop, and the brokers do not respond.
    case interrupted
}

extension Producer {
    /// Ends open transactions with the same transactional id and fences the process that started them.
    ///
    /// - Throws: `cannotCreate` if a right is missing, `unavailable` (after 30 s), `interrupted`.
    func beginTransactions() throws(RunError) {
        let end = steadyClock() + 30_000_000
        while true {
            guard !interrupt.isRaised else { throw .interrupted }
            do throws(TransactionError) {
                let calls = client.calls
                let handle = client.handle
                try attempt { calls.rd_kafka_init_transactions(handle, 1000) }
                return
            } catch {
                client.serve()
                switch error {
                case .interrupted: throw .interrupted
                case .denied(let error): throw error
                case .abort(let text), .fatal(let text), .unanswered(let text), .fenced(let text):
                    guard steadyClock() < end, client.events.refusal == nil, client.events.fatal == nil else {
                        throw .unavailable(
                            "\(address.name): transactions are not possible: \(client.events.refusal ?? text)")
                    }
                }
            }
        }
    }

    func beginTransaction() throws(TransactionError) {
        try repeated { calls, handle, _ in calls.rd_kafka_begin_transaction(handle) }
    }

    /// Adds offsets to the transaction, each with less than 4096 bytes of metadata.
    func sendOffsets(_ offsets: [StoredOffset], group: String) throws(TransactionError) {
        let list = PartitionList(client.calls)
        for item in offsets { list.add(item.partition, offset: item.offset, text: item.text) }
        let metadata = client.calls.rd_kafka_consumer_group_metadata_new(group)
        defer { client.calls.rd_kafka_consumer_group_metadata_destroy(metadata) }
        try repeated(topics: offsets.map(\.partition.topic)) { calls, handle, milliseconds in
            calls.rd_kafka_send_offsets_to_transaction(handle, list.pointer, metadata, milliseconds)
        }
    }

    func commitTransaction() throws(TransactionError) {
        try repeated { calls, handle, milliseconds in calls.rd_kafka_commit_transaction(handle, milliseconds) }
    }

    /// - Throws: also `unanswered`. librdkafka 2.0.2 keeps a lock after an answer to AddPartitionsToTxn that is too
    ///   short, and never ends this.
    func abortTransaction() throws(TransactionError) {
        try repeated(patience: 30_000_000) { calls, handle, milliseconds in
            calls.rd_kafka_abort_transaction(handle, milliseconds)
        }
    }

    /// Retries a call while that can help.
    ///
    /// - Parameters:
    ///   - topics: those whose offsets it commits.
    ///   - patience: after how many microseconds it is `unanswered`; unlimited by default.
    private func repeated(
        topics: [String] = [], patience: Int64? = nil, _ call: (CRDKafkaCalls, OpaquePointer, Int32) -> OpaquePointer?
    ) throws(TransactionError) {
        var end: Int64?
        let start = steadyClock()
        while true {
            var isRetriable = false
            do throws(TransactionError) {
                try attempt(isRetriable: &isRetriable, topics) { call(client.calls, client.handle, 500) }
                return
            } catch {
                guard isRetriable else { throw error }
                if let patience, steadyClock() - start > patience, case .fatal(let text) = error {
                    throw .unanswered(text)
                }
            }
            client.serve()
            guard interrupt.isRaised else { continue }
            let limit = end ?? steadyClock() + Self.shutdownGrace
            end = limit
            guard steadyClock() < limit else { throw .interrupted }
        }
    }

    private func attempt(_ call: () -> OpaquePointer?) throws(TransactionError) {
        var isRetriable = false
        try attempt(isRetriable: &isRetriable, [], call)
    }

    /// Classifies an error in the order that librdkafka prescribes.
    private func attempt(
        isRetriable: inout Bool, _ topics: [String], _ call: () -> OpaquePointer?
    ) throws(TransactionError) {
        guard let error = call() else { return }
        let calls = client.calls
        defer { calls.rd_kafka_error_destroy(error) }
        let code = calls.rd_kafka_error_code(error)
        let words = calls.rd_kafka_error_string(error).map { String(cString: $0) } ?? client.errorText(code)
        let (cause, reason) = client.fatalError ?? (code, words)
        if let denial = denial(cause, reason, topics: topics) { throw .denied(denial) }
        if calls.rd_kafka_error_is_fatal(error) != 0 {
            let isFenced = [
                RD_KAFKA_RESP_ERR__FENCED, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH,
                RD_KAFKA_RESP_ERR_PRODUCER_FENCED,
            ].contains(code)
            throw isFenced ? .fenced(words) : .fatal(words)
        }
        if calls.rd_kafka_error_txn_requires_abort(error) != 0 { throw .abort(words) }
        isRetriable = calls.rd_kafka_error_is_retriable(error) != 0
        throw .fatal(words)
    }
}

/// An offset of a partition, with its metadata.
struct StoredOffset: Sendable {
    var partition: TopicPartition
    var offset: Int64
    var text: String
}

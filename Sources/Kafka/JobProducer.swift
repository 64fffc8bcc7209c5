import CRDKafka
import Plan
import StreamEngine
import System

/// Commits rows and their checkpoint in one Kafka transaction.
///
/// The transactional id is derived from the job name: a process that takes over the job fences its predecessor.
package final class JobProducer: @unchecked Sendable {
    private let address: KafkaURL
    private let options: [String]
    private let jobName: String
    /// The transactional id and the consumer group of the job.
    private let name: String
    private let interrupt: Interrupt
    private let warn: @Sendable (String) -> Void
    private let job: JobOffsets
    /// The partitions whose committed offsets hold the state of the job.
    private var partitions: [TopicPartition]
    private let reader: Client
    private var producer: Producer
    private let headers: [String]
    private let fingerprint: String
    private var epoch: Int64 = 0
    private var outage = Outage()
    /// The state of the job on the brokers when this run started.
    package private(set) var stored: JobState?

    /// Takes over the job and reads its state.
    ///
    /// - Parameters:
    ///   - headers: the names of the headers of every message.
    ///   - input: the input topics; nil for files.
    /// - Throws: `usage`, `cannotCreate`, `unavailable`, `mismatch`, `interrupted`.
    package init(
        _ address: KafkaURL, options: [String], job plan: JobPlan, headers: [String], input: TopicInput?,
        interrupt: Interrupt,
        warn: @escaping @Sendable (String) -> Void
    ) throws(RunError) {
        self.address = address
        self.options = options
        self.headers = headers
        jobName = plan.name
        name = "streamctl-\(plan.name)"
        fingerprint = plan.fingerprintText
        self.interrupt = interrupt
        self.warn = warn
        producer = try Producer(
            address, options: options, transactions: self.name, headers: headers, interrupt: interrupt, warn: warn)
        if let input, try producer.client.clusterName(interrupt: interrupt) != input.cluster {
            throw .usage(
                "--job requires input and output topics in the same cluster, because one transaction covers both")
        }
        if let topic = address.topics.first, input?.partitions.contains(where: { $0.topic == topic }) == true {
            throw .usage("topic \(topic) is both input and output; write to a different topic")
        }
        job = JobOffsets(
            group: self.name, carrier: TopicPartition(topic: address.topics.first ?? "", id: 0),
            inputs: input?.partitions ?? [])
        partitions = [job.carrier] + job.inputs
        reader = try Client(
            try Library.use(), RD_KAFKA_CONSUMER,
            try Configuration(
                try Library.use(), brokers: address.brokers, usual: [], fixed: [("group.id", self.name)],
                options: options))
        try producer.beginTransactions()
        if plan.startsOver {
            // The first transaction replaces it.
            epoch = JobOffsets.epoch(try committedTexts())
        } else if let known = try readStored() {
            epoch = known.epoch
            let kept = known.fingerprint
            stored = JobState(
                fingerprint: kept == JobOffsets.shortened(fingerprint) ? fingerprint : kept,
                checkpoint: known.checkpoint.text)
        }
    }

    private func readStored() throws(RunError) -> JobOffsets.Stored? {
        try JobOffsets.read(try committedTexts(), job: jobName)
    }

    /// The committed offsets, which hold the checkpoint.
    private func committedTexts() throws(RunError) -> [String] {
        do throws(RunError) {
            return try reader.committedTexts(partitions, of: name, remark: producer.remark, interrupt: interrupt)
        } catch {
            guard error.kind == .noInput else { throw error.kind == .interrupted ? error : error.about(address.name) }
            throw .cannotCreate(output: address.name, reason: error.text)
        }
    }

    /// Commits rows together with a checkpoint, retrying the transaction as often as necessary.
    ///
    /// - Parameters:
    ///   - send: sends all rows.
    ///   - checkpoint: called after all rows have been sent.
    ///   - refused: receives the rows that the brokers refused; the next attempt leaves them out.
    /// - Throws: `temporary` if another process has taken over the job, `unavailable`, `interrupted`.
    package func commit(
        send: (Producer) throws(RunError) -> Void, checkpoint: () -> Checkpoint,
        refused: ([(number: Int, value: [UInt8], reason: String)]) throws(RunError) -> Void
    ) throws(RunError) {
        while true {
            do throws(TransactionError) {
                failpoint("before-transaction")
                try producer.beginTransaction()
                try hand(over: send)
                failpoint("rows-produced")
                let offsets = job.offsets(checkpoint(), fingerprint: fingerprint, epoch: epoch + 1)
                if let size = job.excess(offsets) { throw .denied(tooLarge(size)) }
                partitions = offsets.map(\.partition)
                try producer.sendOffsets(offsets, group: name)
                failpoint("offsets-sent")
                try checkRefused()
                failpoint("before-commit")
                try producer.commitTransaction()
                failpoint("after-commit")
                epoch += 1
                noteSuccess()
                return
            } catch {
                guard try recover(from: error, refused) else { continue }
                noteSuccess()
                return
            }
        }
    }

    private func tooLarge(_ size: Int) -> RunError {
        .cannotCreate(
            output: address.name,
            reason: "the state of job '\(jobName)' takes \(size) bytes, but brokers store \(JobOffsets.longestText); "
                + "follow fewer files in one job, or write to a file or Postgres")
    }

    private func noteSuccess() {
        if let message = outage.recover(at: steadyClock()) { warn("\(address.name): \(message)") }
    }

    private func noteFailure(_ text: String) {
        guard outage.fail(at: steadyClock()) else { return }
        // Some of the texts name it already.
        let prefix = "\(address.name): "
        warn("\(text.hasPrefix(prefix) ? "" : prefix)\(text); retrying")
    }

    private func hand(over send: (Producer) throws(RunError) -> Void) throws(TransactionError) {
        do throws(RunError) {
            try send(producer)
            try producer.flush()
        } catch {
            guard !interrupt.isRaised else { throw .interrupted }
            guard error.kind != .cannotCreate else { throw .denied(error) }
            guard error.kind != .interrupted else { throw .interrupted }
            throw producer.client.events.isFenced ? .fenced(error.text) : .abort(error.text)
        }
    }

    private func checkRefused() throws(TransactionError) {
        if producer.deliveries.hasRefused { throw .abort("rows were refused") }
    }

    /// - Returns: true if the transaction was committed after all.
    private func recover(
        from error: TransactionError,
        _ refused: ([(number: Int, value: [UInt8], reason: String)]) throws(RunError) -> Void
    ) throws(RunError) -> Bool {
        switch error {
        case .interrupted: throw .interrupted
        case .denied(let error):
            // Readers wait for the end of a transaction.
            _ = try? producer.abortTransaction()
            throw error
        case .fenced(let text):
            throw .temporary(
                "\(address.name): another process has taken over job '\(jobName)', or this one stood still for longer than "
                    + "transaction.timeout.ms (\(text)); start it again if no other process runs it")
        case .abort(let text):
            do throws(TransactionError) {
                try producer.abortTransaction()
            } catch {
                if case .unanswered = error { return try restart(text, whenReachable: true) }
                return try restart(text)
            }
            let rows = producer.takeRefused()
            if !rows.isEmpty {
                try refused(rows)
            } else {
                noteFailure(text)
            }
            // Back off before the next attempt.
            guard wait(for: -1, interrupt: interrupt, deadline: wallClock() + 200_000) == .deadline else {
                throw .interrupted
            }
            return false
        case .fatal(let text), .unanswered(let text): return try restart(text)
        }
    }

    /// Replaces the producer, which ends the old transaction, and checks whether that transaction was committed.
    ///
    /// - Parameter whenReachable: waits for brokers that cannot be reached, instead of throwing `unavailable`.
    private func restart(_ text: String, whenReachable: Bool = false) throws(RunError) -> Bool {
        noteFailure(text)
        while true {
            producer = try Producer(
                address, options: options, transactions: name, headers: headers, interrupt: interrupt,
                warn: warn)
            do throws(RunError) {
                try producer.beginTransactions()
                break
            } catch {
                guard whenReachable, error.kind == .unavailable else { throw error }
                noteFailure(error.text)
            }
        }
        let known = JobOffsets.epoch(try committedTexts())
        if known == epoch + 1 {
            epoch = known
            return true
        }
        guard known == epoch else {
            throw .temporary(
                "\(address.name): the stored checkpoint of job '\(jobName)' is not the one that this process committed")
        }
        return false
    }
}

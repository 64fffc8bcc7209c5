import CRDKafka
import Plan
import StreamEngine
import System

/// Rows and checkpoint in one transaction of Kafka.
///
/// The transactional id is the name of the job: whoever takes it over keeps its predecessor from writing.
package final class JobProducer: @unchecked Sendable {
    private let address: KafkaURL
    private let options: [String]
    private let name: String
    private let interrupt: Interrupt
    private let warn: @Sendable (String) -> Void
    private let job: JobOffsets
    /// Where the brokers keep it.
    private var partitions: [TopicPartition]
    private let reader: Client
    private var producer: Producer
    private let fingerprint: String
    private var epoch: Int64 = 0
    /// What the brokers remembered when this began.
    package private(set) var stored: JobState?

    /// Takes the job over and reads what is known of it.
    ///
    /// - Parameters:
    ///   - input: the topics that are read; nil for files.
    /// - Throws: `usage`, `noTopic`, `unavailable`, `mismatch`, `interrupted`.
    package init(
        _ address: KafkaURL, options: [String], job name: String, fingerprint: String, input: TopicInput?,
        interrupt: Interrupt, warn: @escaping @Sendable (String) -> Void
    ) throws(RunError) {
        self.address = address
        self.options = options
        self.name = "streamctl-\(name)"
        self.fingerprint = fingerprint
        self.interrupt = interrupt
        self.warn = warn
        producer = try Producer(
            address, options: options, transactions: self.name, interrupt: interrupt, warn: warn)
        if let input, try producer.client.clusterName(interrupt: interrupt) != input.cluster {
            throw .usage(
                "--job with topics on both sides needs them in one cluster: positions and rows go into one transaction")
        }
        if let topic = address.topics.first, input?.address.topics.contains(topic) == true {
            throw .usage("topic \(topic) is read and written; write to another one")
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
        if let known = try readStored() {
            epoch = known.epoch
            let kept = known.fingerprint
            stored = JobState(
                fingerprint: kept == JobOffsets.shortened(fingerprint) ? fingerprint : kept,
                checkpoint: known.checkpoint.text)
        }
    }

    private func readStored() throws(RunError) -> JobOffsets.Stored? {
        try JobOffsets.read(try reader.committedTexts(partitions, interrupt: interrupt))
    }

    /// Commits rows together with a checkpoint, however often that has to be begun anew.
    ///
    /// - Parameters:
    ///   - send: hands all rows over.
    ///   - checkpoint: is asked for it when all rows are on their way.
    ///   - refused: is told of rows that the brokers did not take; they are left out of the next attempt.
    /// - Throws: `temporary` when another process has the job, `unavailable`, `interrupted`.
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
                partitions = offsets.map(\.partition)
                try producer.sendOffsets(offsets, group: name)
                failpoint("offsets-sent")
                try checkRefused()
                failpoint("before-commit")
                try producer.commitTransaction()
                failpoint("after-commit")
                epoch += 1
                return
            } catch {
                if try recover(from: error, refused) { return }
            }
        }
    }

    private func hand(over send: (Producer) throws(RunError) -> Void) throws(TransactionError) {
        do throws(RunError) {
            try send(producer)
            try producer.flush()
        } catch {
            guard !interrupt.isRaised else { throw .interrupted }
            guard error.kind != .interrupted else { throw .interrupted }
            throw producer.client.events.isFenced ? .fenced(error.text) : .abort(error.text)
        }
    }

    private func checkRefused() throws(TransactionError) {
        if producer.deliveries.hasRefused { throw .abort("rows were refused") }
    }

    /// - Returns: true when the transaction has gone through all the same.
    private func recover(
        from error: TransactionError,
        _ refused: ([(number: Int, value: [UInt8], reason: String)]) throws(RunError) -> Void
    ) throws(RunError) -> Bool {
        switch error {
        case .interrupted: throw .interrupted
        case .fenced(let text):
            throw .temporary("\(address.name): another process has taken job \(name) (\(text))")
        case .abort(let text):
            if (try? producer.abortTransaction()) != nil {
                let rows = producer.takeRefused()
                if !rows.isEmpty {
                    try refused(rows)
                } else {
                    warn("\(address.name): \(text); the transaction is made anew")
                }
                // Nothing is won by haste.
                guard wait(for: -1, interrupt: interrupt, deadline: wallClock() + 200_000) == .deadline else {
                    throw .interrupted
                }
                return false
            }
            return try restart(text)
        case .fatal(let text): return try restart(text)
        }
    }

    /// Makes a new producer, which settles what the old one has left, and looks what that was.
    private func restart(_ text: String) throws(RunError) -> Bool {
        warn("\(address.name): \(text); connecting anew")
        producer = try Producer(address, options: options, transactions: name, interrupt: interrupt, warn: warn)
        try producer.beginTransactions()
        let known = try readStored()?.epoch ?? 0
        if known == epoch + 1 {
            epoch = known
            return true
        }
        guard known == epoch else {
            throw .temporary("\(address.name): job \(name) is not where this process has left it")
        }
        return false
    }
}

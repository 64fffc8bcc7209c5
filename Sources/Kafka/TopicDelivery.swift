import Plan
import StreamEngine
import System

/// Writes rows to a topic.
package final class TopicDelivery: OpenableOutput {
    private enum Connection {
        case producer(Producer)
        /// Transactional, for a job.
        case job(JobProducer)
    }

    private let connection: Connection
    private let input: any Input

    package static func open(
        _ spec: KafkaOutput, _ run: RunContext, _ input: any Input
    ) throws(RunError) -> TopicDelivery {
        let plan = run.plan
        guard let job = plan.job else {
            let producer = try Producer(
                spec.url, options: plan.kafkaOptions, transactions: nil, headers: plan.lastQuery.rowHeaders.map(\.name),
                interrupt: .signals, warn: run.warn)
            return TopicDelivery(.producer(producer), input)
        }
        let producer = try JobProducer(
            spec.url, options: plan.kafkaOptions, job: job, headers: plan.lastQuery.rowHeaders.map(\.name),
            input: input as? TopicInput,
            interrupt: .signals, warn: run.warn)
        return TopicDelivery(.job(producer), input)
    }

    private init(_ connection: Connection, _ input: any Input) {
        self.connection = connection
        self.input = input
    }

    package static func jobs(
        _ list: JobListPlan, warn: @escaping @Sendable (String) -> Void
    ) throws(RunError) -> JobList? {
        guard case .cluster(let brokers) = list.place else { return nil }
        do throws(RunError) {
            return try GroupJobs.list(
                brokers: brokers, job: list.job, options: list.kafkaOptions, interrupt: .signals)
        } catch {
            throw error.about("kafka://\(brokers)")
        }
    }

    package static func explain(_ spec: KafkaOutput, _ plan: Plan, _ notes: inout OutputNotes) {}

    package var stored: JobState? {
        switch connection {
        case .producer: nil
        case .job(let producer): producer.stored
        }
    }

    package func start(from checkpoint: Checkpoint?) -> Destination {
        switch connection {
        case .producer(let producer): .direct(TopicSink(producer))
        case .job(let producer): .committed(TopicCommitter(producer, input))
        }
    }
}

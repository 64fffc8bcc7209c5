import Files
import Kafka
import Plan
import StreamEngine
import System

/// The inputs of a run, and how far earlier runs have come in them.
enum RunInput: Sendable {
    case files([InputSpec])
    case topics(TopicInput, PartitionNames)

    /// Connects to brokers, if there are any; files are opened when their turn comes.
    static func open(_ plan: Plan) throws(SourceError) -> RunInput {
        guard case .kafka(let url) = plan.inputs.first else { return .files(plan.inputs) }
        do throws(KafkaError) {
            let address = try TopicAddress.parse(url)
            return .topics(
                try TopicInput(address, options: plan.kafkaOptions, interrupt: .signals), PartitionNames())
        } catch {
            throw SourceError(error, input: plan.inputs.first?.name ?? url)
        }
    }

    var topics: TopicInput? { if case .topics(let input, _) = self { input } else { nil } }

    /// What rejects and messages about records call the inputs.
    var names: InputNames {
        switch self {
        case .files(let inputs): InputNames(inputs.map(\.sourceName))
        case .topics(_, let names): InputNames { names.name($0) }
        }
    }

    /// A commit may fall between any two rows, since a replay brings all records in the same order.
    var repeatsInOrder: Bool { if case .files = self { true } else { false } }

    /// Finds where the run begins.
    ///
    /// - Parameter stored: what a job remembers; nil for a run that begins.
    /// - Returns: the same, with what is known of the input now; nil when there is nothing to know.
    /// - Throws: `undelivered` when the inputs are not those that were read.
    func begin(from stored: Checkpoint?, job: String?) throws(SinkError) -> Checkpoint? {
        switch self {
        case .files(let inputs):
            if let stored, let job { try stored.check(inputs, job: job) }
            return stored
        case .topics(let input, _):
            do throws(KafkaError) {
                return try input.settle(stored)
            } catch {
                throw SinkError(error, input: input.address.name)
            }
        }
    }

    /// There is something to read behind the places of the checkpoint.
    func hasGrown(since checkpoint: Checkpoint) -> Bool {
        switch self {
        case .files(let inputs): checkpoint.hasGrown(inputs)
        case .topics(let input, _): input.hasGrown(since: checkpoint)
        }
    }

    /// Notes what the inputs are like at the places of the checkpoint. Of topics that was noted when they were read.
    func prove(_ checkpoint: inout Checkpoint) throws(SinkError) {
        switch self {
        case .files(let inputs): try checkpoint.prove(inputs)
        case .topics(let input, _): checkpoint.cluster = input.cluster
        }
    }

    /// Runs the pipeline over the inputs.
    func run(_ pipeline: Pipeline, _ plan: Plan, from checkpoint: Checkpoint?, output: Int32, _ options: TopicOptions)
        throws(SourceError)
    {
        switch self {
        case .files(let inputs):
            if case .demo(let text) = inputs.first {
                let options = (try? DemoOptions.parse(text)) ?? DemoOptions()
                try pipeline.run(DemoSource(options, watchingOutput: output), from: checkpoint)
            } else {
                let source = FileSource(
                    paths: inputs.compactMap(\.path), maxLine: plan.maxLine, watchingOutput: output)
                try pipeline.run(source, from: checkpoint)
            }
        case .topics(let input, let names):
            let pace = WatermarkAlignment()
            pipeline.pace = pace
            try pipeline.run(try TopicSource(input, options, pace: pace, names: names), from: checkpoint)
        }
    }
}

extension SinkError {
    init(_ error: KafkaError, input: String) {
        self =
            switch error {
            case .usage(let text): .undelivered(.usage, reason: "\(input): \(text)")
            case .unavailable(let text): .undelivered(.unavailable, reason: "\(input): \(text)")
            case .gap(let text): .undelivered(.recordsGone, reason: "\(input): \(text)")
            case .mismatch(let text), .noTopic(let text): .undelivered(.mismatch, reason: "\(input): \(text)")
            case .temporary(let text): .undelivered(.temporary, reason: "\(input): \(text)")
            case .interrupted: .undelivered(.interrupted, reason: "stopped while waiting for the brokers")
            }
    }
}

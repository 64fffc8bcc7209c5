import Plan
import StreamEngine

/// Where the records of a job come from.
enum JobSource: Sendable {
    case files([String])
    case topics(KafkaURL)
    /// For engines that read it, or something in its place.
    case standardInput

    /// - Throws: for inputs that another engine cannot read.
    init(_ plan: Plan, for engine: String, readsStandardInput: Bool) throws(UsageError) {
        switch plan.input {
        case let files as FileInputs:
            if readsStandardInput, files.paths == ["-"] {
                self = .standardInput
                return
            }
            guard !files.paths.contains("-") else {
                throw .refusal(engine, "INPUT", "job cannot read standard input", "name a file or a topic")
            }
            self = .files(files.paths)
        case let topics as KafkaURL: self = .topics(topics)
        case is DemoURL:
            throw .refusal(
                engine, "INPUT", "job has no demo source",
                "write the records into a file first: streamctl demo:sensors > readings.jsonl")
        case is FollowedFiles:
            throw .refusal(engine, "--follow", "job does not follow files", "send them to a topic, or remove it")
        default:
            throw .refusal(engine, "INPUT", "job cannot read \(plan.input.noun)", "name a file or a topic")
        }
    }

    /// Whether the records have an end.
    var isBounded: Bool {
        switch self {
        case .files: true
        case .standardInput: false
        case .topics(let url): url.until != nil
        }
    }
}

/// Where the rows of a job go.
enum JobSink: Sendable {
    case standardOutput
    case file(String)
    case topic(KafkaURL)
    /// The URL may hold a password.
    case table(TablePlan, url: String)

    init(_ plan: Plan, for engine: String) throws(UsageError) {
        switch plan.output {
        case let file as FileOutput: self = file.isStandard ? .standardOutput : .file(file.file)
        case let topic as KafkaOutput: self = .topic(topic.url)
        case let database as PostgresURL:
            guard let table = plan.table else { fallthrough }
            self = .table(table, url: database.text)
        default:
            throw .refusal(engine, "--output", "job cannot write to \(plan.output.name)", "use a file")
        }
    }
}

/// The event time of the records of a job.
enum JobTime: Sendable {
    case field(FieldPath, TimeFormat)
    /// When the broker stored the message.
    case kafkaTime
    case arrival
    /// No part of the query needs one.
    case none

    init(_ query: Query) {
        switch query.time {
        case .field(let path, let format): self = path.sourceColumn == .time ? .kafkaTime : .field(path, format)
        case .arrival: self = .arrival
        case nil: self = .none
        }
    }
}

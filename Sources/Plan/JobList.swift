import StreamEngine

/// What `--list-jobs` lists.
package struct JobListPlan: Sendable, Equatable {
    /// Where jobs are kept.
    package enum Place: Sendable, Equatable {
        /// Files of a directory; nil for the default one.
        case directory(String?)
        case database(PostgresURL)
        /// `HOST[:PORT][,...]`
        case cluster(String)
    }

    package var place: Place
    /// List only this job.
    package var job: String?
    /// nil for columns that are aligned for readers.
    package var format: OutputFormat?
    /// The options of `-X` as given.
    package var kafkaOptions: [String]

    package init(place: Place, job: String? = nil, format: OutputFormat? = nil, kafkaOptions: [String] = []) {
        self.place = place
        self.job = job
        self.format = format
        self.kafkaOptions = kafkaOptions
    }
}

extension JobListPlan {
    /// The place where the job of a plan is kept.
    init(_ plan: Plan, _ job: JobPlan) {
        let place: Place =
            if let database = plan.output as? PostgresURL {
                .database(database)
            } else if let topic = plan.output as? KafkaOutput {
                .cluster(topic.url.brokers)
            } else {
                .directory(job.stateDirectory)
            }
        self.init(place: place, job: job.name, kafkaOptions: plan.kafkaOptions)
    }
}

/// The jobs of one place.
package struct JobList: Sendable, Equatable {
    /// The place in messages.
    package var place: String
    package var jobs: [StoredJob]

    package init(place: String, jobs: [StoredJob]) {
        self.place = place
        self.jobs = jobs
    }
}

/// A job as its place has stored it.
package struct StoredJob: Sendable, Equatable {
    package enum Status: String, Sendable {
        /// A process runs it now.
        case running
        /// It can be resumed.
        case stopped
        /// All input was read and all rows were delivered.
        case finished
        /// It has not finished; whether a process runs it is not known there.
        case unfinished
        /// What is stored cannot be read.
        case damaged
    }

    package var name: String
    /// The file, table or topic with its rows.
    package var output: String
    package var status: Status
    /// The time of the last commit, microseconds since 1970; nil where it is not stored, or before the first one.
    package var committed: Int64?
    /// The committed position in each input: bytes of a file, or the offset in a partition.
    package var positions: [Position]
    /// Where the next run goes on; nil before the first checkpoint.
    package var input: InputCheckpoint?

    package struct Position: Sendable, Equatable {
        package var input: String
        package var position: Int64

        package init(input: String, position: Int64) {
            self.input = input
            self.position = position
        }
    }

    package init(
        name: String, output: String, status: Status, committed: Int64? = nil, positions: [Position] = []
    ) {
        self.name = name
        self.output = output
        self.status = status
        self.committed = committed
        self.positions = positions
    }
}

extension StoredJob {
    /// - Parameters:
    ///   - state: nil before the first checkpoint.
    ///   - output: the default of the output.
    package init(
        name: String, state: JobState?, output flag: String, else usual: String, isRunning: Bool, committed: Int64?
    ) {
        self.init(name: name, output: usual, status: isRunning ? .running : .stopped, committed: committed)
        guard let state else { return }
        if let fingerprint = try? ControlJSON(parsing: state.fingerprint), case .text(let text) = fingerprint[flag] {
            output = text
        }
        guard let checkpoint = Checkpoint(text: state.checkpoint) else {
            status = .damaged
            return
        }
        input = checkpoint.input
        positions = checkpoint.input.partitions.map {
            Position(input: $0.committedChecksum.name, position: Int64($0.committed.position))
        }
        if checkpoint.output.isFinished, !isRunning { status = .finished }
    }
}

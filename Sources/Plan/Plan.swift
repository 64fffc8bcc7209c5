import StreamEngine

/// A command line with its meaning worked out: typed, complete and free of contradictions.
package struct Plan: Sendable {
    package enum Verbosity: Sendable { case quiet, normal, verbose }

    /// Read in this order.
    package var inputs: [InputSpec]
    package var query: Query
    package var output: OutputDestination
    package var table: TablePlan?
    package var job: JobPlan?
    /// The fields of a row that are its key in a topic.
    package var keyFields: [FieldPath] = []
    /// Options for librdkafka, as they were given.
    package var kafkaOptions: [String] = []
    /// After this many microseconds of silence nobody waits for a partition of a topic; nil: never.
    package var partitionIdle: Int64?
    /// How often rows are committed, microseconds.
    package var commitEvery: Int64 = 1_000_000
    /// Where rejected and late records go.
    package var rejects: String?
    /// The first rejected record ends the run.
    package var strict: Bool
    /// Threads; nil: one per core.
    package var jobs: Int?
    package var verbosity: Verbosity
    /// Only say what would be done.
    package var explain: Bool
    /// Some input has no known end: a pipe or a terminal.
    package var isLive: Bool

    /// Lines longer than this many bytes are rejected.
    package var maxLine: Int { query.maxLine }

    package init(
        inputs: [InputSpec], query: Query, output: OutputDestination, strict: Bool = false,
        verbosity: Verbosity = .normal, explain: Bool = false, isLive: Bool = false
    ) {
        self.inputs = inputs
        self.query = query
        self.output = output
        self.strict = strict
        self.verbosity = verbosity
        self.explain = explain
        self.isLive = isLive
    }
}

/// What the machine says, looked up by the caller so that making a plan touches nothing.
package struct PlanEnvironment {
    /// Some input has no known end: a pipe or a terminal.
    package var isLive: Bool
    package var standardInputIsTerminal: Bool
    /// The offsets of a named time zone; nil when there is none of that name.
    package var zone: (String) -> ZoneOffsets?

    package init(isLive: Bool, standardInputIsTerminal: Bool, zone: @escaping (String) -> ZoneOffsets?) {
        self.isLive = isLive
        self.standardInputIsTerminal = standardInputIsTerminal
        self.zone = zone
    }
}

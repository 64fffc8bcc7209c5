import StreamEngine

/// The meaning of a command line: typed, complete and consistent.
package struct Plan: Sendable {
    package enum Verbosity: Sendable { case quiet, normal, verbose }

    package var input: any InputSpec
    /// How to read records.
    package var format = FormatPlan()
    /// How the first input is read; nil if that is not known before the run.
    package var decidedFormat: InputFormat?
    /// After how many microseconds without input a record of several lines ends; nil for never.
    package var recordIdle: Int64?
    /// What the first stage computes: it reads the input.
    package var query: Query
    /// What the stages behind `--then` compute, in order: each reads the rows of the one before it.
    package var laterQueries: [Query] = []
    package var output: any OutputSpec
    package var table: TablePlan?
    package var job: JobPlan?
    /// Whether compressed files are decompressed.
    package var decompresses = true
    /// The options of `-X` as given.
    package var kafkaOptions: [String] = []
    /// After this many microseconds without records, a partition is idle: the watermark no longer waits for it. nil:
    /// never.
    package var partitionIdle: Int64?
    /// How often rows are committed, microseconds.
    package var commitEvery: Int64 = 1_000_000
    /// The file for rejected and late records.
    package var rejects: String?
    /// Whether the first rejected record ends the run.
    package var strict: Bool
    /// Threads; nil: one per usable core.
    package var jobs: Int?
    package var verbosity: Verbosity
    /// Where the statistics of the run go; nil for nowhere.
    package var statistics: StatisticsPlan?
    package var progress = ProgressMode.automatic
    package var logFormat = LogFormat.text
    /// Whether open windows are shown on the terminal, below the rows.
    package var isWatched = false
    /// Where metrics can be read while the run goes on.
    package var metrics: [MetricsPlan] = []
    /// Whether they show the last closed window.
    package var exportsResults = false
    /// The version of the program.
    package var version = ""
    /// Whether to only explain what the run would do.
    package var explain: Bool
    /// What to print instead of running; nil for a run.
    package var generate: Generated?
    /// The types of fields that `--types` gives, for a job of another engine.
    package var declaredTypes: [DeclaredType] = []
    /// Whether an input has no known end, like a pipe or a terminal.
    package var isLive: Bool
    /// Whether the watermark delay is the default of live input, not that of `--watermark`.
    package var usesDefaultWatermark = false
    /// Whether event times are times of arrival because there is no `--time`.
    package var usesDefaultTime = false

    /// Only list the fields of the input (`--fields`); nil for a run.
    package var fieldList: FieldListPlan?

    /// Lines longer than this many bytes are rejected.
    package var maxLine: Int { query.maxLine }

    package init(
        input: any InputSpec, query: Query, output: any OutputSpec, strict: Bool = false,
        verbosity: Verbosity = .normal, explain: Bool = false, isLive: Bool = false
    ) {
        self.input = input
        self.query = query
        self.output = output
        self.strict = strict
        self.verbosity = verbosity
        self.explain = explain
        self.isLive = isLive
    }
}

/// Where the statistics of a run are written.
package struct StatisticsPlan: Sendable, Equatable {
    /// A file; `-` is standard error.
    package var path: String
    /// The time between two lines, microseconds; nil for a line at the end only.
    package var every: Int64?

    package init(path: String, every: Int64? = nil) {
        self.path = path
        self.every = every
    }
}

/// Where the metrics of a run can be read.
package enum MetricsPlan: Sendable, Equatable {
    /// By HTTP.
    case server(MetricsAddress)
    /// A file for the textfile collector of Prometheus.
    case file(String)
}

/// Where a server listens.
package struct MetricsAddress: Sendable, Equatable {
    package var host: String
    package var port: UInt16
    /// As it was given.
    package var text: String

    package init(host: String, port: UInt16, text: String) {
        self.host = host
        self.port = port
        self.text = text
    }
}

/// Whether the run shows on standard error how far it is.
package enum ProgressMode: Sendable {
    /// If standard error is a terminal and standard output is not.
    case automatic
    case on, off
}

/// How messages are written.
package enum LogFormat: String, Sendable, CaseIterable {
    case text
    /// An object for each line.
    case json
}

/// How to list the fields of an input.
package struct FieldListPlan: Sendable, Equatable {
    /// nil for a report for readers.
    package var format: OutputFormat?

    package init(format: OutputFormat?) { self.format = format }
}

extension Plan {
    /// Checks the rules between inputs, output and other files.
    package func check() throws(UsageError) {
        try checkRejects()
        if let path = output.path, path != "-" {
            guard !input.paths.contains(path) else {
                throw UsageError("\(path) is both an input and --output; write to a different file")
            }
            guard rejects != path else {
                throw UsageError("--output and --rejects are the same file \(path); use two files")
            }
        }
        for lookup in queries.flatMap(\.lookups)
        where lookup.database == nil && [output.path, rejects].contains(lookup.path) {
            throw UsageError("\(lookup.path) is both a table of --lookup and an output; write to a different file")
        }
        if let rejects, input.paths.contains(rejects) {
            throw UsageError("\(rejects) is both an input and --rejects; write to a different file")
        }
        try checkReports()
        if let option = kafkaOptions.first, !input.takesClientOptions, !output.takesClientOptions {
            // Not its value, which may be a secret.
            throw UsageError("-X \(option.prefix { $0 != "=" }) requires Kafka; add kafka://BROKER/TOPIC")
        }
        if input.group != nil, output.isReplaced, job == nil {
            throw UsageError(
                "a run resumes from the offsets of its group, but overwrites \(output.name); add --job NAME, or "
                    + "write >> FILE")
        }
        if let group = input.group, input.startsAtGroup, !laterQueries.isEmpty, job == nil {
            throw UsageError(
                "a run that resumes from the offsets of group=\(group) may begin inside a window of the first stage, of which "
                    + "--then would read an incomplete row; add --job NAME")
        }
    }

    /// Files with statistics and metrics are of their own.
    private func checkReports() throws(UsageError) {
        var others = input.paths + [output.path, rejects].compactMap(\.self)
        func check(_ path: String, _ flag: String) throws(UsageError) {
            guard !others.contains(path) else {
                throw UsageError("\(path) is both \(flag) and another file of the run; write to a different file")
            }
            others.append(path)
        }
        if let path = statistics?.path, path != "-" { try check(path, "--stats") }
        for case .file(let path) in metrics { try check(path, "--metrics") }
    }

    private func checkRejects() throws(UsageError) {
        if let rejects, rejects.isEmpty || rejects == "-" {
            throw UsageError("--rejects requires a file name (standard output is for rows)")
        }
    }
}

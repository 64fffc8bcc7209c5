import Plan

/// The inputs and flags of a command line, as text that `Plan.make` interprets.
///
/// `FlagEntry.all` declares the flags; the properties here only name them, and a test holds that each flag has one.
package struct Arguments {
    var inputs: [String] = []
    var given = GivenFlags()

    var input: InputArguments { InputArguments(given: given) }
    var time: TimeArguments { TimeArguments(given: given) }
    var windows: WindowArguments { WindowArguments(given: given) }
    var grouping: GroupingArguments { GroupingArguments(given: given) }
    var expressions: ExpressionArguments { ExpressionArguments(given: given) }
    var output: OutputArguments { OutputArguments(given: given) }
    var delivery: DeliveryArguments { DeliveryArguments(given: given) }
    var reporting: ReportingArguments { ReportingArguments(given: given) }
    var other: OtherArguments { OtherArguments(given: given) }
}

/// The flags of a command line but those of aggregates, in order of appearance, each with all its values.
struct GivenFlags {
    private var flags: [(flag: FlagEntry, values: [String])] = []

    /// - Parameter value: nil for a switch.
    mutating func add(_ flag: FlagEntry, _ value: String?) {
        if let known = flags.firstIndex(where: { $0.flag.display == flag.display }) {
            flags[known].values.append(value ?? "")
        } else {
            flags.append((flag, [value ?? ""]))
        }
    }

    /// Those that affect results, with the values that count.
    var settings: [JobPlan.Setting] {
        flags.filter { $0.flag.affectsResults }.map { flag, values in
            JobPlan.Setting(
                flag: flag.display, value: flag.repeats ? values.joined(separator: ",") : values.last ?? "")
        }
    }

    var isEmpty: Bool { flags.isEmpty }
    var entries: [FlagEntry] { flags.map(\.flag) }

    /// Only those flags.
    func filtered(_ isIncluded: (FlagEntry) -> Bool) -> GivenFlags {
        var some = self
        some.flags.removeAll { !isIncluded($0.flag) }
        return some
    }

    /// Both.
    static func + (left: GivenFlags, right: GivenFlags) -> GivenFlags {
        var both = left
        both.flags += right.flags
        return both
    }

    private func values(_ name: String) -> [String]? { flags.first { $0.flag.name == name }?.values }

    /// All values of a repeatable flag, in order.
    func all(_ name: String) -> [String] {
        assert(FlagEntry.named(name)?.repeats == true, "--\(name) is not a repeatable flag")
        return values(name) ?? []
    }

    /// The value of a flag; the last one counts.
    func value(_ name: String) -> String? {
        assert(FlagEntry.named(name)?.value != nil, "--\(name) is not a flag with a value")
        return values(name)?.last
    }

    /// Whether a switch is given.
    func has(_ name: String) -> Bool {
        assert(FlagEntry.named(name).map { $0.value == nil } == true, "--\(name) is not a switch")
        return values(name) != nil
    }
}

struct InputArguments {
    fileprivate let given: GivenFlags
    var inputFormat: String? { given.value("input-format") }
    var columns: String? { given.value("columns") }
    var delimiter: String? { given.value("delimiter") }
    var each: [String] { given.all("each") }
    var unwrap: [String] { given.all("unwrap") }
    var regex: String? { given.value("regex") }
    var unmatched: String? { given.value("unmatched") }
    var recordStart: String? { given.value("record-start") }
    var noHeader: Bool { given.has("no-header") }
    var follow: Bool { given.has("follow") }
    var fromEnd: Bool { given.has("from-end") }
    var rotated: [String] { given.all("rotated") }
    var onGap: String? { given.value("on-gap") }
    var kafkaOption: [String] { given.all("kafka-option") }
    var maxRecords: String? { given.value("max-records") }
    var maxLine: String? { given.value("max-line") }
    var decompress: String? { given.value("decompress") }
    var rejects: String? { given.value("rejects") }
    var strict: Bool { given.has("strict") }
}

struct TimeArguments {
    fileprivate let given: GivenFlags
    var time: String? { given.value("time") }
    var timeFormat: String? { given.value("time-format") }
    var watermark: String? { given.value("watermark") }
    var lateness: String? { given.value("lateness") }
    var idle: String? { given.value("idle") }
    /// Whether `--idle` has a meaning without event times.
    var joinsLines: Bool { given.value("record-start") != nil }
    var maxAhead: String? { given.value("max-ahead") }
    var timeZone: String? { given.value("time-zone") }
    var year: String? { given.value("year") }
}

struct WindowArguments {
    fileprivate let given: GivenFlags
    var tumbling: String? { given.value("tumbling") }
    var hopping: String? { given.value("hopping") }
    var cumulative: String? { given.value("cumulative") }
    var session: String? { given.value("session") }
    var rows: String? { given.value("rows") }
    var calendar: String? { given.value("calendar") }
    var every: String? { given.value("every") }
    var align: String? { given.value("align") }
}

struct GroupingArguments {
    fileprivate let given: GivenFlags
    var by: [String] { given.all("by") }
}

struct ExpressionArguments {
    fileprivate let given: GivenFlags
    var lookups: [String] { given.all("lookup") }
    var filters: [String] { given.all("where") }
    var lets: [String] { given.all("let") }
    var dedup: [String] { given.all("dedup") }
    var within: String? { given.value("within") }
    var having: String? { given.value("having") }
    var select: String? { given.value("select") }
}

struct OutputArguments {
    fileprivate let given: GivenFlags
    var output: String? { given.value("output") }
    var format: String? { given.value("format") }
    var digits: String? { given.value("digits") }
    var table: String? { given.value("table") }
    var mode: String? { given.value("mode") }
    var create: Bool { given.has("create") }
    var key: String? { given.value("key") }
    var headers: [String] { given.all("header") }
    var delete: String? { given.value("delete") }
    var ifNewer: String? { given.value("if-newer") }
    var sort: String? { given.value("sort") }
    var limit: String? { given.value("limit") }
    var rank: String? { given.value("rank") }
    var early: String? { given.value("early") }
    var fill: Bool { given.has("fill") }
    var fillAll: Bool { given.has("fill-all") }
    var punctuate: Bool { given.has("punctuate") }
}

struct DeliveryArguments {
    fileprivate let given: GivenFlags
    var job: String? { given.value("job") }
    var stateDir: String? { given.value("state-dir") }
    var lookupChanged: String? { given.value("lookup-changed") }
    var commitEvery: String? { given.value("commit-every") }
    var takeover: Bool { given.has("takeover") }
    var reset: String? { given.value("reset") }
    var listJobs: Bool { given.has("list-jobs") }
}

struct ReportingArguments {
    fileprivate let given: GivenFlags
    var verbose: Bool { given.has("verbose") }
    var quiet: Bool { given.has("quiet") }
    var stats: String? { given.value("stats") }
    var metrics: [String] { given.all("metrics") }
    var metricsResults: Bool { given.has("metrics-results") }
    var logFormat: String? { given.value("log-format") }
    var live: Bool { given.has("live") }
    var noLive: Bool { given.has("no-live") }
    var progress: Bool { given.has("progress") }
    var noProgress: Bool { given.has("no-progress") }
    var explain: Bool { given.has("explain") }
    var generate: String? { given.value("generate") }
    var types: [String] { given.all("types") }
    /// Whether the run is described, not started.
    var describes: Bool { explain || generate != nil }
    var fields: Bool { given.has("fields") }
}

struct OtherArguments {
    fileprivate let given: GivenFlags
    var jobs: String? { given.value("jobs") }
    var maxGroups: String? { given.value("max-groups") }
    var maxState: String? { given.value("max-state") }
}

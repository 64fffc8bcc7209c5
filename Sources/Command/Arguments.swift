import ArgumentParser

/// The flags as swift-argument-parser reads them: plain text, which `Plan.make` interprets.
///
/// Every value is read unconditionally, so it may start with a dash. No flag has an optional value, since that would
/// swallow the next input.
package struct Arguments: ParsableArguments {
    @Argument var inputs: [String] = []
    @OptionGroup(title: "Input") var input: InputArguments
    @OptionGroup(title: "Event time") var time: TimeArguments
    @OptionGroup(title: "Windows") var windows: WindowArguments
    @OptionGroup(title: "Grouping") var grouping: GroupingArguments
    @OptionGroup(title: "Expressions") var expressions: ExpressionArguments
    @OptionGroup(title: "Aggregates") var aggregates: AggregateArguments
    @OptionGroup(title: "Output") var output: OutputArguments
    @OptionGroup(title: "Delivery") var delivery: DeliveryArguments
    @OptionGroup(title: "Reporting") var reporting: ReportingArguments
    @OptionGroup(title: "Other") var other: OtherArguments

    package init() {}

    /// The parser's description of its flags, as JSON.
    static var declaration: String { _dumpHelp() }
}

struct InputArguments: ParsableArguments {
    @Option(name: [.customShort("X"), .long], parsing: .unconditionalSingleValue) var kafkaOption: [String] = []
    @Option(name: [.customShort("n"), .long], parsing: .unconditional) var maxRecords: String?
    @Option(parsing: .unconditional) var maxLine: String?
    @Option(parsing: .unconditional) var rejects: String?
    @Flag var strict = false
}

struct TimeArguments: ParsableArguments {
    @Option(name: [.customShort("t"), .long], parsing: .unconditional) var time: String?
    @Option(parsing: .unconditional) var timeFormat: String?
    @Option(name: [.customShort("W"), .long], parsing: .unconditional) var watermark: String?
    @Option(parsing: .unconditional) var lateness: String?
    @Option(parsing: .unconditional) var idle: String?
    @Option(parsing: .unconditional) var maxAhead: String?
    @Option(parsing: .unconditional) var timeZone: String?
}

struct WindowArguments: ParsableArguments {
    @Option(name: [.customShort("w"), .long], parsing: .unconditional) var tumbling: String?
    @Option(parsing: .unconditional) var hopping: String?
    @Option(parsing: .unconditional) var cumulative: String?
    @Option(parsing: .unconditional) var session: String?
    @Option(parsing: .unconditional) var rows: String?
    @Option(parsing: .unconditional) var calendar: String?
    @Option(parsing: .unconditional) var every: String?
    @Option(parsing: .unconditional) var align: String?
}

struct GroupingArguments: ParsableArguments {
    @Option(name: [.customShort("g"), .long], parsing: .unconditionalSingleValue) var by: [String] = []
}

struct ExpressionArguments: ParsableArguments {
    @Option(name: .customLong("where"), parsing: .unconditionalSingleValue) var filters: [String] = []
    @Option(name: .customLong("let"), parsing: .unconditionalSingleValue) var lets: [String] = []
    @Option(parsing: .unconditional) var having: String?
    @Option(parsing: .unconditional) var select: String?
}

/// The parser does not keep the order of different flags. `ArgumentNormalizer` does, so the plan gets these values
/// there.
struct AggregateArguments: ParsableArguments {
    @Flag var count: Int
    @Option(parsing: .unconditionalSingleValue) var sum: [String] = []
    @Option(parsing: .unconditionalSingleValue) var avg: [String] = []
    @Option(parsing: .unconditionalSingleValue) var min: [String] = []
    @Option(parsing: .unconditionalSingleValue) var max: [String] = []
    @Option(parsing: .unconditionalSingleValue) var first: [String] = []
    @Option(parsing: .unconditionalSingleValue) var last: [String] = []
    @Option(parsing: .unconditionalSingleValue) var stddev: [String] = []
    @Option(parsing: .unconditionalSingleValue) var median: [String] = []
    @Option(parsing: .unconditionalSingleValue) var distinct: [String] = []
    @Option(parsing: .unconditionalSingleValue) var quantile: [String] = []
    @Option(parsing: .unconditionalSingleValue) var top: [String] = []
    @Option(name: [.customShort("a"), .long], parsing: .unconditionalSingleValue) var agg: [String] = []
}

struct OutputArguments: ParsableArguments {
    @Option(name: [.customShort("o"), .long], parsing: .unconditional) var output: String?
    @Option(name: [.customShort("f"), .long], parsing: .unconditional) var format: String?
    @Option(parsing: .unconditional) var table: String?
    @Option(parsing: .unconditional) var mode: String?
    @Flag var create = false
    @Option(parsing: .unconditional) var key: String?
    @Option(parsing: .unconditional) var early: String?
    @Flag var fill = false
    @Flag var punctuate = false
}

struct DeliveryArguments: ParsableArguments {
    @Option(parsing: .unconditional) var job: String?
    @Option(parsing: .unconditional) var stateDir: String?
    @Option(parsing: .unconditional) var commitEvery: String?
    @Flag var takeover = false
}

struct ReportingArguments: ParsableArguments {
    @Flag(name: [.customShort("v"), .long]) var verbose = false
    @Flag(name: [.customShort("q"), .long]) var quiet = false
    @Flag var explain = false
}

struct OtherArguments: ParsableArguments {
    @Option(name: [.customShort("j"), .long], parsing: .unconditional) var jobs: String?
    @Option(parsing: .unconditional) var maxGroups: String?
    // Handled before the parser runs; declared so that the parser can suggest them.
    @Flag(name: .customShort("h")) var shortHelp = false
    @Flag var help = false
    @Flag(name: [.customShort("V"), .long]) var version = false
    @Option(parsing: .unconditional, help: .private) var generate: String?
}

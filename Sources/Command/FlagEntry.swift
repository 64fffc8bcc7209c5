import Plan

/// A command-line flag, for the help, the completions and `ArgumentReader`.
///
/// `Arguments` gives the values of the same flags to the plan; a test compares the two.
struct FlagEntry: Sendable {
    /// The section titles of the help, in order.
    enum Section: String, CaseIterable, Sendable {
        case input = "Input"
        case time = "Event time"
        case windows = "Windows"
        case grouping = "Grouping"
        case expressions = "Expressions"
        case aggregates = "Aggregates"
        case output = "Output"
        case delivery = "Delivery"
        case reporting = "Reporting"
        case other = "Other"
    }

    /// What a shell can suggest for the value.
    enum Completion: Equatable, Sendable {
        case nothing, file, directory
        case words([String])
        /// What the program itself prints when it is asked.
        case offer(Offer.Kind)
        /// A file, or one of the beginnings of other outputs.
        case place
    }

    /// The long name without dashes; empty for `-h`, which has none.
    var name: String
    var short: Character?
    /// The name of the value; nil for a switch.
    var value: String?
    var section: Section
    var help: String
    /// The default, where it is not obvious.
    var defaultText: String?
    var repeats = false
    /// Shown in the short help too.
    var isCommon = false
    var completion = Completion.nothing
    /// Accepted, but not listed.
    var hidden = false
    /// Affects the rows: a job cannot resume with a different value.
    var affectsResults = true

    /// The name in messages: `--tumbling`.
    var display: String { name.isEmpty ? "-" + shortText : "--" + name }
    var shortText: String { short.map { String($0) } ?? "" }

    /// All names with their dashes, the short one first.
    var spellings: [String] { (short.map { ["-\($0)"] } ?? []) + (name.isEmpty ? [] : [display]) }

    static func named(_ name: some StringProtocol) -> FlagEntry? { all.first { !$0.name.isEmpty && $0.name == name } }
    static func short(_ letter: Character) -> FlagEntry? { all.first { $0.short == letter } }
    static var visible: [FlagEntry] { all.filter { !$0.hidden } }

    /// The inputs that a shell can suggest besides files.
    static let inputWords = ["demo:sensors"]
    /// Prefixes of other inputs: more text follows without a space.
    static let inputBeginnings = ["kafka://"]
    /// The same for outputs.
    static let outputBeginnings = ["postgresql://", "kafka://"]
}

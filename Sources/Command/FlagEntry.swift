/// One flag of the command line, as help, completions and the normalizer of arguments need to know it.
///
/// `Arguments` declares the same flags to the parser; a test compares the two.
struct FlagEntry: Sendable {
    /// The titles of the help, in its order.
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

    /// What a shell can offer for the value.
    enum Completion: Equatable, Sendable {
        case nothing, file, directory
        case words([String])
    }

    /// The long name without its dashes; empty for `-h`, which has none.
    var name: String
    var short: Character?
    /// The name of the value; nil for a switch.
    var value: String?
    var section: Section
    var help: String
    /// What holds without the flag, where that is not obvious.
    var defaultText: String?
    var repeats = false
    /// Shown in the short help too.
    var isCommon = false
    var completion = Completion.nothing
    /// Works, but is not shown.
    var hidden = false
    /// Changes what the rows are: a job cannot go on with another value.
    var affectsResults = true

    /// As it is shown in messages: `--tumbling`.
    var display: String { name.isEmpty ? "-" + shortText : "--" + name }
    var shortText: String { short.map { String($0) } ?? "" }

    /// All its names with their dashes, the short one first.
    var spellings: [String] { (short.map { ["-\($0)"] } ?? []) + (name.isEmpty ? [] : [display]) }

    static func named(_ name: some StringProtocol) -> FlagEntry? { all.first { !$0.name.isEmpty && $0.name == name } }
    static func short(_ letter: Character) -> FlagEntry? { all.first { $0.short == letter } }
    static var visible: [FlagEntry] { all.filter { !$0.hidden } }

    /// The inputs that a shell can offer beside files.
    static let inputWords = ["demo:sensors"]
    /// What else an input can begin with: something follows without a blank.
    static let inputBeginnings = ["kafka://"]
}

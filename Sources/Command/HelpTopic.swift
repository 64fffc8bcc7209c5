import Plan
import StreamEngine

/// A page of `--help TOPIC`: some prose, the options of the topic, and examples. The manual contains the same examples,
/// which a test runs.
struct HelpTopic: Sendable {
    let name: String
    /// Other words for it.
    var others: [String] = []
    let title: String
    let text: String
    var sections: [FlagEntry.Section] = []
    /// Further options by name.
    var flags: [String] = []
    /// Lines that come after the text, unchanged: tables of functions.
    var table: @Sendable () -> String = { "" }
    /// Command lines.
    var examples: [String] = []

    /// The page as printed.
    var page: String {
        var page = title + "\n\n" + Help.paragraphs(text)
        let listed = FlagEntry.visible.filter { sections.contains($0.section) || flags.contains($0.name) }
        if !listed.isEmpty { page += "\n" + listed.map { Help.entry($0, withDefault: true) }.joined() }
        page += table()
        if !examples.isEmpty { page += "\nExamples:\n" + examples.map { "  \($0)\n" }.joined() }
        return page
    }
}

extension Help {
    /// The names of the topics, for lists.
    static var topicNames: String { HelpTopic.all.map(\.name).joined(separator: ", ") }

    /// The answer to `--help WORD`: everything for an empty word, the page of a topic, or what is known about an option
    /// or a function.
    static func text(about word: String) throws(UsageError) -> String {
        guard !word.isEmpty else { return full }
        let name = word.drop { $0 == "-" }.lowercased().replacing(" ", with: "-")
        if !word.hasPrefix("-"), let topic = topic(name) { return topic.page }
        let entries = functionEntries(name.replacing("-", with: "_"))
        let flag = name.count == 1 ? word.last.flatMap { FlagEntry.short($0) } : FlagEntry.named(name)
        if let flag = flag ?? acceptedFlag(name) {
            let topics = HelpTopic.all.filter { $0.sections.contains(flag.section) || $0.flags.contains(flag.name) }
            return entry(flag, withDefault: true) + entries
                + topics.prefix(1).map { "\nSee also: streamctl --help \($0.name), man streamctl\n" }.joined()
        }
        if !entries.isEmpty { return entries }
        if let topic = topic(name) { return topic.page }
        let near = Spelling.nearest(to: name, among: HelpTopic.all.map(\.name) + functionNames)
        throw UsageError(
            "--help '\(word)': unknown topic; " + (near.map { "did you mean '\($0)'?" } ?? "use one of \(topicNames)"))
    }

    private static func topic(_ name: String) -> HelpTopic? {
        HelpTopic.all.first { $0.name == name || $0.others.contains(name) }
    }

    private static func acceptedFlag(_ name: String) -> FlagEntry? {
        switch UnknownFlag.accepted(name) {
        case .option(let flag), .setting(let flag, _): flag
        case .quantile, .percentile: FlagEntry.named("quantile")
        case nil: nil
        }
    }

    // MARK: Functions

    private static var functionNames: [String] {
        ExpressionFunction.allCases.map(\.rawValue) + AggregateFunction.all.map(\.name)
    }

    /// What is known about the functions of that name: an aggregate, a function of expressions, or both.
    private static func functionEntries(_ name: String) -> String {
        var text = ""
        if let function = AggregateFunction.named(name) { text += entry(function) }
        if let function = ExpressionFunction(rawValue: name) { text += entry(function) }
        return text
    }

    private static func entry(_ function: ExpressionFunction) -> String {
        let help = function.help
        return functionEntry(help.usage, help.summary, "\(help.example.call) -> \(help.example.result)")
    }

    private static func entry(_ function: AggregateFunction) -> String {
        functionEntry(function.usage, function.summary, AggregateExamples.all[function.name].map { "-a '\($0)'" })
    }

    private static func functionEntry(_ usage: String, _ summary: String, _ example: String?) -> String {
        "  \(usage)\n" + wrap(summary, indent: 6).map { $0 + "\n" }.joined() + (example.map { "      \($0)\n" } ?? "")
    }

    /// All functions of expressions, by section.
    static func expressionFunctions() -> String {
        var text = ""
        for section in ExpressionFunction.Section.allCases {
            text += "\n\(section.rawValue):\n"
            for function in ExpressionFunction.allCases where function.help.section == section {
                text += entry(function)
            }
        }
        return text
    }

    /// All aggregate functions.
    static func aggregateFunctions() -> String { "\n" + AggregateFunction.all.map { entry($0) }.joined() }

    /// Paragraphs separated by blank lines, each wrapped.
    static func paragraphs(_ text: String) -> String {
        text.split(separator: "\n").map { wrap(String($0), indent: 0).joined(separator: "\n") + "\n" }
            .joined(separator: "\n")
    }
}

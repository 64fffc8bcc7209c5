import Plan

/// Reads argv by the rules of GNU getopt_long, without abbreviations: options and inputs in any order, `--name VALUE`,
/// `--name=VALUE`, `-n VALUE`, `-nVALUE`, bundles such as `-vw1m`, and only inputs after `--`. A value may start with a
/// dash, unless it is an option. No flag has an optional value, since that would swallow the next input.
///
/// `FlagEntry.all` is all it needs. A library that reads declarations at each start took two thirds of a short run.
struct ArgumentReader {
    struct AggregateFlag: Equatable, Sendable {
        /// The long name: `avg`, `quantile`, `agg`.
        var flag: String
        /// Empty for `--count`.
        var value: String
    }

    /// The flags of one stage.
    struct StageFlags {
        var given = GivenFlags()
        /// In order.
        var aggregates: [AggregateFlag] = []

        var isEmpty: Bool { given.isEmpty && aggregates.isEmpty }
    }

    /// Requests that take precedence over everything else on the command line.
    enum Answer: Equatable {
        case shortHelp, version
        /// `--help`, with the word that follows it; empty for none.
        case help(topic: String)
        case completions(shell: String)
        /// What a shell can offer for a word, from the words of its line.
        case offers(kind: String, words: [String])
    }

    private(set) var arguments = Arguments()
    /// In order: the columns of a row follow it.
    private(set) var aggregates: [AggregateFlag] = []
    /// The flags of the stages behind `--then`, but those of the whole run.
    private(set) var later: [StageFlags] = []
    private(set) var answer: Answer?
    /// The INPUTs, with what was before them.
    private(set) var words: [InputWord] = []
    /// The first mistake. Help and version are printed all the same.
    private(set) var mistake: UsageError?

    init(_ arguments: [String]) throws(UsageError) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            do throws(UsageError) {
                if argument == "--" {
                    if case .offers(let kind, _)? = answer {
                        answer = .offers(kind: kind, words: Array(rest))
                        break
                    }
                    self.arguments.inputs += rest
                    words += rest.map { InputWord(text: $0, flag: nil, value: "") }
                    break
                } else if argument.hasPrefix("--") {
                    try readLong(argument, &rest)
                } else if argument.hasPrefix("-"), argument != "-" {
                    try readShort(argument, &rest)
                } else if let mistake = UnknownFlag.longDash(argument) {
                    throw mistake
                } else {
                    self.arguments.inputs.append(argument)
                    words.append(InputWord(text: argument, flag: last?.flag, value: last?.value ?? ""))
                }
            } catch {
                mistake = mistake ?? error
            }
        }
        if answer == nil, let mistake = mistake ?? stageMistake { throw mistake }
    }

    /// The INPUTs among the words of an unfinished line.
    static func inputs(of words: [String]) -> [String] {
        // With an answer, mistakes are not thrown.
        let normal = try? ArgumentReader(["--version"] + words)
        return normal?.words.map(\.text) ?? []
    }

    /// The flag given last, with its value.
    private var last: (flag: FlagEntry, value: String)?

    /// `--name`, `--name VALUE` or `--name=VALUE`; also under another name.
    private mutating func readLong(_ argument: String, _ rest: inout ArraySlice<String>) throws(UsageError) {
        let body = argument.dropFirst(2)
        let equals = body.firstIndex(of: "=")
        let name = equals.map { body[..<$0] } ?? body
        let attached = equals.map { String(body[body.index(after: $0)...]) }
        if let flag = FlagEntry.named(name) { return try read(flag, attached, &rest) }
        switch UnknownFlag.accepted(name) {
        case .option(let flag): try read(flag, attached, &rest)
        case .setting(let flag, let value):
            guard attached == nil else {
                throw UsageError("--\(name) does not take a value; write \(flag.display) \(value)")
            }
            try add(flag, value)
        case .quantile(let rank):
            guard let value = attached ?? rest.popFirst() else {
                throw UsageError("--\(name) requires a value: --\(name) FIELD, for --quantile \(rank):FIELD")
            }
            try addQuantile(rank, value)
        case .percentile: try readPercentile(attached ?? rest.popFirst(), next: rest.first)
        case nil: throw UnknownFlag.long("--\(name)", next: attached ?? rest.first)
        }
    }

    private mutating func read(
        _ flag: FlagEntry, _ attached: String?, _ rest: inout ArraySlice<String>
    ) throws(UsageError) {
        if flag.value != nil {
            if attached == nil { try refuseOption(rest.first, as: flag) }
            return try add(flag, attached ?? rest.popFirst())
        }
        if flag.name == "help" {
            let follows = rest.first.map { !$0.hasPrefix("-") || rest.count == 1 } ?? false
            answer = answer ?? .help(topic: attached ?? (follows ? rest.removeFirst() : ""))
            return
        }
        if let attached { throw UsageError("\(flag.display) does not take a value; remove '=\(attached)'") }
        try add(flag, nil)
    }

    /// `--p99 FIELD` and `--p99 NAME=FIELD`.
    private mutating func addQuantile(_ rank: String, _ value: String) throws(UsageError) {
        guard let flag = FlagEntry.named("quantile") else { return }
        let parts = value.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        try add(flag, parts.count == 2 ? "\(parts[0])=\(rank):\(parts[1])" : "\(rank):\(value)")
    }

    /// `--percentile [NAME=]99:FIELD`.
    private mutating func readPercentile(_ value: String?, next: String?) throws(UsageError) {
        let text = value ?? ""
        let equals = text.firstIndex(of: "=")
        let name = equals.map { text[...$0] } ?? ""
        let parts = text.dropFirst(name.count).split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let rank = parts.first.flatMap { Percentile.rank(ofPercent: $0) ?? Percentile.rank(ofName: $0) }
        guard parts.count == 2, let rank, let flag = FlagEntry.named("quantile") else {
            let field = parts.count == 2 ? String(parts[1]) : next.map { $0.hasPrefix("-") ? "FIELD" : $0 } ?? "FIELD"
            throw UsageError("unknown option '--percentile'; write --quantile \(rank ?? "0.99"):\(field)")
        }
        try add(flag, "\(name)\(rank):\(parts[1])")
    }

    /// `-v`, `-w VALUE`, `-wVALUE` or a bundle such as `-vw1m`.
    private mutating func readShort(_ argument: String, _ rest: inout ArraySlice<String>) throws(UsageError) {
        if let mistake = UnknownFlag.singleHyphen(argument) { throw mistake }
        var letters = argument.dropFirst()
        while let letter = letters.popFirst() {
            guard let flag = FlagEntry.short(letter) else {
                throw UnknownFlag.longDash(argument) ?? UnknownFlag.short(letter)
            }
            guard flag.value != nil else {
                try add(flag, nil)
                continue
            }
            if letters.isEmpty {
                try refuseOption(rest.first, as: flag)
                try add(flag, rest.popFirst())
            } else {
                if letters.first == "=" { letters.removeFirst() }
                try add(flag, String(letters))
            }
            return
        }
    }

    /// A value may start with a hyphen, but one that is an option was probably meant as such.
    private func refuseOption(_ value: String?, as flag: FlagEntry) throws(UsageError) {
        guard let value, let name = flag.value, value.hasPrefix("-"), !name.hasPrefix("[-]") else { return }
        let isOption =
            if value.hasPrefix("--") {
                FlagEntry.named(value.dropFirst(2).prefix { $0 != "=" }) != nil
            } else {
                value.utf8.count == 2 && value.last.flatMap { FlagEntry.short($0) } != nil
            }
        guard isOption else { return }
        throw UsageError(
            "\(flag.display) requires a value, but '\(value)' is an option; write \(flag.display) \(name) (for this very "
                + "text: \(flag.display)=\(value))")
    }

    private mutating func add(_ flag: FlagEntry, _ value: String?) throws(UsageError) {
        if let name = flag.value, value == nil {
            throw UsageError("\(flag.display) requires a value: \(flag.display) \(name)")
        }
        switch (flag.name, flag.short) {
        case ("", _): answer = answer ?? .shortHelp
        case ("version", _): answer = answer ?? .version
        case ("completions", _): answer = answer ?? .completions(shell: value ?? "")
        case ("complete", _): answer = answer ?? .offers(kind: value ?? "", words: [])
        default: break
        }
        if flag.name == "then" {
            later.append(StageFlags())
            return
        }
        let stage = flag.scope == .run ? nil : later.indices.last
        if stage != nil, flag.scope == .input { throw Self.inputFlag(flag) }
        // Of the others, the last one counts: scripts add them to a command line.
        let before = stage.map { later[$0].given } ?? arguments.given
        if let value, !flag.repeats, flag.affectsResults, let former = before.value(flag.name), former != value {
            throw Self.twice(flag, former, value)
        }
        last = (flag, value ?? "")
        if flag.section == .aggregates {
            let aggregate = AggregateFlag(flag: flag.name, value: value ?? "")
            if let stage { later[stage].aggregates.append(aggregate) } else { aggregates.append(aggregate) }
        } else if let stage {
            later[stage].given.add(flag, value)
        } else {
            arguments.given.add(flag, value)
        }
    }

    // MARK: - Stages

    /// A stage that computes nothing, or a flag that only the last stage can have.
    private var stageMistake: UsageError? {
        guard let lastStage = later.indices.last else { return nil }
        if let number = later.firstIndex(where: \.isEmpty) {
            return UsageError(
                "--then begins stage \(number + 2), but no flag of it follows; add what it computes, such as "
                    + "--then -w 1h --max COLUMN")
        }
        for (number, given) in ([arguments.given] + later.map(\.given)).enumerated() where number <= lastStage {
            guard let flag = given.entries.first(where: { $0.scope == .last }) else { continue }
            return flag.name == "punctuate"
                ? UsageError("--punctuate before --then: stages pass the watermark on by themselves; remove it")
                : UsageError(
                    "\(flag.display) prints rows by the clock, and another stage would count them twice; move it behind "
                        + "the last --then")
        }
        return nil
    }

    private static func inputFlag(_ flag: FlagEntry) -> UsageError {
        let reason =
            flag.section == .time
            ? "the watermark of a later stage is that of the stage before it" : "only the first stage reads the input"
        return UsageError("\(flag.display) is behind --then, but \(reason); move it before --then")
    }

    /// A flag that takes one value was given two.
    private static func twice(_ flag: FlagEntry, _ first: String, _ second: String) -> UsageError {
        // Not the URL of a database, which may hold a password.
        guard flag.name != "output" else { return UsageError("--output is given twice; remove one") }
        let remedy =
            switch flag.name {
            case "select", "key": "write \(flag.display) \(first),\(second)"
            case "having": "join the conditions with 'and'"
            default: "remove one"
            }
        return UsageError("\(flag.display) is given twice, as '\(first)' and '\(second)'; \(remedy)")
    }
}

/// An INPUT on the command line, with the flag before it: a word that is not a file often belongs to that flag.
struct InputWord: Sendable {
    var text: String
    var flag: FlagEntry?
    /// The value of that flag; empty for none.
    var value: String
}

import Plan

/// Reads argv by the rules of GNU getopt_long, without abbreviations: options and inputs in any order, `--name VALUE`,
/// `--name=VALUE`, `-n VALUE`, `-nVALUE`, bundles such as `-vw1m`, and only inputs after `--`. A value may start with a
/// dash. No flag has an optional value, since that would swallow the next input.
///
/// `FlagEntry.all` is all it needs. A library that reads declarations at each start took two thirds of a short run.
struct ArgumentReader {
    struct AggregateFlag: Equatable, Sendable {
        /// The long name: `avg`, `quantile`, `agg`.
        var flag: String
        /// Empty for `--count`.
        var value: String
    }

    /// Requests that take precedence over everything else on the command line.
    enum Answer: Equatable {
        case shortHelp, help, version
        case completions(String)
    }

    private(set) var arguments = Arguments()
    /// In order: the columns of a row follow it.
    private(set) var aggregates: [AggregateFlag] = []
    private(set) var answer: Answer?
    /// The first flag that does not exist.
    private(set) var unknown: String?

    init(_ arguments: [String]) throws(UsageError) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--" {
                self.arguments.inputs += rest
                break
            } else if argument.hasPrefix("--") {
                try readLong(argument, &rest)
            } else if argument.hasPrefix("-"), argument != "-" {
                try readShort(argument, &rest)
            } else {
                self.arguments.inputs.append(argument)
            }
        }
    }

    /// `--name`, `--name VALUE` or `--name=VALUE`.
    private mutating func readLong(_ argument: String, _ rest: inout ArraySlice<String>) throws(UsageError) {
        let body = argument.dropFirst(2)
        guard let equals = body.firstIndex(of: "=") else {
            guard let flag = FlagEntry.named(body) else {
                addUnknown(argument)
                return
            }
            try add(flag, flag.value == nil ? nil : rest.popFirst())
            return
        }
        guard let flag = FlagEntry.named(body[..<equals]) else {
            addUnknown(String(argument[..<equals]))
            return
        }
        let value = String(body[body.index(after: equals)...])
        guard flag.value != nil else {
            throw UsageError("\(flag.display) does not take a value; remove '=\(value)'")
        }
        try add(flag, value)
    }

    /// `-v`, `-w VALUE`, `-wVALUE` or a bundle such as `-vw1m`.
    private mutating func readShort(_ argument: String, _ rest: inout ArraySlice<String>) throws(UsageError) {
        var letters = argument.dropFirst()
        while let letter = letters.popFirst() {
            guard let flag = FlagEntry.short(letter) else {
                addUnknown("-\(letter)")
                return
            }
            guard flag.value != nil else {
                try add(flag, nil)
                continue
            }
            if letters.isEmpty {
                try add(flag, rest.popFirst())
            } else {
                if letters.first == "=" { letters.removeFirst() }
                try add(flag, String(letters))
            }
            return
        }
    }

    private mutating func addUnknown(_ argument: String) { unknown = unknown ?? argument }

    private mutating func add(_ flag: FlagEntry, _ value: String?) throws(UsageError) {
        if let name = flag.value, value == nil {
            throw UsageError("\(flag.display) requires a value: \(flag.display) \(name)")
        }
        switch (flag.name, flag.short) {
        case ("", _): answer = answer ?? .shortHelp
        case ("help", _): answer = answer ?? .help
        case ("version", _): answer = answer ?? .version
        case ("generate", _): answer = answer ?? .completions(value ?? "")
        default: break
        }
        if flag.section == .aggregates {
            aggregates.append(AggregateFlag(flag: flag.name, value: value ?? ""))
        } else {
            arguments.given.add(flag, value)
        }
    }
}

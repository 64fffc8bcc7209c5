import Plan
import StreamEngine

/// Answers a word that looks like an option but is none: by what was probably meant, then by spelling.
enum UnknownFlag {
    /// What an unknown long option stands for, if it can be accepted.
    enum Accepted {
        case option(FlagEntry)
        case setting(FlagEntry, value: String)
        /// `--p99 FIELD`: the value goes behind this text.
        case quantile(rank: String)
        /// `--percentile 99:FIELD`.
        case percentile
    }

    /// - Parameter name: without dashes.
    static func accepted(_ name: some StringProtocol) -> Accepted? {
        let name = normal(name)
        if let rank = Percentile.rank(ofName: name) { return .quantile(rank: rank) }
        if name == "percentile" || name == "percentiles" { return .percentile }
        switch FlagSynonym.named(name) {
        case .option(let flag): return FlagEntry.named(flag).map { .option($0) }
        case .setting(let flag, let value): return FlagEntry.named(flag).map { .setting($0, value: value) }
        case .advice, nil: return nil
        }
    }

    /// The message for a long option.
    ///
    /// - Parameters:
    ///   - argument: `--name`.
    ///   - next: the argument after it.
    static func long(_ argument: String, next: String?) -> UsageError {
        let name = normal(argument.dropFirst(2))
        if case .advice(let text)? = FlagSynonym.named(name) { return unknown(argument, text) }
        if let flag = FlagEntry.named(name) { return unknown(argument, "did you mean '\(flag.display)'?") }
        if let remedy = remedy(name, next) { return unknown(argument, remedy) }
        if let function = Synonyms.aggregate(name.replacing("-", with: "_"))?.function {
            let field = next.map { isName($0) ? $0 : "FIELD" } ?? "FIELD"
            return unknown(argument, "use -a 'NAME=\(function.usage.replacing("(x", with: "(\(field)"))'")
        }
        if let split = argument.firstIndex(where: { $0 == ":" }),
            let flag = FlagEntry.named(argument[..<split].dropFirst(2)), flag.value != nil
        {
            return unknown(argument, "write \(flag.display) \(argument[argument.index(after: split)...])")
        }
        if name.count == 1, let letter = name.first, let flag = FlagEntry.short(letter) {
            return unknown(argument, "write -\(letter), with one hyphen, or \(flag.display)")
        }
        if let flag = nearest(name) { return unknown(argument, "did you mean '--\(flag)'?") }
        return unknown(argument, "'streamctl --help' lists all options")
    }

    /// What to write instead of `--p95,p99`, `--sum-by`, `--no-fill` and `--sasl-username`.
    private static func remedy(_ name: String, _ next: String?) -> String? {
        let field = next.map { isName($0) ? $0 : "FIELD" } ?? "FIELD"
        let ranks = name.split(separator: ",").map { Percentile.rank(ofName: $0) }
        if ranks.count > 1, !ranks.contains(nil) {
            return "write --quantile \(ranks.compactMap(\.self).joined(separator: ",")):\(field)"
        }
        let parts = name.split(separator: "-", maxSplits: 1).map(String.init)
        if parts.count == 2, parts[1] == "by", AggregateFunction.named(parts[0] + "_by") == nil,
            let function = Synonyms.aggregate(parts[0])?.function
        {
            return "write -g \(field) and \(function.arguments.contains(0) ? "--count" : "--\(function.name) FIELD")"
        }
        if parts.count == 2, parts[0] == "no" || parts[0] == "disable", let flag = FlagEntry.named(parts[1]) {
            return "\(flag.display) is off unless it is given"
        }
        if ["sasl-", "ssl-", "security-", "kerberos-"].contains(where: name.hasPrefix) {
            return "properties of librdkafka are set with -X, such as -X \(name.replacing("-", with: "."))=VALUE; "
                + "secrets with -X @FILE"
        }
        return nil
    }

    /// The message for a letter or a digit.
    static func short(_ letter: Character) -> UsageError {
        if letter.isNumber {
            return unknown(
                "-\(letter)", "-n N stops after N input records; for the first N rows, pipe the output into 'head -n N'"
            )
        }
        return unknown("-\(letter)", FlagSynonym.letter(letter) ?? "'streamctl --help' lists all options")
    }

    /// A long option with a single hyphen, such as `-window`; nil if the letters may well be meant one by one.
    static func singleHyphen(_ argument: String) -> UsageError? {
        let body = argument.dropFirst()
        let name = body.prefix { $0 != "=" }
        let isWord = name.utf8.allSatisfy { (0x61...0x7a).contains($0) || $0 == UInt8(ascii: "-") }
        guard name.utf8.count >= 3, isWord, FlagEntry.named(name) != nil || FlagSynonym.named(normal(name)) != nil
        else { return nil }
        return unknown("-\(name)", "write --\(body), with two hyphens")
    }

    /// A word that starts with a dash which is not the hyphen of the keyboard; nil if what follows is not an option.
    static func longDash(_ argument: String) -> UsageError? {
        // Not a set: the first set of a type costs the runtime a search of all conformances, at each start.
        let dashes: [Unicode.Scalar] = [
            "\u{2010}", "\u{2011}", "\u{2012}", "\u{2013}", "\u{2014}", "\u{2015}", "\u{2212}",
        ]
        let scalars = argument.unicodeScalars
        guard let first = scalars.first(where: { $0 != "-" }), dashes.contains(first) else { return nil }
        var body = String.UnicodeScalarView()
        body.append(contentsOf: scalars.drop { $0 == "-" || dashes.contains($0) })
        let text = String(body)
        let name = text.prefix { $0 != "=" }
        guard !name.isEmpty else { return nil }
        if FlagEntry.named(name) != nil || FlagSynonym.named(normal(name)) != nil || accepted(name) != nil {
            return UsageError("\(argument): this begins with a dash, not with two hyphens; write --\(text)")
        }
        if let letter = name.first, FlagEntry.short(letter) != nil {
            return UsageError("\(argument): this begins with a dash, not with a hyphen; write -\(text)")
        }
        return nil
    }

    private static func unknown(_ argument: String, _ remedy: String) -> UsageError {
        UsageError("unknown option '\(argument)'; \(remedy)")
    }

    private static func normal(_ name: some StringProtocol) -> String { name.lowercased().replacing("_", with: "-") }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty && !text.hasPrefix("-") && (try? FieldPath.parse(text)) != nil
    }

    /// The option whose name is a likely typing error away, or that the word begins.
    static func nearest(_ name: String) -> String? {
        guard name.utf8.count >= 3 else { return nil }
        let names = FlagEntry.visible.map(\.name).filter { !$0.isEmpty }
        var best: (distance: Int, name: String)?
        for candidate in names where isLikelyTypo(name, candidate) {
            let distance = Spelling.distance(Array(name.utf8), Array(candidate.utf8))
            if distance < best?.distance ?? Int.max { best = (distance, candidate) }
        }
        if let best { return best.name }
        let longer = names.filter { $0.hasPrefix(name) }
        return longer.count == 1 ? longer[0] : nil
    }

    /// Words that differ in their first letter are different words rather than errors of typing, and a short word has
    /// many neighbours. Two letters that are swapped count as one error.
    private static func isLikelyTypo(_ word: String, _ name: String) -> Bool {
        let (a, b) = (Array(word.utf8), Array(name.utf8))
        if Spelling.isSwapped(a, b) { return true }
        return a.first == b.first && Spelling.distance(a, b) <= (a.count <= 5 ? 1 : 2)
    }
}

import Plan
import StreamEngine

/// Answers an INPUT that is not a file by what it probably was: a value of the flag before it, an option without its
/// hyphens, or a word of another language.
enum StrayWord {
    /// - Parameter follows: whether files are followed, which may not be there yet, and patterns have a meaning.
    /// - Throws: `noSuchInput` for the first word that does not exist and has a likely meaning.
    static func check(
        _ words: [InputWord], _ environment: PlanEnvironment, follows: Bool
    ) throws(UsageError) {
        for (number, word) in words.enumerated() where word.text != "-" && !word.text.isEmpty {
            if follows, FollowedFiles.isPattern(word.text) { continue }
            guard !isAddress(word.text), environment.isMissing(word.text) else { continue }
            let following: [String] = words[(number + 1)...].map(\.text).prefix { environment.isMissing($0) }.map { $0 }
            if let hint = hint(word, following) ?? otherFile(word.text, environment) {
                throw .noSuchInput(UsageError.oneLine("\(word.text): No such file or directory (\(hint))"))
            }
        }
    }

    /// Whether the text names something else than a file, or tries to: the inputs answer it themselves.
    private static func isAddress(_ text: String) -> Bool {
        if text.contains("://") { return true }
        let beginnings = [
            "demo:sensors", "kafka:", "file:", "kafka//", "jdbc:", "postgresql:", "postgres:", "host=", "dbname=",
        ]
        return beginnings.contains { text.lowercased().hasPrefix($0) }
    }

    private static func hint(_ word: InputWord, _ following: [String]) -> String? {
        let text = word.text
        if text.hasPrefix("--"), FlagEntry.named(text.dropFirst(2).prefix { $0 != "=" }) != nil {
            return "behind --, everything is an INPUT; put options in front of it"
        }
        if let flag = word.flag, flag.name == "where" || flag.name == "having", isField(word.value), Double(text) != nil
        {
            return "the shell takes > and < for redirections; put the condition in quotes: \(flag.display) "
                + "'\(word.value) > \(text)'"
        }
        if let hint = shape(text) { return hint }
        if isFileName(text) { return nil }
        if let rank = Percentile.rank(ofName: text) {
            let field = following.first.flatMap { isField($0) ? $0 : nil } ?? "FIELD"
            return "for a percentile, use --quantile \(rank):\(field)"
        }
        let value = word.flag.flatMap { context($0, word, following) }
        if value == nil, let hint = expression(text) { return hint }
        if let hint = meaning(text, following, isAfterValue: value != nil) {
            return value.map { "\($0); \(hint)" } ?? hint
        }
        return value
    }

    // MARK: By itself

    /// Texts that say by their form that they are no file.
    private static func shape(_ text: String) -> String? {
        if text.hasPrefix("{\"") || text == "{}" || text.hasPrefix("{'") {
            return "records are read from standard input: echo '...' | streamctl"
        }
        if text.hasPrefix("{") {
            return "there are no programs as in awk; use --where, --let and aggregates such as --sum FIELD"
        }
        if let hint = severalFiles(text) { return hint }
        if text.hasPrefix("~") { return "the shell replaces ~ only at the start of a word and outside of quotes" }
        if text.hasPrefix("$") { return "the shell replaces variables only outside of single quotes" }
        if text.contains("*") || text.contains("?"), !text.contains("(") { return "no file matches this pattern" }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count == 2, let colon = parts[0].lastIndex(of: ":"), UInt16(parts[0][colon...].dropFirst()) != nil {
            return "for a topic, write kafka://\(text)"
        }
        if parts.count == 1, let colon = text.lastIndex(of: ":"), UInt16(text[colon...].dropFirst()) != nil {
            return "for a topic, write kafka://\(text)/TOPIC"
        }
        return nil
    }

    /// SQL, jq and conditions, which are values of options here.
    private static func expression(_ text: String) -> String? {
        let words = text.lowercased().split(separator: " ")
        if words.count > 1, ["select", "from", "insert", "with", "create"].contains(words[0]) {
            return "this is not SQL; use --select, --where, -g and aggregates such as --count"
        }
        if text.hasPrefix("."), !text.contains("/"), text.utf8.count > 1,
            (try? FieldPath.parse(String(text.dropFirst()))) != nil
        {
            return "this is not jq; for a column, use --select \(text.dropFirst())"
        }
        guard text.contains(where: { "=<>~".contains($0) }) || text.contains("(") else { return nil }
        let plain = text.hasPrefix(".") ? String(text.dropFirst()) : text
        // `format=csv` is an option without its hyphens.
        let name = String(plain.prefix { $0 != "=" })
        if FlagEntry.named(name) != nil || UnknownFlag.accepted(name) != nil { return nil }
        if plain.contains("("), let list = try? Expression.parseAggregates(plain), !list.isEmpty {
            return "for aggregates, use -a '\(plain)'"
        }
        guard let condition = try? Expression.parse(plain), condition.plainField == nil else { return nil }
        let quote = plain.contains("'") ? "\"" : "'"
        return "for a condition, use --where \(quote)\(plain)\(quote)"
    }

    /// `a.jsonl,b.jsonl`
    private static func severalFiles(_ text: String) -> String? {
        let names = text.split(separator: ",").map(String.init)
        guard text.contains(","), names.allSatisfy(isFileName) else { return nil }
        return "separate files with spaces: \(names.joined(separator: " "))"
    }

    /// A file whose name differs in case or in its extension.
    private static func otherFile(_ text: String, _ environment: PlanEnvironment) -> String? {
        var candidates = [text.lowercased()]
        var base = text
        if let dot = text.lastIndex(of: "."), dot != text.startIndex { base = String(text[..<dot]) }
        for stem in [base, base.lowercased(), text] {
            candidates += ["jsonl", "json", "ndjson", "log", "jsonl.gz"].map { "\(stem).\($0)" }
        }
        // Not where nothing is known about files.
        guard environment.isMissing("/nonexistent/file") else { return nil }
        return candidates.first { $0 != text && !environment.isMissing($0) }.map { "did you mean \($0)?" }
    }

    private static func isFileName(_ text: String) -> Bool {
        if text.contains("/") { return true }
        guard let dot = text.lastIndex(of: "."), dot != text.startIndex else { return false }
        return [
            "json", "jsonl", "ndjson", "log", "txt", "csv", "tsv", "gz", "zst", "bz2", "xz", "zip", "parquet", "out",
            "dat", "jsonlines", "1", "2", "bak", "tmp",
        ].contains(text[dot...].dropFirst().lowercased())
    }

    /// Words that are options or questions.
    private static func meaning(_ text: String, _ following: [String], isAfterValue: Bool) -> String? {
        let word = text.lowercased()
        let next = following.first.flatMap { isField($0) ? $0 : nil }
        switch word {
        case "help", "usage", "man": return "for help, use -h, --help or --help TOPIC"
        case "version": return "use --version"
        case "demo", "demo:", "sensors", "example": return "the built-in source is demo:sensors"
        case "stdin": return "standard input is -"
        case "run", "start", "query", "stream", "aggregate":
            return "there are no subcommands; streamctl -h shows the options"
        case "select", "from", "group", "order", "limit", "into", "join", "insert", "create", "as":
            if !isAfterValue { return "this is not SQL; use --select, --where, -g and aggregates such as --count" }
        default: break
        }
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts.first.map { $0.lowercased().replacing("_", with: "-") } ?? ""
        let value = parts.count == 2 ? "=\(parts[1])" : nil
        if let flag = FlagEntry.named(name) {
            if isAfterValue, value == nil { return "the option is \(flag.display)" }
            return "an option begins with two hyphens: \(flag.display)"
                + (value ?? (flag.value == nil ? "" : " " + (next ?? flag.value ?? "")))
        }
        if isAfterValue { return nil }
        switch UnknownFlag.accepted(name) {
        case .option(let flag):
            return "use \(flag.display)" + (value ?? (flag.value == nil ? "" : " " + (next ?? flag.value ?? "")))
        case .setting(let flag, let setting): return "use \(flag.display) \(setting)"
        case .quantile, .percentile, nil: break
        }
        if case .advice(let text)? = FlagSynonym.named(name) { return text }
        if let function = AggregateFunction.named(name) { return "use -a 'NAME=\(function.usage)'" }
        return nil
    }

    // MARK: After a flag

    private static func context(_ flag: FlagEntry, _ word: InputWord, _ following: [String]) -> String? {
        let text = word.text
        let value = word.value
        if flag.name == "count" {
            guard isField(text) else { return nil }
            return "--count takes no value; for the records in which \(text) is not null, use -a 'n=count(\(text))'"
        }
        guard flag.value != nil else {
            return isField(text) && flag.section != .other ? "\(flag.display) takes no value" : nil
        }
        switch flag.name {
        case "quantile", "top":
            // A name is a field here, even one that is a word for an option.
            guard Double(value) != nil, isField(text) else { return nil }
            let rank = flag.name == "quantile" ? Percentile.rank(ofPercent: value) ?? value : value
            return "write \(flag.display) \(rank):\(text)"
        case "by", "select", "key":
            guard isField(text) else { return quoted(flag, value, [text] + following) }
            let list = ([value] + ([text] + following.filter(isField)).map { "," + $0 }).joined()
                .replacing(",,", with: ",")
            let remedy = "fields are separated by commas: \(flag.display) \(list)"
            guard let last = value.split(whereSeparator: { $0 == "," || $0 == "." || $0 == "=" }).last,
                value.hasSuffix(last)
            else { return remedy }
            return "\(remedy); a name with a space is put in quotes: "
                + "\(flag.display) '\(value.dropLast(last.count))\"\(last) \(text)\"'"
        case "agg" where Synonyms.aggregate(value) != nil && isField(text): return "write -a '\(value)(\(text))'"
        case "where", "having", "let", "agg": return quoted(flag, value, [text] + following)
        default: break
        }
        if flag.section == .aggregates {
            guard isField(text) else { return nil }
            return "\(flag.display) takes one field; repeat it: \(flag.display) \(value) \(flag.display) \(text)"
        }
        if isNumber(value), ["ms", "s", "m", "h", "d", "w", "us", "ns"].contains(text) {
            return "write \(flag.display) \(value)\(text)"
        }
        if isNumber(value), let unit = DurationHint.unit(text) { return "write \(flag.display) \(value)\(unit)" }
        if flag.name == "time-format" { return quoted(flag, value, [text] + following) }
        return nil
    }

    private static func quoted(_ flag: FlagEntry, _ value: String, _ words: [String]) -> String? {
        let whole = ([value] + words).joined(separator: " ")
        guard whole.utf8.count <= 120 else { return "put the value of \(flag.display) in quotes" }
        let quote = whole.contains("'") ? "\"" : "'"
        return "put the whole value in quotes: \(flag.display) \(quote)\(whole)\(quote)"
    }

    private static func isField(_ text: String) -> Bool { (try? FieldPath.parse(text)) != nil }

    private static func isNumber(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}

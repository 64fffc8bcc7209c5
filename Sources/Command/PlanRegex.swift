import Plan
import StreamEngine

/// `--regex` and its flags.
extension Plan {
    /// The fields of lines that a regular expression reads; nil without one.
    ///
    /// - Parameter name: the format that the command line names.
    static func regexLayout(_ flags: InputArguments, _ name: FormatName) throws(UsageError) -> RegexLayout? {
        guard let text = flags.regex else {
            if name == .regex {
                throw UsageError(
                    "--input-format regex requires the pattern; write --regex PATTERN, such as "
                        + "--regex '(?<method>\\S+) (?<path>\\S+)'")
            }
            if let action = flags.unmatched {
                throw UsageError("--unmatched \(action) applies only to --regex PATTERN")
            }
            return nil
        }
        guard name == .auto || name == .regex else {
            throw UsageError("--regex reads lines, but --input-format is \(name.rawValue); remove one of them")
        }
        let pattern = try regex(text, of: "--regex")
        let columns = flags.columns?.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        try checkGroups(pattern, columns)
        let action = flags.unmatched ?? "reject"
        guard action == "reject" || action == "skip" else {
            throw UsageError("--unmatched '\(action)': expected reject or skip")
        }
        do throws(RegexError) {
            return try RegexLayout(pattern, columns: columns, skipsUnmatched: action == "skip")
        } catch {
            throw usageError(ExpressionError(reason: error.reason, offset: error.offset, text: text), "--regex")
        }
    }

    /// A regular expression that is the value of a flag.
    static func regex(_ text: String, of flag: String) throws(UsageError) -> Regex {
        do throws(RegexError) {
            return try Regex(text)
        } catch {
            throw usageError(ExpressionError(reason: error.reason, offset: error.offset, text: text), flag)
        }
    }

    private static func checkGroups(_ pattern: Regex, _ columns: [String]?) throws(UsageError) {
        let unnamed = pattern.groupNames.count { $0 == nil }
        if let columns {
            guard columns.count == unnamed else {
                let groups = unnamed == 1 ? "1 group" : "\(unnamed) groups"
                throw UsageError(
                    "--columns names \(columns.count), but the pattern of --regex has \(groups) without a name")
            }
            return
        }
        guard unnamed == pattern.groupCount else { return }
        if pattern.text.contains("%{") {
            throw UsageError(
                "--regex '\(pattern.text)': grok patterns are not known; write (?<client>\\S+) for %{IP:client}")
        }
        throw UsageError(
            "--regex '\(pattern.text)': no group has a name, so there are no fields; write (?<name>…)"
                + (unnamed > 0 ? ", or name the groups in order with --columns" : ""))
    }

    /// The field that probably is the event time.
    static func likelyTime(_ layout: RegexLayout) -> String? {
        layout.names.lazy.compactMap(\.self).first { name in
            ["time", "timestamp", "ts", "datetime", "date"].contains(name.lowercased())
        }
    }

    /// Refuses fields that no group of the pattern has.
    static func checkFields(_ query: Query, of layout: RegexLayout) throws(UsageError) {
        // The names of a table may not be known yet.
        guard query.lookups.allSatisfy({ $0.names != nil }) else { return }
        var names: [String] = []
        for case let name? in layout.names where !names.contains(name) { names.append(name) }
        for field in ColumnLayout(query).fieldsOfRecords where !names.contains(field.columnName) {
            let near = Spelling.nearest(to: field.columnName, among: names)
            throw UsageError(
                "'\(field.text)' is not a field: --regex has the groups \(names.joined(separator: ", "))"
                    + (near.map { "; did you mean \($0)?" } ?? ""))
        }
    }
}

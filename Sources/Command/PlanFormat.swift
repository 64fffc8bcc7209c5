import Plan
import StreamEngine

extension Plan {
    /// How to read records.
    static func readFormat(_ flags: InputArguments) throws(UsageError) -> FormatPlan {
        var format = FormatPlan()
        if let text = flags.inputFormat {
            guard let name = FormatName(rawValue: text) ?? others[text.lowercased()] else {
                let names = FormatName.allCases.map(\.rawValue)
                let near = Spelling.nearest(to: text, among: names)
                throw UsageError(
                    "--input-format '\(text)': unknown format; "
                        + (near.map { "did you mean \($0)?" } ?? "use one of \(names.joined(separator: ", "))"))
            }
            format.name = name
        }
        format.pattern = try regexLayout(flags, format.name)
        if format.pattern != nil { format.name = .regex }
        // Otherwise the flags of tables describe the texts inside of the records.
        if !flags.unwrap.contains(where: { $0.hasSuffix(":csv") || $0.hasSuffix(":tsv") }) {
            try readTable(flags, into: &format)
        }
        if let text = flags.recordStart {
            format.recordStart = try regex(text, of: "--record-start")
            do throws(FormatError) {
                if format.name != .auto { _ = try FormatChoice(format).format([], path: "", isWhole: true) }
            } catch {
                throw UsageError(error.text)
            }
        }
        format.rejectsShortRows = flags.strict
        return format
    }

    /// The flags of CSV and TSV.
    private static func readTable(_ flags: InputArguments, into format: inout FormatPlan) throws(UsageError) {
        let isTable = [.csv, .tsv, .auto].contains(format.name)
        for (flag, isGiven) in [
            ("--columns", flags.columns != nil && format.name != .regex), ("--delimiter", flags.delimiter != nil),
            ("--no-header", flags.noHeader),
        ] where isGiven && !isTable {
            throw UsageError("\(flag) applies only to csv and tsv, but --input-format is \(format.name.rawValue)")
        }
        if isTable { format.columns = flags.columns.map(columnNames) }
        format.separator = try flags.delimiter.map(separator)
        format.hasNoHeader = flags.noHeader
        // These flags say that it is a table.
        if format.name == .auto, format != FormatPlan() { format.name = format.separator == 0x09 ? .tsv : .csv }
    }

    /// Other names of formats.
    private static let others: [String: FormatName] = [
        "ndjson": .json, "jsonl": .json, "jsonlines": .json, "json-lines": .json, "json-seq": .jsonStream,
        "clf": .common, "apache": .combined, "nginx": .combined, "text": .lines, "line": .lines, "raw": .lines,
        "rfc5424": .syslog, "rfc3164": .syslog, "journald": .journal, "containerd": .cri, "tab": .tsv,
    ]

    /// The names of `--columns`.
    static func columnNames(_ text: String) -> [String] {
        text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    /// The byte of `--delimiter`.
    static func separator(_ text: String) throws(UsageError) -> UInt8 {
        if text == "tab" || text == "\\t" { return 0x09 }
        guard text.utf8.count == 1, let byte = text.utf8.first, byte != 0x0a, byte != 0x22, byte < 0x80 else {
            throw UsageError("--delimiter '\(text)': not one character; write one of ASCII, such as ';', or tab")
        }
        return byte
    }
}

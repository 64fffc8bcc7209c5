/// The formats that `--input-format` names.
package enum FormatName: String, CaseIterable, Sendable {
    case auto, json
    case jsonStream = "json-stream"
    case logfmt, csv, tsv, common, combined, syslog, docker, cri, journal, lines, regex

    /// Whether it is JSON, or may be.
    package var takesJSON: Bool { [.auto, .json, .jsonStream].contains(self) }
}

/// How to read the records of all inputs, as a command line says it.
package struct FormatPlan: Equatable, Sendable {
    package var name = FormatName.auto
    /// Between the values of CSV; nil: the header decides.
    package var separator: UInt8?
    /// The names of values; nil: those in the first line.
    package var columns: [String]?
    /// Whether the first line of CSV and TSV is data.
    package var hasNoHeader = false
    /// Whether rows of CSV and TSV with fewer values than the header has names are rejected.
    package var rejectsShortRows = false
    /// The fields of `regex`.
    package var pattern: RegexLayout?
    /// Matches the first line of each record; nil: each line is a record.
    package var recordStart: Regex?
    /// Whether it is JSON in any arrangement.
    package var isJSON = false

    package init(_ name: FormatName = .auto) { self.name = name }

    /// The format, if it does not depend on the input.
    package var format: InputFormat? {
        guard name != .auto, columns != nil || name != .csv && name != .tsv else { return nil }
        return try? FormatChoice(self).format([], path: "", isWhole: true)
    }
}

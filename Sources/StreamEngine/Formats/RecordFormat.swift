/// Converts the records of a batch to columns, one for each wanted field.
///
/// A format is a non-generic struct whose `read` contains the loop over the records, so that no call in the loop is
/// dynamic. `read` itself is called dynamically, once per batch. Each worker has its own format.
package protocol RecordFormat: ~Copyable, SendableMetatype {
    /// How to print the bytes of its accepted records.
    static var content: RecordContent { get }
    /// Whether a valid record is complete even without the end of its line, like an object with its closing brace. In
    /// other formats, a truncated line may look complete.
    static var isSelfDelimiting: Bool { get }
    /// The possible defects of a record, for messages and the rejects file. `RecordStatus.malformed` holds an index.
    static var defects: [StaticString] { get }
    /// Describes the first defect of a rejected record, for messages. May be slow; nil if there is nothing to add to the
    /// entry of `defects`.
    static func defect(in record: UnsafeRawBufferPointer) -> RecordDefect?

    /// Reads all records of the batch: calls `records.begin`, adds a row for each record that is not blank, and calls
    /// `records.end`.
    ///
    /// The row of a rejected record has no values. `batch.framing` determines where records end.
    mutating func read(_ batch: inout Batch, into records: inout Records)

    /// Makes a text format read the texts of these columns as numbers if they are numbers. Only for columns that are not
    /// used as text: a text that is a number then has the same meaning as the number.
    mutating func readNumbers(in columns: [Int])

    /// The names of the fields in the records read so far, for a text format that was made without fields. JSON has none:
    /// its text shows them.
    var names: [[UInt8]] { get }
}

extension RecordFormat where Self: ~Copyable {
    package static func defect(in record: UnsafeRawBufferPointer) -> RecordDefect? { nil }
    package var names: [[UInt8]] { [] }
    package mutating func readNumbers(in columns: [Int]) {}
}

/// A format of records that workers can create.
///
/// To add a format, add a file with a struct that conforms to `RecordFormat`, a line here, and a case to `FormatName`.
package struct InputFormat: Sendable {
    /// The name for users.
    package let name: String
    /// The field that holds the event time of its records, if there is no `--time`.
    package let timeField: String?
    package let timeFormat: TimeFormat
    /// What distinguishes formats of the same name.
    private let layout: DelimitedLayout?
    private let pattern: RegexLayout?
    /// The names of the values of CSV and TSV.
    package var columns: [String]? { layout?.names }
    let traits: RecordTraits
    let make: @Sendable (_ fields: [FieldPath], _ maxLine: Int) -> any RecordFormat & ~Copyable
    /// Finds where to cut the input into batches; nil if a line is a record.
    package private(set) var makeSplitter: (@Sendable (_ maxLine: Int) -> any RecordSplitter)?

    /// - Parameter make: creates a format for records of up to `maxLine` bytes with these fields, one column each,
    ///   starting at column 0. The last field is the `$watermark` member of control lines; its column stays `missing`
    ///   if the format has none. Without fields, a text format collects their names.
    init<Format: RecordFormat & ~Copyable>(
        _ name: String, timeField: String? = nil, timeFormat: TimeFormat = .auto, layout: DelimitedLayout? = nil,
        pattern: RegexLayout? = nil,
        splitter: (@Sendable (_ maxLine: Int) -> any RecordSplitter)? = nil,
        _ make: @escaping @Sendable (_ fields: [FieldPath], _ maxLine: Int) -> Format
    ) {
        self.name = name
        self.timeField = timeField
        self.timeFormat = timeFormat
        self.layout = layout
        self.pattern = pattern
        makeSplitter = splitter
        self.make = { make($0, $1) }
        traits = RecordTraits(
            content: Format.content, isSelfDelimiting: Format.isSelfDelimiting, defects: Format.defects,
            formatDefects: Format.defects.count, findDefect: { Format.defect(in: $0) },
            objects: { Format.content == .json ? nil : RecordObject.texts(of: $0) { make($0, $1) } })
    }

    package static let json = InputFormat("json") { JSONFormat(fields: $0, maxLine: $1) }
    package static let jsonStream = InputFormat(
        "json-stream", splitter: { JSONStreamSplitter(maxLine: $0) }
    ) { JSONStreamFormat(fields: $0, maxLine: $1) }
    package static let logfmt = InputFormat("logfmt") { LogfmtFormat(fields: $0, maxLine: $1) }
    package static let accessLog = InputFormat("combined", timeField: "time") {
        AccessLogFormat(fields: $0, maxLine: $1)
    }
    package static let syslog = InputFormat("syslog", timeField: "time") { SyslogFormat(fields: $0, maxLine: $1) }
    package static let docker = InputFormat(
        "docker", timeField: "time", splitter: { PartSplitter(.docker, maxLine: $0) }
    ) { DockerFormat(fields: $0, maxLine: $1) }
    package static let cri = InputFormat(
        "cri", timeField: "time", splitter: { PartSplitter(.cri, maxLine: $0) }
    ) { CRIFormat(fields: $0, maxLine: $1) }
    package static let journal = InputFormat(
        "journal", timeField: "__REALTIME_TIMESTAMP", timeFormat: .microseconds
    ) { JournalFormat(fields: $0, maxLine: $1) }
    package static let lines = InputFormat("lines") { PlainLines(fields: $0, maxLine: $1) }

    /// CSV or TSV.
    package static func delimited(_ layout: DelimitedLayout) -> InputFormat {
        let splitter: @Sendable (Int) -> any RecordSplitter = { DelimitedSplitter(layout, maxLine: $0) }
        return InputFormat(
            layout.hasQuotes ? "csv" : "tsv", layout: layout, splitter: layout.hasQuotes ? splitter : nil
        ) { (fields: [FieldPath], maxLine: Int) in DelimitedFormat(fields: fields, maxLine: maxLine, layout) }
    }

    package static func regex(_ layout: RegexLayout) -> InputFormat {
        InputFormat("regex", pattern: layout) { RegexFormat(fields: $0, maxLine: $1, layout) }
    }

    /// Those whose records do not depend on the input.
    package static let all = [json, jsonStream, logfmt, accessLog, syslog, docker, cri, journal, lines]

    /// The same format for records that begin at each line that the pattern matches.
    ///
    /// - Throws: if its records are not lines of text.
    func recordsStarting(at pattern: Regex) throws(FormatError) -> InputFormat {
        guard Self.joinable.contains(name) else {
            throw FormatError(
                text:
                    "--record-start joins lines of the formats \(Self.joinable.joined(separator: ", ")), but the format is \(name)"
            )
        }
        var format = self
        format.makeSplitter = { RecordStartSplitter(pattern, maxLine: $0) }
        return format
    }

    /// The formats that have a use for records of several lines.
    private static let joinable = ["lines", "regex", "logfmt", "combined", "syslog"]

    /// Whether records are read in the same way.
    package static func == (left: InputFormat, right: InputFormat) -> Bool {
        left.name == right.name && left.layout == right.layout && left.pattern == right.pattern
    }
}

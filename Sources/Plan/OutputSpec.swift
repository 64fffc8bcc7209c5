import StreamEngine

/// The destination of rows: parsed and checked, but not opened.
///
/// Each kind of output declares its capabilities. The rules between flags check these, never the kind. A new kind is
/// therefore one type that conforms to this protocol, one that conforms to `OpenableOutput`, and a line in the list of
/// outputs.
package protocol OutputSpec: Sendable {
    /// - Returns: nil if the text does not name an output of this kind.
    static func parse(_ text: String) throws(UsageError) -> Self?

    /// The name in messages, without secrets.
    var name: String { get }
    /// The file to write, `-` for standard output; nil for anything else.
    var path: String? { get }
    /// Whether a run without a job replaces what earlier runs have written.
    var isReplaced: Bool { get }
    /// The form in which rows are written.
    var rows: RowForm { get }
    /// The format that the name of the output says; nil if it says none.
    var impliedFormat: OutputFormat? { get }
    /// Whether rows are committed in transactions, even without a job.
    var isTransactional: Bool { get }
    /// Where the output itself keeps checkpoints of jobs; nil if they are files in `--state-dir`.
    var jobStore: JobStore? { get }
    /// How a job is taken over from a process that still runs it.
    var takeover: Takeover { get }
    /// Whether a job may name its output differently in each run, since the output itself keeps its checkpoint.
    var mayMove: Bool { get }
    /// Whether the options of `-X` apply to this output.
    var takesClientOptions: Bool { get }

    // Text for --explain

    /// The guarantee for rows of a run without a job that is repeated.
    ///
    /// - Parameter again: the first clause of the sentence, which names where the repeated run starts.
    func repeated(_ again: String, _ mode: TablePlan.Mode?) -> String
    /// The guarantee of a job.
    var resumed: String { get }

    /// What becomes of the rows of earlier runs when a job starts over.
    func startingOver(_ table: TablePlan?) -> String
}

/// The form in which rows are written.
package enum RowForm: Sendable {
    /// A line of text in one of the formats; control lines may occur between rows.
    case text
    /// A JSON object in a message, which may have a key.
    case message
    /// A row of a table with typed columns.
    case table
}

/// Where an output keeps checkpoints of jobs.
package struct JobStore: Sendable {
    /// The storage in a few words: `in the database`.
    package var place: String
    /// The exact location, for `--explain`.
    package var detail: @Sendable (_ job: String) -> String
}

/// How a job is taken over from a process that still runs it.
package enum Takeover: Sendable {
    /// With `--takeover`.
    case onRequest
    /// Without a flag; the text gives the reason.
    case needless(String)
}

extension OutputSpec {
    package var path: String? { nil }
    package var isReplaced: Bool { false }
    package var impliedFormat: OutputFormat? { nil }
    package var isTransactional: Bool { false }
    package var jobStore: JobStore? { nil }
    package var mayMove: Bool { false }
    package var takesClientOptions: Bool { false }
}

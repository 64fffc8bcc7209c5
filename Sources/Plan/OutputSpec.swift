/// Where rows go: parsed and checked, nothing opened.
///
/// A kind of output states what it can do. The rules between flags ask for that, never for the kind, so a new kind is a
/// type that conforms to this, one that conforms to `OpenableOutput`, and a line in the list of outputs.
package protocol OutputSpec: Sendable {
    /// - Returns: nil when the text does not name an output of this kind.
    static func parse(_ text: String) throws(UsageError) -> Self?

    /// How messages call it. Holds no secret.
    var name: String { get }
    /// The file to write, `-` for standard output; nil for anything else.
    var path: String? { get }
    /// A run without a job replaces what earlier runs have written.
    var isReplaced: Bool { get }
    /// What becomes of a row.
    var rows: RowForm { get }
    /// Rows are committed together every now and then, also without a job.
    var isTransactional: Bool { get }
    /// The output itself keeps the state of its jobs; nil: files in `--state-dir` do.
    var jobStore: JobStore? { get }
    /// How a job is taken from a process that still runs it.
    var takeover: Takeover { get }
    /// A job may name its output otherwise from run to run: its state is found at the output itself.
    var mayMove: Bool { get }
    /// Options of `-X` are for this.
    var takesClientOptions: Bool { get }

    // Words for --explain

    /// What the rows of a run without a job become when the next one starts again.
    ///
    /// - Parameter again: says where that one starts, as the beginning of a sentence.
    func repeated(_ again: String, _ mode: TablePlan.Mode?) -> String
    /// What a job guarantees.
    var resumed: String { get }
}

/// What becomes of a row.
package enum RowForm: Sendable {
    /// A line of text in one of the formats; control lines may stand between them.
    case text
    /// A JSON object of its own, which may have a key.
    case message
    /// A row of a table, whose columns have types.
    case table
}

/// Where an output keeps the state of its jobs.
package struct JobStore: Sendable {
    /// Who keeps it: `in the database`.
    package var place: String
    /// Where it is, for `--explain`.
    package var detail: @Sendable (_ job: String) -> String
}

/// How a job is taken from a process that still runs it.
package enum Takeover: Sendable {
    /// By `--takeover`.
    case onRequest
    /// Without a flag; the text says why, after a semicolon.
    case needless(String)
}

extension OutputSpec {
    package var path: String? { nil }
    package var isReplaced: Bool { false }
    package var isTransactional: Bool { false }
    package var jobStore: JobStore? { nil }
    package var mayMove: Bool { false }
    package var takesClientOptions: Bool { false }
}

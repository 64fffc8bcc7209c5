import StreamEngine

/// All INPUTs of a command line: parsed and checked, but not opened.
///
/// Each kind of input declares its capabilities. The rules between flags check these, never the kind. A new kind is
/// therefore one type that conforms to this protocol, one that conforms to `OpenableInput`, and a line in the list of
/// inputs.
package protocol InputSpec: Sendable {
    /// - Parameter texts: the INPUTs, at least one.
    /// - Returns: nil if none of them is of this kind.
    static func parse(_ texts: [String]) throws(UsageError) -> Self?

    /// The names of the inputs in messages, in reading order. Never empty.
    var names: [String] { get }
    /// The INPUTs as a command line would name them, without secrets.
    var texts: [String] { get }
    /// A noun for one of them: `a file`.
    var noun: String { get }
    /// A noun for records, at the start of a sentence: `Lines`.
    var recordNoun: String { get }
    /// The files to read, `-` for standard input.
    var paths: [String] { get }
    /// Whether records may still be written while they are read, possibly without end.
    func isLive(_ environment: PlanEnvironment) -> Bool
    /// Whether a later run can read the same records again, from any position.
    var isRepeatable: Bool { get }
    /// The columns that the source supplies with each record, such as `@offset`. If they include `@kafka_time`, windows
    /// do not need `--time`.
    var columns: Set<SourceColumn> { get }
    /// Whether each partition has its own watermark. `--idle` then refers to idle partitions.
    var isPartitioned: Bool { get }
    /// What a partition is to users.
    var partitionNoun: String { get }
    /// Whether it may have no records yet when a run starts, so that its first ones decide about no later run.
    var mayStartEmpty: Bool { get }
    /// Whether each record is a message of its own, not a part of a text.
    var carriesMessages: Bool { get }
    /// The consumer group for which offsets are committed.
    var group: String? { get }
    /// Whether a run without a job starts at the committed offsets of the group.
    var startsAtGroup: Bool { get }
    /// Whether the options of `-X` apply to this input.
    var takesClientOptions: Bool { get }
}

extension InputSpec {
    package var recordNoun: String { "Lines" }
    package var texts: [String] { names }
    package var paths: [String] { [] }
    package var isRepeatable: Bool { true }
    package var columns: Set<SourceColumn> { [] }
    package var isPartitioned: Bool { false }
    package var partitionNoun: String { "partition" }
    /// The heading of a list of partitions.
    package var partitionTitle: String { partitionNoun.prefix(1).uppercased() + partitionNoun.dropFirst() + "s" }
    package var mayStartEmpty: Bool { false }
    package var carriesMessages: Bool { false }
    package var group: String? { nil }
    package var startsAtGroup: Bool { false }
    package var takesClientOptions: Bool { false }

    /// Checks that there is only one text.
    ///
    /// - Parameter hint: the remedy, if there are others.
    static func only(of texts: [String], _ name: String, hint: String) throws(UsageError) {
        guard texts.count > 1 else { return }
        throw UsageError("\(name) cannot be combined with other inputs; \(hint)")
    }
}

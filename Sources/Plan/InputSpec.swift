import StreamEngine

/// What the INPUTs of a command line are, all of them together: parsed and checked, nothing opened.
///
/// A kind of input states what it can do. The rules between flags ask for that, never for the kind, so a new kind is a
/// type that conforms to this, one that conforms to `OpenableInput`, and a line in the list of inputs.
package protocol InputSpec: Sendable {
    /// - Parameter texts: the INPUTs, at least one.
    /// - Returns: nil when none of them is of this kind.
    static func parse(_ texts: [String]) throws(UsageError) -> Self?

    /// The inputs as messages call them, in the order in which they are read. Never empty.
    var names: [String] { get }
    /// One of them, in words: `a file`.
    var noun: String { get }
    /// What a record is, at the beginning of a sentence: `Lines`.
    var recordNoun: String { get }
    /// The files to read, `-` for standard input.
    var paths: [String] { get }
    /// Records may still be written while they are read, and there may be no end.
    func isLive(_ environment: PlanEnvironment) -> Bool
    /// A later run can read the same records again, from any position.
    var isRepeatable: Bool { get }
    /// The columns that the source supplies with each record, such as `@offset`. With `@kafka_time` among them, windows
    /// need no `--time`.
    var columns: Set<SourceColumn> { get }
    /// Every partition has a watermark of its own, and `--idle` is about partitions that are idle.
    var isPartitioned: Bool { get }
    /// The consumer group for which positions are committed.
    var group: String? { get }
    /// A run without a job begins at the committed positions of the group.
    var startsAtGroup: Bool { get }
    /// Options of `-X` are for this.
    var takesClientOptions: Bool { get }
}

extension InputSpec {
    package var recordNoun: String { "Lines" }
    package var paths: [String] { [] }
    package var isRepeatable: Bool { true }
    package var columns: Set<SourceColumn> { [] }
    package var isPartitioned: Bool { false }
    package var group: String? { nil }
    package var startsAtGroup: Bool { false }
    package var takesClientOptions: Bool { false }

    /// The only one of the texts.
    ///
    /// - Parameter hint: what to do instead of naming others as well.
    static func only(of texts: [String], _ name: String, hint: String) throws(UsageError) {
        guard texts.count > 1 else { return }
        throw UsageError("\(name) cannot be read together with other inputs; \(hint)")
    }
}

/// A URL of anything else is more likely a mistake than a file.
func refuseService(_ text: String, use: String, instead: String) throws(UsageError) {
    guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else { return }
    let scheme = text[..<colon]
    guard !scheme.isEmpty, scheme.utf8.allSatisfy({ FieldPath.isNameByte($0) }) else { return }
    switch scheme {
    // Not the text itself: there may be a password in it.
    case "postgresql", "postgres": throw UsageError("postgresql://: a database cannot be used \(use); \(instead)")
    default: throw UsageError("\(text): '\(scheme)://' is not known; \(instead) (a file of that name: ./\(text))")
    }
}

import StreamEngine

/// Files that are followed while they are written and rotated.
package struct FollowedFiles: InputSpec, Equatable {
    /// What to do when a job cannot find again what it has read.
    package enum GapPolicy: String, CaseIterable, Sendable { case fail, skip }

    /// Names of files and patterns of the shell.
    package var names: [String]
    /// Whether a first run skips what is there already.
    package var startsAtEnd = false
    /// Patterns of the files that were rotated away; none: the usual names, in the same folder.
    package var rotated: [String] = []
    package var onGap = GapPolicy.fail

    package init(_ names: [String]) { self.names = names }

    /// A flag asks for it, not a text.
    package static func parse(_ texts: [String]) -> FollowedFiles? { nil }

    package var noun: String { "a followed file" }
    package var paths: [String] { names.filter { !Self.isPattern($0) } }
    package func isLive(_ environment: PlanEnvironment) -> Bool { true }
    package var columns: Set<SourceColumn> { [.line, .file, .lineNumber] }
    package var isPartitioned: Bool { true }
    package var mayStartEmpty: Bool { true }
    package var partitionNoun: String { "file" }

    /// Whether a name may stand for several files.
    package static func isPattern(_ name: String) -> Bool { name.contains { "*?[".contains($0) } }
}

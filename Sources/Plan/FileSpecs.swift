import StreamEngine

/// Files, pipes and standard input, read sequentially.
package struct FileInputs: InputSpec, Equatable {
    /// `-` is standard input.
    package var paths: [String]

    package init(_ paths: [String]) { self.paths = paths }

    /// Accepts any text that does not look like the URL of a service.
    package static func parse(_ texts: [String]) throws(UsageError) -> FileInputs? {
        for text in texts where text != "-" {
            if text.isEmpty { throw UsageError("an INPUT is an empty string; name a file, or - for standard input") }
            try ForeignPlace.refuse(text, as: .input)
        }
        guard texts.count(where: { $0 == "-" }) <= 1 else {
            throw UsageError("standard input (-) is named twice but can be read only once; remove one")
        }
        return FileInputs(texts)
    }

    package var names: [String] { paths.map { $0 == "-" ? "standard input" : $0 } }
    package var texts: [String] { paths }
    package var noun: String { paths.first == "-" ? "standard input" : "a file" }
    package func isLive(_ environment: PlanEnvironment) -> Bool { environment.isLive(paths) }
    package var isRepeatable: Bool { !paths.contains("-") }
    package var columns: Set<SourceColumn> { [.line, .file, .lineNumber] }
}

/// Lines of text in a file or on standard output.
package struct FileOutput: OutputSpec, Equatable {
    package let file: String

    /// - Parameter path: `-` is standard output.
    package init(path: String) { file = path }

    /// Accepts any text that does not look like the URL of a service.
    package static func parse(_ text: String) throws(UsageError) -> FileOutput? {
        if text.isEmpty { throw UsageError("--output is an empty string; name a file, or - for standard output") }
        try ForeignPlace.refuse(text, as: .output)
        try ForeignPlace.checkFileName(text)
        return FileOutput(path: text)
    }

    package var name: String { isStandard ? "standard output" : file }
    package var path: String? { file }
    package var isReplaced: Bool { !isStandard }
    package var rows: RowForm { .text }
    package var takeover: Takeover { .needless("for files, the lock ends with the process that holds it") }
    package var isStandard: Bool { file == "-" }
    package var impliedFormat: OutputFormat? {
        guard let dot = file.lastIndex(of: ".") else { return nil }
        switch file[dot...].lowercased() {
        case ".csv": return .csv
        case ".tsv", ".tab": return .tsv
        case ".json", ".jsonl", ".ndjson": return .json
        case ".svg": return .svg
        default: return nil
        }
    }

    package func repeated(_ again: String, _ mode: TablePlan.Mode?) -> String {
        isStandard
            ? "at least once: \(again), and writes its rows again" : "\(again), and every run overwrites the file"
    }

    package func startingOver(_ table: TablePlan?) -> String {
        isStandard ? "its rows are written again" : "\(file) is emptied"
    }

    package var resumed: String {
        isStandard
            ? "exactly once if standard output is a file (append to it with >>), at least once if it is a pipe"
            : "exactly once: after a crash, the file is truncated to the checkpoint"
    }
}

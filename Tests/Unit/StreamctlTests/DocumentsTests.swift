import Foundation
import Testing

/// The examples of the read-me and the manual page, run in a scratch folder as a reader would.
///
/// An example is a line `$ COMMAND` (which goes on where it ends with a backslash) and what it prints, up to the next
/// one or the end of the block. A line with nothing but `…` stands for any rest. `$ cat FILE` shows an input: if there is
/// no such file yet, it is made from what is shown. `UPDATE_DOCS=1` writes in what was printed.
///
/// Examples that need Postgres (their command names `postgresql://` or `psql`) use the database `iot`; here that is a new
/// one for each document, on the server of `STREAMCTL_TEST_POSTGRES`. Without that variable they are left out.
///
/// Examples with topics use the broker `localhost:9092`; here that is a mock cluster, new for each document.
struct DocumentsTests {
    static let updates = ProcessInfo.processInfo.environment["UPDATE_DOCS"] == "1"

    enum Document: String, CaseIterable {
        case readme = "README.md"
        case manual = "man/streamctl.1"

        var begins: String { self == .readme ? "```console" : ".Bd -literal" }
        var ends: String { self == .readme ? "```" : ".Ed" }

        /// A line of the document as the reader sees it.
        func shown(_ line: String) -> String {
            guard self == .manual else { return line }
            var text = line
            for (code, meaning) in Self.escapes { text = text.replacingOccurrences(of: code, with: meaning) }
            return text.replacingOccurrences(of: "\\e", with: "\\")
        }

        /// The other way round.
        func written(_ line: String) -> String {
            guard self == .manual else { return line }
            var text = line.replacingOccurrences(of: "\\", with: "\\e")
            for (code, meaning) in Self.escapes where !meaning.isEmpty {
                text = text.replacingOccurrences(of: meaning, with: code)
            }
            return text.hasPrefix(".") || text.hasPrefix("'") ? "\\&" + text : text
        }

        private static let escapes = [
            ("\\&", ""), ("\\-", "-"), ("\\(aq", "'"), ("\\(ga", "`"), ("\\(ha", "^"), ("\\(ti", "~"),
            ("\\[u2026]", "…"),
        ]
    }

    struct Example {
        var command: String
        /// Lines of the document that hold its output.
        var output: Range<Int>

        var needsPostgres: Bool { command.contains("postgresql://") || command.contains("psql") }
    }

    /// The examples among the lines of a document.
    static func examples(_ document: Document, _ lines: [String]) -> [Example] {
        var examples: [Example] = []
        var isInside = false
        var isExample = false
        var number = 0
        while number < lines.count {
            let line = document.shown(lines[number])
            number += 1
            if !isInside {
                isInside = line.hasPrefix(document.begins)
                isExample = false
            } else if line == document.ends {
                isInside = false
            } else if line.hasPrefix("$ ") {
                var command = String(line.dropFirst(2))
                while command.hasSuffix("\\"), number < lines.count {
                    command += "\n" + document.shown(lines[number])
                    number += 1
                }
                examples.append(Example(command: command, output: number..<number))
                isExample = true
            } else if isExample, let last = examples.indices.last {
                examples[last].output = examples[last].output.lowerBound..<number
            }
        }
        return examples
    }

    @Test("every example prints what is shown", arguments: Document.allCases)
    func examples(_ document: Document) throws {
        let place = Tree.root.appendingPathComponent(document.rawValue)
        var lines = try Tree.text(document.rawValue).components(separatedBy: "\n")
        let examples = Self.examples(document, lines)
        #expect(examples.count > 3)
        let database = try ExampleDatabase()
        defer { database?.drop() }
        let cluster = try ExampleCluster()
        var printed: [[String]] = []
        try withScratchFolder { folder in
            try cluster.addOrders(in: folder)
            for example in examples {
                let shown = lines[example.output].map { document.shown($0) }
                guard database != nil || !example.needsPostgres else {
                    printed.append(shown)
                    continue
                }
                try makeInput(example.command, shown, folder)
                let output = cluster.shown(try run(cluster.real(example.command), in: folder, database))
                var text = output.components(separatedBy: "\n")
                #expect(text.last == "", "no newline at the end of: \(example.command)")
                if text.last == "" { text.removeLast() }
                printed.append(text)
                guard !Self.updates else { continue }
                if let rest = shown.firstIndex(of: "…"), rest == shown.count - 1 {
                    #expect(Array(text.prefix(rest)) == Array(shown.prefix(rest)), "\(example.command)")
                } else {
                    #expect(Self.withoutPositions(text) == Self.withoutPositions(shown), "\(example.command)")
                }
            }
        }
        try cluster.stop()
        guard Self.updates else { return }
        for (example, text) in zip(examples, printed).reversed() {
            let shown = lines[example.output].map { document.shown($0) }
            var kept = text
            if shown.last == "…" { kept = text.prefix(shown.count - 1) + ["…"] }
            if Self.withoutPositions(kept) != Self.withoutPositions(shown) {
                lines.replaceSubrange(example.output, with: kept.map { document.written($0) })
            }
        }
        try lines.joined(separator: "\n").write(to: place, atomically: true, encoding: .utf8)
    }

    /// Where a killed job resumes depends on the moment.
    private static func withoutPositions(_ lines: [String]) -> [String] {
        lines.map { line in
            guard line.hasPrefix("streamctl: job '"), let place = line.range(of: "' resumes at ") else { return line }
            return String(line[..<place.upperBound])
        }
    }

    /// Shows as skipped when `examples` had to leave some out.
    @Test(
        "the examples with Postgres are among them", .enabled(if: ExampleDatabase.isThere, "no Postgres server"),
        arguments: Document.allCases)
    func examplesWithPostgres(_ document: Document) throws {
        let lines = try Tree.text(document.rawValue).components(separatedBy: "\n")
        let needed = Self.examples(document, lines).contains { $0.needsPostgres }
        #expect(needed)
    }

    /// Runs a command as a reader would; jobs are kept in the folder.
    private func run(_ command: String, in folder: URL, _ database: ExampleDatabase?) throws -> String {
        let state = "export XDG_STATE_HOME='\(folder.path)/.state'\n"
        guard let database else { return try shell(state + command, in: folder, mergesErrors: true).text }
        let outcome = try shell(
            state + database.exports + database.real(command), in: folder, mergesErrors: true)
        return database.shown(outcome.text)
    }

    /// `$ cat FILE` shows an input before it is used.
    private func makeInput(_ command: String, _ shown: [String], _ folder: URL) throws {
        let words = command.split(separator: " ")
        guard words.count == 2, words[0] == "cat" else { return }
        let place = folder.appendingPathComponent(String(words[1]))
        guard !FileManager.default.fileExists(atPath: place.path) else { return }
        try (shown.joined(separator: "\n") + "\n").write(to: place, atomically: true, encoding: .utf8)
    }

    @Test("the manual shows the statement for the table of jobs as --explain does")
    func jobsStatement() throws {
        func joined(_ text: String) -> String { text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
        let outcome = try withScratchFolder { folder in
            try shell("streamctl f -g k -o postgresql:///d --table t --job j --explain", in: folder)
        }
        #expect(outcome.status == 0, "\(outcome.messages)")
        let explained = joined(outcome.text)
        let start = try #require(explained.range(of: "CREATE TABLE \"streamctl_jobs\""))
        let statement = explained[start.lowerBound...].prefix(
            upTo: explained.range(of: " Delivery ")?.lowerBound ?? explained.endIndex)
        #expect(joined(try Tree.text("man/streamctl.1")).contains(statement))
    }

    /// The program names them when it refuses what is none.
    @Test("the manual describes every option of a topic and every word that one takes")
    func topicOptions() throws {
        let manual = try Tree.text("man/streamctl.1").replacing("\\-", with: "-")
        func refusal(_ option: String) throws -> String {
            let outcome = try withScratchFolder { try shell("streamctl 'kafka://h/t?\(option)' --count", in: $0) }
            #expect(outcome.status == 64, "\(option): \(outcome.messages)")
            return outcome.messages
        }
        let options = try #require(refusal("x=1").firstMatch(of: /; use (.+) or (\w+)\n/)?.output)
        for option in (options.1.split(separator: ", ") + [options.2]) {
            #expect(manual.contains("\n.It Cm \(option)="), "\(option)")
        }
        for option in ["start", "until"] {
            let list = try #require(refusal("\(option)=x").firstMatch(of: /: use (.+)\n/)?.output.1)
            for word in list.replacing(" or ", with: ", ").split(separator: ", ") {
                #expect(manual.contains("\n.It Cm \(option)=\(word)\n"), "\(option)=\(word)")
            }
        }
    }

    @Test("what the reader sees can be written back as it was", arguments: Document.allCases)
    func roundTrip(_ document: Document) throws {
        for line in try Tree.text(document.rawValue).components(separatedBy: "\n") where line.hasPrefix("$ ") {
            let shown = document.shown(line)
            #expect(document.shown(document.written(shown)) == shown)
        }
    }
}

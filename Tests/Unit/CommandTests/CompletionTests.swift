import Foundation
import Testing

@testable import Command

@Suite("Completions") struct CompletionTests {
    private static let files = ["bash": "streamctl.bash", "zsh": "_streamctl", "fish": "streamctl.fish"]

    private func path(_ shell: String) throws -> String {
        repository.appendingPathComponent("completions/\(try #require(Self.files[shell]))").path
    }

    @Test("the files are what --completions prints", arguments: Completions.Shell.allCases.map(\.rawValue))
    func current(_ shell: String) throws {
        guard case .printed(let script) = read(["--completions", shell]) else {
            Issue.record("nothing was printed")
            return
        }
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
            try script.write(toFile: try path(shell), atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOfFile: try path(shell), encoding: .utf8) == script)
    }

    @Test("every visible flag is in every script", arguments: Completions.Shell.allCases.map(\.rawValue))
    func complete(_ shell: String) throws {
        let script = try Completions.script(shell)
        for flag in FlagEntry.visible where !flag.name.isEmpty {
            #expect(script.contains(shell == "fish" ? " -l \(flag.name) " : flag.display), "\(flag.display)")
        }
    }

    // MARK: Behaviour

    /// Words of a command line, the last one being completed, and what must and must not be offered.
    private struct Probe {
        var words: [String]
        var offered: [String]
        var absent: [String] = []
    }

    private static let probes: [Probe] = [
        Probe(words: ["--tu"], offered: ["--tumbling"], absent: ["--time"]),
        Probe(words: ["--count", "--ma"], offered: ["--max", "--max-records", "--max-ahead"], absent: ["--min"]),
        Probe(words: ["--format", "t"], offered: ["tsv", "table"], absent: ["json"]),
        Probe(words: ["-f", ""], offered: ["json", "csv", "tsv", "table"], absent: ["data.jsonl"]),
        Probe(words: ["--calendar", "q"], offered: ["quarter"], absent: ["day"]),
        Probe(words: ["--output", "da"], offered: ["data.jsonl"]),
        Probe(words: ["--rejects", "my"], offered: ["my rejects.jsonl"]),
        Probe(words: ["-o", "da"], offered: ["data.jsonl"]),
        Probe(words: ["-w", "1m", "da"], offered: ["data.jsonl"]),
        Probe(words: ["--mode", "u"], offered: ["upsert"], absent: ["append", "data.jsonl"]),
        Probe(words: ["--state-dir", "fo"], offered: ["folder"], absent: ["follow.jsonl"]),
        Probe(words: ["de"], offered: ["demo:sensors"], absent: ["kafka://"]),
        Probe(words: ["ka"], offered: ["kafka://"], absent: ["demo:sensors"]),
        Probe(words: ["-X", "l"], offered: ["list"]),
    ]

    /// A folder with a few files to complete.
    private func withFolder<T>(_ body: (URL) throws -> T) throws -> T {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("completion-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["data.jsonl", "my rejects.jsonl", "follow.jsonl"] {
            try Data().write(to: folder.appendingPathComponent(name))
        }
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("folder"), withIntermediateDirectories: false)
        return try body(folder)
    }

    private func check(_ offers: [String], _ probe: Probe) {
        for word in probe.offered { #expect(offers.contains(word), "\(probe.words): \(word) in \(offers)") }
        for word in probe.absent { #expect(!offers.contains(word), "\(probe.words): \(word) in \(offers)") }
    }

    /// Asks the function of the bash script; `words` as bash splits them.
    private func bash(_ words: [String], in folder: URL) throws -> [String] {
        let quoted = (["streamctl"] + words).map { "'\($0)'" }.joined(separator: " ")
        let script = """
            source '\(try path("bash"))'
            COMP_WORDS=(\(quoted)); COMP_CWORD=\(words.count)
            _streamctl streamctl "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            if ((${#COMPREPLY[@]})); then printf '%s\\n' "${COMPREPLY[@]}"; fi
            """
        let result = try output(
            of: try #require(program("bash")), ["--noprofile", "--norc", "-c", script], in: folder)
        return result.text.split(separator: "\n").map(String.init)
    }

    @Test("bash completes", .enabled(if: program("bash") != nil, "bash is not installed")) func bash() throws {
        try withFolder { folder in
            for probe in Self.probes { check(try bash(probe.words, in: folder), probe) }
            check(
                try bash(["--format", "=", "c"], in: folder),
                Probe(words: ["--format=c"], offered: ["csv"], absent: ["data.jsonl"]))
            check(
                try bash(["--format", "="], in: folder), Probe(words: ["--format="], offered: ["json", "csv"]))
            #expect(try bash(["--", "--tu"], in: folder).isEmpty)
            #expect(try bash(["--lateness", ""], in: folder).isEmpty)
        }
    }

    @Test("fish completes", .enabled(if: program("fish") != nil, "fish is not installed")) func fish() throws {
        try withFolder { folder in
            func offers(_ words: [String]) throws -> [String] {
                let line = (["streamctl"] + words).joined(separator: " ")
                let result = try output(
                    of: try #require(program("fish")),
                    ["--no-config", "-c", "source '\(try path("fish"))'; complete -C '\(line)'"], in: folder)
                return result.text.split(separator: "\n").map { line in
                    // A folder is offered with its slash.
                    let word = String(line.prefix { $0 != "\t" }).replacing("\\ ", with: " ")
                    return word.hasSuffix("/") && !word.hasSuffix("//") ? String(word.dropLast()) : word
                }
            }
            for probe in Self.probes { check(try offers(probe.words), probe) }
            check(try offers(["--format=c"]), Probe(words: ["--format=c"], offered: ["--format=csv"]))
        }
    }

    @Test("zsh completes at a terminal", .enabled(if: program("zsh") != nil, "zsh is not installed"))
    func zsh() throws {
        try withFolder { folder in
            for probe in Self.probes + [Probe(words: ["--format=c"], offered: ["csv"], absent: ["data.jsonl"])] {
                let offers = try zshOffers(probe.words.joined(separator: " "), in: folder)
                let shown = offers.split(whereSeparator: \.isWhitespace).map(String.init)
                #expect(!offers.contains("_arguments"), "\(probe.words): \(offers)")
                for word in probe.offered where word.contains(" ") {
                    #expect(offers.contains(word) || offers.contains(word.replacing(" ", with: "\\ ")), "\(offers)")
                }
                check(
                    shown,
                    Probe(
                        words: probe.words, offered: probe.offered.filter { !$0.contains(" ") }, absent: probe.absent))
            }
        }
    }

    /// What an interactive zsh shows for the matches of `line`.
    private func zshOffers(_ line: String, in folder: URL) throws -> String {
        let inner = ZshCompletion.inner(completions: repository.appendingPathComponent("completions").path)
        let innerFile = folder.appendingPathComponent(".inner.zsh")
        try inner.write(to: innerFile, atomically: true, encoding: .utf8)
        let outer = ZshCompletion.outer(typing: "streamctl \(line)", inner: innerFile.path)
        let result = try output(of: try #require(program("zsh")), ["-f", "-c", outer], in: folder)
        return result.text.replacing("HIT:", with: "").replacing("\r", with: "")
    }
}

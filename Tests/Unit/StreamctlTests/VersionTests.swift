import Foundation
import Testing

/// `--version` and `--completions` of the built program.
struct VersionTests {
    @Test("--version prints the program, the compiler and the libraries, one a line", arguments: ["--version", "-V"])
    func version(_ flag: String) throws {
        try withScratchFolder { folder in
            let outcome = try shell("streamctl \(flag)", in: folder)
            #expect(outcome.status == 0 && outcome.messages == "")
            let lines = outcome.text.components(separatedBy: "\n")
            try #require(lines.count == 5)
            let forms: [Regex<Substring>] = [
                #/streamctl [0-9]+\.[0-9]+\.[0-9]+(?: \(rev [0-9a-f]{7,}\))?/#, #/Swift 6\.[0-9]+, Linux \w+/#,
                #/libpq (?:[0-9]+\.[0-9]+|not found \(Debian package libpq5\))/#,
                #/librdkafka (?:[0-9]+\.[0-9]+\.[0-9]+\S*|not found \(Debian package librdkafka1\))/#,
            ]
            for (line, form) in zip(lines, forms) { #expect(try form.wholeMatch(in: line) != nil, "\(line)") }
        }
    }

    @Test(
        "--completions prints what is installed",
        arguments: [("bash", "streamctl.bash"), ("zsh", "_streamctl"), ("fish", "streamctl.fish")])
    func completions(shell name: String, file: String) throws {
        try withScratchFolder { folder in
            let outcome = try shell("streamctl --completions \(name)", in: folder)
            #expect(outcome.status == 0)
            expectSame(outcome.text, try Tree.text("completions/\(file)"))
        }
    }
}

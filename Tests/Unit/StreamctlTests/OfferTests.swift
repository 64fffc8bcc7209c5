import Foundation
import Testing

/// What shells offer from the inputs on the line. The scripts ask the program.
@Suite("Completion from the input") struct OfferTests {
    private static let records = """
        {"ts":"2026-01-01T00:00:00Z","service":"api","status":200,"ms":1.5,"request":{"id":1,"user agent":"x"},"log-level":"info"}
        {"ts":"2026-01-01T00:00:01Z","service":"web","status":500,"ms":2.5,"request":{"id":2,"user agent":"x"},"log-level":"warn"}

        """

    private func inFolder<T>(_ body: (URL) throws -> T) throws -> T {
        try withScratchFolder { folder in
            try Self.records.write(to: folder.appendingPathComponent("app.jsonl"), atomically: true, encoding: .utf8)
            return try body(folder)
        }
    }

    private static let answers: [(String, [String], [String])] = [
        ("time -- '' -t '' app.jsonl", ["ts", "@arrival", "@kafka_time"], ["ms", "service"]),
        ("time -- t -t t app.jsonl", ["ts"], ["@arrival"]),
        ("fields -- s -g s app.jsonl", ["service", "status"], ["ms", "ts"]),
        ("fields -- s app.jsonl -g s", ["service", "status"], ["ms"]),
        ("fields -- service,m -g service,m app.jsonl", ["service,ms"], ["ms"]),
        ("fields -- 0.99:m --quantile 0.99:m app.jsonl", ["0.99:ms"], ["ms"]),
        ("fields -- p=0.99:m --quantile p=0.99:m app.jsonl", ["p=0.99:ms"], ["ms"]),
        ("fields -- 'request.' --distinct request. app.jsonl", ["request.id", "request.\"user agent\""], ["ts"]),
        ("fields -- l -g l app.jsonl", ["log-level"], []),
        ("fields -- '' -g '' demo:sensors", ["sensor_id", "event_time", "temperature"], []),
        ("fields -- '' -g '' nosuch.jsonl", [], ["ts"]),
        ("expression -- 'stat' --where stat app.jsonl", ["status"], ["starts_with("]),
        ("expression -- 'sta' --where sta app.jsonl", ["status", "starts_with("], []),
        ("expression -- 'ms > 5 and ser' --where x app.jsonl", ["ms > 5 and service"], []),
        ("expression -- 'lo' --where lo app.jsonl", ["lower("], ["log-level"]),
        ("aggregates -- qu -a qu", ["quantile("], ["ms"]),
        ("aggregates -- 'n=count(),p=qu' -a x app.jsonl", ["n=count(),p=quantile("], []),
        ("aggregates -- 'avg(m' -a x app.jsonl", ["avg(ms"], ["avg(max("]),
        ("zones -- Europe/Ber --time-zone x", ["Europe/Berlin"], ["Europe/Paris"]),
        ("topics -- kafka://127.0.0.1:1/ kafka://127.0.0.1:1/", [], ["kafka://127.0.0.1:1/"]),
    ]

    @Test("the program offers", arguments: answers)
    func offers(_ line: String, _ offered: [String], _ absent: [String]) throws {
        try inFolder { folder in
            let outcome = try shell("streamctl --complete \(line)", in: folder)
            let lines = outcome.text.split(separator: "\n").map(String.init)
            #expect(outcome.status == 0 && outcome.messages.isEmpty, "\(outcome.messages)")
            for word in offered { #expect(lines.contains(word), "\(word) in \(lines)") }
            for word in absent { #expect(!lines.contains(word), "\(word) in \(lines)") }
        }
    }

    @Test("an input of which only the start is read offers the fields of whole lines") func large() throws {
        try withScratchFolder { folder in
            let line = "{\"first\":1,\"text\":\"\(String(repeating: "x", count: 1000))\"}\n"
            let text = String(repeating: line, count: 200) + "{\"last\":1}\n"
            try text.write(to: folder.appendingPathComponent("big.jsonl"), atomically: true, encoding: .utf8)
            let outcome = try shell("streamctl --complete fields -- '' -g '' big.jsonl", in: folder)
            #expect(outcome.text == "first\ntext\n")
        }
    }

    // MARK: Shells

    private static func has(_ program: String) -> Bool {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            .contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
    }

    /// Words as bash splits them, and the replies: what replaces the last word.
    private static let bashWords: [([String], [String], [String])] = [
        (["-g", "se", "app.jsonl"], ["service"], ["status"]),
        (["app.jsonl", "-t", ""], ["ts", "@arrival"], ["service"]),
        (["app.jsonl", "--by", "=", "s"], ["service", "status"], ["ts"]),
        (["app.jsonl", "--quantile", "0.99", ":", "m"], ["ms"], ["0.99:ms"]),
        (["app.jsonl", "--quantile", "0.99", ":"], ["ms"], ["0.99:ms"]),
        (["app.jsonl", "--avg", "m"], ["ms"], []),
        (["app.jsonl", "-a", "qu"], ["quantile("], []),
        (["--time-zone", "Europe/Ber"], ["Europe/Berlin"], []),
        (["-o", "post"], ["postgresql://"], ["kafka://"]),
        (["-o", "ka"], ["kafka://"], ["postgresql://"]),
        (["ka"], ["kafka://"], ["demo:sensors"]),
        (["kafka", ":"], ["//"], ["kafka://"]),
        (["demo", ":", "se"], ["sensors"], ["demo:sensors"]),
        (["demo", ":"], ["sensors"], ["demo:sensors"]),
        (["--format", "=", "c"], ["csv"], ["json"]),
        (["--format", "="], ["csv", "json"], []),
        (["app"], ["app.jsonl"], []),
    ]

    @Test("bash completes", .enabled(if: has("bash"), "bash is not installed"), arguments: bashWords)
    func bash(_ words: [String], _ offered: [String], _ absent: [String]) throws {
        try inFolder { folder in
            // Words behind the cursor are those after the one that is completed.
            let last = words.last == "app.jsonl" && words.count > 1 ? words.count - 1 : words.count
            let quoted = (["streamctl"] + words).map { "'\($0)'" }.joined(separator: " ")
            let script = """
                source '\(Tree.root.path)/completions/streamctl.bash'
                COMP_WORDS=(\(quoted)); COMP_CWORD=\(last)
                _streamctl
                if ((${#COMPREPLY[@]})); then printf '%s\\n' "${COMPREPLY[@]}"; fi
                """
            try script.write(to: folder.appendingPathComponent("s.sh"), atomically: true, encoding: .utf8)
            let outcome = try shell("bash --noprofile --norc s.sh", in: folder)
            let replies = outcome.text.split(separator: "\n").map(String.init)
            for word in offered {
                #expect(replies.contains(word), "\(words): \(word) in \(replies) \(outcome.messages)")
            }
            for word in absent { #expect(!replies.contains(word), "\(words): \(word) in \(replies)") }
        }
    }

    /// Lines with the cursor at their end.
    private static let lines: [(String, String, String)] = [
        ("streamctl app.jsonl -g se", "service", "ts"),
        ("streamctl app.jsonl -t ", "ts", "service"),
        ("streamctl app.jsonl --avg m", "ms", "service"),
        ("streamctl app.jsonl -a qu", "quantile(", "avg("),
        ("streamctl --time-zone Europe/Ber", "Europe/Berlin", "Europe/Paris"),
        ("streamctl -o post", "postgresql://", "demo:sensors"),
        ("streamctl app.jsonl --quantile 0.99:m", "0.99:ms", "service"),
    ]

    @Test("fish completes", .enabled(if: has("fish"), "fish is not installed"), arguments: lines)
    func fish(_ line: String, _ offered: String, _ absent: String) throws {
        try inFolder { folder in
            let script = "source '\(Tree.root.path)/completions/streamctl.fish'; complete -C '\(line)'\n"
            try script.write(to: folder.appendingPathComponent("s.fish"), atomically: true, encoding: .utf8)
            let outcome = try shell("HOME=$PWD fish --no-config s.fish", in: folder)
            let words = outcome.text.split(separator: "\n").map { String($0.prefix { $0 != "\t" }) }
            #expect(words.contains(offered), "\(line): \(words) \(outcome.messages)")
            #expect(!words.contains(absent), "\(line): \(words)")
        }
    }

    @Test("zsh completes at a terminal", .enabled(if: has("zsh"), "zsh is not installed"), arguments: lines)
    func zsh(_ line: String, _ offered: String, _ absent: String) throws {
        try inFolder { folder in
            let inner = ZshCompletion.inner(completions: Tree.root.appendingPathComponent("completions").path)
            try inner.write(to: folder.appendingPathComponent(".inner.zsh"), atomically: true, encoding: .utf8)
            let outer = ZshCompletion.outer(typing: line, inner: ".inner.zsh")
            try outer.write(to: folder.appendingPathComponent("outer.zsh"), atomically: true, encoding: .utf8)
            let outcome = try shell("zsh -f outer.zsh", in: folder)
            let hits = outcome.text.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("HIT:") }
                .map { String($0.dropFirst(4)) }
            #expect(hits.contains(offered), "\(line): \(outcome.text)")
            #expect(!hits.contains(absent), "\(line): \(hits)")
        }
    }
}

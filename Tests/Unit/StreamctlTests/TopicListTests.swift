import Foundation
import Glibc
import Testing

/// What is listed from topics: their fields, and topics to complete.
@Suite("lists from brokers", .enabled(if: FileManager.default.isExecutableFile(atPath: Binary.mockKafka), "no mock"))
struct TopicListTests {
    /// Calls `body` with a folder and the address of a broker with the topics `clicks`, which has records, `orders` and
    /// `empty`.
    private func withBroker<T>(_ body: (URL, String) throws -> T) throws -> T {
        let cluster = try Child(
            ["--topic", "clicks:2", "--topic", "orders:1", "--topic", "empty:1"], executable: Binary.mockKafka)
        let address = try #require(cluster.lines(1).first)
        let result = try withScratchFolder { folder in
            let records = (0..<9).map { "{\"at\":\"2026-01-01T00:00:0\($0)Z\",\"user\":\"u\($0 % 2)\",\"ms\":\($0)}\n" }
            try records.joined().write(
                to: folder.appendingPathComponent("in.jsonl"), atomically: true, encoding: .utf8)
            let sent = try shell("streamctl in.jsonl -o kafka://\(address)/clicks", in: folder)
            #expect(sent.status == 0, "\(sent.messages)")
            return try body(folder, address)
        }
        _ = try cluster.end()
        return result
    }

    @Test("--fields lists the fields of a topic, to its end or until no more records come", .timeLimit(.minutes(1)))
    func fields() throws {
        try withBroker { folder, address in
            for (options, stop) in [("?until=end", "read to the end"), ("", "read until no more came")] {
                let url = "kafka://\(address)/clicks\(options)"
                let outcome = try shell("streamctl --fields '\(url)'", in: folder)
                #expect(outcome.status == 0 && outcome.messages.isEmpty, "\(outcome.messages)")
                let words = outcome.text.split(separator: "\n").map {
                    $0.split(whereSeparator: \.isWhitespace).prefix(3).joined(separator: " ")
                }
                #expect(outcome.text.hasPrefix("kafka://\(address)/clicks: 9 records, \(stop)\n"), "\(outcome.text)")
                for line in ["at time 100%", "user text 100%", "ms integer 100%"] {
                    #expect(words.contains(line), "\(line) in \(words)")
                }
                // The command to start with reads the same records.
                let start = try #require(outcome.text.components(separatedBy: "\nTo start with: ").last)
                guard !options.isEmpty else { continue }
                let run = try shell(start, in: folder)
                #expect(run.status == 0 && run.text.contains("\"count\":"), "\(start): \(run.messages)")
            }
            let empty = try shell("streamctl --fields 'kafka://\(address)/empty?until=end'", in: folder)
            #expect(empty.status == 0 && empty.text.isEmpty)
            #expect(empty.messages == "streamctl: no records: read to the end\n")
        }
    }

    @Test("topics are offered behind the address of a broker, also further ones") func topics() throws {
        try withBroker { folder, address in
            let base = "kafka://\(address)/"
            for (word, offered) in [
                (base, ["clicks", "empty", "orders"].map { base + $0 }), (base + "o", [base + "orders"]),
                (base + "clicks,", [base + "clicks,empty", base + "clicks,orders"]), (base + "x", []),
            ] {
                let outcome = try shell("streamctl --complete topics -- '\(word)' '\(word)'", in: folder)
                #expect(outcome.status == 0 && outcome.messages.isEmpty, "\(outcome.messages)")
                #expect(outcome.text.split(separator: "\n").map(String.init) == offered, "\(word)")
            }
            let port = address.split(separator: ":")[1]
            let script = """
                source '\(Tree.root.path)/completions/streamctl.bash'
                for before in "" "-o "; do
                    COMP_WORDS=(streamctl $before kafka : //127.0.0.1 : \(port)/o); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                    _streamctl
                    printf '%s\\n' "${COMPREPLY[@]}"
                done
                """
            try script.write(to: folder.appendingPathComponent("s.sh"), atomically: true, encoding: .utf8)
            let bash = try shell("bash --noprofile --norc s.sh", in: folder)
            #expect(bash.text == "\(port)/orders\n\(port)/orders\n", "\(bash.messages)")
        }
    }

    @Test("nothing is offered, and nothing said, where no broker answers", .timeLimit(.minutes(1)))
    func silence() throws {
        // It accepts connections and never answers.
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        try #require(listen(listener, 8) == 0)
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let found = withUnsafeMutablePointer(to: &address) { place in
            place.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &size) }
        }
        try #require(found == 0)
        for broker in ["127.0.0.1:\(UInt16(bigEndian: address.sin_port))", "127.0.0.1:1", "no-such-host.invalid"] {
            let outcome = try withScratchFolder {
                try shell("streamctl --complete topics -- 'kafka://\(broker)/' 'kafka://\(broker)/'", in: $0)
            }
            #expect(outcome.status == 0 && outcome.text.isEmpty && outcome.messages.isEmpty, "\(broker)")
        }
    }

    @Test(
        "a database is offered by its beginning",
        arguments: [
            ("-o post", "postgresql://"), ("--output post", "postgresql://"), ("--output=post", "postgresql://"),
        ])
    func database(_ line: String, _ offered: String) throws {
        let words = line.replacing("=", with: " = ")
        let script = """
            source '\(Tree.root.path)/completions/streamctl.bash'
            COMP_WORDS=(streamctl in.jsonl \(words)); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _streamctl
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        try withScratchFolder { folder in
            try script.write(to: folder.appendingPathComponent("s.sh"), atomically: true, encoding: .utf8)
            #expect(try shell("bash --noprofile --norc s.sh", in: folder).text == "\(offered)\n")
        }
    }
}

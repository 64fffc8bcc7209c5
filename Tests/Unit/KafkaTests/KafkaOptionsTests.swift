import Glibc
import System
import Testing

@testable import Kafka

@Suite("Options of -X") struct KafkaOptionsTests {
    private static func expand(_ options: String...) throws -> [String] {
        try KafkaOptions.expand(options).map { "\($0.0)=\($0.1)" }
    }

    /// Calls `body` with the path of a file that holds the text.
    private static func withFile(_ text: String, _ body: (String) throws -> Void) throws {
        let path = "/tmp/kafka-tests-\(randomSeed())"
        let file = fopen(path, "w")
        defer { unlink(path) }
        fputs(text, file)
        fclose(file)
        try body(path)
    }

    @Test("options keep their order, values may contain =, and surrounding blanks are removed") func plain() throws {
        #expect(try Self.expand("a=1", "b = 2 ", "a=x=y", "c=") == ["a=1", "b=2", "a=x=y", "c="])
        #expect(try Self.expand() == [])
    }

    @Test("lines of a file take the position of the file; blank lines and comments are ignored") func files() throws {
        try Self.withFile("# mine\n\n sasl.username = me\r\nsasl.password=p=w #1\n   \n#x\nlast=1") { path in
            let all = try Self.expand("a=1", "@\(path)", "b=2")
            #expect(all == ["a=1", "sasl.username=me", "sasl.password=p=w #1", "last=1", "b=2"])
        }
    }

    @Test(
        "a secret on the command line is refused with a remedy, and not repeated",
        arguments: [
            "sasl.password", "ssl.key.password", "ssl.keystore.password", "sasl.oauthbearer.client.secret",
            "ssl.key.pem",
            "sasl.oauthbearer.config", " sasl.password ",
        ])
    func secrets(key: String) throws {
        let words = try #require(usage { _ = try Self.expand("a=1", "\(key)=hunter2") })
        #expect(words.contains("-X @FILE") && !words.contains("hunter2"))
        #expect(!KafkaOptions.isSecret("sasl.username") && !KafkaOptions.isSecret("ssl.ca.location"))
    }

    @Test("an invalid option or file is reported without its text") func wrong() throws {
        for option in ["", "hunter2", "=hunter2", "sasl.password:hunter2"] {
            let words = try #require(usage { _ = try Self.expand(option) })
            #expect(words == "-X requires KEY=VALUE, @FILE or list")
        }
        for option in ["@/nonexistent", "@"] {
            let words = try #require(usage { _ = try Self.expand(option) })
            #expect(words.contains("-X \(option)"))
        }
        try Self.withFile("a=1\n\nsasl.password hunter2\n") { path in
            let words = try #require(usage { _ = try Self.expand("@\(path)") })
            #expect(words.contains("line 3 is not KEY=VALUE") && !words.contains("hunter2"))
        }
    }

    private static func configure(_ options: String...) throws {
        _ = try Configuration(
            Library.use(), brokers: "127.0.0.1:1", usual: [("check.crcs", "true")],
            fixed: [("enable.auto.commit", "false")], options: options)
    }

    @Test("librdkafka reports what it does not accept, and properties set by streamctl cannot be changed")
    func configuration() throws {
        try Self.configure("fetch.min.bytes=10", "check.crcs=false")
        for (option, words) in [
            ("enable.auto.commit=true", "set by streamctl itself"),
            ("bootstrap.servers=b", "set by streamctl itself"),
            ("metadata.broker.list=b", "set by streamctl itself"), ("no.such=1", "-X list"),
            ("fetch.min.bytes=many", "fetch.min.bytes"),
        ] {
            let refusal = usage { try Self.configure(option) }
            #expect(refusal?.contains(words) == true)
        }
    }

    @Test("the list of options is that of librdkafka") func list() throws {
        let list = try KafkaOptions.list()
        #expect(list.contains("bootstrap.servers") && list.contains("sasl.password") && list.utf8.count > 10_000)
    }
}

import StreamEngine
import System
import Testing

@testable import Kafka

@Suite("a schema registry") struct RegistryTests {
    private static func options(_ settings: String...) throws -> RegistryOptions? {
        try RegistryOptions(KafkaOptions.expand(settings))
    }

    private static let url = "schema.registry.url"

    @Test("URLs are a list, with or without http:// and a slash at the end")
    func urls() throws {
        #expect(try Self.options("sasl.username=a") == nil)
        let given = try Self.options("\(Self.url)=http://h:1/, https://i/api/ ,j:8081")
        #expect(given?.urls == ["http://h:1", "https://i/api", "http://j:8081"])
        #expect(RegistryOptions.place("https://me:secret@h:1/api") == "h:1")
    }

    @Test(
        "what is not a URL or an option is refused",
        arguments: [
            "\(url)=", "\(url)=ftp://h", "\(url)=http://", "\(url)=http://h?x=1", "\(url)=http://h h",
            "schema.registry.uri=http://h", "schema.registry.ssl.ca.location=/f",
        ])
    func refused(option: String) {
        #expect(usage { _ = try Self.options(option) }?.hasPrefix("-X schema.registry.") == true)
    }

    @Test("user and password may be those of SASL")
    func credentials() throws {
        let inherit = "schema.registry.basic.auth.credentials.source=SASL_INHERIT"
        let settings = [("sasl.username", "me"), ("sasl.password", "p:w"), (Self.url, "h")]
        let source = (String(inherit.split(separator: "=")[0]), "SASL_INHERIT")
        #expect(try RegistryOptions(settings + [source])?.userInfo == "me:p:w")
        #expect(usage { _ = try RegistryOptions([source, (Self.url, "h")]) }?.contains("sasl.username") == true)
    }

    @Test(
        "secrets are refused on the command line, those of URLs too",
        arguments: [
            "schema.registry.basic.auth.user.info=me:hunter2", "schema.registry.bearer.auth.token=hunter2",
            "schema.registry.ssl.key.password=hunter2", "\(url)=http://a,http://me:hunter2@h", "\(url)=me:hunter2@h",
        ])
    func secrets(option: String) throws {
        let words = try #require(usage { _ = try Self.options(option) })
        #expect(words.contains("-X @FILE") && !words.contains("hunter2"))
    }

    @Test(
        "only a zero byte and four more are a header",
        arguments: [
            ([0, 0, 0, 1, 2], 258), ([0, 0xff, 0xff, 0xff, 0xff, 9], UInt32.max), ([0, 0, 0, 1], nil),
            ([1, 0, 0, 0, 1], nil),
            ([], nil), (Array("{\"a\":1}".utf8), nil),
        ] as [([UInt8], UInt32?)])
    func header(bytes: [UInt8], number: UInt32?) {
        #expect(bytes.withUnsafeBytes { WireHeader.schema(of: $0) } == number)
    }
}

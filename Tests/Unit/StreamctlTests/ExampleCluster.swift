import Testing

/// A mock Kafka cluster for the examples of a document, which call it `localhost:9092`.
struct ExampleCluster {
    private static let example = "localhost:9092"
    private let child: Child
    private let address: String

    /// - Throws: when the cluster does not start: examples of topics are never left out.
    init() throws {
        child = try Child([], executable: Binary.mockKafka)
        address = try #require(child.lines(1).first, "streamctl-mock-kafka tells no address")
    }

    /// A command with the cluster's real address, and a text with the one of the examples.
    func real(_ command: String) -> String { command.replacing(Self.example, with: address) }
    func shown(_ text: String) -> String { text.replacing(address, with: Self.example) }

    func stop() throws { _ = try child.end() }
}

import Foundation
import Testing

/// A mock Kafka cluster for the examples of a document, which call it `localhost:9092`, and a schema registry, which
/// they call `localhost:8081`.
struct ExampleCluster {
    private static let example = "localhost:9092"
    private static let exampleRegistry = "localhost:8081"
    private let child: Child
    private let registry: Child
    private let address: String
    private let registryAddress: String

    /// - Throws: when the cluster does not start: examples of topics are never left out.
    init() throws {
        child = try Child([], executable: Binary.mockKafka)
        address = try #require(child.lines(1).first, "streamctl-mock-kafka tells no address")
        let server = Tree.root.appendingPathComponent("Tests/System/common/registry.py").path
        registry = try Child(["python3", server, Self.schema], executable: "/usr/bin/env")
        registryAddress = try #require(registry.lines(1).first, "the registry tells no address")
    }

    private static let schema = #"""
        {"type": "record", "name": "Order", "fields": [
          {"name": "id", "type": "long"},
          {"name": "status", "type": {"type": "enum", "name": "Status", "symbols": ["NEW", "PAID"]}},
          {"name": "total", "type": {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2}},
          {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
          {"name": "note", "type": ["null", "string"]}]}
        """#

    /// Two orders in the wire format.
    private static let orders = [
        #"\000\000\000\000\001\002\002\004\004\342\200\264\271\215\225\147\000"#,
        #"\000\000\000\000\001\004\000\004\003\045\270\313\271\215\225\147\002\010\147\151\146\164"#,
    ]

    /// Fills the topic of the example about the registry.
    func addOrders(in folder: URL) throws {
        for order in Self.orders {
            let outcome = try shell("printf '\(order)' | kcat -P -b \(address) -t shop -p 0", in: folder)
            try #require(outcome.status == 0, "kcat: \(outcome.messages)")
        }
    }

    /// A command with the cluster's real address, and a text with the one of the examples.
    func real(_ command: String) -> String {
        command.replacing(Self.example, with: address).replacing(Self.exampleRegistry, with: registryAddress)
    }
    func shown(_ text: String) -> String {
        text.replacing(address, with: Self.example).replacing(registryAddress, with: Self.exampleRegistry)
    }

    func stop() throws {
        _ = try child.end()
        _ = try registry.end()
    }
}

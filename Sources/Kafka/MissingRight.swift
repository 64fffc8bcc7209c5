import CRDKafka
import Plan
import StreamEngine

/// A right that the ACLs of the brokers deny, in the words of kafka-acls.
struct MissingRight: Equatable, Sendable {
    enum Operation: String, Sendable {
        case read = "Read"
        case write = "Write"
        case idempotentWrite = "IdempotentWrite"
    }

    enum Resource: Equatable, Sendable {
        case topic(String)
        case group(String)
        case transactionalID(String)
        case cluster
    }

    var operation: Operation
    var resource: Resource

    /// `Read on topic 'orders'`
    var name: String { "\(operation.rawValue) on \(resourceName)" }

    private var resourceName: String {
        switch resource {
        case .topic(let name): "topic '\(name)'"
        case .group(let name): "group '\(name)'"
        case .transactionalID(let name): "transactional id '\(name)'"
        case .cluster: "the cluster"
        }
    }

    /// The arguments of kafka-acls that name the resource.
    private var flag: String {
        switch resource {
        case .topic(let name): "--topic \(Shell.quoted(name))"
        case .group(let name): "--group \(Shell.quoted(name))"
        case .transactionalID(let name): "--transactional-id \(Shell.quoted(name))"
        case .cluster: "--cluster"
        }
    }

    /// What is missing, and the command that grants it.
    ///
    /// - Parameter remark: said between the two.
    func message(_ identity: ClientIdentity, remark: String = "") -> String {
        "the brokers deny \(name) to \(identity.shown)\(remark.isEmpty ? "" : "; \(remark)"); grant it with: "
            + command(identity)
    }

    /// The message for an idempotent producer that is denied. Since Kafka 2.8, it needs a right to write to some topic;
    /// before, one of its own.
    static func idempotentProducer(of topic: String, _ identity: ClientIdentity) -> String {
        let write = MissingRight(operation: .write, resource: .topic(topic))
        let old = MissingRight(operation: .idempotentWrite, resource: .cluster)
        return "the brokers deny \(write.name) or, before Kafka 2.8, \(old.name) to \(identity.shown); grant it with: "
            + "\(write.command(identity)); before Kafka 2.8 also with: \(old.command(identity))"
    }

    private func command(_ identity: ClientIdentity) -> String {
        "kafka-acls --bootstrap-server \(Shell.quoted(identity.bootstrap)) --add --allow-principal "
            + "\(Shell.quoted(identity.principal ?? "User:NAME")) --operation \(operation.rawValue) \(flag)"
    }
}

/// How the brokers see a client.
struct ClientIdentity: Sendable {
    /// `HOST:PORT,…`
    var bootstrap: String
    /// The principal that brokers derive by default; nil if only they know it, as with certificates and tickets.
    var principal: String?
    /// Without encryption and password.
    var isPlaintext: Bool
    /// How long brokers may not know a topic that exists, microseconds.
    var propagation: Int64

    /// - Parameters:
    ///   - brokers: those of the URL, where the port may be missing.
    ///   - settings: the `-X` options.
    init(brokers: String, settings: [(String, String)]) {
        bootstrap = brokers.split(separator: ",").map { broker in
            let host = broker.hasPrefix("[") ? broker.drop { $0 != "]" } : broker
            return host.contains(":") ? String(broker) : "\(broker):9092"
        }.joined(separator: ",")
        func setting(_ names: String...) -> String? { settings.last { names.contains($0.0) }?.1 }
        let security = setting("security.protocol")?.lowercased() ?? "plaintext"
        isPlaintext = security == "plaintext"
        propagation =
            1000
            * (setting("topic.metadata.propagation.max.ms").flatMap { Int64($0) }.map { min($0, 3_600_000) } ?? 30_000)
        switch security {
        case "plaintext": principal = "User:ANONYMOUS"
        case "ssl": principal = nil
        default:
            let mechanism = setting("sasl.mechanism", "sasl.mechanisms")?.uppercased() ?? ""
            let hasName = mechanism == "PLAIN" || mechanism.hasPrefix("SCRAM-")
            principal = hasName ? setting("sasl.username").map { "User:\($0)" } : nil
        }
    }

    fileprivate var shown: String { principal ?? "this client" }
}

extension rd_kafka_resp_err_t {
    /// The brokers know the client, but its ACLs deny the request.
    var isDenial: Bool {
        [
            RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
            RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
        ].contains(self)
    }
}

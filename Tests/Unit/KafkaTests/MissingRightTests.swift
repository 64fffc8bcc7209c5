import CRDKafka
import StreamEngine
import Testing

@testable import Kafka

@Suite("rights that brokers deny") struct MissingRightTests {
    @Test(
        "the principal is what brokers derive by default",
        arguments: [
            ([], "User:ANONYMOUS"), (["security.protocol=PLAINTEXT"], "User:ANONYMOUS"),
            (["security.protocol=SASL_SSL", "sasl.mechanism=SCRAM-SHA-512", "sasl.username=bob"], "User:bob"),
            (["security.protocol=sasl_plaintext", "sasl.mechanisms=PLAIN", "sasl.username=bob"], "User:bob"),
            (["sasl.username=ann", "security.protocol=sasl_ssl", "sasl.mechanism=PLAIN", "sasl.username=b"], "User:b"),
            (["security.protocol=SSL"], nil), (["security.protocol=SASL_SSL", "sasl.mechanism=GSSAPI"], nil),
            (["security.protocol=SASL_SSL", "sasl.mechanism=OAUTHBEARER", "sasl.username=x"], nil),
        ] as [([String], String?)])
    func principal(_ options: [String], _ principal: String?) throws {
        let identity = ClientIdentity(brokers: "b", settings: try KafkaOptions.expand(options))
        #expect(identity.principal == principal)
    }

    @Test(
        "the command reaches the brokers of the URL",
        arguments: [
            ("b", "b:9092"), ("b:1,c", "b:1,c:9092"), ("[::1]", "[::1]:9092"), ("[::1]:93", "[::1]:93"),
        ])
    func bootstrap(_ brokers: String, _ shown: String) {
        #expect(ClientIdentity(brokers: brokers, settings: []).bootstrap == shown)
    }

    @Test(
        "the message names the right and the command that grants it",
        arguments: [
            (.read, .topic("in"), "Read on topic 'in'", "Read --topic in"),
            (.write, .topic("a.b"), "Write on topic 'a.b'", "Write --topic a.b"),
            (.read, .group("my group"), "Read on group 'my group'", "Read --group 'my group'"),
            (
                .write, .transactionalID("streamctl-it's"), "Write on transactional id 'streamctl-it's'",
                "Write --transactional-id 'streamctl-it'\\''s'"
            ),
            (.idempotentWrite, .cluster, "IdempotentWrite on the cluster", "IdempotentWrite --cluster"),
        ] as [(MissingRight.Operation, MissingRight.Resource, String, String)])
    func message(
        _ operation: MissingRight.Operation, _ resource: MissingRight.Resource, _ name: String, _ arguments: String
    ) {
        let right = MissingRight(operation: operation, resource: resource)
        let command = "grant it with: kafka-acls --bootstrap-server b:9092 --add --allow-principal "
        let known = ClientIdentity(brokers: "b", settings: [])
        #expect(
            right.message(known)
                == "the brokers deny \(name) to User:ANONYMOUS; \(command)User:ANONYMOUS --operation \(arguments)")
        let unknown = ClientIdentity(brokers: "b", settings: [("security.protocol", "ssl")])
        #expect(
            right.message(unknown, remark: "why")
                == "the brokers deny \(name) to this client; why; \(command)User:NAME --operation \(arguments)")
    }

    /// Over TCP, with errors that the mock cluster answers with.
    @Test("reading ends when the brokers deny it", .timeLimit(.minutes(1))) func fetch() throws {
        let cluster = try TestCluster()
        let topic = try cluster.topic()
        try cluster.write(["{}"], to: topic)
        cluster.failFetches(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
        let reader = try TopicReader(cluster.input(topic, "until=end"))
        let failure = failure { _ = try reader.readAll() }
        #expect(failure?.kind == .noInput)
        #expect(failure?.text.contains("the brokers deny Read on topic '\(topic)' to User:ANONYMOUS") == true)
    }

    @Test("a topic that the brokers do not show may not exist", .timeLimit(.minutes(1))) func metadata() throws {
        let cluster = try TestCluster()
        let topic = try cluster.topic()
        cluster.fail(topic, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
        let failure = failure { _ = try cluster.input(topic) }
        #expect(failure?.kind == .noInput)
        #expect(failure?.text.contains("Read on topic '\(topic)'") == true)
        #expect(failure?.text.contains("they also answer so if the topic does not exist") == true)
    }
}

import CRDKafka
import Glibc
import StreamEngine
import System

/// The configuration of a librdkafka client. The user's options override the defaults, except for properties that the
/// delivery guarantees depend on.
struct Configuration: ~Copyable {
    private let calls: CRDKafkaCalls
    private var settings: OpaquePointer?
    private(set) var identity: ClientIdentity
    /// Whether `-X debug=...` asks for the debug messages of librdkafka.
    private(set) var printsDebug = false

    /// - Parameters:
    ///   - fixed: properties that the delivery guarantees depend on; `-X` cannot change them.
    ///   - options: the `-X` options, each `key=value` or `@FILE`.
    ///   - watchesLeaders: whether the client notes `Doubts`.
    /// - Throws: `usage` for a property that librdkafka does not accept.
    init(
        _ calls: CRDKafkaCalls, brokers: String, usual: [(String, String)], fixed: [(String, String)],
        options: [String], watchesLeaders: Bool = false
    ) throws(RunError) {
        self.calls = calls
        identity = ClientIdentity(brokers: brokers, settings: [])
        settings = calls.rd_kafka_conf_new()
        let named = [
            ("client.id", "streamctl"), ("log.connection.close", "false"), ("socket.keepalive.enable", "true"),
        ]
        let given = try KafkaOptions.expand(options)
        let debug = given.last { $0.0 == "debug" }?.1 ?? ""
        printsDebug = !debug.isEmpty
        identity = ClientIdentity(brokers: brokers, settings: given)
        for (key, value) in named + usual { try set(key, value) }
        for (key, value) in given where !key.hasPrefix(RegistryOptions.prefix) {
            guard !fixed.contains(where: { $0.0 == key }), key != "bootstrap.servers", key != "metadata.broker.list"
            else { throw .usage("-X \(key): set by streamctl itself; remove it") }
            try set(key, value)
        }
        for (key, value) in fixed { try set(key, value) }
        try set("bootstrap.servers", brokers)
        if watchesLeaders {
            try set("debug", ((debug.isEmpty ? [] : [debug]) + Doubts.contexts).joined(separator: ","))
        }
    }

    deinit { if let settings { calls.rd_kafka_conf_destroy(settings) } }

    private func set(_ key: String, _ value: String) throws(RunError) {
        var words = [CChar](repeating: 0, count: 512)
        let result = calls.rd_kafka_conf_set(settings, key, value, &words, words.count)
        switch result {
        case RD_KAFKA_CONF_OK: return
        case RD_KAFKA_CONF_UNKNOWN:
            let prefix = key.hasPrefix("basic.auth.") || key.hasPrefix("bearer.auth.") ? RegistryOptions.prefix : nil
            throw .usage(
                "-X \(key): librdkafka has no such property; "
                    + (prefix.map { "did you mean \($0)\(key)?" } ?? "-X list shows all"))
        default:
            let reason = words.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
            // Never repeat a secret in a message.
            let isSafe = !KafkaOptions.isSecret(key)
            throw .usage("-X \(key): " + (isSafe ? reason : "librdkafka does not accept this value"))
        }
    }

    /// Reports errors to `events`, which must outlive the client.
    mutating func report(to events: ClientEvents) {
        let opaque = Unmanaged.passUnretained(events).toOpaque()
        calls.rd_kafka_conf_set_opaque(settings, opaque)
        calls.rd_kafka_conf_set_error_cb(settings) { _, code, reason, opaque in
            guard let opaque else { return }
            Unmanaged<ClientEvents>.fromOpaque(opaque).takeUnretainedValue()
                .note(code, reason.map { String(cString: $0) } ?? "")
        }
        // Print only the debug messages that `-X debug=...` enables.
        calls.rd_kafka_conf_set_log_cb(settings) { client, level, facility, text in
            guard level == LOG_DEBUG, let facility, let text, let client,
                let opaque = (try? Library.use())?.rd_kafka_opaque(client)
            else { return }
            let events = Unmanaged<ClientEvents>.fromOpaque(opaque).takeUnretainedValue()
            events.noteLog(facility, text)
            guard events.printsDebug else { return }
            // What brokers and topics are called is in there too.
            var line = ByteBuffer()
            for part in [facility, text] {
                line.append(": " as StaticString)
                line.append(printable: UnsafeRawBufferPointer(start: part, count: strlen(part)))
            }
            StandardStreams.writeError("librdkafka\(line.text)\n")
        }
    }

    mutating func reportDeliveries(
        _ callback:
            @escaping @convention(c) (
                OpaquePointer?, UnsafePointer<rd_kafka_message_t>?, UnsafeMutableRawPointer?
            ) -> Void
    ) { calls.rd_kafka_conf_set_dr_msg_cb(settings, callback) }

    /// Without a mechanism, SASL means Kerberos, whose properties the user has not set.
    private static func explained(_ reason: String) -> String {
        guard reason.contains("kerberos") else { return reason }
        return
            "SASL requires a mechanism; add -X sasl.mechanism=PLAIN (or SCRAM-SHA-256, SCRAM-SHA-512, GSSAPI), and the "
            + "user and password with -X @FILE"
    }

    /// Creates a client, which takes ownership of the configuration.
    mutating func makeClient(_ type: rd_kafka_type_t) throws(RunError) -> OpaquePointer {
        var words = [CChar](repeating: 0, count: 512)
        guard let client = calls.rd_kafka_new(type, settings, &words, words.count) else {
            let reason = words.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
            throw .usage("librdkafka does not accept these properties: \(Self.explained(reason))")
        }
        settings = nil
        return client
    }
}

import StreamEngine

/// The options of `-X` for a schema registry.
struct RegistryOptions: Sendable {
    static let prefix = "schema.registry."
    private static let names = [
        "url": "URLs of the schema registry, comma separated",
        "basic.auth.user.info": "USER:PASSWORD for the registry, in a file (-X @FILE)",
        "basic.auth.credentials.source": "USER_INFO, URL or SASL_INHERIT (sasl.username and sasl.password)",
        "bearer.auth.token": "token for the registry, in a file (-X @FILE)",
        "ssl.ca.location": "file of CA certificates to check the registry's with",
        "ssl.certificate.location": "file of the client's certificate",
        "ssl.key.location": "file of the client's key",
        "ssl.key.password": "password of that key, in a file (-X @FILE)",
    ]

    let urls: [String]
    private(set) var userInfo: String?
    private(set) var token: String?
    private(set) var caFile: String?
    private(set) var certificate: String?
    private(set) var key: String?
    private(set) var keyPassword: String?

    /// - Parameter settings: keys and values of all options.
    /// - Returns: nil if none of them is about a registry.
    /// - Throws: `usage`
    init?(_ settings: [(String, String)]) throws(RunError) {
        var own: [String: String] = [:]
        for (key, value) in settings where key.hasPrefix(Self.prefix) {
            let name = String(key.dropFirst(Self.prefix.count))
            guard Self.names[name] != nil else {
                throw .usage("-X \(key): no such option of the schema registry; -X list shows all")
            }
            own[name] = value
        }
        guard !own.isEmpty else { return nil }
        let texts = (own["url"] ?? "").split(separator: ",").map { KafkaOptions.trim($0) }
        guard !texts.isEmpty else {
            throw .usage(
                "-X \(Self.prefix)…: the URL of the registry is missing; add -X \(Self.prefix)url=http://HOST:8081")
        }
        urls = try texts.map { text throws(RunError) in try Self.url(text) }
        token = own["bearer.auth.token"]
        caFile = own["ssl.ca.location"]
        certificate = own["ssl.certificate.location"]
        key = own["ssl.key.location"]
        keyPassword = own["ssl.key.password"]
        switch own["basic.auth.credentials.source"] ?? "USER_INFO" {
        case "USER_INFO", "URL": userInfo = own["basic.auth.user.info"]
        case "SASL_INHERIT":
            func last(_ key: String) -> String? { settings.last { $0.0 == key }?.1 }
            guard let user = last("sasl.username"), let password = last("sasl.password") else {
                throw .usage(
                    "-X \(Self.prefix)basic.auth.credentials.source: sasl.username or sasl.password is missing")
            }
            userInfo = "\(user):\(password)"
        default:
            throw .usage("-X \(Self.prefix)basic.auth.credentials.source: it is USER_INFO, URL or SASL_INHERIT")
        }
    }

    /// An address without a slash at its end.
    private static func url(_ text: String) throws(RunError) -> String {
        let isComplete = text.hasPrefix("http://") || text.hasPrefix("https://")
        let url = isComplete || text.contains("://") ? text : "http://\(text)"
        let place = url.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first
        guard isComplete || !text.contains("://"), place != nil, !url.contains("?"), !url.contains("#"),
            url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else { throw .usage("-X \(prefix)url: it has the form http://HOST:8081 or https://HOST") }
        return url.hasSuffix("/") ? String(url.dropLast()) : url
    }

    /// Whether the text has a password of a URL.
    static func holdsPassword(_ text: String) -> Bool {
        text.split(separator: ",").contains { url in
            let rest = url.split(separator: "/", omittingEmptySubsequences: true)
            return rest.prefix(2).contains { $0.contains("@") }
        }
    }

    /// Host and port, for messages.
    static func place(_ url: String) -> String {
        let rest = url.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first.map(String.init) ?? url
        return rest.split(separator: "@").last.map(String.init) ?? rest
    }

    /// The options, for `-X list`.
    static var list: String {
        names.sorted { $0.key < $1.key }
            .map { name, text in
                prefix + name + String(repeating: " ", count: max(1, 48 - prefix.count - name.count)) + text + "\n"
            }.joined()
    }
}

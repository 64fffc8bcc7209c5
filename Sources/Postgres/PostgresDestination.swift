import CPostgres
import Glibc
import StreamEngine

/// A database as named on the command line: `postgresql://[USER@][HOST][:PORT][,…][/DATABASE][?OPTION=VALUE&…]`.
///
/// What the URL omits comes from libpq's environment (`PGHOST`, `PGSERVICE`, `~/.pgpass`, …).
package struct PostgresDestination: Sendable {
    /// The name in messages: `postgresql://host:port/database`, as far as the URL specifies it. No secrets.
    package let name: String
    /// The options of the URL, by libpq keyword.
    private(set) var options: [String: String]

    /// - Throws: `usage` for text that is not such a URL or contains a password; `unavailable` without libpq.
    package init(url: String) throws(RunError) {
        guard url.hasPrefix("postgresql://") || url.hasPrefix("postgres://") else {
            throw .usage("not a database URL; write postgresql://HOST/DATABASE")
        }
        guard !url.utf8.contains(0) else { throw .usage("the database URL contains a NUL character") }
        let calls = try Library.use()
        var complaint: UnsafeMutablePointer<CChar>?
        let parsed = calls.PQconninfoParse(url, &complaint)
        defer {
            if let parsed { calls.PQconninfoFree(parsed) }
            if let complaint { calls.PQfreemem(complaint) }
        }
        guard let parsed else {
            let reason = complaint.map { Self.reason(of: String(cString: $0)) } ?? "syntax error"
            throw .usage("invalid database URL: \(reason)")
        }
        var options: [String: String] = [:]
        for option in ConnectionOption.list(parsed) {
            guard let value = option.value else { continue }
            // Every user of the machine can see the command line.
            guard !option.isSecret else {
                throw .usage(
                    "the database URL must not contain a password, because other users can see it; "
                        + "use ~/.pgpass (or PGPASSFILE), PGPASSWORD or PGSERVICE")
            }
            options[option.keyword] = value
        }
        self.options = options
        name = Self.name(of: options)
    }

    /// The same for reading: a standby does as well, unless the URL or the environment says otherwise.
    var forReading: PostgresDestination {
        var copy = self
        if options["target_session_attrs"] == nil, getenv("PGTARGETSESSIONATTRS") == nil {
            copy.options["target_session_attrs"] = "any"
        }
        return copy
    }

    /// libpq's message without what it quotes, which may be a piece of a password.
    static func reason(of complaint: String) -> String {
        let line = complaint.prefix { $0 != "\n" }
        let words = line.prefix { $0 != "\"" }
        var reason = String(words)
        while let last = reason.last, last == " " || last == ":" { reason.removeLast() }
        // The only quotation that is a name, and worth showing.
        let quoted = line.dropFirst(words.count + 1).prefix { $0 != "\"" }
        if reason.hasSuffix("URI query parameter"), quoted.allSatisfy({ $0.isLetter || $0 == "_" }) {
            reason += " '\(quoted)'"
        }
        return reason.isEmpty ? "syntax error" : reason
    }

    static func name(of options: [String: String]) -> String {
        let hosts = (options["host"] ?? options["hostaddr"] ?? "").split(
            separator: ",", omittingEmptySubsequences: false)
        let ports = (options["port"] ?? "").split(separator: ",", omittingEmptySubsequences: false)
        let servers = hosts.enumerated().map { index, host in
            // A socket directory does not fit into a URL as a host; libpq's own messages show it.
            if host.hasPrefix("/") { return "" }
            let port = ports.count == 1 ? ports[0] : ports.indices.contains(index) ? ports[index] : ""
            let name = host.contains(":") ? "[\(host)]" : String(host)
            return port.isEmpty ? name : "\(name):\(port)"
        }
        let database = options["dbname"].map { "/\($0)" } ?? ""
        return "postgresql://\(servers.joined(separator: ","))\(database)"
    }
}

/// A connection option as listed by libpq.
struct ConnectionOption {
    let keyword: String
    let value: String?
    /// Whether libpq treats it as a password.
    let isSecret: Bool

    static func list(_ first: UnsafePointer<PQconninfoOption>) -> [ConnectionOption] {
        var options: [ConnectionOption] = []
        var next = first
        while let keyword = next.pointee.keyword {
            options.append(
                ConnectionOption(
                    keyword: String(cString: keyword), value: next.pointee.val.map { String(cString: $0) },
                    isSecret: isSecret(String(cString: keyword), next.pointee.dispchar)))
            next += 1
        }
        return options
    }

    /// Whether libpq would mask it, or it is a key that newer versions accept instead of a password.
    private static func isSecret(_ keyword: String, _ display: UnsafePointer<CChar>?) -> Bool {
        display.map { String(cString: $0) == "*" } ?? false || keyword.hasPrefix("scram_")
    }
}

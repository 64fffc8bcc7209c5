import CPostgres
import StreamEngine

/// A database, as the command line names it: `postgresql://[USER@][HOST][:PORT][,…][/DATABASE][?OPTION=VALUE&…]`.
///
/// What the URL leaves open comes from libpq's environment (`PGHOST`, `PGSERVICE`, `~/.pgpass`, …).
package struct PostgresDestination: Sendable {
    /// What messages call it: `postgresql://host:port/database`, as far as the URL says so. No secrets.
    package let name: String
    /// The options of the URL, by libpq's keywords.
    let options: [String: String]

    /// - Throws: `usage` for a text that is no such URL or holds a password; `unavailable` without libpq.
    package init(url: String) throws(RunError) {
        guard url.hasPrefix("postgresql://") || url.hasPrefix("postgres://") else {
            throw .usage("a database is named by a URL: postgresql://HOST/DATABASE")
        }
        guard !url.utf8.contains(0) else { throw .usage("the database URL holds a NUL") }
        let calls = try Library.use()
        var complaint: UnsafeMutablePointer<CChar>?
        let parsed = calls.PQconninfoParse(url, &complaint)
        defer {
            if let parsed { calls.PQconninfoFree(parsed) }
            if let complaint { calls.PQfreemem(complaint) }
        }
        guard let parsed else {
            let reason = complaint.map { Self.reason(of: String(cString: $0)) } ?? "it is not understood"
            throw .usage("the database URL cannot be used: \(reason)")
        }
        var options: [String: String] = [:]
        for option in ConnectionOption.list(parsed) {
            guard let value = option.value else { continue }
            // Every user of the machine sees the command line.
            guard !option.isSecret else {
                throw .usage(
                    "the database URL must not hold a password: others can read it there; "
                        + "use ~/.pgpass (or PGPASSFILE), PGPASSWORD or PGSERVICE")
            }
            options[option.keyword] = value
        }
        self.options = options
        name = Self.name(of: options)
    }

    /// libpq's words without what they quote, which can be a piece of a password.
    static func reason(of complaint: String) -> String {
        let line = complaint.prefix { $0 != "\n" }
        let words = line.prefix { $0 != "\"" }
        var reason = String(words)
        while let last = reason.last, last == " " || last == ":" { reason.removeLast() }
        // The one quotation that is a name, and worth to be seen.
        let quoted = line.dropFirst(words.count + 1).prefix { $0 != "\"" }
        if reason.hasSuffix("URI query parameter"), quoted.allSatisfy({ $0.isLetter || $0 == "_" }) {
            reason += " '\(quoted)'"
        }
        return reason.isEmpty ? "it is not understood" : reason
    }

    static func name(of options: [String: String]) -> String {
        let hosts = (options["host"] ?? options["hostaddr"] ?? "").split(
            separator: ",", omittingEmptySubsequences: false)
        let ports = (options["port"] ?? "").split(separator: ",", omittingEmptySubsequences: false)
        let servers = hosts.enumerated().map { index, host in
            // A folder of sockets has no place in the host's place; libpq's own messages name it.
            if host.hasPrefix("/") { return "" }
            let port = ports.count == 1 ? ports[0] : ports.indices.contains(index) ? ports[index] : ""
            let name = host.contains(":") ? "[\(host)]" : String(host)
            return port.isEmpty ? name : "\(name):\(port)"
        }
        let database = options["dbname"].map { "/\($0)" } ?? ""
        return "postgresql://\(servers.joined(separator: ","))\(database)"
    }
}

/// One option of a connection, as libpq lists them.
struct ConnectionOption {
    let keyword: String
    let value: String?
    /// A password, says libpq.
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

    /// What libpq itself would show as stars, and the keys that newer ones can be given in place of a password.
    private static func isSecret(_ keyword: String, _ display: UnsafePointer<CChar>?) -> Bool {
        display.map { String(cString: $0) == "*" } ?? false || keyword.hasPrefix("scram_")
    }
}

import CPostgres
import Glibc

/// The options of each connection attempt, one host at a time: libpq tries the next host of a list only if one refuses,
/// not if it does not respond.
struct ConnectionOptions {
    /// Defaults for options that neither the URL, the environment nor a service sets.
    private static let defaults = [
        ("connect_timeout", "10"), ("keepalives", "1"), ("keepalives_idle", "30"), ("keepalives_interval", "10"),
        ("keepalives_count", "3"), ("tcp_user_timeout", "30000"),
    ]

    /// The options for each host.
    let attempts: [[String: String]]
    /// The time limit of one attempt, microseconds.
    let timeout: Int64

    /// - Parameter application: the application name, unless the user has set one.
    init(_ destination: PostgresDestination, application: String, _ calls: CPostgresCalls) {
        var options = destination.options
        let effective = Self.effective(options, calls)
        for (keyword, value) in Self.defaults where effective[keyword] == nil { options[keyword] = value }
        // libpq does not show whether a value is its own default: only an explicit setting counts.
        if effective["target_session_attrs"].map({ $0 == "any" }) ?? true, options["target_session_attrs"] == nil,
            getenv("PGTARGETSESSIONATTRS") == nil
        {
            options["target_session_attrs"] = "read-write"
        }
        options["fallback_application_name"] = application
        options["client_encoding"] = "UTF8"

        let seconds = (options["connect_timeout"] ?? effective["connect_timeout"]).flatMap { Int64($0) } ?? 10
        // As in libpq: 0 means no limit, and the minimum is 2.
        timeout = seconds <= 0 ? 3_600_000_000 : min(max(seconds, 2), 3600) * 1_000_000
        attempts = Self.split(options, effective)
    }

    /// Splits a list of hosts into options for each host.
    static func split(_ options: [String: String], _ effective: [String: String]) -> [[String: String]] {
        func list(_ keyword: String) -> [String] {
            guard let text = effective[keyword] ?? options[keyword], !text.isEmpty else { return [] }
            return text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        let (hosts, addresses, ports) = (list("host"), list("hostaddr"), list("port"))
        let count = max(hosts.count, addresses.count)
        // libpq reports inconsistent lists.
        guard count > 1, hosts.isEmpty || hosts.count == count, addresses.isEmpty || addresses.count == count,
            ports.count <= 1 || ports.count == count
        else { return [options] }
        return (0..<count).map { index in
            var one = options
            if !hosts.isEmpty { one["host"] = hosts[index] }
            if !addresses.isEmpty { one["hostaddr"] = addresses[index] }
            if let port = ports.count == 1 ? ports.first : ports.isEmpty ? nil : ports[index] { one["port"] = port }
            return one
        }
    }

    /// The options with those of the environment and a service. libpq shows these only for a connection, so this one
    /// has an invalid option that keeps it from connecting.
    private static func effective(_ options: [String: String], _ calls: CPostgresCalls) -> [String: String] {
        var impossible = options
        impossible["gssencmode"] = "none of these"
        guard let connection = ConnectionHandle(starting: impossible, calls),
            let list = calls.PQconninfo(connection.pointer)
        else { return options }
        defer { calls.PQconninfoFree(list) }
        var effective: [String: String] = [:]
        for option in ConnectionOption.list(list) where !option.isSecret {
            if let value = option.value, !value.isEmpty { effective[option.keyword] = value }
        }
        return effective
    }
}

/// A libpq connection in any state; closed when the value is destroyed.
struct ConnectionHandle: ~Copyable {
    let pointer: OpaquePointer
    private let calls: CPostgresCalls

    /// Starts connecting; nil if out of memory.
    init?(starting options: [String: String], _ calls: CPostgresCalls) {
        var keywords: [UnsafePointer<CChar>?] = []
        var values: [UnsafePointer<CChar>?] = []
        for (keyword, value) in options {
            guard let keyword = strdup(keyword), let value = strdup(value) else { continue }
            keywords.append(UnsafePointer(keyword))
            values.append(UnsafePointer(value))
        }
        keywords.append(nil)
        values.append(nil)
        defer { for text in keywords + values { free(UnsafeMutablePointer(mutating: text)) } }
        guard let pointer = calls.PQconnectStartParams(keywords, values, 0) else { return nil }
        self.pointer = pointer
        self.calls = calls
    }

    deinit { calls.PQfinish(pointer) }
}

/// A reply of the server.
struct ResultHandle: ~Copyable {
    let pointer: OpaquePointer
    private let calls: CPostgresCalls

    init(_ pointer: OpaquePointer, _ calls: CPostgresCalls) {
        self.pointer = pointer
        self.calls = calls
    }

    deinit { calls.PQclear(pointer) }
}

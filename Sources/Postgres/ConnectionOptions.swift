import CPostgres
import Glibc

/// The options of each connection that can be tried, one host at a time: libpq itself goes on to the next host of a list
/// only when one refuses, not when it is silent.
struct ConnectionOptions {
    /// What is set where neither the URL nor the environment nor a service says otherwise.
    private static let defaults = [
        ("connect_timeout", "10"), ("keepalives", "1"), ("keepalives_idle", "30"), ("keepalives_interval", "10"),
        ("keepalives_count", "3"), ("tcp_user_timeout", "30000"),
    ]

    /// One list of options for each host.
    let attempts: [[String: String]]
    /// How long one attempt may take, in microseconds.
    let timeout: Int64

    /// - Parameter application: what the server shall call the connection, unless the user named it.
    init(_ destination: PostgresDestination, application: String, _ calls: CPostgresCalls) {
        var options = destination.options
        let effective = Self.effective(options, calls)
        for (keyword, value) in Self.defaults where effective[keyword] == nil { options[keyword] = value }
        // libpq cannot tell whether its own default was meant: only what was said counts.
        if effective["target_session_attrs"].map({ $0 == "any" }) ?? true, options["target_session_attrs"] == nil,
            getenv("PGTARGETSESSIONATTRS") == nil
        {
            options["target_session_attrs"] = "read-write"
        }
        options["fallback_application_name"] = application
        options["client_encoding"] = "UTF8"

        let seconds = (options["connect_timeout"] ?? effective["connect_timeout"]).flatMap { Int64($0) } ?? 10
        // As in libpq: 0 is without end, and less than 2 is not taken at its word.
        timeout = seconds <= 0 ? 3_600_000_000 : min(max(seconds, 2), 3600) * 1_000_000
        attempts = Self.split(options, effective)
    }

    /// One set of options for each host of a list.
    static func split(_ options: [String: String], _ effective: [String: String]) -> [[String: String]] {
        func list(_ keyword: String) -> [String] {
            guard let text = effective[keyword] ?? options[keyword], !text.isEmpty else { return [] }
            return text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        let (hosts, addresses, ports) = (list("host"), list("hostaddr"), list("port"))
        let count = max(hosts.count, addresses.count)
        // A list that does not add up is libpq's to complain of.
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

    /// All options with what the environment and a service add. libpq only tells that of a connection: of one that it
    /// refuses to begin, in this case.
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

/// A connection of libpq, whatever its state; closed at the end of the value's life.
struct ConnectionHandle: ~Copyable {
    let pointer: OpaquePointer
    private let calls: CPostgresCalls

    /// Begins to connect. nil: no memory.
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

/// A database without user and password, for the driver of Java.
struct PostgresPlace {
    /// `HOST[:PORT][,…]`
    let hosts: String
    let database: String

    /// - Parameter url: `postgresql://[USER[:PASSWORD]@]HOST[:PORT][,…]/DATABASE[?…]`
    init(_ url: String) {
        var rest = url[...]
        for scheme in ["postgresql://", "postgres://"] where rest.hasPrefix(scheme) { rest.removeFirst(scheme.count) }
        rest = rest.prefix { $0 != "?" }
        // A password may hold an @ or a slash itself.
        if let at = rest.lastIndex(of: "@") { rest = rest[at...].dropFirst() }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        hosts = slash == rest.startIndex ? "localhost" : String(rest[..<slash])
        let name = rest[slash...].dropFirst()
        database = name.isEmpty ? "${PGDATABASE}" : String(name)
    }

    var jdbc: String { "jdbc:postgresql://\(hosts)/\(database)" }
}

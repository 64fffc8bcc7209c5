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
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        var place = rest[..<slash]
        // A password may hold an @ itself.
        if let at = place.lastIndex(of: "@") { place = place[at...].dropFirst() }
        hosts = place.isEmpty ? "localhost" : String(place)
        let name = rest[slash...].dropFirst()
        // An @ behind the slash is part of a password that is not escaped.
        database = name.contains("@") || name.isEmpty ? "${PGDATABASE}" : String(name)
    }

    var jdbc: String { "jdbc:postgresql://\(hosts)/\(database)" }
}

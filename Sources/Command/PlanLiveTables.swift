import Plan
import StreamEngine

/// Tables of `--lookup` that are not read once for all: those that are read again, and rows that are fetched by key.
extension Plan {
    /// Looking more often brings nothing.
    private static let leastReload: Int64 = 100_000
    /// How often a file is looked at with `reload=on`.
    private static let usualReload: Int64 = 1_000_000

    /// Words that people bring, with ours.
    private static let words = [
        "refresh": "reload", "refresh-interval": "reload", "interval": "reload", "watch": "reload", "poll": "reload",
        "cache-size": "cache", "cache-rows": "cache", "max-rows": "cache", "max-keys": "cache", "cache-ttl": "ttl",
        "expire": "ttl", "expiry": "ttl", "expire-after": "ttl", "max-age": "ttl",
    ]

    /// Our word for one of a part that other tools have; nil for others.
    static func partSynonym(_ name: String, among known: [String]) -> String? {
        words[name.lowercased().replacing("_", with: "-").replacing(".", with: "-")].flatMap {
            known.contains($0) ? $0 : nil
        }
    }

    /// Reads `reload=`.
    ///
    /// - Returns: microseconds; nil for a table that is read once.
    static func reload(
        _ given: [String: String], isDatabase: Bool, _ wrong: (String) -> UsageError
    ) throws(UsageError) -> Int64? {
        guard let text = given["reload"], text != "off" else { return nil }
        if text == "on" {
            guard isDatabase else { return usualReload }
            throw wrong("reload=on: how often? Write reload=5m")
        }
        let length = try duration(text, "reload", wrong)
        guard length >= leastReload else { throw wrong("reload=\(text) is too short; use 100ms or more") }
        return length
    }

    /// Reads `load=`, `cache=` and `ttl=` of a table of a database.
    ///
    /// - Returns: nil if it is read as a whole.
    static func byKey(
        _ given: [String: String], _ wrong: (String) -> UsageError
    ) throws(UsageError) -> Lookup.ByKey? {
        if let load = given["load"] {
            guard load == "all" else { throw wrong("load='\(load)': use all") }
            if let part = ["cache", "ttl"].first(where: { given[$0] != nil }) {
                throw wrong(
                    "\(part)= is for rows that are fetched by key; remove it, or load=all"
                        + (part == "ttl" ? "; reload=DURATION reads the whole table again" : ""))
            }
            return nil
        }
        if given["reload"] != nil {
            throw wrong(
                "reload= reads a whole table again; add &load=all, or write ttl=DURATION for how long a row that was fetched "
                    + "by key counts")
        }
        if given["as-of"] != nil {
            throw wrong("as-of= needs all rows of a key at every time, which a cache does not have; add &load=all")
        }
        var byKey = Lookup.ByKey()
        if let text = given["cache"] {
            byKey.cache = try about(wrong) { () throws(UsageError) in try Numbers.count(text, of: "cache") }
            guard byKey.cache <= 100_000_000 else { throw wrong("cache=\(text) is too large; use at most 100000000") }
        }
        if let text = given["ttl"] { byKey.ttl = try duration(text, "ttl", wrong) }
        return byKey
    }

    private static func duration(
        _ text: String, _ part: String, _ wrong: (String) -> UsageError
    ) throws(UsageError) -> Int64 {
        try about(wrong) { () throws(UsageError) in try Durations.length(text, of: part) }
    }

    /// Adds which table it is to errors.
    private static func about<Value>(
        _ wrong: (String) -> UsageError, _ body: () throws(UsageError) -> Value
    ) throws(UsageError) -> Value {
        do throws(UsageError) { return try body() } catch .message(let text) { throw wrong(text) }
    }

    /// A job that reads its input again must find the rows from before.
    static func checkTables(ofJob job: String?, _ queries: [Query]) throws(UsageError) {
        guard job != nil else { return }
        for lookup in queries.flatMap(\.lookups) {
            if lookup.reload != nil {
                throw UsageError(
                    "--lookup \(lookup.path): reload= does not apply to a --job, which would give other rows when it reads its "
                        + "input again after a restart; remove reload=, and start the job with --lookup-changed accept when the "
                        + "table has changed")
            }
            if lookup.database?.byKey != nil {
                throw UsageError(
                    "--lookup \(lookup.path): rows that are fetched by key may be others when the --job reads its input again "
                        + "after a restart; add &load=all, which reads the whole table at the start and keeps its hash")
            }
        }
    }
}

import StreamEngine

/// Addresses that are not files: URLs of services, and other spellings of the places that we know.
enum ForeignPlace {
    enum Role {
        case input, output
    }

    /// - Throws: for text that is more likely such an address than the name of a file. The message repeats no part of
    ///   it that may be a password.
    static func refuse(_ text: String, as role: Role) throws(UsageError) {
        if let problem = otherSpelling(text, role) { throw UsageError(problem) }
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else { return }
        let scheme = text[..<colon]
        guard !scheme.isEmpty, scheme.utf8.allSatisfy({ FieldPath.isNameByte($0) }) else { return }
        let rest = text[colon...].dropFirst(3)
        if scheme == "postgresql" || scheme == "postgres" {
            throw UsageError("postgresql://: a database cannot be used as input; read files, - or demo:sensors")
        }
        if let advice = advice(String(scheme.lowercased()), rest, role) { throw UsageError(advice) }
        if role == .output,
            ["pg", "psql", "pgsql", "postgre", "timescale", "timescaledb", "cockroachdb", "cockroach", "crdb"].contains(
                scheme.lowercased()) || scheme.lowercased().hasPrefix("postgresql+")
        {
            throw UsageError("\(scheme)://: write -o postgresql://HOST/DATABASE --table NAME")
        }
        let known = role == .input ? ["kafka"] : ["postgresql", "postgres", "kafka"]
        if let near = Spelling.nearest(to: scheme.lowercased(), among: known), near != scheme {
            throw UsageError(
                "\(scheme)://: unknown scheme; did you mean \(near == "postgres" ? "postgresql" : near)://?")
        }
        let instead =
            role == .input
            ? "read files, -, kafka://BROKER/TOPIC or demo:sensors"
            : "write to a file, -, postgresql://HOST/DATABASE or kafka://BROKER/TOPIC"
        let shown = rest.contains("@") ? "" : " (for a file of that name: ./\(text))"
        let place = rest.contains("@") ? "\(scheme)://" : text
        throw UsageError("\(place): unknown scheme '\(scheme)://'; \(instead)\(shown)")
    }

    /// Places that we know, written in another way.
    private static func otherSpelling(_ text: String, _ role: Role) -> String? {
        let lower = text.lowercased()
        if lower.hasPrefix("jdbc:") {
            let scheme = text.dropFirst(5).prefix { $0 != ":" }
            guard scheme.hasPrefix("postgres") else {
                return "jdbc:\(scheme): only Postgres is supported; use -o postgresql://HOST/DATABASE"
            }
            return role == .input
                ? "jdbc:postgresql: a database cannot be used as input; for output, use -o postgresql://HOST/DATABASE"
                : "jdbc:postgresql: leave out 'jdbc:'; use -o postgresql://HOST/DATABASE"
        }
        if lower.hasPrefix("kafka//") { return "\(text.prefix { $0 != "@" }): write kafka://BROKER[:PORT]/TOPIC" }
        if lower.hasPrefix("kafka:"), !text.hasPrefix("kafka://") {
            let rest = text.dropFirst(6).drop { $0 == "/" }
            return rest.contains("@") || rest.isEmpty
                ? "kafka: write kafka://BROKER[:PORT]/TOPIC" : "\(text): write kafka://\(rest)"
        }
        for scheme in ["postgresql:", "postgres:", "pg:"] where lower.hasPrefix(scheme) && !text.contains("://") {
            return "\(scheme) write -o postgresql://HOST/DATABASE"
        }
        if lower.hasPrefix("file:") {
            var path = text.dropFirst(5)
            if path.hasPrefix("//") { path = path.dropFirst(2) }
            if path.hasPrefix("localhost/") { path = path.dropFirst("localhost".count) }
            if path.hasPrefix("//") { path = path.dropFirst() }
            return path.isEmpty ? "\(text): write the path of the file" : "\(text): write the path alone: \(path)"
        }
        return connectionString(text)
    }

    /// The URL for `host=… dbname=…`, which psql takes.
    private static func connectionString(_ text: String) -> String? {
        var parts: [Substring: Substring] = [:]
        for word in text.split(separator: " ") {
            let pair = word.split(separator: "=", maxSplits: 1)
            if pair.count == 2 { parts[pair[0]] = pair[1] }
        }
        guard parts["dbname"] != nil || parts["host"] != nil || parts["service"] != nil else { return nil }
        func plain(_ key: Substring) -> Substring? {
            parts[key].flatMap { value in
                value.utf8.allSatisfy { FieldPath.isNameByte($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
                    ? value : nil
            }
        }
        var url = "postgresql://"
        if let user = plain("user") { url += user + "@" }
        url += (plain("host") ?? "") + (plain("port").map { ":" + $0 } ?? "") + "/" + (plain("dbname") ?? "")
        if let service = plain("service") { url += "?service=" + service }
        return "a connection string is written as a URL: -o \(url) --table NAME"
    }

    private static func advice(_ scheme: String, _ rest: Substring, _ role: Role) -> String? {
        let url = rest.contains("@") || rest.contains("?") ? "URL" : "'\(scheme)://\(rest)'"
        let name = "\(scheme)://"
        switch (scheme, role) {
        case ("http", .input), ("https", .input), ("ftp", .input):
            return "\(name): not read directly; use curl -s \(url) | streamctl -W none ..."
        case ("s3", .input), ("s3a", .input):
            let path = rest.contains("?") ? "BUCKET/KEY" : String(rest)
            return "\(name): not read directly; use aws s3 cp s3://\(path) - | streamctl -W none ..."
        case ("gs", .input):
            return "\(name): not read directly; use gcloud storage cat \(url) | streamctl -W none ..."
        case ("hdfs", .input): return "\(name): not read directly; use hdfs dfs -cat \(url) | streamctl -W none ..."
        case ("ssh", .input), ("scp", .input), ("sftp", .input):
            return "\(name): not read directly; use ssh HOST cat FILE | streamctl -W none ..."
        case ("tcp", .input): return "\(name): not read directly; use nc HOST PORT | streamctl ..."
        case ("mqtt", .input): return "\(name): not read directly; use mosquitto_sub -h HOST -t TOPIC | streamctl ..."
        case ("pulsar", .input): return "\(name): not read directly; use \(recipe("pulsar-client consume"))"
        case ("kinesis", .input): return "\(name): not read directly; use \(recipe("aws kinesis get-records"))"
        case ("ws", .input), ("wss", .input): return "\(name): not read directly; use \(recipe("a client"))"
        case ("amqp", .input), ("nats", .input), ("redis", .input):
            return "\(name): not read directly; pipe the messages in, one per line"
        case ("http", .output), ("https", .output):
            return "\(name): not written directly; pipe rows into a program such as curl"
        case ("s3", .output), ("s3a", .output), ("gs", .output), ("hdfs", .output):
            return "\(name): not written directly; write a file and copy it, or pipe rows into the client"
        case ("mysql", _), ("mariadb", _), ("sqlite", _), ("sqlserver", _), ("mssql", _), ("oracle", _),
            ("clickhouse", _), ("mongodb", _), ("redshift", _), ("snowflake", _), ("duckdb", _), ("cassandra", _):
            return role == .input
                ? "\(name): a database cannot be used as input; read files, - or kafka://BROKER/TOPIC"
                : "\(name): the only database is Postgres, -o postgresql://HOST/DATABASE; for another one, write -f csv "
                    + "and load that"
        default: return nil
        }
    }

    /// A program whose whole command line the manual has.
    private static func recipe(_ program: String) -> String {
        "\(program) | streamctl ...; the manual has the whole command (RECIPES)"
    }

    /// Kinds of files that are not written, by their names.
    static func checkFileName(_ path: String) throws(UsageError) {
        guard let dot = path.lastIndex(of: ".") else { return }
        let plain = String(path[..<dot])
        switch path[dot...].dropFirst().lowercased() {
        case "gz": throw UsageError("--output \(path): output is not compressed; use '... | gzip > \(path)'")
        case "zst": throw UsageError("--output \(path): output is not compressed; use '... | zstd > \(path)'")
        case "bz2": throw UsageError("--output \(path): output is not compressed; use '... | bzip2 > \(path)'")
        case "xz": throw UsageError("--output \(path): output is not compressed; use '... | xz > \(path)'")
        case "zip": throw UsageError("--output \(path): output is not compressed; write \(plain) and compress it")
        case "parquet", "xlsx", "xls", "ods", "avro", "orc", "arrow", "feather", "db", "sqlite", "duckdb":
            throw UsageError(
                "--output \(path): rows are written as json, csv, tsv or table; write \(plain).csv and convert it")
        default: return
        }
    }
}

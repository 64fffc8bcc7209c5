import Plan
import StreamEngine
import System

/// Reads tables of `--lookup` from a database.
///
/// The rows come as JSON, one on a line, in the order of their bytes: a table has no order of its own, and so equal rows
/// have equal bytes, whose hash a job keeps.
package enum DatabaseTables: LookupReader {
    /// How long a start waits for a server that will be ready soon.
    private static let openingTime: Int64 = 30_000_000
    /// How long the server may be silent while it sorts rows.
    private static let patience: Int64 = 600_000_000

    package static func read(
        _ lookup: Lookup, _ run: RunContext, seed: UInt64, stop: Int32?
    ) throws(RunError) -> LookupTable? {
        guard let database = lookup.database, database.byKey == nil else { return nil }
        var budget = WaitBudget(interrupt: Interrupt.signals.pollDescriptor)
        if let stop { budget = WaitBudget(interrupt: stop, grace: 0) }
        // One that is read again has been connected before: what there is to say of its connection was said.
        let connection = try connection(for: lookup, database, budget, stop == nil ? run.warn : ignore)
        defer { connection.disconnect() }
        return try start(lookup, connection) {
            (session: Session, destination, name) throws(AttemptError) -> LookupTable in
            try read(lookup, name, destination, run.plan.query, seed, session)
        }
    }

    package static func open(_ lookup: Lookup, _ run: RunContext, seed: UInt64) throws(RunError) -> KeyedTable? {
        guard let database = lookup.database, let byKey = database.byKey else { return nil }
        let budget = WaitBudget(interrupt: Interrupt.signals.pollDescriptor)
        let connection = try connection(for: lookup, database, budget, run.warn)
        let opened = try start(lookup, connection) {
            (session: Session, destination, name) throws(AttemptError) -> Prepared in
            try prepare(lookup, name, destination, run.plan.query, session)
        }
        connection.deadline = nil
        let rows = DatabaseRows(lookup, opened.reader, connection, opened.statement)
        return KeyedTable(
            columns: opened.reader.names, forms: opened.forms, rows, capacity: byKey.cache, ttl: byKey.ttl, seed: seed)
    }

    /// A connection that must come about soon.
    private static func connection(
        for lookup: Lookup, _ database: Lookup.Database, _ budget: WaitBudget,
        _ warn: @escaping @Sendable (String) -> Void
    ) throws(RunError) -> RetryingConnection {
        let destination = try at(lookup) { () throws(RunError) in try PostgresDestination(url: database.url).forReading
        }
        let connection = RetryingConnection(destination, application: "streamctl", budget, warn)
        connection.deadline = steadyClock() &+ openingTime
        return connection
    }

    /// Runs the first statements for a table.
    private static func start<Outcome>(
        _ lookup: Lookup, _ connection: RetryingConnection,
        _ body: (Session, PostgresDestination, TableName) throws(AttemptError) -> Outcome
    ) throws(RunError) -> Outcome {
        let destination = connection.destination
        return try at(lookup) { () throws(RunError) in
            let name = try TableName(parsing: lookup.path)
            return try connection.withRetry { (session) throws(AttemptError) -> Outcome in
                do throws(AttemptError) {
                    return try body(session, destination, name)
                } catch .server(let fault) where fault.kind == .mismatch {
                    throw .final(.noInput("\(destination.name): \(fault.text)"))
                }
            }
        }
    }

    private struct Prepared {
        let reader: FetchedRowReader
        let forms: [KeyForm]
        let statement: String
    }

    /// Finds out how the rows of a table are fetched by key, and whether they can be.
    private static func prepare(
        _ lookup: Lookup, _ name: TableName, _ destination: PostgresDestination, _ query: Query, _ session: Session
    ) throws(AttemptError) -> Prepared {
        try session.run(settings)
        let all = try columns(of: name, destination, session)
        let reader: FetchedRowReader
        do throws(RunError) {
            reader = try FetchedRowReader(lookup, query, columns: all.map(\.name))
        } catch {
            throw .final(error)
        }
        let keys = try lookup.keys.map { (path) throws(AttemptError) -> DatabaseColumn in
            if let column = all.first(where: { $0.name == path.columnName }) { return column }
            throw .final(
                .usage(
                    "key=\(path.text): a part of a column is not found by key; add &load=all, or name a column of a view"
                ))
        }
        let used = all.filter { reader.used.contains($0.name) }
        try checkReadable(used, of: name, session)
        let statement = DatabaseRows.statement(
            name, keys: keys, columns: used, lookup.match, numberName: reader.numberName)
        // Whether the server can compare them, before there is a key.
        try session.run(statement, [String?](repeating: "{}", count: keys.count + 1))
        try session.run("COMMIT")
        return Prepared(reader: reader, forms: keys.map(\.form), statement: statement)
    }

    /// Adds which table it is to errors.
    static func at<Outcome: ~Copyable>(
        _ lookup: Lookup, _ body: () throws(RunError) -> Outcome
    ) throws(RunError) -> Outcome {
        do throws(RunError) {
            return try body()
        } catch {
            let prefix = "lookup \(lookup.path): "
            guard error.kind != .interrupted, !error.text.hasPrefix(prefix) else { throw error }
            throw RunError(error.kind, prefix + error.text)
        }
    }

    private static func read(
        _ lookup: Lookup, _ name: TableName, _ destination: PostgresDestination, _ query: Query, _ seed: UInt64,
        _ session: Session
    ) throws(AttemptError) -> LookupTable {
        // Where the rows are sorted, the first one takes a while. All rows are those of one moment.
        try session.run("\(settings); SET LOCAL statement_timeout = 0")
        let columns = try columns(of: name, destination, session)
        let loader = LookupLoader(lookup, query, seed: seed)
        let rows: LoadedRows
        let used: [DatabaseColumn]
        do throws(RunError) {
            let found = try loader.begin(columns: columns.map(\.name))
            rows = LoadedRows(loader, found)
            let names = Set(found.used(of: columns.map(\.name)))
            used = columns.filter { names.contains($0.name) }
        } catch {
            throw .final(error)
        }
        try checkReadable(used, of: name, session)
        try session.copyOut(statement(name, used), patience: patience) { (row) throws(AttemptError) in
            do throws(RunError) { try rows.add(row) } catch { throw .final(error) }
        }
        try session.run("COMMIT")
        do throws(RunError) { return try rows.finish() } catch { throw .final(error) }
    }

    /// Begins a transaction in which values are always written alike.
    static let settings =
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL lock_timeout = '10s'; "
        + "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO'; SET LOCAL IntervalStyle = 'postgres'; "
        + "SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1"

    private static func checkReadable(
        _ columns: [DatabaseColumn], of name: TableName, _ session: Session
    ) throws(AttemptError) {
        let hidden = columns.filter { !$0.isReadable }
        guard hidden.isEmpty else {
            throw .final(
                .noInput(
                    "no privilege to read \(hidden.map(\.name).joined(separator: ", ")); GRANT SELECT ON \(name.quoted) TO "
                        + session.role))
        }
    }

    /// The rows as JSON. Times with a zone are written as those of rows are.
    static func statement(_ table: TableName, _ columns: [DatabaseColumn]) -> String {
        let values = columns.map { $0.value(in: "") }
        return """
            COPY (SELECT r.row FROM (SELECT pg_catalog.to_json(t.*)::pg_catalog.text AS row FROM
            (SELECT \(values.joined(separator: ", ")) FROM \(table.quoted)) t) r ORDER BY r.row COLLATE "C") TO STDOUT
            """
    }

    private static func columns(
        of table: TableName, _ destination: PostgresDestination, _ session: Session
    ) throws(AttemptError) -> [DatabaseColumn] {
        let rows = try session.run(
            """
            SELECT a.attname, a.atttypid = 'pg_catalog.timestamptz'::pg_catalog.regtype,
              pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'SELECT'),
              (WITH RECURSIVE b(type) AS (SELECT a.atttypid UNION ALL SELECT t.typbasetype FROM b
                 JOIN pg_catalog.pg_type t ON t.oid = b.type WHERE t.typtype = 'd')
               SELECT pg_catalog.format_type(t.oid, -1) FROM b JOIN pg_catalog.pg_type t ON t.oid = b.type
               WHERE t.typtype <> 'd')
            FROM pg_catalog.pg_attribute a
            WHERE a.attrelid = pg_catalog.to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
            """, [table.quoted]
        ).rows
        let columns = rows.compactMap { row in
            row.count < 4
                ? nil
                : row[0].map {
                    DatabaseColumn(
                        name: $0, hasZone: row[1] == "t", isReadable: row[2] == "t", baseType: row[3] ?? "text")
                }
        }
        guard columns.isEmpty else { return columns }
        let names = try session.run(
            """
            SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
              AND CASE WHEN $1::pg_catalog.text IS NULL THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname = $1 END
            ORDER BY 1 LIMIT 21
            """, [table.schema]
        ).rows.compactMap { $0.first ?? nil }
        let near = Spelling.nearest(to: table.name, among: names).map { " (did you mean \($0)?)" } ?? ""
        let known = names.prefix(20).joined(separator: ", ") + (names.count > 20 ? ", …" : "")
        let place = table.schema.map { "its schema \($0)" } ?? "its search path"
        throw .final(
            .noInput(
                "\(destination.name) has no such table; "
                    + (names.isEmpty ? "\(place) has none; write table=SCHEMA.NAME" : "\(place) has \(known)\(near)")))
    }
}

@Sendable private func ignore(_ warning: String) {}

/// Collects rows of COPY into batches and has them loaded.
private final class LoadedRows {
    private let loader: LookupLoader
    private let columns: LookupColumns
    private var scanner: LookupScanner
    private var batch = Batch()

    init(_ loader: LookupLoader, _ columns: LookupColumns) {
        self.loader = loader
        self.columns = columns
        scanner = loader.makeScanner()
    }

    /// Adds a row, which is JSON in COPY's text format, with its line end.
    func add(_ row: UnsafeMutableRawBufferPointer) throws(RunError) {
        let line = UnsafeRawBufferPointer(rebasing: row[..<Self.unescape(row)])
        if batch.count > 0, batch.count &+ line.count > batch.capacity { try load() }
        batch.append(line)
    }

    func finish() throws(RunError) -> LookupTable {
        try load()
        return try loader.finish()
    }

    private func load() throws(RunError) {
        guard batch.count > 0 else { return }
        loader.note(batch)
        scanner.scan(&batch, as: .json, columns)
        try loader.take(&scanner, &batch, as: .json)
        batch.removeAll()
    }

    /// Undoes the escapes of COPY. JSON has control characters only between values, where a blank does as well.
    ///
    /// - Returns: the number of bytes.
    private static func unescape(_ row: UnsafeMutableRawBufferPointer) -> Int {
        var (from, to) = (0, 0)
        while from < row.count {
            var byte = row[from]
            from &+= 1
            if byte == UInt8(ascii: "\\"), from < row.count {
                byte = row[from] == UInt8(ascii: "\\") ? row[from] : UInt8(ascii: " ")
                from &+= 1
            }
            row[to] = byte
            to &+= 1
        }
        return to
    }
}

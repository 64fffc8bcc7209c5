import Plan
import StreamEngine
import System

/// The jobs of a database: the rows of all job tables that the role may read.
enum JobTables {
    static func list(
        _ destination: PostgresDestination, interrupt: Int32, warn: @escaping @Sendable (String) -> Void
    ) throws(RunError) -> JobList {
        let connection = RetryingConnection(
            destination, application: "streamctl", WaitBudget(interrupt: interrupt), warn)
        connection.deadline = steadyClock() &+ 30_000_000
        defer { connection.disconnect() }
        let jobs = try connection.withRetry { (session) throws(AttemptError) in
            var jobs: [StoredJob] = []
            for table in try tables(session, warn) { jobs += try list(table, session) }
            return jobs
        }
        return JobList(place: destination.name, jobs: jobs)
    }

    private static func tables(
        _ session: Session, _ warn: (String) -> Void
    ) throws(AttemptError) -> [TableName] {
        var tables: [TableName] = []
        let rows = try session.run(
            """
            SELECT n.nspname, pg_catalog.has_schema_privilege(n.oid, 'USAGE'),
              pg_catalog.has_table_privilege(c.oid, 'SELECT')
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relname = $1 AND c.relkind IN ('r', 'p') ORDER BY n.nspname
            """, [Statements.jobsName]
        ).rows
        for row in rows {
            guard row.count == 3, let schema = row[0] else { continue }
            let table = TableName(schema: schema, name: Statements.jobsName)
            var missing: [String] = []
            if row[1] != "t" { missing.append("GRANT USAGE ON SCHEMA \(Identifier.quoted(schema)) TO \(session.role)") }
            if row[2] != "t" { missing.append("GRANT SELECT ON \(table.quoted) TO \(session.role)") }
            if missing.isEmpty {
                tables.append(table)
            } else {
                warn("no privilege to read \(table.text): \(missing.joined(separator: "; "))")
            }
        }
        return tables
    }

    private static func list(_ table: TableName, _ session: Session) throws(AttemptError) -> [StoredJob] {
        try session.run(
            """
            SELECT job, fingerprint, checkpoint, (extract(epoch FROM updated_at) * 1000000)::bigint,
              pg_catalog.clock_timestamp() - updated_at < interval '\(Int(JobRow.lease)) s' AND \(JobRow.holderExists)
            FROM \(table.quoted)
            """
        ).rows.compactMap { row in
            guard row.count == 5, let name = row[0], let fingerprint = row[1] else { return nil }
            let state = row[2].map { JobState(fingerprint: fingerprint, checkpoint: $0) }
            var job = StoredJob(
                name: name, state: state, output: "--table", else: table.schema.map { "\($0).?" } ?? "?",
                isRunning: row[4] == "t", committed: state == nil ? nil : row[3].flatMap { Int64($0) })
            // In the schema of the job table, which may not be that of the search path.
            if let output = try? TableName(parsing: job.output), output.schema == nil {
                job.output = TableName(schema: table.schema, name: output.name).text
            }
            return job
        }
    }
}

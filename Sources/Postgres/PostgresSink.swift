import Plan
import StreamEngine
import System

/// Writes rows to a table; with a job exactly once, without one at least once.
///
/// The rows of a commit, and the checkpoint of the job, go into one transaction. When the connection breaks it is made
/// anew, and the same rows are sent again unless the job's row shows that they had arrived.
///
/// For one thread at a time.
package final class PostgresSink: @unchecked Sendable {
    /// How long a start waits for a server that says it will be ready soon.
    private static let openingTime: Int64 = 30_000_000
    /// How long a start waits for a process that was killed a moment ago to be noticed by the server.
    private static let handOverTime: Int64 = 2_000_000

    private let destination: PostgresDestination
    private let request: TablePlan
    private let jobRequest: JobPlan?
    let connection: RetryingConnection
    private let seed = randomSeed()

    private var table: TableDescription?
    /// Where the table is to be created.
    private var newTable: TableName?
    private var writer: TableWriter?
    private var job: JobRow?

    /// - Parameters:
    ///   - interrupt: a descriptor that becomes readable when somebody wishes to stop; -1: none.
    ///   - tell: takes messages of one line for whoever watches the run.
    package init(
        _ destination: PostgresDestination, _ table: TablePlan, _ job: JobPlan?, interrupt: Int32,
        warn: @escaping @Sendable (String) -> Void
    ) {
        self.destination = destination
        request = table
        jobRequest = job
        connection = RetryingConnection(
            destination, application: job.map { "streamctl:\($0.name)" } ?? "streamctl",
            WaitBudget(interrupt: interrupt), warn)
    }

    /// Connects, looks the table up and takes the job.
    ///
    /// - Returns: how far the job has come; nil when it is new, or there is none.
    package func open() throws(RunError) -> JobState? {
        let name = try TableName(parsing: request.name)
        for column in request.columns { try Identifier.check(column.name, "column") }
        try check(jobRequest)
        connection.deadline = steadyClock() &+ Self.openingTime
        let schema = try connection.withRetry { (session) throws(AttemptError) in
            try self.findTable(name, session)
        }
        var state: JobState?
        if let jobRequest {
            let jobs = TableName(schema: schema, name: Statements.jobsName)
            try connection.withRetry { (session) throws(AttemptError) in try self.findJobs(jobs, session) }
            state = try claim(jobs, jobRequest)
        }
        connection.deadline = nil
        return state
    }

    private func check(_ job: JobPlan?) throws(RunError) {
        guard let job else { return }
        guard !job.name.isEmpty, job.name.utf8.count <= 255, !job.name.utf8.contains(0) else {
            throw .usage("a job's name has 1 to 255 bytes")
        }
    }

    /// - Returns: the schema of the table.
    private func findTable(_ name: TableName, _ session: Session) throws(AttemptError) -> String {
        if request.mode == .upsert { try session.checkStaging() }
        if let found = try session.describe(name) {
            table = found
            if found.isUnlogged, jobRequest != nil {
                connection.warn(
                    "\(found.name.text) is unlogged: after a crash of the server its rows are gone, and stay so")
            }
            return found.name.schema ?? ""
        }
        guard request.creates else {
            let columns = request.columns.map {
                Statements.Column(name: $0.name, type: Statements.type(of: $0.content))
            }
            throw .final(
                .mismatch(
                    "there is no table \(name.text); --create makes it, or: "
                        + Statements.createTable(
                            name, columns, keys: keys, nullsNotDistinct: session.serverVersion >= 150_000)))
        }
        guard let schema = name.schema != nil ? name.schema : try session.currentSchema() else {
            throw .final(.mismatch("no schema of the search path exists: name one, --table SCHEMA.\(name.name)"))
        }
        try session.checkSchema(schema)
        newTable = TableName(schema: schema, name: name.name)
        return schema
    }

    /// Sees whether the table takes the rows of the request, as far as is known before the first of them; what is not
    /// known is looked at row by row. To be called when it is settled that the run goes on.
    package func checkTable() throws(RunError) {
        guard let table, let session = connection.session else { return }
        _ = try TableMapping.columns(
            request, request.columns.map(\.content), table, nullsNotDistinct: session.serverVersion >= 150_000)
    }

    private var keys: [String] { request.mode == .upsert ? request.columns.filter(\.isKey).map(\.name) : [] }

    private func findJobs(_ jobs: TableName, _ session: Session) throws(AttemptError) {
        if let found = try session.describe(jobs) {
            guard found.columns.allSatisfy({ $0.mayInsert && $0.maySelect && $0.mayUpdate }) else {
                throw .final(
                    .mismatch(
                        "no right to keep a job in \(jobs.text): "
                            + "GRANT SELECT, INSERT, UPDATE ON \(jobs.quoted) TO \(session.role)"))
            }
            // After a crash of the server every job would seem new, and deliver everything again.
            guard !found.isUnlogged else {
                throw .final(.mismatch("\(jobs.text) is unlogged: ALTER TABLE \(jobs.quoted) SET LOGGED"))
            }
            return
        }
        let statement = Statements.createJobs(schema: jobs.schema)
        guard request.creates else {
            throw .final(.mismatch("there is no table \(jobs.text) for --job; --create makes it, or: \(statement)"))
        }
        try create(jobs, statement, session)
    }

    /// Creates a table, unless another process was faster.
    private func create(_ table: TableName, _ statement: String, _ session: Session) throws(AttemptError) {
        do throws(AttemptError) {
            try session.run(statement)
        } catch {
            // The server notices the other table by its name, by its row type, or in an index of the catalog.
            guard case .server(let fault) = error, ["42P07", "42710", "23505"].contains(fault.code),
                try session.describe(table) != nil
            else { throw error }
        }
    }

    private func claim(_ jobs: TableName, _ request: JobPlan) throws(RunError) -> JobState? {
        let lastMoment = steadyClock() &+ Self.handOverTime
        var earlierAge = 0.0
        while true {
            let claim = try connection.withRetry { (session) throws(AttemptError) in
                do throws(AttemptError) {
                    return try Claim.make(session, jobs, request)
                } catch .server(let fault) where fault.code == "55P03" {
                    // Someone is in the middle of a transaction, or was stopped there.
                    try session.run("ROLLBACK")
                    if let owner = try RowHolder.find(session, jobs, request.name) {
                        guard request.takesOver else {
                            throw .final(
                                .temporary(
                                    "job '\(request.name)' is held by a process in the middle of a transaction "
                                        + "(session \(owner.process)); --takeover ends it"))
                        }
                        try owner.end(session)
                    }
                    throw .server(fault)
                }
            }
            switch claim {
            case .taken(let job, let state):
                self.job = job
                return state
            case .held(let age):
                // A heartbeat while we look: the holder is alive. Without one its session may still be ending.
                guard steadyClock() < lastMoment, age >= earlierAge else {
                    throw .temporary(
                        "job '\(request.name)' is run by another process (last heartbeat "
                            + "\(Int(max(0, age).rounded(.down))) s ago); --takeover takes it over")
                }
                earlierAge = age
                guard connection.waitBudget.sleep(100_000) else { throw .interrupted }
            }
        }
    }

    /// Settles where the values of a row go; to be called once, before the first rows are written. Creates the table if
    /// that is wished and it is missing.
    ///
    /// - Parameter contents: what the first rows hold, for each column of the request.
    /// - Returns: the columns in the order in which a row must list them: the key first.
    package func columns(for contents: [ColumnContent]) throws(RunError) -> [CopyColumn] {
        let known = request.columns.enumerated().map { index, column in
            let first = contents.indices.contains(index) ? contents[index] : .unknown
            switch column.content {
            case .unknown: return first
            case .number: return first == .integer || first == .double ? first : .number
            default: return column.content
            }
        }
        let columns = try connection.withRetry { (session) throws(AttemptError) -> [CopyColumn] in
            let knowsNulls = session.serverVersion >= 150_000
            if self.table == nil, let name = self.newTable {
                let columns = zip(self.request.columns, known).map { column, content in
                    Statements.Column(
                        name: column.name,
                        type: Statements.type(
                            of: content, isGuess: column.content == .unknown || column.content == .number))
                }
                let statement = Statements.createTable(name, columns, keys: self.keys, nullsNotDistinct: knowsNulls)
                try self.create(name, statement, session)
                self.table = try session.describe(name)
            }
            guard let table = self.table else { throw .lost("the table is gone") }
            do throws(RunError) {
                // By what is known of the columns beforehand: values that do not fit are the matter of single rows.
                return try TableMapping.columns(
                    self.request, self.request.columns.map(\.content), table, nullsNotDistinct: knowsNulls)
            } catch { throw .final(error) }
        }
        if let table { writer = TableWriter(table.name, columns, request.mode) }
        return columns
    }

    /// Writes rows and, with a job, its checkpoint; returns when both are committed.
    ///
    /// Without rows and checkpoint it is the heartbeat of a job that has nothing to write.
    ///
    /// - Parameters:
    ///   - encoded: COPY text with marks of rows, keys and values, the columns as `columns(for:)` lists them.
    ///   - checkpoint: gives the job's new checkpoint, a JSON object, when it is known how many rows of this commit were
    ///     refused. Asked for again when the transaction must be repeated.
    ///   - refused: takes each row that the server does not take, once, before the transaction is committed.
    ///   - isLast: the job is given back with this commit.
    package func commit(
        _ encoded: borrowing EncodedRows, checkpoint: ((_ refusedRows: Int) -> String)?,
        refused: (RefusedRow) -> Void, isLast: Bool
    ) throws(RunError) {
        var rows = Rows(encoded)
        if let writer, writer.replaces { rows.keepLast(seed: seed) }
        guard job != nil || !rows.pending.isEmpty else { return }
        guard writer != nil || rows.pending.isEmpty else { throw .unavailable("rows came before their columns") }

        var (isInDoubt, mayBeApplied) = (false, false)
        var refusedCount = 0
        try connection.withRetry { (session) throws(AttemptError) in
            failpoint("before-begin")
            // A session of ours that broke may still have the job's row: soon to be seen.
            try session.begin(lockTimeout: self.connection.lostIdentities.isEmpty ? "10s" : "3s")
            failpoint("after-begin")
            if isInDoubt, try self.wasApplied(session, mayBeApplied: mayBeApplied) { return }
            isInDoubt = true
            mayBeApplied = false
            try self.job?.advance(session)
            failpoint("after-fence")
            if let writer = self.writer {
                let faults = try writer.write(rows, session)
                for (row, fault) in faults { refused(writer.describe(row, of: encoded, fault)) }
                refusedCount += faults.count
                // They have been reported: a repetition must not report them again, nor deliver them after all.
                if !faults.isEmpty { rows.remove(Set(faults.map(\.row))) }
            }
            failpoint("after-rows")
            try self.job?.store(session, checkpoint: checkpoint?(refusedCount), isLast: isLast)
            failpoint("after-checkpoint")
            mayBeApplied = true
            try session.commit()
            failpoint("reply-read")
        }
        job?.epoch &+= 1
        if isLast { job?.isHeld = false }
    }

    /// After a lost connection: takes the job's row, and finds out whether the commit had come through.
    private func wasApplied(_ session: Session, mayBeApplied: Bool) throws(AttemptError) -> Bool {
        guard let job else { return false }
        do throws(AttemptError) {
            guard try job.check(session, mayBeApplied: mayBeApplied) == .applied else { return false }
            try session.run("ROLLBACK")
            return true
        } catch .server(let fault) where fault.code == "55P03" && !mayBeApplied {
            // Our own session that was cut off can still have the row locked, waiting for rows. (One that was sent its
            // COMMIT is left to finish.)
            try session.run("ROLLBACK")
            if let owner = try RowHolder.find(session, job.table, job.job), let identity = owner.identity,
                connection.lostIdentities.contains(identity)
            {
                try owner.end(session)
            }
            throw .server(fault)
        }
    }

    /// Gives the job back, if that was not done, and disconnects.
    package func close() {
        if let job, job.isHeld, let session = connection.session {
            session.timeout = 2_000_000
            connection.waitBudget.beginWork()
            try? job.release(session)
        }
        job = nil
        connection.disconnect()
    }
}

import Plan
import StreamEngine
import System

/// Writes rows to a table: exactly once with a job, at least once without.
///
/// The rows of a commit and the checkpoint of the job go into one transaction. If the connection breaks, the sink
/// reconnects and sends the same rows again, unless the job's row shows that the commit was applied.
///
/// Used by one thread at a time.
package final class PostgresSink: @unchecked Sendable {
    /// How long a start waits for a server that will be ready soon.
    private static let openingTime: Int64 = 30_000_000
    /// How long a start waits until the server notices that a process was killed.
    private static let handOverTime: Int64 = 2_000_000

    private let destination: PostgresDestination
    private let request: TablePlan
    private let jobRequest: JobPlan?
    let connection: RetryingConnection
    private let seed = randomSeed()

    private var table: TableDescription?
    /// The name of the table to create.
    private var newTable: TableName?
    private var writer: TableWriter?
    private var job: JobRow?

    /// - Parameters:
    ///   - interrupt: a descriptor that becomes readable to stop; -1 for none.
    ///   - warn: prints a warning of one line.
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

    /// Connects, looks up the table and takes the job.
    ///
    /// - Returns: the stored state of the job; nil for a new job, or without one.
    package func open() throws(RunError) -> JobState? {
        let name = try TableName(parsing: request.name)
        for column in request.columns { try Identifier.check(column.name, "column") }
        try check(jobRequest)
        connection.deadline = steadyClock() &+ Self.openingTime
        let jobs = try connection.withRetry { (session) throws(AttemptError) in
            try self.prepare(name, session)
        }
        var state: JobState?
        if let jobRequest { state = try claim(jobs, jobRequest) }
        connection.deadline = nil
        return state
    }

    private func check(_ job: JobPlan?) throws(RunError) {
        guard let job else { return }
        guard !job.name.isEmpty, job.name.utf8.count <= 255, !job.name.utf8.contains(0) else {
            throw .usage("the name of a job must have 1 to 255 bytes, none of them NUL")
        }
    }

    /// Looks up the table, and the job table, which is created if that is requested and missing.
    ///
    /// - Returns: the name of the job table.
    /// - Throws: `mismatch` with everything that is missing.
    private func prepare(_ name: TableName, _ session: Session) throws(AttemptError) -> TableName {
        var setup = TableSetup(request, jobRequest, session)
        try setup.look(for: name)
        if let error = setup.error { throw .final(error) }
        table = setup.table
        newTable = setup.newTable
        if let found = table, found.isUnlogged, jobRequest != nil {
            connection.warn("\(found.name.text) is unlogged: its rows are lost for good if the server crashes")
        }
        if jobRequest != nil, setup.lacksJobs {
            try create(setup.jobs, Statements.createJobs(schema: setup.jobs.schema), session)
        }
        return setup.jobs
    }

    /// Checks that the table fits the rows, as far as known before the first one; the rest is checked row by row. Call
    /// it once it is certain that the run starts.
    package func checkTable() throws(RunError) {
        guard let table, let session = connection.session else { return }
        var check = TableCheck(request, table, nullsNotDistinct: session.serverVersion >= 150_000)
        if check.newIndex != nil {
            let repeats = try connection.withRetry { (session) throws(AttemptError) in
                try session.repeatsKeys(check)
            }
            if repeats { check.noteRepeatedKeys() }
        }
        if let error = check.error { throw error }
    }

    /// Whether the values of a column may turn out to be others than in the first rows. Numbers that identify rows are
    /// whole ones.
    private func isGuess(_ column: TablePlan.Column) -> Bool {
        let isIdentity = request.changes != nil && column.isKey
        return !isIdentity && (column.content == .unknown || column.content == .number)
    }

    /// Creates a table, unless another process was faster.
    private func create(_ table: TableName, _ statement: String, _ session: Session) throws(AttemptError) {
        do throws(AttemptError) {
            try session.run(statement)
        } catch {
            // The server detects the other table by its name, by its row type, or in an index of the catalog.
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
                    // A session is in a transaction, or was stopped in one.
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
                // A new heartbeat means that the holder is alive. Without one, its session may still be ending.
                guard steadyClock() < lastMoment, age >= earlierAge else {
                    throw .temporary(
                        "job '\(request.name)' is running in another process (last heartbeat "
                            + "\(Int(max(0, age).rounded(.down))) s ago); --takeover takes it over")
                }
                earlierAge = age
                guard connection.waitBudget.sleep(100_000) else { throw .interrupted }
            }
        }
    }

    /// Determines where the values of a row go. Called once, before the first rows are written. Creates a missing table
    /// if requested.
    ///
    /// - Parameter contents: the kind of values in the first rows, for each requested column.
    /// - Returns: the columns in the order in which rows must list them: key first.
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
                            of: content, isGuess: self.isGuess(column)))
                }
                let statement = Statements.createTable(
                    name, columns, for: self.request, nullsNotDistinct: knowsNulls)
                try self.create(name, statement, session)
                self.table = try session.describe(name)
            }
            guard let table = self.table else { throw .lost("the table is gone") }
            do throws(RunError) {
                // Use the kinds of values known in advance: rows whose values do not fit are refused individually.
                return try TableMapping.columns(self.request, table, nullsNotDistinct: knowsNulls)
            } catch { throw .final(error) }
        }
        if let table, let session = connection.session {
            writer = TableWriter(
                table.name, columns, request,
                merges: session.serverVersion >= 150_000 && table.allowsMerge(of: columns))
        }
        return columns
    }

    /// Writes rows and, with a job, its checkpoint; returns once both are committed.
    ///
    /// Without rows and checkpoint, it is the heartbeat of an idle job.
    ///
    /// - Parameters:
    ///   - encoded: COPY text with marked rows, keys and values; the columns as returned by `columns(for:)`.
    ///   - checkpoint: returns the new checkpoint of the job, a JSON object, given how many rows of this commit were
    ///     refused. Called again if the transaction is retried.
    ///   - refused: receives each row that the server refuses, once, before the transaction is committed.
    ///   - isLast: whether this commit releases the job.
    package func commit(
        _ encoded: borrowing EncodedRows, checkpoint: ((_ refusedRows: Int) -> String)?,
        refused: (RefusedRow) -> Void, isLast: Bool
    ) throws(RunError) {
        try encoded.withBytes { bytes throws(RunError) in
            let rows = Rows(encoded.rows, in: bytes)
            try commit(rows, of: encoded, checkpoint: checkpoint, refused: refused, isLast: isLast)
        }
    }

    private func commit(
        _ rows: consuming Rows, of encoded: borrowing EncodedRows, checkpoint: ((_ refusedRows: Int) -> String)?,
        refused: (RefusedRow) -> Void, isLast: Bool
    ) throws(RunError) {
        guard job != nil || !rows.isEmpty else { return }
        guard writer != nil || rows.isEmpty else { throw .unavailable("rows came before their columns") }

        var (isInDoubt, mayBeApplied) = (false, false)
        var refusedCount = 0
        try connection.withRetry { (session) throws(AttemptError) in
            failpoint("before-begin")
            // A broken session of ours may still hold the lock on the job's row; find out soon.
            try session.begin(lockTimeout: self.connection.lostIdentities.isEmpty ? "10s" : "3s")
            failpoint("after-begin")
            if isInDoubt, try self.wasApplied(session, mayBeApplied: mayBeApplied) { return }
            isInDoubt = true
            mayBeApplied = false
            try self.job?.advance(session)
            failpoint("after-fence")
            if var writer = self.writer {
                defer { self.writer = writer }
                // They are reported once: a retry neither reports nor delivers them.
                let faults = try writer.write(&rows, seed: self.seed, session)
                for (row, fault) in faults { refused(writer.describe(row, of: encoded, fault)) }
                refusedCount += faults.count
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

    /// After a lost connection: locks the job's row and determines whether the commit was applied.
    private func wasApplied(_ session: Session, mayBeApplied: Bool) throws(AttemptError) -> Bool {
        guard let job else { return false }
        do throws(AttemptError) {
            guard try job.check(session, mayBeApplied: mayBeApplied) == .applied else { return false }
            try session.run("ROLLBACK")
            return true
        } catch .server(let fault) where fault.code == "55P03" && !mayBeApplied {
            // A broken session of ours may still hold the lock while it waits for rows. (One that was sent COMMIT is
            // left to finish.)
            try session.run("ROLLBACK")
            if let owner = try RowHolder.find(session, job.table, job.job), let identity = owner.identity,
                connection.lostIdentities.contains(identity)
            {
                try owner.end(session)
            }
            throw .server(fault)
        }
    }

    /// Releases the job if necessary, and disconnects.
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

import Plan
import StreamEngine

/// The row of a job in the job table, as held by this process.
///
/// `fence` increases with every start, so a process that has lost the job notices at its next commit. `epoch` increases
/// with every commit, so after a lost connection it shows whether the commit was applied.
struct JobRow {
    /// Seconds. A job counts as held if its heartbeat is more recent than this and its session still exists.
    static let lease: Double = 15

    let table: TableName
    let job: String
    var fence: Int64
    var epoch: Int64
    /// Not released yet.
    var isHeld = true

    /// Whether the session that holds the job still exists.
    static let holderExists = """
        EXISTS (SELECT 1 FROM pg_catalog.pg_stat_activity a WHERE a.pid::text = split_part(holder, ':', 1)
          AND coalesce(extract(epoch FROM a.backend_start)::text = split_part(holder, ':', 2), true))
        """

    /// Whether the commit in progress was applied when the connection broke.
    enum CommitStatus {
        case notApplied, applied
    }

    /// Locks the row and compares it with the state of this process. Waits for the end of a transaction of a lost
    /// connection that still holds the lock.
    func check(_ session: Session, mayBeApplied: Bool) throws(AttemptError) -> CommitStatus {
        let row = try session.run(
            "SELECT fence, epoch FROM \(table.quoted) WHERE job = $1 FOR UPDATE", [job]
        ).rows.first
        let (found, reached) = (number(row, 0), number(row, 1))
        guard let found, let reached else {
            throw .final(.temporary("the row of job '\(job)' is missing from \(table.text)"))
        }
        guard found <= fence else {
            throw .final(.temporary("another process has taken over job '\(job)'"))
        }
        guard found == fence, reached >= epoch else {
            throw .final(
                .temporary(
                    "the database is back at an earlier state: job '\(job)' was at commit \(epoch) of start \(fence), "
                        + "the database is at commit \(reached) of start \(found)"))
        }
        if reached == epoch { return .notApplied }
        guard mayBeApplied, reached == epoch &+ 1 else {
            throw .final(.temporary("another process has written as job '\(job)'"))
        }
        return .applied
    }

    /// The first statement of a transaction: locks the row, and fails if the job is no longer ours.
    func advance(_ session: Session) throws(AttemptError) {
        let reply = try session.run(
            """
            UPDATE \(table.quoted) SET epoch = epoch + 1, updated_at = pg_catalog.clock_timestamp(),
              holder = (\(Session.ownIdentity))
            WHERE job = $1 AND fence = $2 AND epoch = $3
            """, [job, String(fence), String(epoch)])
        guard reply.count == 1 else {
            // Throws the reason, or finds nothing wrong.
            _ = try check(session, mayBeApplied: false)
            throw .lost("could not update the row of job '\(job)'")
        }
    }

    /// The last statement of a transaction.
    func store(_ session: Session, checkpoint: String?, isLast: Bool) throws(AttemptError) {
        guard checkpoint != nil || isLast else { return }
        let holder = isLast ? "NULL" : "holder"
        try session.run(
            "UPDATE \(table.quoted) SET checkpoint = coalesce($2::jsonb, checkpoint), holder = \(holder) WHERE job = $1",
            [job, checkpoint])
    }

    /// Releases the job.
    func release(_ session: Session) throws(AttemptError) {
        try session.run(
            "UPDATE \(table.quoted) SET holder = NULL WHERE job = $1 AND fence = $2", [job, String(fence)])
    }

}

/// The session with an open transaction that has changed the row of a job.
struct RowHolder {
    let process: String
    let identity: String?

    static func find(_ session: Session, _ table: TableName, _ job: String) throws(AttemptError) -> RowHolder? {
        // The id of its transaction is in the row, and in the lock that every transaction holds on itself.
        let row = try session.run(
            """
            SELECT l.pid, \(Session.identityExpression)
            FROM \(table.quoted) j JOIN pg_catalog.pg_locks l
              ON l.locktype = 'transactionid' AND l.transactionid = j.xmax AND l.granted
              JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
            WHERE j.job = $1
            """, [job]
        ).rows.first
        guard let row, row.count == 2, let process = row[0] else { return nil }
        return RowHolder(process: process, identity: row[1])
    }

    func end(_ session: Session) throws(AttemptError) {
        do throws(AttemptError) {
            try session.run("SELECT pg_catalog.pg_terminate_backend($1::integer)", [process])
        } catch .server(let fault) where fault.code == "42501" {
            throw .final(
                .temporary("session \(process) blocks the job and belongs to a different role: \(fault.message)"))
        }
    }
}

private func number(_ row: [String?]?, _ column: Int) -> Int64? {
    guard let row, row.indices.contains(column) else { return nil }
    return row[column].flatMap { Int64($0) }
}

/// The outcome of claiming a job.
enum Claim {
    case taken(JobRow, JobState?)
    /// Another process runs it; its last heartbeat is this many seconds old.
    case held(age: Double)

    /// Increments the fence in one transaction, with the row locked, unless another process is alive.
    static func make(_ session: Session, _ table: TableName, _ request: JobPlan) throws(AttemptError) -> Claim {
        try session.begin(lockTimeout: "3s")
        try session.run(
            """
            INSERT INTO \(table.quoted) (job, fence, epoch, fingerprint, updated_at)
            VALUES ($1, 0, 0, $2::jsonb, pg_catalog.clock_timestamp()) ON CONFLICT (job) DO NOTHING
            """, [request.name, request.fingerprintText])
        let row = try session.run(
            """
            SELECT fence, epoch, fingerprint, checkpoint,
              extract(epoch FROM pg_catalog.clock_timestamp() - updated_at),
              \(JobRow.holderExists)
            FROM \(table.quoted) WHERE job = $1 FOR UPDATE
            """, [request.name]
        ).rows.first
        guard let row, row.count == 6, let fence = number(row, 0), let epoch = number(row, 1) else {
            throw .lost("the row of job '\(request.name)' was removed in the meantime")
        }
        let age = row[4].flatMap { Double($0) } ?? 0
        if row[5] == "t", age < JobRow.lease, !request.takesOver {
            try session.run("ROLLBACK")
            return .held(age: age)
        }
        // Without a checkpoint, nothing was delivered that another fingerprint could contradict.
        try session.run(
            """
            UPDATE \(table.quoted) SET fence = fence + 1, updated_at = pg_catalog.clock_timestamp(),
              holder = (\(Session.ownIdentity)),
              checkpoint = CASE WHEN $3 THEN NULL ELSE checkpoint END,
              fingerprint = CASE WHEN $3 OR checkpoint IS NULL THEN $2::jsonb ELSE fingerprint END
            WHERE job = $1
            """, [request.name, request.fingerprintText, request.startsOver ? "t" : "f"])
        try session.commit()
        let (raised, overflow) = fence.addingReportingOverflow(1)
        guard !overflow else { throw .final(.unavailable("the fence of job '\(request.name)' is exhausted")) }
        let job = JobRow(table: table, job: request.name, fence: raised, epoch: epoch)
        guard !request.startsOver, let fingerprint = row[2], let checkpoint = row[3] else { return .taken(job, nil) }
        return .taken(job, JobState(fingerprint: fingerprint, checkpoint: checkpoint))
    }
}

import Plan
import StreamEngine

/// The row of a job in the job table, as far as this process owns it.
///
/// `fence` rises with every start, so that the process that ran the job before finds out at its next commit; `epoch`
/// rises with every commit, so that after a lost connection it can be seen whether one was done.
struct JobRow {
    /// A holder whose heartbeat is younger than this is taken to be alive, if its session is.
    static let lease: Double = 15

    let table: TableName
    let job: String
    var fence: Int64
    var epoch: Int64
    /// Not given back yet.
    var isHeld = true

    /// What the look at the row says about the commit that was going on when the connection broke.
    enum CommitStatus {
        case notApplied, applied
    }

    /// Locks the row and compares it with what this process knows. A transaction of a lost connection that still runs
    /// has it locked: the look waits for its end.
    func check(_ session: Session, mayBeApplied: Bool) throws(AttemptError) -> CommitStatus {
        let row = try session.run(
            "SELECT fence, epoch FROM \(table.quoted) WHERE job = $1 FOR UPDATE", [job]
        ).rows.first
        let (found, reached) = (number(row, 0), number(row, 1))
        guard let found, let reached else {
            throw .final(.temporary("the row of job '\(job)' in \(table.text) is gone"))
        }
        guard found <= fence else {
            throw .final(.temporary("another process has taken over job '\(job)'"))
        }
        guard found == fence, reached >= epoch else {
            throw .final(
                .temporary(
                    "the database has gone back: job '\(job)' was at commit \(epoch) of start \(fence), "
                        + "the database knows \(reached) of start \(found)"))
        }
        if reached == epoch { return .notApplied }
        guard mayBeApplied, reached == epoch &+ 1 else {
            throw .final(.temporary("another process has written as job '\(job)'"))
        }
        return .applied
    }

    /// The first statement of a transaction: takes the row's lock, and fails when the job is no longer ours.
    func advance(_ session: Session) throws(AttemptError) {
        let reply = try session.run(
            """
            UPDATE \(table.quoted) SET epoch = epoch + 1, updated_at = pg_catalog.clock_timestamp(),
              holder = (\(Session.ownIdentity))
            WHERE job = $1 AND fence = $2 AND epoch = $3
            """, [job, String(fence), String(epoch)])
        guard reply.count == 1 else {
            // Says why, or finds that nothing is wrong.
            _ = try check(session, mayBeApplied: false)
            throw .lost("the row of job '\(job)' could not be updated")
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

    /// Says that nobody holds the job any more.
    func release(_ session: Session) throws(AttemptError) {
        try session.run(
            "UPDATE \(table.quoted) SET holder = NULL WHERE job = $1 AND fence = $2", [job, String(fence)])
    }

}

/// The session whose transaction has changed the row of a job and not ended yet.
struct RowHolder {
    let process: String
    let identity: String?

    static func find(_ session: Session, _ table: TableName, _ job: String) throws(AttemptError) -> RowHolder? {
        // The number of its transaction stands in the row, and in the lock that every transaction has on itself.
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
            throw .final(.temporary("session \(process) is in the way, and of another role: \(fault.message)"))
        }
    }
}

private func number(_ row: [String?]?, _ column: Int) -> Int64? {
    guard let row, row.indices.contains(column) else { return nil }
    return row[column].flatMap { Int64($0) }
}

/// What a start finds in the job table.
enum Claim {
    case taken(JobRow, JobState?)
    /// Another process is at it; its last heartbeat is that many seconds old.
    case held(age: Double)

    /// Raises the fence, in one transaction with the row locked, unless another process is alive.
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
              EXISTS (SELECT 1 FROM pg_catalog.pg_stat_activity a
                WHERE a.pid::text = split_part(holder, ':', 1) AND coalesce(
                  extract(epoch FROM a.backend_start)::text = split_part(holder, ':', 2), true))
            FROM \(table.quoted) WHERE job = $1 FOR UPDATE
            """, [request.name]
        ).rows.first
        guard let row, row.count == 6, let fence = number(row, 0), let epoch = number(row, 1) else {
            throw .lost("the row of job '\(request.name)' was removed meanwhile")
        }
        let age = row[4].flatMap { Double($0) } ?? 0
        if row[5] == "t", age < JobRow.lease, !request.takesOver {
            try session.run("ROLLBACK")
            return .held(age: age)
        }
        // Until there is a checkpoint nothing was delivered that another fingerprint could spoil.
        try session.run(
            """
            UPDATE \(table.quoted) SET fence = fence + 1, updated_at = pg_catalog.clock_timestamp(),
              holder = (\(Session.ownIdentity)),
              fingerprint = CASE WHEN checkpoint IS NULL THEN $2::jsonb ELSE fingerprint END
            WHERE job = $1
            """, [request.name, request.fingerprintText])
        try session.commit()
        let (raised, overflow) = fence.addingReportingOverflow(1)
        guard !overflow else { throw .final(.unavailable("the fence of job '\(request.name)' is exhausted")) }
        let job = JobRow(table: table, job: request.name, fence: raised, epoch: epoch)
        guard let fingerprint = row[2], let checkpoint = row[3] else { return .taken(job, nil) }
        return .taken(job, JobState(fingerprint: fingerprint, checkpoint: checkpoint))
    }
}

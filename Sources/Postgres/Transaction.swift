extension Session {
    /// Begins a transaction whose locks cannot outlive a client that is stopped, dead or disconnected.
    ///
    /// All settings are LOCAL: with a pooler, others use the session as well.
    func begin(lockTimeout: String = "10s") throws(AttemptError) {
        var settings = [
            ("lock_timeout", lockTimeout), ("statement_timeout", "60s"),
            ("idle_in_transaction_session_timeout", "30s"),
            // While COPY waits for rows, none of these limits applies, but a dead host is noticed.
            ("tcp_keepalives_idle", "30"), ("tcp_keepalives_interval", "10"), ("tcp_keepalives_count", "3"),
        ]
        if checksClients { settings.append(("client_connection_check_interval", "1s")) }
        // A deferred constraint would fail at COMMIT, too late to find the row.
        try run(
            "BEGIN ISOLATION LEVEL READ COMMITTED; SET CONSTRAINTS ALL IMMEDIATE; "
                + settings.map { "SET LOCAL \($0) = '\($1)'" }.joined(separator: "; "))
    }

    /// Distinguishes one session of a server from all others, at any time: process id and start.
    static let identityExpression = "a.pid || ':' || extract(epoch FROM a.backend_start)"
    /// The identity of the current session. With a pooler, it can change with every transaction.
    static let ownIdentity =
        "SELECT \(identityExpression) FROM pg_catalog.pg_stat_activity a WHERE a.pid = pg_catalog.pg_backend_pid()"

    /// Reads what depends on the server and the session.
    func readSessionInfo() throws(AttemptError) {
        identity = try run(Self.ownIdentity).rows.first?.first ?? nil
        guard serverVersion >= 140_000 else { return }
        do throws(AttemptError) {
            try run("BEGIN; SET LOCAL client_connection_check_interval = '1s'; ROLLBACK")
            checksClients = true
        } catch .server {
            // Not supported on every platform.
            try run("ROLLBACK")
        }
    }
}

import Glibc
import StreamEngine
import System

/// A connection to the server that is re-established whenever it breaks.
final class RetryingConnection {
    let waitBudget: WaitBudget
    private(set) var session: Session?
    /// How often a lost session was replaced.
    private(set) var reconnects = 0
    private var hadSession = false
    /// The identities of the sessions that broke since the last recovery.
    private(set) var lostIdentities: Set<String> = []
    /// While a run starts, transient errors are retried until then (steady clock), and an unreachable server is an
    /// error at once. nil: a run is in progress, and retries continue indefinitely.
    var deadline: Int64?

    let destination: PostgresDestination
    private let application: String
    let warn: @Sendable (String) -> Void
    private var earlierWarnings = 0
    private var reportedWarnings = 0
    private var warningLimit = NoticeLimit()
    private var hasWarnedOfPlainText = false
    private var outage = Outage()

    init(
        _ destination: PostgresDestination, application: String, _ waitBudget: WaitBudget,
        _ warn: @escaping @Sendable (String) -> Void
    ) {
        self.destination = destination
        self.application = application
        self.waitBudget = waitBudget
        self.warn = warn
    }

    var warnings: Int { earlierWarnings + (session?.notices.warningCount ?? 0) }

    /// Runs `body` until it succeeds or retrying cannot help.
    func withRetry<Outcome>(_ body: (Session) throws(AttemptError) -> Outcome) throws(RunError) -> Outcome {
        var backoff = Backoff()
        waitBudget.beginWork()
        while true {
            let reason: String
            do throws(AttemptError) {
                let outcome = try body(try connected())
                noteRecovery()
                return outcome
            } catch {
                reason = try assess(error)
            }
            if let deadline, steadyClock() >= deadline { throw .unavailable("\(destination.name): \(reason)") }
            report(reason)
            guard waitBudget.sleep(backoff.pause()) else { throw .interrupted }
        }
    }

    func disconnect() {
        guard let session else { return }
        earlierWarnings += session.notices.warningCount
        if let identity = session.identity { lostIdentities.insert(identity) }
        self.session = nil
    }

    /// Prepares for another attempt.
    ///
    /// - Returns: the reason for it.
    /// - Throws: if retrying cannot help.
    private func assess(_ attemptError: AttemptError) throws(RunError) -> String {
        switch attemptError {
        case .lost(let text):
            let state = session == nil ? "no connection" : "connection lost"
            disconnect()
            return "\(state) (\(text))"
        case .final(let error):
            rollBack()
            throw error
        case .server(let fault):
            switch fault.kind {
            case .transient: rollBack()
            case .connection: disconnect()
            case .mismatch:
                rollBack()
                throw .mismatch("\(destination.name): \(fault.text)")
            case .row, .other:
                rollBack()
                throw .unavailable("\(destination.name): \(fault.text) (SQLSTATE \(fault.code))")
            }
            return fault.message
        }
    }

    private func rollBack() {
        guard let session else { return }
        do throws(AttemptError) { try session.run("ROLLBACK") } catch { disconnect() }
    }

    private func connected() throws(AttemptError) -> Session {
        if let session { return session }
        let new: Session
        do throws(ConnectFailure) {
            new = try Session.connect(destination, application: application, waitBudget)
        } catch {
            if case .interrupted = error { throw .final(.interrupted) }
            let text = "\(destination.name): \(error.text)"
            if deadline != nil ? !error.isTransient : error.isFinal { throw .final(.unavailable(text)) }
            throw .lost(error.text)
        }
        guard new.serverVersion >= Session.oldestServer else {
            throw .final(.mismatch("\(destination.name): the server is older than PostgreSQL 12"))
        }
        try new.readSessionInfo()
        if !hasWarnedOfPlainText, !new.isEncrypted, !Self.isLocal(new.host) {
            hasWarnedOfPlainText = true
            warn(
                "\(destination.name): the connection to \(new.host) is not encrypted; "
                    + "set sslmode=verify-full in the URL (or in PGSSLMODE) to require encryption")
        }
        if hadSession { reconnects += 1 }
        hadSession = true
        session = new
        return new
    }

    static func isLocal(_ host: String) -> Bool {
        host.isEmpty || host.hasPrefix("/") || host.hasPrefix("@") || host == "localhost" || host == "::1"
            || host.hasPrefix("127.")
    }

    private func report(_ reason: String) {
        if outage.fail(at: steadyClock()) { warn("\(destination.name): \(reason); retrying") }
    }

    private func noteRecovery() {
        reportWarnings()
        guard outage.isOngoing else { return }
        lostIdentities = []
        if let message = outage.recover(at: steadyClock()) { warn("\(destination.name): \(message)") }
    }

    /// Reports the server's latest warning, at most once a minute.
    private func reportWarnings() {
        guard let session, warnings > reportedWarnings else { return }
        reportedWarnings = warnings
        guard warningLimit.allows(at: steadyClock()) else { return }
        warn("\(destination.name): warning from the server: \(session.clean(session.notices.lastWarning))")
    }
}

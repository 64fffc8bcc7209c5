import CPostgres
import Glibc
import Plan
import System

/// One connection to the server. Never blocks beyond its deadlines.
final class Session {
    /// The time limit of a statement, microseconds. The server has its own, shorter limit.
    var timeout: Int64 = 90_000_000
    /// Whether the server checks during a statement that the client is still there.
    var checksClients = false
    /// See `ownIdentity`.
    var identity: String?

    let calls: CPostgresCalls
    let waitBudget: WaitBudget
    private let handle: ConnectionHandle
    private let secret: String
    /// Notices that accompany the server's replies.
    let notices = Notices()

    /// As libpq counts: 150004 for 15.4.
    let serverVersion: Int32
    let isEncrypted: Bool
    let host: String
    /// The current role, quoted for statements.
    let role: String

    /// Takes over an established connection.
    init(_ handle: consuming ConnectionHandle, _ calls: CPostgresCalls, _ waitBudget: WaitBudget) {
        self.calls = calls
        self.waitBudget = waitBudget
        let connection = handle.pointer
        serverVersion = calls.PQserverVersion(connection)
        isEncrypted = calls.PQsslInUse(connection) != 0 || calls.PQgssEncInUse(connection) != 0
        host = calls.PQhost(connection).map { String(cString: $0) } ?? ""
        role = Identifier.quoted(calls.PQuser(connection).map { String(cString: $0) } ?? "")
        secret = calls.PQpass(connection).map { String(cString: $0) } ?? ""
        // Only messages of connection errors need to be verbose.
        _ = calls.PQsetErrorVerbosity(connection, PQERRORS_DEFAULT)
        _ = calls.PQsetnonblocking(connection, 1)
        self.handle = handle
        _ = calls.PQsetNoticeReceiver(connection, noteNotice, Unmanaged.passUnretained(notices).toOpaque())
    }

    /// The server's replies to a request: the rows of the last statement that returned any, and the last tag.
    struct Reply {
        var tag = ""
        var rows: [[String?]] = []

        /// The number of rows in the tag, as in `UPDATE 1`.
        var count: Int { tag.split(separator: " ").last.flatMap { Int($0) } ?? 0 }
    }

    /// Runs statements without parameters, in one round trip.
    @discardableResult
    func run(_ statements: String) throws(AttemptError) -> Reply {
        let deadline = steadyClock() &+ timeout
        try send(statements)
        try flush(until: deadline)
        return try reply(until: deadline)
    }

    /// Runs one statement with parameters.
    @discardableResult
    func run(_ statement: String, _ values: [String?]) throws(AttemptError) -> Reply {
        let deadline = steadyClock() &+ timeout
        let texts = values.map { $0.flatMap { strdup($0) } }
        defer { for text in texts { free(text) } }
        let parameters = texts.map { $0.map { UnsafePointer($0) } }
        let count = Int32(truncatingIfNeeded: values.count)
        guard
            calls.PQsendQueryParams(handle.pointer, statement, count, nil, parameters, nil, nil, 0) == 1
        else { throw lost() }
        try flush(until: deadline)
        return try reply(until: deadline)
    }

    /// Runs statements, the last of which is COPY FROM STDIN, and sends what `pieces` passes on.
    func copy(
        _ statements: String,
        _ pieces: (_ send: (UnsafeRawBufferPointer) throws(AttemptError) -> Void) throws(AttemptError) -> Void
    ) throws(AttemptError) {
        let deadline = steadyClock() &+ timeout
        try send(statements)
        try flush(until: deadline)
        guard try awaitCopy(until: deadline) else { throw .lost("the server stopped accepting rows") }
        let connection = handle.pointer
        try pieces { (piece) throws(AttemptError) in
            guard let base = piece.assumingMemoryBound(to: CChar.self).baseAddress else { return }
            let count = Int32(clamping: piece.count)
            // 0 would mean full buffers, but they are flushed before every piece.
            guard self.calls.PQputCopyData(connection, base, count) == 1 else { throw self.lost() }
            try self.flush(until: deadline)
        }
        guard calls.PQputCopyEnd(connection, nil) == 1 else { throw lost() }
        try flush(until: deadline)
        try reply(until: deadline)
    }

    /// Runs statements, the last of which is COPY TO STDOUT, and passes on the rows with their line ends.
    ///
    /// - Parameter patience: how long to wait for the next row, microseconds.
    func copyOut(
        _ statements: String, patience: Int64,
        _ row: (UnsafeMutableRawBufferPointer) throws(AttemptError) -> Void
    ) throws(AttemptError) {
        try send(statements)
        try flush(until: steadyClock() &+ timeout)
        guard try awaitCopy(PGRES_COPY_OUT, until: steadyClock() &+ patience) else {
            throw .lost("the server sent no rows")
        }
        while true {
            var text: UnsafeMutablePointer<CChar>?
            let count = calls.PQgetCopyData(handle.pointer, &text, 1)
            if count > 0, let text {
                defer { calls.PQfreemem(text) }
                try row(UnsafeMutableRawBufferPointer(start: text, count: Int(count)))
            } else if count == 0 {
                try wait(POLLIN, until: steadyClock() &+ patience)
                guard calls.PQconsumeInput(handle.pointer) == 1 else { throw lost() }
            } else if count == -1 {
                break
            } else {
                throw lost()
            }
        }
        try reply(until: steadyClock() &+ timeout)
    }

    /// Sends COMMIT. If this throws anything but an error of the server, the commit may have been applied.
    func commit() throws(AttemptError) {
        let deadline = steadyClock() &+ timeout
        try send("COMMIT")
        try flush(until: deadline)
        failpoint("commit-sent")
        let reply = try reply(until: deadline)
        // COMMIT of a failed transaction succeeds with the tag ROLLBACK.
        guard reply.tag == "COMMIT" else { throw .lost("COMMIT was answered with \(reply.tag)") }
    }

    private func send(_ statements: String) throws(AttemptError) {
        guard calls.PQsendQuery(handle.pointer, statements) == 1 else { throw lost() }
    }

    /// Waits until everything has been passed to the operating system.
    private func flush(until deadline: Int64) throws(AttemptError) {
        let connection = handle.pointer
        while true {
            switch calls.PQflush(connection) {
            case 0: return
            case 1:
                // The server may wait for us to read before it continues reading.
                try wait(POLLIN | POLLOUT, until: deadline)
                guard calls.PQconsumeInput(connection) == 1 else { throw lost() }
            default: throw lost()
            }
        }
    }

    private func wait(_ events: Int32, until deadline: Int64) throws(AttemptError) {
        let socket = calls.PQsocket(handle.pointer)
        guard socket >= 0 else { throw lost() }
        guard waitBudget.wait(for: socket, events, until: deadline, finishing: true) == .ready else {
            throw .lost("no reply before the timeout")
        }
    }

    /// The next result; nil after the last one of a statement.
    private func nextResult(until deadline: Int64) throws(AttemptError) -> OpaquePointer? {
        while calls.PQisBusy(handle.pointer) != 0 {
            try wait(POLLIN, until: deadline)
            guard calls.PQconsumeInput(handle.pointer) == 1 else { throw lost() }
        }
        return calls.PQgetResult(handle.pointer)
    }

    /// Reads all results. The first error counts, but what follows it is read.
    @discardableResult
    private func reply(until deadline: Int64) throws(AttemptError) -> Reply {
        var reply = Reply()
        var attemptError: AttemptError?
        while let pointer = try nextResult(until: deadline) {
            let result = ResultHandle(pointer, calls)
            switch calls.PQresultStatus(result.pointer) {
            case PGRES_COMMAND_OK:
                reply.tag = tag(of: result)
            case PGRES_TUPLES_OK:
                reply.tag = tag(of: result)
                reply.rows = rows(of: result)
            case PGRES_COPY_IN:
                // Until it ends, every result is the request for rows.
                guard calls.PQputCopyEnd(handle.pointer, "not wanted") == 1 else { throw lost() }
                try flush(until: deadline)
            case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE, PGRES_NONFATAL_ERROR:
                if attemptError == nil { attemptError = self.attemptError(of: result) }
            default:
                throw .lost("unexpected reply from the server")
            }
        }
        if let attemptError { throw attemptError }
        guard calls.PQstatus(handle.pointer) == CONNECTION_OK else { throw lost() }
        return reply
    }

    /// Reads results until the server asks for rows, or offers them; false if it does not.
    private func awaitCopy(
        _ copy: ExecStatusType = PGRES_COPY_IN, until deadline: Int64
    ) throws(AttemptError) -> Bool {
        while let pointer = try nextResult(until: deadline) {
            let result = ResultHandle(pointer, calls)
            switch calls.PQresultStatus(result.pointer) {
            case copy: return true
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK: continue
            default:
                let attemptError = attemptError(of: result)
                // The statements after it may still be answered, also with the request for rows.
                _ = try? reply(until: deadline)
                throw attemptError
            }
        }
        return false
    }

    private func tag(of result: borrowing ResultHandle) -> String {
        calls.PQcmdStatus(result.pointer).map { String(cString: $0) } ?? ""
    }

    private func rows(of result: borrowing ResultHandle) -> [[String?]] {
        let (rowCount, columnCount) = (calls.PQntuples(result.pointer), calls.PQnfields(result.pointer))
        return (0..<max(rowCount, 0)).map { row in
            (0..<max(columnCount, 0)).map { column in
                guard calls.PQgetisnull(result.pointer, row, column) == 0,
                    let text = calls.PQgetvalue(result.pointer, row, column)
                else { return nil }
                return String(cString: text)
            }
        }
    }

    private func attemptError(of result: borrowing ResultHandle) -> AttemptError {
        func field(_ code: Character) -> String? {
            calls.PQresultErrorField(result.pointer, Int32(code.asciiValue ?? 0)).map { clean(String(cString: $0)) }
        }
        // An error without a code is libpq's own: the connection broke.
        guard let code = field("C") else { return lost() }
        // The server's last message on this connection.
        if let severity = field("V"), severity == "FATAL" || severity == "PANIC" {
            return .lost(field("M") ?? code)
        }
        return .server(ServerError(code: code, message: field("M") ?? code, detail: field("D")))
    }

    private func lost() -> AttemptError {
        .lost(calls.PQerrorMessage(handle.pointer).map { clean(String(cString: $0)) } ?? "the connection broke")
    }

    /// The first line of a message, without the password.
    func clean(_ text: String) -> String { Secrets.remove(secret, from: text) }
}

/// The server's notices. Warnings of class 01000 are kept, such as a commit that no standby has confirmed; all others
/// are ignored.
final class Notices {
    private(set) var warningCount = 0
    private(set) var lastWarning = ""

    func note(_ text: String) {
        warningCount &+= 1
        lastWarning = text
    }
}

/// Replaces libpq's own receiver, which prints to standard error.
private func noteNotice(_ context: UnsafeMutableRawPointer?, _ result: OpaquePointer?) {
    guard let context, let result, let calls = try? Library.use() else { return }
    func field(_ code: Character) -> String? {
        calls.PQresultErrorField(result, Int32(code.asciiValue ?? 0)).map { String(cString: $0) }
    }
    guard field("C") == "01000" else { return }
    Unmanaged<Notices>.fromOpaque(context).takeUnretainedValue().note(field("M") ?? "")
}

enum Secrets {
    /// The first line of a text, with the password masked.
    static func remove(_ secret: String, from text: String) -> String {
        let line = String(text.prefix { $0 != "\n" && $0 != "\r\n" })
        guard !secret.isEmpty else { return line }
        let (bytes, wanted) = (Array(line.utf8), Array(secret.utf8))
        var clean: [UInt8] = []
        var i = 0
        while i < bytes.count {
            if bytes[i...].starts(with: wanted) {
                clean += Array("***".utf8)
                i += wanted.count
            } else {
                clean.append(bytes[i])
                i += 1
            }
        }
        return String(decoding: clean, as: UTF8.self)
    }
}

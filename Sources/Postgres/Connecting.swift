import CPostgres
import Glibc
import StreamEngine
import System

/// Why a connection failed.
enum ConnectFailure: Error {
    /// Refused by the server (with an SQLSTATE), by the network, or by libpq because of its files and options.
    case refused(code: String?, String)
    case interrupted

    /// Whether the server will accept connections soon: it is starting, or has too many clients.
    var isTransient: Bool {
        guard case .refused(let code?, _) = self else { return false }
        return code == "57P03" || code == "53300"
    }

    /// Whether retrying cannot help.
    var isFinal: Bool {
        guard case .refused(let code?, _) = self else { return false }
        return ["28", "3D", "3F", "42"].contains(code.prefix(2))
    }

    var text: String {
        switch self {
        case .refused(_, let text): text
        case .interrupted: "interrupted"
        }
    }
}

extension Session {
    /// Connects to the first host that accepts.
    static func connect(
        _ destination: PostgresDestination, application: String, _ waitBudget: WaitBudget
    ) throws(ConnectFailure) -> Session {
        let calls: CPostgresCalls
        do throws(RunError) { calls = try Library.use() } catch { throw .refused(code: nil, "libpq is missing") }
        let options = ConnectionOptions(destination, application: application, calls)
        var failure = ConnectFailure.refused(code: nil, "no host")
        for attempt in options.attempts {
            do throws(ConnectFailure) {
                return try connect(attempt, until: steadyClock() &+ options.timeout, calls, waitBudget)
            } catch .interrupted {
                throw .interrupted
            } catch {
                failure = error
            }
        }
        throw failure
    }

    private static func connect(
        _ options: [String: String], until deadline: Int64, _ calls: CPostgresCalls, _ waitBudget: WaitBudget
    ) throws(ConnectFailure) -> Session {
        guard let handle = ConnectionHandle(starting: options, calls) else { throw .refused(code: nil, "no memory") }
        // Verbose messages show the SQLSTATE, which libpq does not expose otherwise.
        _ = calls.PQsetErrorVerbosity(handle.pointer, PQERRORS_VERBOSE)
        var state = PGRES_POLLING_WRITING
        while calls.PQstatus(handle.pointer) != CONNECTION_BAD, state != PGRES_POLLING_FAILED {
            if state == PGRES_POLLING_OK { return Session(handle, calls, waitBudget) }
            // The socket may change after each step.
            let socket = calls.PQsocket(handle.pointer)
            guard socket >= 0 else { break }
            let events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT
            switch waitBudget.wait(for: socket, events, until: deadline, finishing: false) {
            case .ready: state = calls.PQconnectPoll(handle.pointer)
            case .interrupted: throw .interrupted
            case .deadline: throw .refused(code: nil, "\(serverName(handle, calls)) does not answer")
            }
        }
        let message = calls.PQerrorMessage(handle.pointer).map { String(cString: $0) } ?? ""
        let secret = calls.PQpass(handle.pointer).map { String(cString: $0) } ?? ""
        let (code, text) = FailureText.parse(message)
        let hint = text.contains("no password supplied") ? "; put the password into ~/.pgpass or PGPASSWORD" : ""
        throw .refused(code: code, Secrets.remove(secret, from: text) + hint)
    }

    private static func serverName(_ handle: borrowing ConnectionHandle, _ calls: CPostgresCalls) -> String {
        calls.PQhost(handle.pointer).map { "the server at \(String(cString: $0))" } ?? "the server"
    }
}

/// Parses libpq's message of a failed connection, which has a few lines per attempt.
enum FailureText {
    /// The last error, with the SQLSTATE if the server sent one.
    static func parse(_ message: String) -> (code: String?, text: String) {
        var found: (code: String?, text: String) = (nil, "connection failed")
        for line in message.split(whereSeparator: \.isNewline) {
            // The lines in between are hints and details.
            guard let first = line.first, !first.isWhitespace, !line.hasPrefix("LOCATION:") else { continue }
            if let (code, text) = coded(line) {
                found = (code, text)
            } else if found.code == nil {
                found = (nil, String(line))
            }
        }
        return found
    }

    /// Extracts the code from `FATAL:  28P01: text`.
    private static func coded(_ line: Substring) -> (code: String, text: String)? {
        let bytes = Array(line.utf8)
        for i in bytes.indices.dropLast(10) where bytes[i...].starts(with: ":  ".utf8) {
            let code = bytes[i + 3..<i + 8]
            let isCode = code.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) }
            guard isCode, bytes[(i + 8)...].starts(with: ": ".utf8) else { continue }
            return (
                String(decoding: code, as: UTF8.self),
                String(decoding: bytes[...i] + bytes[(i + 9)...], as: UTF8.self)
            )
        }
        return nil
    }
}

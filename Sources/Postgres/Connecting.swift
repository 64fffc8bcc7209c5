import CPostgres
import Glibc
import StreamEngine
import System

/// Why no connection was made.
enum ConnectFailure: Error {
    /// By the server (with its SQLSTATE), the network, or the files and options that libpq reads.
    case refused(code: String?, String)
    case interrupted

    /// The server says that it will take connections soon: it is starting, or others must leave first.
    var isTransient: Bool {
        guard case .refused(let code?, _) = self else { return false }
        return code == "57P03" || code == "53300"
    }

    /// The server said no, and will say it again.
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
    /// Connects to the first host that takes us.
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
        // Shows the SQLSTATE of a refusal, which libpq tells in no other way.
        _ = calls.PQsetErrorVerbosity(handle.pointer, PQERRORS_VERBOSE)
        var state = PGRES_POLLING_WRITING
        while calls.PQstatus(handle.pointer) != CONNECTION_BAD, state != PGRES_POLLING_FAILED {
            if state == PGRES_POLLING_OK { return Session(handle, calls, waitBudget) }
            // It can be another one after each step.
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
        throw .refused(code: code, Secrets.remove(secret, from: text))
    }

    private static func serverName(_ handle: borrowing ConnectionHandle, _ calls: CPostgresCalls) -> String {
        calls.PQhost(handle.pointer).map { "the server at \(String(cString: $0))" } ?? "the server"
    }
}

/// libpq's account of a failed connection: lines for each thing that it tried.
enum FailureText {
    /// The last thing that failed, with the SQLSTATE where the server gave one.
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

    /// Takes the code out of `FATAL:  28P01: text`.
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

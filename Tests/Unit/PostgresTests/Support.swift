import Glibc
import Plan
import StreamEngine
import Synchronization
import System
import Testing

@testable import Postgres

/// The server that tests may use: `STREAMCTL_TEST_POSTGRES` holds its URL. Without it they are left out.
enum TestServer {
    static let url = getenv("STREAMCTL_TEST_POSTGRES").map { String(cString: $0) }
    static var isThere: Bool { url != nil }

    static func destination(through cutter: CommitCutter? = nil) throws -> PostgresDestination {
        let url = url ?? ""
        guard let cutter else { return try PostgresDestination(url: url) }
        // Of an option that comes twice the last one counts.
        return try PostgresDestination(
            url: "\(url)\(url.contains("?") ? "&" : "?")host=\(cutter.folder)&port=1&sslmode=disable")
    }

    /// The server, with somebody in the middle.
    static func withCutter(_ body: (CommitCutter) throws -> Void) throws {
        let options = try destination().options
        let server = (options["host"] ?? "/var/run/postgresql", options["port"] ?? "5432")
        let cutter = try #require(CommitCutter(server: server))
        defer { cutter.stop() }
        try body(cutter)
    }

    /// A connection beside that of the sink.
    static func session() throws -> Session {
        try Session.connect(try destination(), application: "streamctl test", WaitBudget(interrupt: -1))
    }

    /// A schema of its own for a test, removed at the end.
    static func withSchema(_ body: (_ schema: String, _ session: Session) throws -> Void) throws {
        let session = try session()
        let schema = "test_\(randomSeed())"
        try session.run("CREATE SCHEMA \(schema)")
        defer { _ = try? session.run("DROP SCHEMA \(schema) CASCADE") }
        try body(schema, session)
    }
}

/// Messages of a sink.
final class Warnings: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
}

extension PostgresSink {
    /// Commits rows given as text; returns the refused ones.
    @discardableResult
    func commit(_ rows: String, checkpoint: String? = nil, isLast: Bool = false) throws -> [RefusedRow] {
        var refused: [RefusedRow] = []
        try commit(
            EncodedRows(copy: rows, keyColumns: 2), checkpoint: checkpoint.map { text in { _ in text } },
            refused: { refused.append($0) }, isLast: isLast)
        return refused
    }
}

extension EncodedRows {
    /// Rows given as COPY text in which each tab and newline is a separator, marked as an encoder marks them.
    init(copy text: String, keyColumns: Int) {
        self.init()
        for line in text.split(separator: "\n") {
            let start = byteCount
            var keyEnd = start
            for (number, field) in line.split(separator: "\t", omittingEmptySubsequences: false).enumerated() {
                if number > 0 { buffer.append("\t" as StaticString) }
                buffer.append(String(field))
                if number < keyColumns { keyEnd = byteCount }
            }
            buffer.append("\n" as StaticString)
            endRow(from: start, key: start..<keyEnd)
        }
    }
}

/// A sink for `schema.counts (host, at, count, note)`.
func countsSink(
    _ schema: String, job: String? = nil, mode: TablePlan.Mode = .upsert, creates: Bool = true, takesOver: Bool = false,
    startsOver: Bool = false, table: String = "counts", interrupt: Int32 = -1, warnings: Warnings = Warnings(),
    through cutter: CommitCutter? = nil
) throws -> PostgresSink {
    PostgresSink(
        try TestServer.destination(through: cutter),
        TablePlan(
            name: "\(schema).\(table)",
            columns: [
                TablePlan.Column(name: "count", isKey: false, content: .integer),
                TablePlan.Column(name: "host", isKey: true, content: .unknown),
                TablePlan.Column(name: "at", isKey: true, content: .time),
                TablePlan.Column(name: "note", isKey: false, content: .unknown),
            ], mode: mode, creates: creates),
        job.map { name in
            var plan = JobPlan(name: name, takesOver: takesOver, fingerprint: [.init(flag: "flags", value: "1")])
            plan.startsOver = startsOver
            return plan
        }, interrupt: interrupt,
        warn: { warnings.add($0) })
}

let countsContents: [ColumnContent] = [.integer, .text, .time, .text]

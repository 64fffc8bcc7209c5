import Glibc
import StreamEngine
import System
import Plan
import Testing

@testable import Postgres

@Suite(.enabled(if: TestServer.isThere, "no Postgres server"), .timeLimit(.minutes(2)))
struct LostConnectionTests {
    private func rows(_ range: Range<Int>) -> String {
        range.map { "1\th\($0)\t2024-01-01T00:00:00Z\t\\N\n" }.joined()
    }

    /// Statements of a commit, in their order.
    static let messages = [
        "BEGIN", "SET epoch", "COPY", "h7\t", "ROLLBACK TO", "RELEASE", "SET checkpoint", "COMMIT",
    ]

    @Test(
        "wherever the connection breaks, every row is written once or refused once",
        arguments: messages, [CommitCutter.Harm.before, .after])
    func cut(message: String, harm: CommitCutter.Harm) throws {
        try TestServer.withSchema { schema, session in
            try TestServer.withCutter { cutter in
                let warnings = Warnings()
                // Appending shows what was written twice.
                let sink = try countsSink(schema, job: "j", mode: .append, warnings: warnings, through: cutter)
                #expect(try sink.open() == nil)
                _ = try sink.columns(for: countsContents)
                try sink.commit(rows(0..<5), checkpoint: #"{"at": 1}"#)
                cutter.strike(message, harm)
                let refused = try sink.commit(
                    rows(5..<8) + "x\tbad\t2024-01-01T00:00:00Z\t\\N\n" + rows(8..<10), checkpoint: #"{"at": 2}"#)
                #expect(refused.count == 1)
                #expect(cutter.count == 1)
                #expect(warnings.all.count == 2, "\(warnings.all)")
                #expect(warnings.all.first?.contains("connection lost") == true)
                try sink.commit(rows(10..<12), checkpoint: #"{"at": 3}"#, isLast: true)
                sink.close()
                let hosts = try session.run("SELECT host FROM \(schema).counts").rows.compactMap { $0.first ?? nil }
                #expect(hosts.sorted() == (0..<12).map { "h\($0)" }.sorted())
                let jobs = try session.run("SELECT fence, epoch, checkpoint, holder FROM \(schema).streamctl_jobs").rows
                #expect(jobs == [["1", "3", #"{"at": 3}"#, nil]])
            }
        }
    }

    @Test("without a job, rows are written at least once", arguments: ["BEGIN", "COPY", "COMMIT"])
    func withoutJob(message: String) throws {
        try TestServer.withSchema { schema, session in
            try TestServer.withCutter { cutter in
                let sink = try countsSink(schema, through: cutter)
                #expect(try sink.open() == nil)
                let order = try sink.columns(for: countsContents).map(\.source)
                #expect(order == [1, 2, 0, 3])
                cutter.strike(message, .after, times: 3)
                try sink.commit("h\t2024-01-01T00:00:00Z\t1\t\\N\n")
                #expect(cutter.count == 3)
                sink.close()
                #expect(try session.run("SELECT count(*) FROM \(schema).counts").rows == [["1"]])
                #expect(try session.run("SELECT to_regclass('\(schema).streamctl_jobs')").rows == [[nil]])
            }
        }
    }

    @Test("a session that is terminated in a transaction is replaced")
    func terminated() throws {
        try TestServer.withSchema { schema, session in
            let sink = try countsSink(schema, job: "j", mode: .append)
            _ = try sink.open()
            _ = try sink.columns(for: countsContents)
            var asked = 0
            try sink.commit(
                EncodedRows(copy: rows(0..<3), keyColumns: 2),
                checkpoint: { _ in
                    asked += 1
                    if asked <= 2 {
                        _ = try? session.run(
                            "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks "
                                + "WHERE relation = '\(schema).counts'::regclass")
                    }
                    return "{}"
                }, refused: { _ in }, isLast: false)
            #expect(asked == 3)
            #expect(try session.run("SELECT count(*) FROM \(schema).counts").rows == [["3"]])
            sink.close()
        }
    }

    @Test("a transient error restarts the whole transaction") func passingError() throws {
        try TestServer.withSchema { schema, session in
            try session.run(
                """
                CREATE TABLE \(schema).counts (host text, at timestamptz, count integer, note text, UNIQUE (host, at));
                CREATE SEQUENCE \(schema).turns;
                CREATE FUNCTION \(schema).often() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                  IF nextval('\(schema).turns') < 4 THEN RAISE EXCEPTION 'not now' USING ERRCODE = '40001'; END IF;
                  RETURN NEW; END $$;
                CREATE TRIGGER often BEFORE INSERT ON \(schema).counts FOR EACH ROW EXECUTE FUNCTION \(schema).often()
                """)
            let warnings = Warnings()
            let sink = try countsSink(schema, job: "j", mode: .append, warnings: warnings)
            _ = try sink.open()
            _ = try sink.columns(for: countsContents)
            try sink.commit(rows(0..<3), checkpoint: "{}")
            #expect(try session.run("SELECT count(*) FROM \(schema).counts").rows == [["3"]])
            #expect(warnings.all.count == 2)
            #expect(warnings.all.first?.hasSuffix(": not now; retrying") == true)
            sink.close()
        }
    }

    @Test("warnings of the server are counted and reported") func warnings() throws {
        try TestServer.withSchema { schema, session in
            try session.run(
                """
                CREATE TABLE \(schema).counts (host text, at timestamptz, count integer, note text);
                CREATE FUNCTION \(schema).warn() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                  RAISE WARNING 'careful'; RAISE NOTICE 'chatter'; RETURN NEW; END $$;
                CREATE TRIGGER warn BEFORE INSERT ON \(schema).counts FOR EACH ROW EXECUTE FUNCTION \(schema).warn()
                """)
            let warnings = Warnings()
            let sink = try countsSink(schema, mode: .append, warnings: warnings)
            _ = try sink.open()
            _ = try sink.columns(for: countsContents)
            try sink.commit(rows(0..<3))
            try sink.commit(rows(3..<4))
            #expect(sink.connection.warnings == 4)
            #expect(warnings.all.count == 1)
            #expect(warnings.all.first?.hasSuffix(": warning from the server: careful") == true)
            sink.close()
        }
    }

    @Test("an interrupt ends the wait for an unreachable server, but lets a running transaction finish")
    func interrupted() throws {
        try TestServer.withSchema { schema, session in
            try TestServer.withCutter { cutter in
                let interrupt = Interrupt()
                let sink = try countsSink(
                    schema, job: "j", mode: .append, interrupt: interrupt.pollDescriptor, through: cutter)
                _ = try sink.open()
                _ = try sink.columns(for: countsContents)
                interrupt.raise(SIGTERM)
                try sink.commit(rows(0..<3), checkpoint: "{}")
                #expect(try session.run("SELECT count(*) FROM \(schema).counts").rows == [["3"]])
                cutter.strike("BEGIN", .before, times: 1000)
                let start = steadyClock()
                #expect(throws: RunError.interrupted) { try sink.commit(rows(3..<6), checkpoint: "{}") }
                #expect(steadyClock() - start < 2_000_000)
                sink.close()
            }
        }
    }

    @Test("a stalled transaction is abandoned a few seconds after an interrupt")
    func stuck() throws {
        try TestServer.withSchema { schema, session in
            let interrupt = Interrupt()
            let sink = try countsSink(schema, job: "j", mode: .append, interrupt: interrupt.pollDescriptor)
            _ = try sink.open()
            _ = try sink.columns(for: countsContents)
            try session.run("BEGIN; LOCK TABLE \(schema).counts")
            thread {
                usleep(300_000)
                interrupt.raise(SIGTERM)
            }
            let start = steadyClock()
            #expect(throws: RunError.interrupted) { try sink.commit(rows(0..<3), checkpoint: "{}") }
            #expect((4_500_000..<8_000_000).contains(steadyClock() - start))
            sink.close()
            try session.run("ROLLBACK")
        }
    }
}

import Glibc
import Plan
import StreamEngine
import System
import Testing

@testable import Postgres

@Suite(.enabled(if: TestServer.isThere, "no Postgres server"), .timeLimit(.minutes(2)))
struct JobTests {
    private let row = "h\t2024-01-01T00:00:00Z\t1\t\\N\n"

    private func running(_ schema: String, warnings: Warnings = Warnings()) throws -> PostgresSink {
        let sink = try countsSink(schema, job: "j", warnings: warnings)
        _ = try sink.open()
        _ = try sink.columns(for: countsContents)
        try sink.commit(row, checkpoint: #"{"at": 1}"#)
        return sink
    }

    private func isTemporary(_ error: any Error, _ part: String) -> Bool {
        guard let error = error as? RunError else { return false }
        return error.kind == .temporary && error.text.contains(part)
    }

    private func isBusy(_ error: any Error, _ part: String) -> Bool { isTemporary(error, part) }

    private func isFenced(_ error: any Error) -> Bool { isTemporary(error, "another process has") }

    private func rolledBack(_ error: any Error) -> Bool {
        isTemporary(error, "the database is back at an earlier state") || isTemporary(error, " is missing from ")
    }

    @Test("a second process is refused, and the first continues") func busy() throws {
        try TestServer.withSchema { schema, _ in
            let first = try running(schema)
            let second = try countsSink(schema, job: "j")
            #expect { _ = try second.open() } throws: { isBusy($0, "s ago); --takeover") }
            second.close()
            try first.commit(row, checkpoint: "{}")
            first.close()
        }
    }

    @Test("--takeover takes the job from a running process, which notices at its next commit") func takeover() throws {
        try TestServer.withSchema { schema, session in
            let first = try running(schema)
            let second = try countsSink(schema, job: "j", takesOver: true)
            #expect(try second.open()?.checkpoint == #"{"at": 1}"#)
            #expect { try first.commit(row, checkpoint: #"{"at": 2}"#) } throws: { isFenced($0) }
            first.close()
            _ = try second.columns(for: countsContents)
            try second.commit(row, checkpoint: #"{"at": 3}"#)
            let jobs = try session.run("SELECT fence, epoch, checkpoint FROM \(schema).streamctl_jobs").rows
            #expect(jobs == [["2", "2", #"{"at": 3}"#]])
            second.close()
        }
    }

    @Test("a job that starts over forgets its checkpoint at once, and only if no other process runs it")
    func startOver() throws {
        try TestServer.withSchema { schema, session in
            let first = try running(schema)
            let early = try countsSink(schema, job: "j", startsOver: true)
            #expect { _ = try early.open() } throws: { isBusy($0, "s ago); --takeover") }
            early.close()
            first.close()
            try session.run("UPDATE \(schema).streamctl_jobs SET fingerprint = '{\"flags\": \"0\"}'")
            let second = try countsSink(schema, job: "j", startsOver: true)
            #expect(try second.open() == nil)
            let jobs = try session.run("SELECT fingerprint, checkpoint FROM \(schema).streamctl_jobs").rows
            #expect(jobs == [[#"{"flags": "1"}"#, nil]])
            second.close()
        }
    }

    @Test("a job whose process was killed resumes at once; so does one without a heartbeat") func afterDeath() throws {
        try TestServer.withSchema { schema, session in
            let first = try running(schema)
            try session.run(
                "SELECT pg_terminate_backend(split_part(holder, ':', 1)::integer, 5000) FROM \(schema).streamctl_jobs")
            let second = try countsSink(schema, job: "j")
            let start = steadyClock()
            #expect(try second.open()?.checkpoint == #"{"at": 1}"#)
            #expect(steadyClock() - start < 1_000_000)
            #expect { try first.commit(row, checkpoint: "{}") } throws: { isFenced($0) }
            try session.run("UPDATE \(schema).streamctl_jobs SET updated_at = updated_at - interval '16 seconds'")
            let third = try countsSink(schema, job: "j")
            #expect(try third.open() != nil)
            for sink in [first, second, third] { sink.close() }
        }
    }

    @Test("a job with nothing to write has a heartbeat") func heartbeat() throws {
        try TestServer.withSchema { schema, session in
            let sink = try running(schema)
            try session.run("UPDATE \(schema).streamctl_jobs SET updated_at = updated_at - interval '16 seconds'")
            try sink.commit("")
            let jobs = try session.run(
                "SELECT epoch, checkpoint, updated_at > now() - interval '5 seconds' FROM \(schema).streamctl_jobs"
            ).rows
            #expect(jobs == [["2", #"{"at": 1}"#, "t"]])
            sink.close()
        }
    }

    @Test("a process that stopped within a transaction holds the job, until --takeover ends its session")
    func stopped() throws {
        try TestServer.withSchema { schema, session in
            let first = try running(schema)
            try session.run("UPDATE \(schema).streamctl_jobs SET updated_at = updated_at - interval '16 seconds'")
            let zombie = try TestServer.session()
            try zombie.run("BEGIN; UPDATE \(schema).streamctl_jobs SET epoch = epoch + 1")
            let second = try countsSink(schema, job: "j")
            #expect { _ = try second.open() } throws: { isBusy($0, "in the middle of a transaction") }
            second.close()
            let third = try countsSink(schema, job: "j", takesOver: true)
            #expect(try third.open() != nil)
            #expect(throws: (any Error).self) { try zombie.run("COMMIT") }
            third.close()
            first.close()
        }
    }

    @Test("a broken session of ours that still holds the row lock is ended")
    func ownSession() throws {
        try TestServer.withSchema { schema, session in
            try TestServer.withCutter { cutter in
                let sink = try countsSink(schema, job: "j", mode: .append, through: cutter)
                _ = try sink.open()
                _ = try sink.columns(for: countsContents)
                // The server hears nothing of it: its session waits for rows, the job's row locked.
                cutter.strike("half", .silence)
                let text = "1\thalf\t2024-01-01T00:00:00Z\t\\N\n"
                let start = steadyClock()
                try sink.commit(text, checkpoint: "{}")
                // The lock is waited for first.
                #expect((2_500_000..<15_000_000).contains(steadyClock() - start))
                #expect(try session.run("SELECT count(*) FROM \(schema).counts").rows == [["1"]])
                sink.close()
            }
        }
    }

    @Test(
        "a database restored to an earlier state is detected",
        arguments: [
            "UPDATE streamctl_jobs SET epoch = epoch - 1", "UPDATE streamctl_jobs SET fence = fence - 1",
            "DELETE FROM streamctl_jobs",
        ])
    func rolledBack(change: String) throws {
        try TestServer.withSchema { schema, session in
            let sink = try running(schema)
            try session.run("SET search_path = \(schema)")
            try session.run(change)
            #expect { try sink.commit(row, checkpoint: "{}") } throws: { rolledBack($0) }
            sink.close()
        }
    }

    @Test("of many concurrent starts, one gets the job") func together() throws {
        try TestServer.withSchema { schema, session in
            let sinks = try (0..<6).map { _ in try countsSink(schema, job: "j") }
            let results = Warnings()
            for sink in sinks {
                thread {
                    do throws(RunError) {
                        _ = try sink.open()
                        results.add("open")
                    } catch {
                        results.add(isTemporary(error, "is running in another process") ? "busy" : "\(error)")
                    }
                }
            }
            while results.all.count < sinks.count { usleep(10_000) }
            #expect(results.all.sorted() == ["busy", "busy", "busy", "busy", "busy", "open"])
            #expect(try session.run("SELECT fence FROM \(schema).streamctl_jobs").rows == [["1"]])
            for sink in sinks { sink.close() }
        }
    }

    @Test("an unlogged job table is refused; an unlogged table causes a warning") func unlogged() throws {
        try TestServer.withSchema { schema, session in
            let warnings = Warnings()
            let first = try countsSink(schema, job: "j", warnings: warnings)
            _ = try first.open()
            _ = try first.columns(for: countsContents)
            first.close()
            try session.run("ALTER TABLE \(schema).counts SET UNLOGGED")
            let second = try countsSink(schema, job: "j", warnings: warnings)
            _ = try second.open()
            second.close()
            #expect(warnings.all.filter { $0.contains("unlogged") }.count == 1)
            try session.run("ALTER TABLE \(schema).streamctl_jobs SET UNLOGGED")
            let third = try countsSink(schema, job: "j", warnings: warnings)
            let remedy = #"ALTER TABLE "\#(schema)"."streamctl_jobs" SET LOGGED"#
            #expect(throws: RunError.mismatch("the job table \(schema).streamctl_jobs is unlogged: \(remedy)")) {
                _ = try third.open()
            }
            third.close()
        }
    }

    @Test("a job may change its options until something was delivered") func newFingerprint() throws {
        try TestServer.withSchema { schema, session in
            let first = try countsSink(schema, job: "j")
            #expect(try first.open() == nil)
            first.close()
            try session.run("UPDATE \(schema).streamctl_jobs SET fingerprint = '{}'")
            let second = try countsSink(schema, job: "j")
            #expect(try second.open() == nil)
            second.close()
            #expect(try session.run("SELECT fingerprint FROM \(schema).streamctl_jobs").rows == [[#"{"flags": "1"}"#]])
        }
    }
}

import Plan
import StreamEngine
import Testing

@testable import Command

@Suite("--explain") struct ExplainTests {
    @Test(
        "fits in 80 columns and says what it should",
        arguments: [
            (
                "demo:sensors -t event_time -w 1h -g sensor_id --avg temperature", false,
                [
                    "demo:sensors; read to the end", "field event_time", "tumbling 1h",
                    "[2026-01-01T10:00:00Z,", "sensor_id", "avg_temperature", "avg(temperature)",
                    "no record is late",
                ]
            ),
            (
                "-t ts --hopping 1h --every 20m --count --lateness 2m", true,
                [
                    "live", "by 5s", "(--watermark)", "After 10s", "(--idle)", "more than 1h ahead",
                    "(--max-ahead)",
                    "hopping 1h every 20m", "2026-01-01T10:20:00Z", "revision", "for 2m after its end",
                ]
            ),
            ("-w 1m", true, ["the wall clock when a record is read", "count()"]),
            (
                "f --where a>1 --let b=a*2 -o out", false,
                ["pass through", "a>1", "b = a*2", "out, json", "overwrites the file", "with --job NAME"]
            ),
            ("f -t ts --session 5m -g u", false, ["sessions", "[2026-01-01T10:07:31Z,", "2026-01-01T10:12:31Z)"]),
            ("f -t ts --cumulative 1d --every 1h", false, ["(14 in total)"]),
            ("f -t ts --calendar month --time-zone Test/Zone", false, ["Test/Zone", "2025-12-31T23:00:00Z"]),
            ("f --rows 10 --every 5", false, ["the last 10 records of a group, each time 5 more have arrived"]),
            ("f -t ts --hopping 1s --every 1h", false, ["in none"]),
            ("- --count", true, ["at least once", "data from standard input is lost"]),
            (
                "f -g k --count --max v -o postgresql:///db --table t", false,
                [
                    "Postgres, table t (--output, --table)", "upsert: a row replaces", "(--mode). Key: k",
                    "--create would create it: CREATE TABLE t (k text)", "determine the type of: k, max_v",
                    "pg_temp.streamctl_rows, and then: INSERT INTO t", "Transactions every 1s (--commit-every)",
                    "at least once", "replace those with the same key",
                ]
            ),
            (
                "f --select a -o postgresql:///db --table t --create --commit-every 5s", false,
                [
                    "append: every row is added (--mode)", "created if it does not exist (--create)",
                    "Statement INSERT INTO t", "every 5s", "at least once", "adds its rows again",
                ]
            ),
            (
                "f -g k -o postgresql:///db --table t --job nightly", false,
                [
                    "Job nightly: the same command resumes", "every 1s (--commit-every), in streamctl_jobs,",
                    "CREATE TABLE jobs", "exactly once", "one transaction", "the next run resumes open windows",
                ]
            ),
            (
                "f -g k -o out --job nightly --commit-every 250ms", false,
                ["every 250ms (--commit-every), in /state/nightly.job (--state-dir)", "exactly once", "truncated"]
            ),
            (
                "f -g k --job nightly", false,
                ["exactly once if standard output is a file", "at least once if it is a pipe"]
            ),
            ("f --count --job nightly", false, ["The only window stays open", "reads the whole input again"]),
            (
                "f -t ts -w 1m --job nightly", false,
                ["All windows stay open until the input ends", "--watermark closes them earlier"]
            ),
            ("f --select a --job nightly", false, ["finished work is committed; a second signal"]),
        ] as [(String, Bool, [String])])
    func explains(_ line: String, _ live: Bool, _ parts: [String]) throws {
        let outcome = read(line, live: live)
        let text = try #require(outcome.plan, "\(outcome.error ?? "")").explanation(Self.notes)
        #expect(text.hasSuffix("\n"))
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
        let joined = text.split(whereSeparator: { $0 == " " || $0 == "\n" }).joined(separator: " ")
        for part in parts { #expect(joined.contains(part), "\(part) in \(text)") }
    }

    private static let notes = {
        var notes = OutputNotes()
        notes.createTable = "CREATE TABLE t (k text)"
        notes.write = ["INSERT INTO t"]
        notes.createJobs = "CREATE TABLE jobs"
        notes.jobFile = "/state/nightly.job"
        return notes
    }()

    @Test("the URL of a database is not shown") func url() throws {
        let line = "f -g k -o postgresql://annika@host.example:99/db?sslmode=require --table t --job j"
        let text = try #require(read(line).plan).explanation(Self.notes)
        for part in ["annika", "host.example", "99", "sslmode", "postgresql:"] { #expect(!text.contains(part)) }
    }

    @Test("the windows of the example are those that close first and hold the record") func hoppingExample() throws {
        let text = try #require(read("f -t ts --hopping 1h --every 10m --explain").plan).explanation()
        let joined = text.split(whereSeparator: { $0 == " " || $0 == "\n" }).joined(separator: " ")
        #expect(joined.contains("[2026-01-01T09:10:00Z, 2026-01-01T10:10:00Z)"))
        #expect(joined.contains("(6 in total)"))
        #expect(joined.contains("closes when the watermark reaches 2026-01-01T10:10:00Z"))
    }

    @Test("a job whose windows close in time is not warned of them", arguments: ["-t ts -w 1m -W 5s", "--select a"])
    func closing(_ flags: String) throws {
        let text = try #require(read("f \(flags) --job j").plan).explanation(Self.notes)
        #expect(!text.contains("until the input ends"))
    }

    @Test("every column of the rows has a line") func columns() throws {
        let plan = try #require(read("f -t ts -w 1m -g a,b --count --top 3:c --quantile 0.9:d --early 1s").plan)
        let lines = plan.explanation().split(separator: "\n")
        for name in plan.query.resultColumns {
            #expect(lines.contains { $0.dropFirst(14).hasPrefix(name + " ") }, "\(name)")
        }
    }
}

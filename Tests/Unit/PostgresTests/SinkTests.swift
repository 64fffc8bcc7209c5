import Plan
import StreamEngine
import Testing

@testable import Postgres

@Suite(.enabled(if: TestServer.isThere, "no Postgres server"), .timeLimit(.minutes(2)))
struct SinkTests {
    @Test("--create creates table and job table; the last row of a key wins; a restart resumes from the checkpoint")
    func upsert() throws {
        try TestServer.withSchema { schema, session in
            let sink = try countsSink(schema, job: "j")
            #expect(try sink.open() == nil)
            let columns = try sink.columns(for: countsContents)
            #expect(columns.map(\.name) == ["host", "at", "count", "note"])
            #expect(columns.map(\.source) == [1, 2, 0, 3])
            #expect(columns.map(\.type) == [.text, .timestamptz, .bigint, .text])
            #expect(columns.map(\.nullsRepeat) == [false, false, false, false])
            let refused = try sink.commit(
                "a\t2024-01-01T00:00:00Z\t1\told\n\\N\t2024-01-01T00:00:00Z\t7\tx\na\t2024-01-01T00:00:00Z\t2\tnew\n",
                checkpoint: #"{"at": 1}"#)
            #expect(refused.isEmpty)
            try sink.commit("\\N\t2024-01-01T00:00:00Z\t8\tt\\tab\n", checkpoint: #"{"at": 2}"#, isLast: true)
            sink.close()
            let rows = try session.run("SELECT host, count, note FROM \(schema).counts ORDER BY count").rows
            #expect(rows == [["a", "2", "new"], [nil, "8", "t\tab"]])
            let jobs = try session.run("SELECT fence, epoch, checkpoint, holder FROM \(schema).streamctl_jobs").rows
            #expect(jobs == [["1", "2", #"{"at": 2}"#, nil]])

            let again = try countsSink(schema, job: "j", creates: false)
            #expect(try again.open() == JobState(fingerprint: #"{"flags": "1"}"#, checkpoint: #"{"at": 2}"#))
            again.close()
            let after = try session.run("SELECT fence, epoch, holder FROM \(schema).streamctl_jobs").rows
            #expect(after == [["2", "2", nil]])
        }
    }

    @Test("of keys that only the server considers equal, the last one wins") func equalKeys() throws {
        try TestServer.withSchema { schema, session in
            try session.run(
                """
                CREATE TABLE \(schema).counts (host char(5), at timestamptz, count bigint, note jsonb, UNIQUE (host, at));
                ALTER TABLE \(schema).counts ALTER at SET DEFAULT now()
                """)
            let sink = try countsSink(schema)
            _ = try sink.open()
            let columns = try sink.columns(for: countsContents)
            #expect(columns.map(\.nullsRepeat) == [true, true, false, false])
            let refused = try sink.commit(
                "a\t2024-01-01T00:00:00Z\t1\t1\na \t2024-01-01T00:00:00Z\t2\t2\nb\t2024-01-01T00:00:00Z\t3\t3\n"
                    + "a\t2024-01-01T01:00:00+01:00\t4\t4\n")
            #expect(refused.isEmpty)
            let rows = try session.run("SELECT host, count FROM \(schema).counts ORDER BY host").rows
            #expect(rows == [["a    ", "4"], ["b    ", "3"]])
            sink.close()
        }
    }

    @Test("unchanged rows are not written; columns that cannot be compared are always written")
    func unchanged() throws {
        try TestServer.withSchema { schema, session in
            try session.run(
                """
                CREATE TABLE \(schema).counts (host text, at timestamptz, count bigint, note text, UNIQUE (host, at));
                CREATE TABLE \(schema).points (host text, at timestamptz, count bigint, note point, UNIQUE (host, at));
                CREATE TABLE \(schema).log (name text);
                CREATE FUNCTION \(schema).log() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                  INSERT INTO \(schema).log VALUES (TG_TABLE_NAME); RETURN NEW; END $$;
                CREATE TRIGGER log AFTER UPDATE ON \(schema).counts FOR EACH ROW EXECUTE FUNCTION \(schema).log();
                CREATE TRIGGER log AFTER UPDATE ON \(schema).points FOR EACH ROW EXECUTE FUNCTION \(schema).log()
                """)
            for table in ["counts", "points"] {
                let sink = try countsSink(schema, table: table)
                _ = try sink.open()
                _ = try sink.columns(for: countsContents)
                for count in [1, 1, 2] { try sink.commit("a\t2024-01-01T00:00:00Z\t\(count)\t(1,2)\n") }
                sink.close()
            }
            let log = try session.run("SELECT name, count(*) FROM \(schema).log GROUP BY name ORDER BY name").rows
            #expect(log == [["counts", "1"], ["points", "2"]])
        }
    }

    @Test("many rows, a few of them refused") func manyRows() throws {
        try TestServer.withSchema { schema, session in
            try session.run(
                "CREATE TABLE \(schema).counts (host text, at timestamptz, count smallint, note text, UNIQUE (host, at))"
            )
            for mode in [TablePlan.Mode.upsert, .append] {
                try session.run("TRUNCATE \(schema).counts")
                let sink = try countsSink(schema, mode: mode)
                _ = try sink.open()
                let order = try sink.columns(for: countsContents).map(\.source)
                let rows = (0..<40_000).map { i in
                    let values = ["\(i)", "h\(i)", "2024-01-01T00:00:00Z", "\\N"]
                    return order.map { values[$0] }.joined(separator: "\t") + "\n"
                }
                #expect(try sink.commit(rows[0..<32_780].joined()).count == 12)
                #expect(try sink.commit(rows[0..<100].joined()).count == (mode == .upsert ? 0 : 100))
                sink.close()
                #expect(try session.run("SELECT count(*) FROM \(schema).counts").rows == [["32768"]])
            }
        }
    }

    @Test("rows that the server refuses are found, all others are written") func refusals() throws {
        try TestServer.withSchema { schema, session in
            try session.run(
                "CREATE TABLE \(schema).counts (host text, at timestamptz, count integer CHECK (count < 100), note text, "
                    + "UNIQUE (host, at))")
            for mode in [TablePlan.Mode.upsert, .append] {
                let sink = try countsSink(schema, job: "j\(mode)", mode: mode)
                _ = try sink.open()
                let order = try sink.columns(for: countsContents).map(\.source)
                #expect(order == (mode == .upsert ? [1, 2, 0, 3] : [0, 1, 2, 3]))
                var rows = ""
                for i in 0..<20 {
                    let count = i == 3 ? "100" : i == 11 ? "12345678901" : i == 19 ? "x" : "\(i)"
                    let values = [count, "h\(mode)\(i)", "2024-01-01T00:00:00Z", "\\N"]
                    rows += order.map { values[$0] }.joined(separator: "\t") + "\n"
                }
                let refused = try sink.commit(rows, checkpoint: "{}")
                let wanted = zip([3, 11, 19], ["100", "12345678901", "x"]).map { i, count in
                    let values = [
                        #""count":"\#(count)""#, #""host":"h\#(mode)\#(i)""#, #""at":"2024-01-01T00:00:00Z""#,
                        #""note":null"#,
                    ]
                    return "{\(order.map { values[$0] }.joined(separator: ","))}"
                }
                #expect(refused.map { String(decoding: $0.json, as: UTF8.self) } == wanted)
                #expect(refused.first?.reason.contains("violates check constraint") == true)
                sink.close()
                let count = try session.run("SELECT count(*) FROM \(schema).counts WHERE host LIKE 'h\(mode)%'").rows
                #expect(count == [["17"]])
            }
        }
    }
}

import Plan
import StreamEngine
import Testing

@testable import Postgres

/// Changes of rows: the order in which they are written, and what the table holds afterwards.
@Suite(.timeLimit(.minutes(2)))
struct ChangeTests {
    private let table = TableName(schema: nil, name: "t")

    private func stage(_ version: String? = nil, repeatsKeys: Bool, operators: String? = nil) -> ChangeStage {
        func column(_ name: String) -> CopyColumn {
            CopyColumn(name: name, type: .text, source: 0, operatorSchema: operators)
        }
        return ChangeStage(
            table: table, keys: [column("k")], values: ["v"], version: version.map(column), repeatsKeys: repeatsKeys)
    }

    @Test("an upsert of changes takes the latest one of each key, and spares newer rows") func upsert() {
        let plain = Statements.upsertChanges(stage(repeatsKeys: false), comparesValues: true)
        #expect(
            plain == #"INSERT INTO "t" AS t ("k", "v") SELECT "k", "v" FROM pg_temp.streamctl_rows AS s "#
                + #"WHERE streamctl_change > 0 ORDER BY "k" ON CONFLICT ("k") DO UPDATE SET "v" = EXCLUDED."v" "#
                + #"WHERE (t."v") IS DISTINCT FROM (EXCLUDED."v")"#)
        let newer = Statements.upsertChanges(stage("v", repeatsKeys: true), comparesValues: false)
        #expect(
            newer == #"INSERT INTO "t" AS t ("k", "v") SELECT DISTINCT ON ("k") "k", "v" FROM "#
                + #"pg_temp.streamctl_rows AS s WHERE streamctl_change > 0 ORDER BY "k", "v" DESC, "#
                + #"streamctl_change DESC ON CONFLICT ("k") DO UPDATE SET "v" = EXCLUDED."v" "#
                + #"WHERE (t."v" IS NULL OR t."v" <= EXCLUDED."v")"#)
    }

    @Test("a merge of changes writes the same rows as their upsert") func merge() {
        #expect(
            Statements.mergeChanges(stage(repeatsKeys: false), comparesValues: true)
                == #"MERGE INTO "t" AS t USING (SELECT "k", "v" FROM pg_temp.streamctl_rows AS s "#
                + #"WHERE streamctl_change > 0 ORDER BY "k") AS s ON t."k" = s."k" "#
                + #"WHEN MATCHED AND (t."v") IS DISTINCT FROM (s."v") THEN UPDATE SET "v" = s."v" "#
                + #"WHEN NOT MATCHED THEN INSERT ("k", "v") VALUES (s."k", s."v")"#)
        #expect(
            Statements.mergeChanges(stage("v", repeatsKeys: true, operators: "ext"), comparesValues: false)
                == #"MERGE INTO "t" AS t USING (SELECT DISTINCT ON ("k") "k", "v" FROM pg_temp.streamctl_rows AS s "#
                + #"WHERE streamctl_change > 0 ORDER BY "k", "v" DESC, streamctl_change DESC) AS s "#
                + #"ON t."k" OPERATOR("ext".=) s."k" "#
                + #"WHEN MATCHED AND (t."v" IS NULL OR t."v" OPERATOR("ext".<=) s."v") THEN UPDATE SET "v" = s."v" "#
                + #"WHEN NOT MATCHED THEN INSERT ("k", "v") VALUES (s."k", s."v")"#)
    }

    @Test("where keys may repeat, the server takes the last change of each") func lastOfKey() {
        let last = Statements.deleteChanges(stage(repeatsKeys: true))
        #expect(
            last == #"DELETE FROM "t" AS t USING (SELECT DISTINCT ON ("k") * FROM pg_temp.streamctl_rows "#
                + #"ORDER BY "k", abs(streamctl_change) DESC) AS s WHERE s.streamctl_change < 0 AND t."k" = s."k""#)
    }

    @Test("a deletion spares newer rows, unless it has no version") func delete() {
        #expect(
            Statements.deleteChanges(stage(repeatsKeys: false))
                == #"DELETE FROM "t" AS t USING pg_temp.streamctl_rows AS s WHERE s.streamctl_change < 0 "#
                + #"AND t."k" = s."k""#)
        #expect(
            Statements.deleteChanges(stage("v", repeatsKeys: true))
                == #"DELETE FROM "t" AS t USING pg_temp.streamctl_rows AS s WHERE s.streamctl_change < 0 "#
                + #"AND t."k" = s."k" AND (s."v" IS NULL OR t."v" IS NULL OR t."v" <= s."v")"#)
    }

    @Test("the operators of an extension are named with their schema") func operators() {
        #expect(
            Statements.deleteChanges(stage("v", repeatsKeys: true, operators: "ext"))
                == #"DELETE FROM "t" AS t USING pg_temp.streamctl_rows AS s WHERE s.streamctl_change < 0 "#
                + #"AND t."k" OPERATOR("ext".=) s."k" "#
                + #"AND (s."v" IS NULL OR t."v" IS NULL OR t."v" OPERATOR("ext".<=) s."v")"#)
    }

    @Test("a key has only rows or only deletions in a round, and keeps its order over the rounds") func rounds() {
        let text = "a\t1\na\t2\nb\t3\na\t-4\nb\t5\na\t6\n"
        let encoded = EncodedRows(copy: text, keyColumns: 1)
        let places = encoded.rows
        encoded.withBytes { bytes in
            var rows = Rows(places, in: bytes)
            #expect(rows.rounds(seed: 1) == [[0, 1, 2, 4], [3], [5]])
            #expect(rows.rounds(seed: nil) == [[0, 1, 2], [3], [4, 5]])
            rows.remove([3])
            #expect(rows.rounds(seed: 1) == [[0, 1, 2, 4, 5]])
        }
    }

    @Test("what a refused row has replaced counts after all") func replaced() {
        let encoded = EncodedRows(copy: "a\t1\na\t2\nb\t3\na\t4\nb\t-5\n", keyColumns: 1)
        let places = encoded.rows
        encoded.withBytes { bytes in
            var rows = Rows(places, in: bytes)
            rows.keepLast(seed: 1)
            #expect(rows.pending == [3, 4])
            for (refused, replaced) in [([4, 3], [1, 2]), ([1], [0]), ([0, 2], []), ([], [])] {
                let found = rows.replaced(by: refused)
                #expect(found == replaced)
            }
        }
    }

    @Test("of changes with a version, the newest of each key is enough; the later of two with the same")
    func newest() {
        let text = "a\t5\t1\na\t-7\t2\nb\t3\t3\na\t5\t4\nb\t2\t5\nc\t\\N\t-6\nc\t9\t-7\n"
        let encoded = EncodedRows(copy: text, keyColumns: 1)
        let places = encoded.rows
        encoded.withBytes { bytes in
            var rows = Rows(places, in: bytes)
            #expect(rows.newest(version: 1, seed: 1) == [2, 3, 5])
            rows.pending = [1, 4]
            #expect(rows.newest(version: 1, seed: 1) == [1, 4])
            // Not an integer, or not certainly one that can be compared.
            #expect(rows.newest(version: 0, seed: 1) == nil && rows.newest(version: 3, seed: 1) == nil)
        }
    }

    /// A change of the row of `key`; it deletes the row if it has no value.
    private struct Change {
        var key: String
        var value: Int?
        var version: Int
        var isRefused: Bool { value == 13 }
    }

    /// The table after the changes, one after the other.
    private func model(_ changes: [Change], comparesVersions: Bool) -> [String: [String?]] {
        var rows: [String: (value: Int, version: Int)] = [:]
        for change in changes where !change.isRefused {
            if comparesVersions, let old = rows[change.key], old.version > change.version { continue }
            rows[change.key] = change.value.map { ($0, change.version) }
        }
        return rows.mapValues { ["\($0.value)", "\($0.version)"] }
    }

    @Test(
        "any changes in any commits: as one after the other", .enabled(if: TestServer.isThere, "no Postgres server"),
        arguments: [false, true], ["text", "char(6)"])
    func againstModel(comparesVersions: Bool, type: String) throws {
        var random = SystemRandomNumberGenerator()
        try TestServer.withSchema { schema, session in
            // char ignores blanks at the end: equal keys can have different bytes.
            for _ in 0..<25 {
                try session.run(
                    """
                    DROP TABLE IF EXISTS \(schema).t; CREATE TABLE \(schema).t
                    (k \(type) PRIMARY KEY, value bigint CHECK (value <> 13), version bigint)
                    """)
                var plan = TablePlan(
                    name: "\(schema).t",
                    columns: [
                        TablePlan.Column(name: "k", isKey: true, content: .unknown),
                        TablePlan.Column(name: "value", isKey: false, content: .unknown),
                        TablePlan.Column(name: "version", isKey: false, content: .unknown),
                    ], mode: .upsert, creates: false)
                plan.changes = TablePlan.Changes(canDelete: true, version: comparesVersions ? "version" : nil)
                let sink = PostgresSink(try TestServer.destination(), plan, nil, interrupt: -1, warn: { _ in })
                defer { sink.close() }
                _ = try sink.open()
                _ = try sink.columns(for: [.text, .integer, .integer])
                let changes = (0..<Int.random(in: 1...60, using: &random)).map { _ in
                    Change(
                        key: ["a", "b", "c"].randomElement(using: &random) ?? "a",
                        value: Bool.random(using: &random) ? Int.random(in: 10...15, using: &random) : nil,
                        version: Int.random(in: 0...9, using: &random))
                }
                var refused = 0
                var rest = changes.enumerated().map { number, change in
                    let blanks = type == "text" ? "" : String(repeating: " ", count: number % 3)
                    let value = change.value.map { "\($0)" } ?? "\\N"
                    let mark = change.value == nil ? -number - 1 : number + 1
                    return "\(change.key)\(blanks)\t\(value)\t\(change.version)\t\(mark)\n"
                }
                while !rest.isEmpty {
                    let count = Int.random(in: 1...20, using: &random)
                    try sink.commit(
                        EncodedRows(copy: rest.prefix(count).joined(), keyColumns: 1), checkpoint: nil,
                        refused: { _ in refused += 1 }, isLast: false)
                    rest.removeFirst(min(count, rest.count))
                }
                var found: [String: [String?]] = [:]
                for row in try session.run("SELECT trim(k), value, version FROM \(schema).t").rows {
                    found[row.first.flatMap { $0 } ?? ""] = Array(row.dropFirst())
                }
                #expect(found == model(changes, comparesVersions: comparesVersions), "\(changes)")
                #expect(refused <= changes.count { $0.isRefused })
            }
        }
    }
}

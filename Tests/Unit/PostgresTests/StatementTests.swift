import Plan
import StreamEngine
import Testing

@testable import Postgres

struct StatementTests {
    let table = TableName(schema: "app", name: "a\"b")

    @Test("a created table accepts a null key once") func createTable() {
        let columns = [
            Statements.Column(name: "host", type: "text"), Statements.Column(name: "count", type: "bigint"),
        ]
        #expect(
            Statements.createTable(table, columns, keys: ["host"])
                == #"CREATE TABLE "app"."a""b" ("host" text, "count" bigint, UNIQUE NULLS NOT DISTINCT ("host"))"#)
        #expect(
            Statements.createTable(table, columns, keys: ["host"], nullsNotDistinct: false)
                == #"CREATE TABLE "app"."a""b" ("host" text, "count" bigint, UNIQUE ("host"))"#)
        #expect(
            Statements.createTable(table, columns, keys: [])
                == #"CREATE TABLE "app"."a""b" ("host" text, "count" bigint)"#)
    }

    @Test("an upsert replaces what differs") func upsert() {
        #expect(
            Statements.upsert(table, keys: ["k"], values: ["v", "w"], comparesValues: true)
                == #"INSERT INTO "app"."a""b" AS t ("k", "v", "w") SELECT "k", "v", "w" FROM pg_temp.streamctl_rows "#
                + #"ON CONFLICT ("k") DO UPDATE SET "v" = EXCLUDED."v", "w" = EXCLUDED."w" "#
                + #"WHERE (t."v", t."w") IS DISTINCT FROM (EXCLUDED."v", EXCLUDED."w")"#)
        #expect(
            Statements.upsert(table, keys: ["k"], values: [], comparesValues: true)
                == #"INSERT INTO "app"."a""b" AS t ("k") SELECT "k" FROM pg_temp.streamctl_rows "#
                + #"ON CONFLICT ("k") DO NOTHING"#)
    }

    @Test("the remedies are statements") func remedies() {
        #expect(
            Statements.createIndex(table, keys: ["a", "b"])
                == #"CREATE UNIQUE INDEX ON "app"."a""b" ("a", "b") NULLS NOT DISTINCT"#)
        #expect(Statements.addColumn(Statements.Column(name: "a", type: "text")) == #"ADD COLUMN "a" text"#)
        func change(_ type: ColumnType, to content: ColumnContent) -> String {
            Statements.changeType(TableDescription.Column(number: 1, name: "a", type: type), to: content)
        }
        #expect(change(.uuid, to: .text) == #"ALTER COLUMN "a" TYPE text USING "a"::text::text"#)
        #expect(change(.boolean, to: .number) == #"ALTER COLUMN "a" TYPE numeric USING "a"::integer::numeric"#)
        #expect(change(.bigint, to: .boolean) == #"ALTER COLUMN "a" TYPE boolean USING "a" <> 0"#)
        #expect(
            change(.bigint, to: .time)
                == #"ALTER COLUMN "a" TYPE timestamptz USING to_timestamp("a"::double precision)"#)
    }

    @Test("later rows may contain fractions if the first ones have integers") func guessedType() {
        #expect(Statements.type(of: .integer) == "bigint")
        #expect(Statements.type(of: .integer, isGuess: true) == "numeric")
        #expect(Statements.type(of: .unknown) == "text")
    }

    @Test("an overview needs no server") func overview() throws {
        let request = TablePlan(
            name: "t",
            columns: [
                TablePlan.Column(name: "n", isKey: false, content: .integer),
                TablePlan.Column(name: "k", isKey: true, content: .text),
            ], mode: .upsert, creates: true)
        let upsert = try Statements.overview(of: request)
        #expect(upsert.creation == #"CREATE TABLE "t" ("n" bigint, "k" text, UNIQUE NULLS NOT DISTINCT ("k"))"#)
        #expect(
            upsert.writing == [
                #"CREATE TEMP TABLE streamctl_rows ON COMMIT DROP AS SELECT "k", "n" FROM "t" WITH NO DATA"#,
                #"COPY pg_temp.streamctl_rows ("k", "n") FROM STDIN"#,
                #"INSERT INTO "t" AS t ("k", "n") SELECT "k", "n" FROM pg_temp.streamctl_rows "#
                    + #"ON CONFLICT ("k") DO UPDATE SET "n" = EXCLUDED."n" WHERE (t."n") IS DISTINCT FROM (EXCLUDED."n")"#,
            ])
        var appended = request
        appended.mode = .append
        let append = try Statements.overview(of: appended)
        #expect(append.creation == #"CREATE TABLE "t" ("n" bigint, "k" text)"#)
        #expect(append.writing == [#"COPY "t" ("n", "k") FROM STDIN"#])
    }
}

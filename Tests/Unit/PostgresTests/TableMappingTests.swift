import Plan
import StreamEngine
import Testing

@testable import Postgres

struct FitTests {
    private typealias Column = TableDescription.Column

    private var table: TableDescription {
        TableDescription(
            name: TableName(schema: "s", name: "t"), role: "\"me\"",
            columns: [
                Column(number: 1, name: "id", type: .bigint, isNotNull: true, hasDefault: true),
                Column(number: 2, name: "n", type: .bigint), Column(number: 3, name: "k", type: .text),
                Column(number: 4, name: "at", type: .timestamptz, isNotNull: true),
            ], indexes: [TableDescription.Index(columns: [4, 3], nullsNotDistinct: false)])
    }

    private var request: TablePlan {
        TablePlan(
            name: "t",
            columns: [
                TablePlan.Column(name: "n", isKey: false, content: .integer),
                TablePlan.Column(name: "k", isKey: true, content: .text),
                TablePlan.Column(name: "at", isKey: true, content: .time),
            ], mode: .upsert, creates: false)
    }

    private func columns(
        _ request: TablePlan, _ table: TableDescription, nullsNotDistinct: Bool = true
    ) throws(RunError) -> [CopyColumn] {
        try TableMapping.columns(request, table, nullsNotDistinct: nullsNotDistinct)
    }

    @Test("keys come first, and a null key that could repeat is marked") func order() throws {
        let columns = try columns(request, table)
        #expect(columns.map(\.name) == ["k", "at", "n"])
        #expect(columns.map(\.source) == [1, 2, 0])
        #expect(columns.map(\.isKey) == [true, true, false])
        #expect(columns.map(\.isNotNull) == [false, true, false])
        #expect(columns.map(\.nullsRepeat) == [true, false, false])
        var strict = table
        strict.indexes.append(TableDescription.Index(columns: [3, 4], nullsNotDistinct: true))
        #expect(try self.columns(request, strict).map(\.nullsRepeat) == [false, false, false])
        var appended = request
        appended.mode = .append
        #expect(try self.columns(appended, table).map(\.name) == ["n", "k", "at"])
    }

    private func mismatch(_ text: String, _ change: (inout TablePlan, inout TableDescription) -> Void) {
        var (request, table) = (request, table)
        change(&request, &table)
        #expect(throws: RunError.mismatch(text)) { try columns(request, table) }
    }

    @Test("a column in other letters is named with the flag that renames it") func otherLetters() {
        mismatch("s.t has no column 'N', but 'n'; write --select n=N") { request, _ in request.columns[0].name = "N" }
        mismatch("s.t has no column 'K', but 'k'; write --by k=K; it has no column 'AT', but 'at'; write --by at=AT") {
            request, _ in
            request.columns[1].name = "K"
            request.columns[2].name = "AT"
        }
        mismatch(#"s.t has no column 'K-1', but 'k-1'; write --key "k-1"="K-1""#) { request, table in
            request.changes = TablePlan.Changes(canDelete: false)
            request.columns[1].name = "K-1"
            table.columns[2].name = "k-1"
        }
    }

    @Test("a mismatch is reported with its remedy") func remedies() {
        mismatch(#"s.t has no column 'x', 'y': ALTER TABLE "s"."t" ADD COLUMN "x" bigint, ADD COLUMN "y" text"#) {
            request, _ in
            request.mode = .append
            request.columns[0].name = "x"
            request.columns[1].name = "y"
        }
        mismatch(
            #"column 'n' of s.t is of type date, which cannot hold integers: "#
                + #"ALTER TABLE "s"."t" ALTER COLUMN "n" TYPE bigint USING extract(epoch FROM "n")::bigint"#
        ) { _, table in table.columns[1].type = .date }
        mismatch(
            #"s.t has no unique index on exactly 'k', 'at', the key of the rows: "#
                + #"CREATE UNIQUE INDEX ON "s"."t" ("k", "at") NULLS NOT DISTINCT (or --mode append)"#
        ) { _, table in table.indexes = [] }
        mismatch(
            #"no value for column 'id' of s.t, which is NOT NULL: ALTER TABLE "s"."t" ALTER COLUMN "id" DROP NOT NULL"#
        ) { _, table in table.columns[0].hasDefault = false }
        mismatch(#"no privilege to INSERT, UPDATE on s.t: GRANT INSERT, UPDATE ON "s"."t" TO "me""#) { _, table in
            table.columns[1].mayInsert = false
            table.columns[1].mayUpdate = false
        }
        mismatch(#"no privilege to SELECT on s.t: GRANT SELECT ON "s"."t" TO "me""#) { _, table in
            table.columns[2].maySelect = false
        }
        mismatch(
            #"column 'n' of s.t is computed by the server: ALTER TABLE "s"."t" ALTER COLUMN "n" DROP EXPRESSION"#
        ) { _, table in table.columns[1].isComputed = true }
    }

    @Test("everything that does not fit is reported at once, with statements in the order in which they must run")
    func together() {
        mismatch(
            #"s.t has no column 'at'; its column 'n' is of type boolean, which cannot hold integers; "#
                + #"its unique index 't_k_key' allows only one row for each 'k'; "#
                + #"it has no unique index on exactly 'k', 'at', the key of the rows; "#
                + #"no value for its column 'id', which is NOT NULL; no privilege to INSERT on it: "#
                + #"ALTER TABLE "s"."t" DROP CONSTRAINT "t_k_key", ADD COLUMN "at" timestamptz, "#
                + #"ALTER COLUMN "n" TYPE bigint USING "n"::integer::bigint, ALTER COLUMN "id" DROP NOT NULL; "#
                + #"CREATE UNIQUE INDEX ON "s"."t" ("k", "at") NULLS NOT DISTINCT; "#
                + #"GRANT INSERT ON "s"."t" TO "me" (as the owner, admin; or another --table with --create)"#
        ) { _, table in
            table.owner = "admin"
            table.mayInsert = false
            table.columns[3].name = "later"
            table.columns[3].isNotNull = false
            table.columns[1].type = .boolean
            table.columns[0].hasDefault = false
            table.indexes = [TableDescription.Index(name: "t_k_key", columns: [3], isConstraint: true)]
        }
        // An index that belongs to no constraint.
        mismatch(
            #"unique index 'one' of s.t allows only one row for each 'k': DROP INDEX "s"."one" "#
                + #"(or another --table with --create)"#
        ) { _, table in table.indexes.append(TableDescription.Index(name: "one", columns: [3])) }
        mismatch(
            #"column 'k' of s.t is of type json, which cannot be a key: "#
                + #"ALTER TABLE "s"."t" ALTER COLUMN "k" TYPE jsonb USING to_jsonb("k")"#
        ) { _, table in table.columns[2].type = .json }
        // A primary key that has to be filled.
        mismatch(
            #"no value for column 'id' of s.t, which is NOT NULL: ALTER TABLE "s"."t" DROP CONSTRAINT "t_pkey", "#
                + #"ALTER COLUMN "id" DROP NOT NULL (or another --table with --create)"#
        ) { _, table in
            table.columns[0].hasDefault = false
            table.indexes.append(
                TableDescription.Index(name: "t_pkey", columns: [1], isPrimary: true, isConstraint: true))
        }
    }

    @Test("where no statement helps, another table does") func beyondRepair() {
        mismatch(
            "unique index 'one' of s.t allows only one row for each 'k'; its index 'one' has to be dropped, but a "
                + "foreign key references it; use another --table with --create"
        ) { _, table in
            table.indexes.append(TableDescription.Index(name: "one", columns: [3], isReferenced: true))
        }
        mismatch(
            "s.t has no unique index on exactly 'k', 'at', the key of the rows; it is partitioned by 'n', which that "
                + "index would have to contain; use another --table with --create, or --mode append"
        ) { _, table in
            table.indexes = []
            table.partitionColumns = [2, 3]
        }
    }

    @Test("beside the right index, one on some of the groups and the time is left alone") func otherIndexes() throws {
        var (request, table) = (request, table)
        request.columns.append(TablePlan.Column(name: "n2", isKey: true, content: .text))
        table.columns.append(Column(number: 5, name: "n2", type: .text))
        table.indexes = [[3, 4, 5], [3, 4], [1]].map { TableDescription.Index(columns: $0) }
        _ = try columns(request, table)
    }

    @Test("unneeded privileges are not required") func rights() throws {
        var (request, table) = (request, table)
        table.columns[0].mayInsert = false
        table.columns[2].mayUpdate = false
        _ = try columns(request, table)
        request.mode = .append
        table.columns[2].maySelect = false
        _ = try columns(request, table)
    }

    @Test("an upsert needs a key") func noKey() {
        var request = request
        request.columns.removeLast(2)
        var table = table
        table.columns[3].isNotNull = false
        #expect(
            throws: RunError.usage("without a window or --by, rows have no key; use --mode append")
        ) {
            try columns(request, table)
        }
    }

    @Test("a type accepts what its values can be written as")
    func contents() {
        let contents: [ColumnContent] = [.unknown, .boolean, .integer, .double, .time, .text, .json, .mixed]
        func taken(_ type: ColumnType) -> [ColumnContent] { contents.filter(type.takes) }
        for type in [ColumnType.text, .json, .jsonb, .other("point")] { #expect(taken(type) == contents) }
        for type in [ColumnType.smallint, .integer, .bigint] { #expect(taken(type) == [.unknown, .integer]) }
        for type in [ColumnType.real, .double, .numeric] { #expect(taken(type) == [.unknown, .integer, .double]) }
        for type in [ColumnType.timestamp, .timestamptz, .date] { #expect(taken(type) == [.unknown, .time, .text]) }
        #expect(taken(.boolean) == [.unknown, .boolean])
        #expect(taken(.uuid) == [.unknown, .text])
    }
}

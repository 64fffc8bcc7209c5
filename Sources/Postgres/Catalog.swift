import Plan
import StreamEngine

/// A table as the server's catalog describes it.
struct TableDescription: Equatable {
    struct Column: Equatable {
        var number: Int
        var name: String
        var type: ColumnType
        var isNotNull = false
        /// Filled by the server if a row does not specify it: a default or an identity.
        var hasDefault = false
        /// Always computed by the server: no row may specify it.
        var isComputed = false
        /// Computed as an identity, not by an expression.
        var isIdentity = false
        /// If its type is a domain: the type under it, as the server writes it.
        var baseType: String?
        var hasDomain: Bool { baseType != nil }
        /// Whether equal values are always written with the same bytes.
        var isWrittenAlike = false
        /// The schema of the operators that compare the type, if they are not built in.
        var operatorSchema: String?
        /// The maximum number of characters of a varchar.
        var limit: Int?
        var mayInsert = true
        var mayUpdate = true
        var maySelect = true
    }

    /// A unique index over all rows.
    struct Index: Equatable {
        var name = ""
        /// Column numbers.
        var columns: [Int]
        var nullsNotDistinct = false
        /// False if its creation has failed.
        var isValid = true
        /// No upsert can use it, or another index on the same columns.
        var isDeferrable = false
        var isPrimary = false
        /// It belongs to a constraint of the same name.
        var isConstraint = false
        /// A foreign key references it.
        var isReferenced = false

        /// Whether its columns are exactly these.
        func covers(_ numbers: Set<Int>) -> Bool { columns.count == numbers.count && Set(columns) == numbers }
    }

    /// The unique indexes on exactly these columns that an upsert can use.
    func usableIndexes(on numbers: Set<Int>) -> [Index] {
        indexes.filter { $0.isValid && !$0.isDeferrable && $0.covers(numbers) }
    }

    /// Whether MERGE does the same as an upsert of these columns.
    func allowsMerge(of columns: [CopyColumn]) -> Bool {
        let numbers = self.columns.filter { own in columns.contains { $0.name == own.name } }.map(\.number)
        return isPlain && Set(checkedColumns).isSubset(of: numbers)
    }

    var name: TableName
    /// The current role, quoted for statements.
    var role = ""
    /// The owner, if the current role does not have its rights.
    var owner: String?
    /// Its rows are lost if the server crashes.
    var isUnlogged = false
    var mayUseSchema = true
    /// The rights on the whole table, which new columns get too.
    var mayInsert = true
    var mayUpdate = true
    var maySelect = true
    var mayDelete = true
    /// The numbers of the columns by which it is partitioned.
    var partitionColumns: [Int] = []
    /// Whether it has neither partitions, heirs, triggers, rules nor policies, with which MERGE fails or does something
    /// else than an upsert.
    var isPlain = false
    /// The numbers of the columns that its constraints check. An upsert checks the row that it would insert, too.
    var checkedColumns: [Int] = []
    var columns: [Column]
    var indexes: [Index] = []
}

extension Session {
    /// The oldest server whose catalog and settings fit these queries.
    static let oldestServer: Int32 = 120_000

    /// Looks up a table; nil if it does not exist.
    ///
    /// - Throws: `final` for a relation that is not a table.
    func describe(_ table: TableName) throws(AttemptError) -> TableDescription? {
        guard let relation = try findRelation(table) else { return nil }
        var description = relation.table
        description.columns = try run(
            """
            WITH RECURSIVE base (number, type, modifier, is_not_null) AS (
              SELECT attnum, atttypid, atttypmod, attnotnull FROM pg_catalog.pg_attribute
              WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped
              UNION ALL
              SELECT base.number, t.typbasetype, t.typtypmod, base.is_not_null OR t.typnotnull
              FROM base JOIN pg_catalog.pg_type t ON t.oid = base.type WHERE t.typtype = 'd'
            )
            SELECT a.attnum, a.attname, base.type, pg_catalog.format_type(base.type, base.modifier), base.is_not_null,
              a.atthasdef OR a.attidentity = 'd', a.attgenerated <> '' OR a.attidentity = 'a',
              pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'INSERT'),
              pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'UPDATE'),
              pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'SELECT'), a.attidentity = 'a',
              CASE WHEN base.type = 'varchar'::regtype AND base.modifier > 4 THEN base.modifier - 4 END,
              a.atttypid <> base.type,
              CASE WHEN t.typtype = 'e' OR base.type = ANY (ARRAY['bool', 'int2', 'int4', 'int8', 'float8', 'date', 'uuid']::regtype[])
                  THEN true
                WHEN base.type = ANY (ARRAY['text', 'varchar']::regtype[])
                  THEN (SELECT collisdeterministic FROM pg_catalog.pg_collation WHERE oid = a.attcollation)
                WHEN base.type = ANY (ARRAY['timestamp', 'timestamptz']::regtype[]) THEN base.modifier < 0
                ELSE false END,
              (SELECT n.nspname FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
                WHERE o.oprname = '=' AND o.oprleft = base.type AND o.oprright = base.type
                  AND n.nspname <> 'pg_catalog' LIMIT 1)
            FROM pg_catalog.pg_attribute a JOIN base ON base.number = a.attnum
              JOIN pg_catalog.pg_type t ON t.oid = base.type AND t.typtype <> 'd'
            WHERE a.attrelid = $1::oid ORDER BY a.attnum
            """, [relation.oid]
        ).rows.compactMap(Self.column)
        description.indexes = try run(
            """
            SELECT i.indkey, i.indnkeyatts, \(serverVersion >= 150_000 ? "i.indnullsnotdistinct" : "false"),
              i.indisvalid, NOT i.indimmediate, c.relname, i.indisprimary,
              EXISTS (SELECT FROM pg_catalog.pg_constraint WHERE conindid = i.indexrelid AND contype IN ('p', 'u')),
              EXISTS (SELECT FROM pg_catalog.pg_constraint WHERE conindid = i.indexrelid AND contype = 'f')
            FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
            WHERE i.indrelid = $1::oid AND i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL
            ORDER BY i.indexrelid
            """, [relation.oid]
        ).rows.compactMap(Self.index)
        return description
    }

    private static func index(_ row: [String?]) -> TableDescription.Index? {
        guard row.count == 9, let numbers = row[0], let count = row[1].flatMap({ Int($0) }), let name = row[5] else {
            return nil
        }
        // Columns of INCLUDE follow those of the key.
        return TableDescription.Index(
            name: name, columns: Array(columnNumbers(numbers).prefix(max(count, 0))), nullsNotDistinct: row[2] == "t",
            isValid: row[3] == "t", isDeferrable: row[4] == "t", isPrimary: row[6] == "t", isConstraint: row[7] == "t",
            isReferenced: row[8] == "t")
    }

    /// The elements of an int2vector.
    private static func columnNumbers(_ text: String) -> [Int] { text.split(separator: " ").compactMap { Int($0) } }

    private func findRelation(_ table: TableName) throws(AttemptError) -> (oid: String, table: TableDescription)? {
        let found = try run(
            """
            SELECT c.oid, n.nspname, c.relkind, pg_catalog.has_schema_privilege(n.oid, 'USAGE'), c.relpersistence,
              CASE WHEN pg_catalog.pg_has_role(c.relowner, 'USAGE') THEN NULL
                ELSE pg_catalog.pg_get_userbyid(c.relowner) END,
              pg_catalog.has_table_privilege(c.oid, 'INSERT'), pg_catalog.has_table_privilege(c.oid, 'UPDATE'),
              pg_catalog.has_table_privilege(c.oid, 'SELECT'), pg_catalog.has_table_privilege(c.oid, 'DELETE'),
              (SELECT partattrs FROM pg_catalog.pg_partitioned_table WHERE partrelid = c.oid),
              c.relkind = 'r' AND NOT (c.relhassubclass OR c.relhasrules OR c.relrowsecurity)
                AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal),
              (SELECT pg_catalog.string_agg(pg_catalog.array_to_string(conkey, ' '), ' ')
                FROM pg_catalog.pg_constraint WHERE conrelid = c.oid AND contype = 'c')
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relname = $1
              AND CASE WHEN $2::text IS NULL THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname = $2 END
            """, [table.name, table.schema]
        ).rows.first
        guard let found, found.count == 13, let oid = found[0], let schema = found[1], let kind = found[2] else {
            return nil
        }
        let name = TableName(schema: schema, name: table.name)
        guard kind == "r" || kind == "p" else {
            let what =
                switch kind {
                case "v": "a view"
                case "m": "a materialized view"
                case "f": "a foreign table"
                default: "not a table"
                }
            throw .final(.mismatch("\(name.text) is \(what); use an ordinary or partitioned table"))
        }
        let description = TableDescription(
            name: name, role: role, owner: found[5], isUnlogged: found[4] == "u", mayUseSchema: found[3] == "t",
            mayInsert: found[6] == "t", mayUpdate: found[7] == "t", maySelect: found[8] == "t",
            mayDelete: found[9] == "t", partitionColumns: Self.columnNumbers(found[10] ?? "").filter { $0 > 0 },
            isPlain: found[11] == "t", checkedColumns: Self.columnNumbers(found[12] ?? ""), columns: [])
        return (oid, description)
    }

    private static func column(_ row: [String?]) -> TableDescription.Column? {
        guard row.count == 15, let number = row[0].flatMap({ Int($0) }), let name = row[1], let typeName = row[3] else {
            return nil
        }
        return TableDescription.Column(
            number: number, name: name, type: ColumnType(oid: row[2] ?? "", name: typeName), isNotNull: row[4] == "t",
            hasDefault: row[5] == "t", isComputed: row[6] == "t", isIdentity: row[10] == "t",
            baseType: row[12] == "t" ? typeName : nil, isWrittenAlike: row[13] == "t",
            operatorSchema: row[14],
            limit: row[11].flatMap { Int($0) }, mayInsert: row[7] == "t",
            mayUpdate: row[8] == "t", maySelect: row[9] == "t")
    }

    /// What prevents the creation of a table in a schema; nil if nothing does.
    func obstacle(toCreationIn schema: String) throws(AttemptError) -> SetupProblem? {
        let rights = try run(
            "SELECT pg_catalog.has_schema_privilege(oid, 'CREATE') AND pg_catalog.has_schema_privilege(oid, 'USAGE') "
                + "FROM pg_catalog.pg_namespace WHERE nspname = $1", [schema]
        ).rows.first
        guard let rights else {
            return SetupProblem(
                "schema \(schema) does not exist", "CREATE SCHEMA \(Identifier.quoted(schema))", isMissingSchema: true)
        }
        guard rights.first != "t" else { return nil }
        return SetupProblem(
            "no privilege to create a table in schema \(schema)",
            "GRANT CREATE, USAGE ON SCHEMA \(Identifier.quoted(schema)) TO \(role)")
    }

    /// What prevents rows from being staged for an upsert; nil if nothing does.
    func obstacleToStaging() throws(AttemptError) -> SetupProblem? {
        let row = try run(
            "SELECT pg_catalog.has_database_privilege(oid, 'TEMPORARY'), datname FROM pg_catalog.pg_database "
                + "WHERE datname = pg_catalog.current_database()"
        ).rows.first
        guard let row, row.count == 2, row[0] != "t", let name = row[1] else { return nil }
        return SetupProblem(
            "no privilege to create temporary tables, which an upsert requires",
            "GRANT TEMPORARY ON DATABASE \(Identifier.quoted(name)) TO \(role)")
    }

    /// The schema in which a table without one would be created; nil if no schema of the search path exists.
    func currentSchema() throws(AttemptError) -> String? {
        try run("SELECT pg_catalog.current_schema()").rows.first?.first ?? nil
    }
}

extension ColumnType {
    /// - Parameter oid: from the server's catalog, where these numbers never change.
    init(oid: String, name: String) {
        switch oid {
        case "16": self = .boolean
        case "20": self = .bigint
        case "21": self = .smallint
        case "23": self = .integer
        case "25", "1042", "1043": self = .text
        case "114": self = .json
        case "700": self = .real
        case "701": self = .double
        case "1082": self = .date
        case "1114": self = .timestamp
        case "1184": self = .timestamptz
        case "1700": self = .numeric
        case "2950": self = .uuid
        case "3802": self = .jsonb
        default: self = .other(name)
        }
    }

    var isInteger: Bool { [.smallint, .integer, .bigint].contains(self) }

    /// Whether values of the type can be compared.
    var isComparable: Bool {
        switch self {
        case .json, .other: false
        default: true
        }
    }

    /// Whether the type accepts such values as text.
    func takes(_ content: ColumnContent) -> Bool {
        switch self {
        // The server checks each value.
        case .other: true
        case .text, .json, .jsonb: true
        case .smallint, .integer, .bigint: content == .integer || content == .number || content == .unknown
        case .real, .double, .numeric: [.integer, .double, .number, .unknown].contains(content)
        case .boolean: content == .boolean || content == .unknown
        case .timestamp, .timestamptz, .date: content == .time || content == .text || content == .unknown
        case .uuid: content == .text || content == .unknown
        }
    }
}

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
        /// The maximum number of characters of a varchar.
        var limit: Int?
        var mayInsert = true
        var mayUpdate = true
        var maySelect = true
    }

    /// A unique index that an upsert can use.
    struct Index: Equatable {
        /// Column numbers.
        var columns: [Int]
        var nullsNotDistinct = false
    }

    var name: TableName
    /// The current role, quoted for statements.
    var role = ""
    /// Its rows are lost if the server crashes.
    var isUnlogged = false
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
              CASE WHEN base.type = 'varchar'::regtype AND base.modifier > 4 THEN base.modifier - 4 END
            FROM pg_catalog.pg_attribute a JOIN base ON base.number = a.attnum
              JOIN pg_catalog.pg_type t ON t.oid = base.type AND t.typtype <> 'd'
            WHERE a.attrelid = $1::oid ORDER BY a.attnum
            """, [relation.oid]
        ).rows.compactMap(Self.column)
        description.indexes = try run(
            """
            SELECT indkey, indnkeyatts, \(serverVersion >= 150_000 ? "indnullsnotdistinct" : "false")
            FROM pg_catalog.pg_index
            WHERE indrelid = $1::oid AND indisunique AND indisvalid AND indimmediate AND indpred IS NULL
              AND indexprs IS NULL
            """, [relation.oid]
        ).rows.compactMap { row in
            guard row.count == 3, let numbers = row[0], let count = row[1].flatMap({ Int($0) }) else { return nil }
            // Columns of INCLUDE follow those of the key.
            return TableDescription.Index(
                columns: numbers.split(separator: " ").prefix(max(count, 0)).compactMap { Int($0) },
                nullsNotDistinct: row[2] == "t")
        }
        return description
    }

    private func findRelation(_ table: TableName) throws(AttemptError) -> (oid: String, table: TableDescription)? {
        let found = try run(
            """
            SELECT c.oid, n.nspname, c.relkind, pg_catalog.has_schema_privilege(n.oid, 'USAGE'), c.relpersistence
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relname = $1
              AND CASE WHEN $2::text IS NULL THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname = $2 END
            """, [table.name, table.schema]
        ).rows.first
        guard let found, found.count == 5, let oid = found[0], let schema = found[1], let kind = found[2] else {
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
        guard found[3] == "t" else {
            throw .final(
                .mismatch(
                    "no privilege on schema \(schema): GRANT USAGE ON SCHEMA \(Identifier.quoted(schema)) TO \(role)"
                ))
        }
        return (oid, TableDescription(name: name, role: role, isUnlogged: found[4] == "u", columns: []))
    }

    private static func column(_ row: [String?]) -> TableDescription.Column? {
        guard row.count == 12, let number = row[0].flatMap({ Int($0) }), let name = row[1], let typeName = row[3] else {
            return nil
        }
        return TableDescription.Column(
            number: number, name: name, type: ColumnType(oid: row[2] ?? "", name: typeName), isNotNull: row[4] == "t",
            hasDefault: row[5] == "t", isComputed: row[6] == "t", isIdentity: row[10] == "t",
            limit: row[11].flatMap { Int($0) }, mayInsert: row[7] == "t", mayUpdate: row[8] == "t",
            maySelect: row[9] == "t")
    }

    /// Checks that a table can be created in a schema.
    func checkSchema(_ schema: String) throws(AttemptError) {
        let rights = try run(
            "SELECT pg_catalog.has_schema_privilege(oid, 'CREATE') FROM pg_catalog.pg_namespace WHERE nspname = $1",
            [schema]
        ).rows.first
        guard let rights else {
            throw .final(.mismatch("schema \(schema) does not exist: CREATE SCHEMA \(Identifier.quoted(schema))"))
        }
        guard rights.first == "t" else {
            throw .final(
                .mismatch(
                    "no privilege to create a table in schema \(schema): "
                        + "GRANT CREATE, USAGE ON SCHEMA \(Identifier.quoted(schema)) TO \(role)"))
        }
    }

    /// Checks that rows can be staged for an upsert.
    func checkStaging() throws(AttemptError) {
        let row = try run(
            "SELECT pg_catalog.has_database_privilege(oid, 'TEMPORARY'), datname FROM pg_catalog.pg_database "
                + "WHERE datname = pg_catalog.current_database()"
        ).rows.first
        guard let row, row.count == 2, row[0] != "t", let name = row[1] else { return }
        throw .final(
            .mismatch(
                "no privilege to create temporary tables, which an upsert requires: "
                    + "GRANT TEMPORARY ON DATABASE \(Identifier.quoted(name)) TO \(role)"))
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

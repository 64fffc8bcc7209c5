import Plan
import StreamEngine

/// The statements that write rows. The same texts are run, shown in messages and printed by `--explain`.
///
/// They contain names, never values.
package enum Statements {
    /// Holds the rows of one transaction before the upsert.
    static let stage = "pg_temp.streamctl_rows"
    static let jobsName = "streamctl_jobs"

    /// A column and its type.
    package struct Column: Equatable, Sendable {
        package var name: String
        package var type: String

        package init(name: String, type: String) {
            self.name = name
            self.type = type
        }
    }

    /// - Parameter isPrimary: whether the key is never null, as that of changes. For results, null is a group like any
    ///   other.
    package static func createTable(
        _ table: TableName, _ columns: [Column], keys: [String], isPrimary: Bool = false, nullsNotDistinct: Bool = true
    ) -> String {
        var lines = columns.map { "\(Identifier.quoted($0.name)) \($0.type)" }
        if !keys.isEmpty {
            let unique = nullsNotDistinct ? "UNIQUE NULLS NOT DISTINCT" : "UNIQUE"
            lines.append("\(isPrimary ? "PRIMARY KEY" : unique) (\(Identifier.list(keys)))")
        }
        return "CREATE TABLE \(table.quoted) (\(lines.joined(separator: ", ")))"
    }

    /// The table that a request needs, with types for its columns.
    static func createTable(
        _ table: TableName, _ columns: [Column], for request: TablePlan, nullsNotDistinct: Bool = true
    ) -> String {
        createTable(
            table, columns, keys: request.keys, isPrimary: request.changes != nil, nullsNotDistinct: nullsNotDistinct)
    }

    package static func createJobs(schema: String?) -> String {
        "CREATE TABLE \(TableName(schema: schema, name: jobsName).quoted) (job text PRIMARY KEY, "
            + "fence bigint NOT NULL, epoch bigint NOT NULL, fingerprint jsonb NOT NULL, checkpoint jsonb, "
            + "holder text, updated_at timestamptz NOT NULL)"
    }

    package static func createIndex(_ table: TableName, keys: [String], nullsNotDistinct: Bool = true) -> String {
        "CREATE UNIQUE INDEX ON \(table.quoted) (\(Identifier.list(keys)))"
            + (nullsNotDistinct ? " NULLS NOT DISTINCT" : "")
    }

    /// An action of ALTER TABLE.
    static func addColumn(_ column: Column) -> String { "ADD COLUMN \(Identifier.quoted(column.name)) \(column.type)" }

    /// An action of ALTER TABLE, which keeps the values of the column.
    static func changeType(_ column: TableDescription.Column, to content: ColumnContent) -> String {
        let name = Identifier.quoted(column.name)
        let type = type(of: content)
        return "ALTER COLUMN \(name) TYPE \(type) USING \(conversion(name, column.type, to: content, type))"
    }

    /// Not every type can be cast to every other, and a cast through text fails for some values.
    private static func conversion(
        _ name: String, _ old: ColumnType, to content: ColumnContent, _ type: String
    ) -> String {
        let isNumber = [.smallint, .integer, .bigint, .real, .double, .numeric].contains(old)
        let isTime = [.timestamp, .timestamptz, .date].contains(old)
        switch content {
        case .boolean where isNumber: return "\(name) <> 0"
        case .integer where isTime, .number where isTime, .double where isTime:
            return "extract(epoch FROM \(name))::\(type)"
        case .integer where old == .boolean, .number where old == .boolean, .double where old == .boolean:
            return "\(name)::integer::\(type)"
        case .time where isNumber: return "to_timestamp(\(name)::double precision)"
        case .json: return "to_jsonb(\(name))"
        default: return "\(name)::text::\(type)"
        }
    }

    /// Copies rows directly into the table.
    package static func append(_ table: TableName, _ columns: [String]) -> String {
        "COPY \(table.quoted) (\(Identifier.list(columns))) FROM STDIN"
    }

    /// Creates an empty table for the rows of a transaction, which is dropped at the end of the transaction.
    ///
    /// - Parameter changes: if the rows are changes, they have a number, and deletions have no values.
    static func createStage(
        _ table: TableName, _ columns: [CopyColumn], changes: TablePlan.Changes? = nil
    ) -> String {
        var list = columns.map { column in
            let name = Identifier.quoted(column.name)
            // A domain may require a value.
            guard changes != nil, !column.isKey, let base = column.baseType else { return name }
            return "\(name)::\(base) AS \(name)"
        }
        if changes != nil { list.append("0::bigint AS \(change)") }
        return "CREATE TEMP TABLE streamctl_rows ON COMMIT DROP AS SELECT \(list.joined(separator: ", ")) "
            + "FROM \(table.quoted) WITH NO DATA"
    }

    package static func fillStage(_ columns: [String], changes: Bool = false) -> String {
        "COPY \(stage) (\(Identifier.list(columns))\(changes ? ", \(change)" : "")) FROM STDIN"
    }

    /// - Parameter comparesValues: whether to skip rows that would not change. Not every type can be compared.
    package static func upsert(_ table: TableName, keys: [String], values: [String], comparesValues: Bool) -> String {
        let columns = Identifier.list(keys + values)
        return "INSERT INTO \(table.quoted) AS t (\(columns)) SELECT \(columns) FROM \(stage) "
            + onConflict(keys: keys, values: values, comparesValues ? [isDifferent(values)] : [])
    }

    /// What an upsert does with a row whose key the table has.
    ///
    /// - Parameter conditions: hold for rows to be replaced.
    static func onConflict(keys: [String], values: [String], _ conditions: [String]) -> String {
        let text = "ON CONFLICT (\(Identifier.list(keys))) DO "
        guard !values.isEmpty else { return text + "NOTHING" }
        let changes = values.map { "\(Identifier.quoted($0)) = EXCLUDED.\(Identifier.quoted($0))" }
        return text + "UPDATE SET \(changes.joined(separator: ", "))"
            + (conditions.isEmpty ? "" : " WHERE \(conditions.joined(separator: " AND "))")
    }

    /// A condition: the upsert would change the row.
    ///
    /// - Parameter row: the name of the row to write.
    static func isDifferent(_ values: [String], _ row: String = "EXCLUDED") -> String {
        let old = values.map { "t.\(Identifier.quoted($0))" }.joined(separator: ", ")
        let new = values.map { "\(row).\(Identifier.quoted($0))" }.joined(separator: ", ")
        return "(\(old)) IS DISTINCT FROM (\(new))"
    }

    /// The statements of a run, as far as known without asking the server: how the table would be created, and how rows
    /// are written.
    package static func overview(
        of request: TablePlan
    ) throws(RunError) -> (creation: String, writing: [String]) {
        let table = try TableName(parsing: request.name)
        let columns = request.columns.map { Column(name: $0.name, type: type(of: $0.content)) }
        let copied = request.columns.enumerated().map { source, column in
            CopyColumn(
                name: column.name, type: column.content == .json ? .jsonb : .text, source: source,
                isKey: request.keys.contains(column.name), isWrittenAlike: true,
                isVersion: column.name == request.changes?.version)
        }
        let writer = TableWriter(table, copied.filter(\.isKey) + copied.filter { !$0.isKey }, request)
        return (createTable(table, columns, for: request), writer.statements)
    }

    /// The type of a column in a created table.
    ///
    /// - Parameter isGuess: the content was inferred from the first rows, and later ones may differ, such as fractions
    ///   after integers.
    package static func type(of content: ColumnContent, isGuess: Bool = false) -> String {
        switch content {
        case .boolean: "boolean"
        case .number: "numeric"
        case .integer: isGuess ? "numeric" : "bigint"
        case .double: "double precision"
        case .time: "timestamptz"
        case .json: "jsonb"
        case .text, .mixed, .unknown: "text"
        }
    }
}

import Plan
import StreamEngine

/// Where changes of rows are staged, and what the stage holds of each key.
struct ChangeStage {
    let table: TableName
    let keys: [CopyColumn]
    let values: [String]
    /// The column whose later values win; nil if the last change does.
    let version: CopyColumn?
    /// Whether the stage can hold a key more than once. With a version, no key has both rows and deletions then
    /// (`Rows.rounds`).
    let repeatsKeys: Bool
}

/// The statements that apply changes of rows: upserts and deletions, in order.
///
/// Both read the stage, in which a deletion has a negative number.
extension Statements {
    /// The column of the stage with the number of a change.
    static let change = "streamctl_change"

    private static func compared(_ left: String, _ sign: String, _ right: String, _ column: CopyColumn) -> String {
        let name = Identifier.quoted(column.name)
        // The operators of an extension may be in a schema that is not searched.
        let sign = column.operatorSchema.map { "OPERATOR(\(Identifier.quoted($0)).\(sign))" } ?? sign
        return "\(left).\(name) \(sign) \(right).\(name)"
    }

    /// The changes to apply: the last one of each key, where only that decides.
    private static func source(_ stage: ChangeStage) -> String {
        guard stage.repeatsKeys, stage.version == nil else { return Self.stage }
        let keys = Identifier.list(stage.keys.map(\.name))
        return "(SELECT DISTINCT ON (\(keys)) * FROM \(Self.stage) ORDER BY \(keys), abs(\(change)) DESC)"
    }

    /// Selects the row of each key that an upsert writes, in the order of the index, which is faster, and keeps two writers
    /// from waiting for each other in turns.
    private static func latestRows(_ stage: ChangeStage) -> String {
        let keys = Identifier.list(stage.keys.map(\.name))
        let columns = Identifier.list(stage.keys.map(\.name) + stage.values)
        let isLatest = stage.repeatsKeys && stage.version != nil
        var text =
            "SELECT \(isLatest ? "DISTINCT ON (\(keys)) " : "")\(columns) FROM \(source(stage)) AS s WHERE \(change) > 0"
        if isLatest, let version = stage.version {
            text += " ORDER BY \(keys), \(Identifier.quoted(version.name)) DESC, \(change) DESC"
        }
        if !stage.repeatsKeys { text += " ORDER BY \(keys)" }
        return text
    }

    /// What holds for rows to be replaced.
    ///
    /// - Parameter new: the name of the row to write.
    private static func conditions(_ stage: ChangeStage, new: String, comparesValues: Bool) -> [String] {
        var conditions: [String] = []
        if let version = stage.version {
            conditions.append(
                "(t.\(Identifier.quoted(version.name)) IS NULL OR \(compared("t", "<=", new, version)))")
        }
        if comparesValues { conditions.append(isDifferent(stage.values, new)) }
        return conditions
    }

    static func upsertChanges(_ stage: ChangeStage, comparesValues: Bool) -> String {
        let keys = stage.keys.map(\.name)
        return "INSERT INTO \(stage.table.quoted) AS t (\(Identifier.list(keys + stage.values))) \(latestRows(stage)) "
            + onConflict(
                keys: keys, values: stage.values,
                conditions(stage, new: "EXCLUDED", comparesValues: comparesValues))
    }

    /// Does the same as `upsertChanges`, but fails if another session inserts a key meanwhile, and takes less time: it
    /// neither locks a row before it updates it nor announces a row before it inserts it.
    static func mergeChanges(_ stage: ChangeStage, comparesValues: Bool) -> String {
        let columns = stage.keys.map(\.name) + stage.values
        var text =
            "MERGE INTO \(stage.table.quoted) AS t USING (\(latestRows(stage))) AS s ON "
            + stage.keys.map { compared("t", "=", "s", $0) }.joined(separator: " AND ")
        if !stage.values.isEmpty {
            let conditions = conditions(stage, new: "s", comparesValues: comparesValues).map { " AND \($0)" }
            let changes = stage.values.map { "\(Identifier.quoted($0)) = s.\(Identifier.quoted($0))" }
            text += " WHEN MATCHED\(conditions.joined()) THEN UPDATE SET \(changes.joined(separator: ", "))"
        }
        let values = columns.map { "s.\(Identifier.quoted($0))" }.joined(separator: ", ")
        return text + " WHEN NOT MATCHED THEN INSERT (\(Identifier.list(columns))) VALUES (\(values))"
    }

    /// A deletion that has a version spares rows that have a later one.
    static func deleteChanges(_ stage: ChangeStage) -> String {
        var conditions = stage.keys.map { compared("t", "=", "s", $0) }
        if let version = stage.version {
            let name = Identifier.quoted(version.name)
            conditions.append("(s.\(name) IS NULL OR t.\(name) IS NULL OR \(compared("t", "<=", "s", version)))")
        }
        return "DELETE FROM \(stage.table.quoted) AS t USING \(source(stage)) AS s WHERE s.\(change) < 0 AND "
            + conditions.joined(separator: " AND ")
    }
}

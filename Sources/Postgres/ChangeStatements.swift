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

    static func upsertChanges(_ stage: ChangeStage, comparesValues: Bool) -> String {
        let keyNames = stage.keys.map(\.name)
        let keys = Identifier.list(keyNames)
        let columns = Identifier.list(keyNames + stage.values)
        let isLatest = stage.repeatsKeys && stage.version != nil
        var conditions: [String] = []
        var text = "INSERT INTO \(stage.table.quoted) AS t (\(columns)) SELECT "
        if isLatest { text += "DISTINCT ON (\(keys)) " }
        text += "\(columns) FROM \(source(stage)) AS s WHERE \(change) > 0 "
        if let version = stage.version {
            let name = Identifier.quoted(version.name)
            if isLatest { text += "ORDER BY \(keys), \(name) DESC, \(change) DESC " }
            conditions.append("(t.\(name) IS NULL OR \(compared("t", "<=", "EXCLUDED", version)))")
        }
        // In the order of the index, which is faster, and keeps two writers from waiting for each other in turns.
        if !stage.repeatsKeys { text += "ORDER BY \(keys) " }
        if comparesValues { conditions.append(isDifferent(stage.values)) }
        return text + onConflict(keys: keyNames, values: stage.values, conditions)
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

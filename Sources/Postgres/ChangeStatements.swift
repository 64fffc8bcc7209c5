import StreamEngine

/// The statements that apply changes of rows: upserts and deletions, in order.
///
/// Both read the stage, in which a deletion has a negative number. Where the stage can hold a key more than once, no key
/// has both rows and deletions (`Rows.rounds`).
extension Statements {
    /// The column of the stage with the number of a change.
    static let change = "streamctl_change"

    /// - Parameters:
    ///   - version: the column whose later values win; nil if the last change does.
    ///   - repeatsKeys: whether the stage can hold a key more than once.
    static func upsertChanges(
        _ table: TableName, keys: [String], values: [String], version: String?, repeatsKeys: Bool, comparesValues: Bool
    ) -> String {
        let columns = Identifier.list(keys + values)
        var conditions: [String] = []
        if let version = version.map(Identifier.quoted) {
            conditions.append("(t.\(version) IS NULL OR t.\(version) <= EXCLUDED.\(version))")
        }
        if comparesValues { conditions.append(isDifferent(values)) }
        var text = "INSERT INTO \(table.quoted) AS t (\(columns)) SELECT "
        if repeatsKeys { text += "DISTINCT ON (\(Identifier.list(keys))) " }
        text += "\(columns) FROM \(stage) WHERE \(change) > 0 "
        if repeatsKeys {
            let latest = version.map { "\(Identifier.quoted($0)) DESC, " } ?? ""
            text += "ORDER BY \(Identifier.list(keys)), \(latest)\(change) DESC "
        }
        return text + onConflict(keys: keys, values: values, conditions)
    }

    /// - Parameter version: a deletion that has it spares rows that have a later one.
    static func deleteChanges(_ table: TableName, keys: [String], version: String?) -> String {
        var conditions = keys.map { "t.\(Identifier.quoted($0)) = s.\(Identifier.quoted($0))" }
        if let version = version.map(Identifier.quoted) {
            conditions.append("(s.\(version) IS NULL OR t.\(version) IS NULL OR t.\(version) <= s.\(version))")
        }
        return "DELETE FROM \(table.quoted) AS t USING \(stage) AS s WHERE s.\(change) < 0 AND "
            + conditions.joined(separator: " AND ")
    }
}

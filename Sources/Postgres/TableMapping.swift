import Plan
import StreamEngine

/// Maps the columns of the rows to those of the table.
enum TableMapping {
    /// The columns in COPY order, keys first.
    ///
    /// - Throws: `mismatch`, with the statements that would fix it.
    static func columns(
        _ request: TablePlan, _ table: TableDescription, nullsNotDistinct: Bool
    ) throws(RunError) -> [CopyColumn] {
        let check = TableCheck(request, table, nullsNotDistinct: nullsNotDistinct)
        if let error = check.error { throw error }
        let pairs = request.columns.compactMap { wanted in
            table.columns.first { $0.name == wanted.name }.map { (wanted, $0) }
        }
        let keys = pairs.filter { request.mode == .upsert && $0.0.isKey }.map { $0.1 }
        let nullsRepeat = request.mode == .upsert ? try nullsRepeat(keys, table) : false
        let columns = pairs.enumerated().map { source, pair in
            let isKey = request.mode == .upsert && pair.0.isKey
            let isVersion = request.changes?.version == pair.0.name
            // A change says which row it is about, and when.
            let isNeeded = isVersion || (isKey && request.changes != nil)
            return CopyColumn(
                name: pair.1.name, type: pair.1.type, source: source, isNotNull: pair.1.isNotNull || isNeeded,
                isKey: isKey, nullsRepeat: isKey && nullsRepeat && !pair.1.isNotNull,
                isWrittenAlike: pair.1.isWrittenAlike, baseType: pair.1.baseType, operatorSchema: pair.1.operatorSchema,
                isVersion: isVersion,
                limit: pair.1.limit)
        }
        return columns.filter(\.isKey) + columns.filter { !$0.isKey }
    }

    /// Whether the unique index of the keys treats nulls as distinct.
    private static func nullsRepeat(
        _ keys: [TableDescription.Column], _ table: TableDescription
    ) throws(RunError) -> Bool {
        guard !keys.isEmpty else {
            throw .usage("without a window or --by, rows have no key; use --mode append")
        }
        let numbers = Set(keys.map(\.number))
        return !table.usableIndexes(on: numbers).contains(where: \.nullsNotDistinct)
    }
}

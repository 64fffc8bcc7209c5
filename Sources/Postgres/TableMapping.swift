import Plan
import StreamEngine

/// Maps the columns of the rows to those of the table.
enum TableMapping {
    /// The columns in COPY order, keys first.
    ///
    /// - Parameter contents: the kind of values in each requested column, as far as known.
    /// - Throws: `mismatch`, with the statement that would fix it.
    static func columns(
        _ request: TablePlan, _ contents: [ColumnContent], _ table: TableDescription, nullsNotDistinct: Bool
    ) throws(RunError) -> [CopyColumn] {
        let wanted = zip(request.columns, contents).map { (column: $0, content: $1) }
        let found = wanted.map { item in table.columns.first { $0.name == item.column.name } }

        let missing = zip(wanted, found).filter { $1 == nil }.map { wanted, _ in
            Statements.Column(name: wanted.column.name, type: Statements.type(of: wanted.content))
        }
        guard missing.isEmpty else {
            throw .mismatch(
                "\(table.name.text) has no column \(names(missing.map(\.name))): "
                    + Statements.addColumns(table.name, missing))
        }

        let pairs = zip(wanted, found).compactMap { wanted, found in found.map { (wanted, $0) } }
        for (wanted, found) in pairs {
            guard !found.isComputed else {
                throw .mismatch(
                    "column \(names([found.name])) of \(table.name.text) is computed by the server: "
                        + "rename the result column, or ALTER TABLE \(table.name.quoted) "
                        + "ALTER COLUMN \(Identifier.quoted(found.name)) DROP \(found.isIdentity ? "IDENTITY" : "EXPRESSION")"
                )
            }
            guard found.type.takes(wanted.content) else {
                let column = Statements.Column(name: found.name, type: Statements.type(of: wanted.content))
                throw .mismatch(
                    "column \(names([found.name])) of \(table.name.text) is of type \(found.type.name), "
                        + "which cannot hold \(wanted.content.description): "
                        + Statements.changeType(table.name, column))
            }
        }
        let unfilled = table.columns.filter { column in
            column.isNotNull && !column.hasDefault && !column.isComputed
                && !wanted.contains { $0.column.name == column.name }
        }
        if let column = unfilled.first {
            throw .mismatch(
                "no value for column \(names([column.name])) of \(table.name.text), which is NOT NULL: "
                    + "ALTER TABLE \(table.name.quoted) ALTER COLUMN \(Identifier.quoted(column.name)) DROP NOT NULL")
        }
        try checkRights(request.mode, pairs.map { ($0.0.column, $0.1) }, table)

        let keys = pairs.filter { request.mode == .upsert && $0.0.column.isKey }.map { $0.1 }
        let nullsRepeat =
            request.mode == .upsert ? try index(of: keys, table, nullsNotDistinct: nullsNotDistinct) : false
        let columns = pairs.enumerated().map { source, pair in
            let isKey = request.mode == .upsert && pair.0.column.isKey
            return CopyColumn(
                name: pair.1.name, type: pair.1.type, source: source, isNotNull: pair.1.isNotNull, isKey: isKey,
                nullsRepeat: isKey && nullsRepeat && !pair.1.isNotNull, limit: pair.1.limit)
        }
        return columns.filter(\.isKey) + columns.filter { !$0.isKey }
    }

    /// Finds the unique index of the keys.
    ///
    /// - Returns: true if the index treats nulls as distinct.
    private static func index(
        of keys: [TableDescription.Column], _ table: TableDescription, nullsNotDistinct: Bool
    ) throws(RunError) -> Bool {
        guard !keys.isEmpty else {
            throw .usage("without a window or --by, rows have no key; use --mode append")
        }
        let numbers = Set(keys.map(\.number))
        let fitting = table.indexes.filter { $0.columns.count == numbers.count && Set($0.columns) == numbers }
        guard !fitting.isEmpty else {
            let names = keys.map(\.name)
            throw .mismatch(
                "\(table.name.text) has no unique index on exactly \(self.names(names)), the key of the rows: "
                    + Statements.createIndex(table.name, keys: names, nullsNotDistinct: nullsNotDistinct)
                    + " (or --mode append)")
        }
        return !fitting.contains { $0.nullsNotDistinct }
    }

    private static func checkRights(
        _ mode: TablePlan.Mode, _ pairs: [(TablePlan.Column, TableDescription.Column)], _ table: TableDescription
    ) throws(RunError) {
        var missing: [String] = []
        if pairs.contains(where: { !$0.1.mayInsert }) { missing.append("INSERT") }
        if mode == .upsert {
            if pairs.contains(where: { !$0.1.maySelect }) { missing.append("SELECT") }
            if pairs.contains(where: { !$0.0.isKey && !$0.1.mayUpdate }) { missing.append("UPDATE") }
        }
        guard !missing.isEmpty else { return }
        let rights = missing.joined(separator: ", ")
        throw .mismatch(
            "no privilege to \(rights) on \(table.name.text): GRANT \(rights) ON \(table.name.quoted) TO \(table.role)")
    }

    private static func names(_ names: [String]) -> String { names.map { "'\($0)'" }.joined(separator: ", ") }
}

extension ColumnContent {
    fileprivate var description: String {
        switch self {
        case .unknown: "this"
        case .boolean: "true and false"
        case .integer: "integers"
        case .number: "numbers"
        case .double: "fractions"
        case .time: "times"
        case .text: "texts"
        case .json: "JSON"
        case .mixed: "a mix of numbers and other values"
        }
    }
}

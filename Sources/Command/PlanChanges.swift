import Plan
import StreamEngine

/// Records that pass through as changes of the rows of a table.
extension Plan {
    /// `--key`, `--delete` and `--if-newer` for a table. A key that `--select` does not have becomes a column.
    static func readChanges(
        _ flags: OutputArguments, _ input: any InputSpec, _ output: any OutputSpec, into query: inout Query
    ) throws(UsageError) {
        let others = [("--delete", flags.delete), ("--if-newer", flags.ifNewer)]
        let other = others.lazy.compactMap { flag, value in value.map { (flag, $0) } }.first
        guard output.rows == .table else {
            guard let (flag, _) = other else { return }
            throw UsageError("\(flag) changes rows of a table; add -o postgresql://HOST/DATABASE")
        }
        guard query.passesThrough else {
            let key = flags.key.map { ("--key", $0) }
            guard let (flag, _) = key ?? other else { return }
            throw UsageError(
                "\(flag) is for records that pass through, but these are aggregated: the key of their rows is "
                    + "the window and the fields of --by; remove \(flag)")
        }
        guard let text = flags.key else {
            guard let (flag, _) = other else { return }
            throw UsageError("\(flag) requires the key of the rows; add --key FIELD,...")
        }
        if flags.mode == TablePlan.Mode.append.rawValue {
            throw UsageError(
                "--key and --mode append cannot be combined: every record would be added, whatever its key; remove one "
                    + "of them")
        }
        guard var select = query.select else { throw UsageError(noColumns) }
        let keys = try addKeys(text, to: &select)
        query.select = select
        var changes = RowChanges(keys: keys)
        let keyColumns = select.filter { keys.contains($0.name) }.map(\.expression)
        changes.takesTombstones =
            input.carriesMessages && keyColumns.contains { !$0.fields.isEmpty }
            && keyColumns.allSatisfy { isKnownWithoutValue($0, query) }
        if let text = flags.delete {
            let deletion = try expression(text, of: "--delete")
            try checkCondition(deletion, "--delete")
            changes.deletion = deletion
        }
        if let text = flags.ifNewer { changes.version = try version(text, select, keys) }
        query.changes = changes
    }

    static let noColumns = "a table requires named columns; add --select NAME,..."

    /// - Returns: the names of the key columns.
    private static func addKeys(
        _ text: String, to select: inout [NamedExpression]
    ) throws(UsageError) -> [String] {
        var keys: [String] = []
        for item in try keyItems(text, of: "--key", purpose: "that identify a row, such as --key id") {
            let isField = item.expression.defaultName == item.name
            if let field = item.expression.plainField, field.sourceColumn != nil, isField {
                let name = field.sourceColumn == .key ? "id" : item.name
                throw UsageError(
                    "--key '\(text)': \(field.text) needs a column; name it: --key "
                        + text.replacingItem(field.text, with: "\(name)=\(field.text)"))
            }
            guard !keys.contains(item.name) else {
                throw UsageError("--key '\(text)': '\(item.name)' is given twice; remove one of them")
            }
            if let column = select.first(where: { $0.name == item.name }) {
                guard isField || column.expression.normalText == item.expression.normalText else {
                    throw UsageError(
                        "--key '\(text)': --select has another column '\(item.name)'; write --key \(item.name), or "
                            + "rename one of them")
                }
            } else {
                select.insert(item, at: keys.count)
            }
            keys.append(item.name)
        }
        return keys
    }

    /// Whether a message without a value has a value of the expression.
    private static func isKnownWithoutValue(_ expression: Expression, _ query: Query) -> Bool {
        expression.fields.allSatisfy { field in
            if field.sourceColumn != nil { return true }
            // The fields that a --let uses are those before it, so this ends.
            guard let place = query.lets.firstIndex(where: { $0.name == field.columnName }) else { return false }
            var earlier = query
            earlier.lets.removeSubrange(place...)
            return isKnownWithoutValue(query.lets[place].expression, earlier)
        }
    }

    /// The column of `--if-newer`.
    private static func version(
        _ text: String, _ select: [NamedExpression], _ keys: [String]
    ) throws(UsageError) -> String {
        guard let name = (try? FieldPath.parse(text))?.columnName else {
            throw UsageError("--if-newer '\(text)': name one column; compute it with --select NAME=EXPR")
        }
        guard select.contains(where: { $0.name == name }) else {
            let columns = select.map(\.name).joined(separator: ", ")
            throw UsageError(
                "--if-newer \(text): it is compared with the row in the table, so it must be a column; add it to --select "
                    + "(the columns are \(columns))")
        }
        guard !keys.contains(name) else {
            throw UsageError(
                "--if-newer \(text): it is part of the key, so no row has another value; name the field that says when a "
                    + "record was changed")
        }
        return name
    }
}

extension String {
    /// The list with an item replaced.
    fileprivate func replacingItem(_ item: String, with other: String) -> String {
        split(separator: ",", omittingEmptySubsequences: false).map { $0 == item ? other : String($0) }
            .joined(separator: ",")
    }
}

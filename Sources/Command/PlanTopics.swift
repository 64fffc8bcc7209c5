import Plan
import StreamEngine

/// The message keys of rows that are written to a topic.
extension Plan {
    /// The fields of the message key: those of `--key`, or by default the group keys that the rows contain.
    static func rowKey(
        _ flags: OutputArguments, _ query: Query, _ output: any OutputSpec
    ) throws(UsageError) -> [FieldPath] {
        guard output.rows == .message else {
            guard let key = flags.key, output.rows != .table else { return [] }
            throw UsageError(
                "--key \(key) requires a topic or a table; add -o kafka://BROKER/TOPIC or -o postgresql://HOST/DATABASE"
            )
        }
        guard query.format == .json else {
            throw UsageError("--format \(query.format.rawValue): rows in a topic are always JSON; remove it")
        }
        guard !query.punctuate else {
            throw UsageError("--punctuate writes control lines into a pipe, not into a topic; remove it")
        }
        guard let text = flags.key else { return usualKey(query) }
        var fields: [FieldPath] = []
        var reader = NamedFieldReader(text, of: "--key")
        repeat {
            let (name, field) = try reader.next()
            guard name == nil, field.sourceColumn == nil else {
                throw UsageError("--key '\(text)': expected a list of output columns; write --key FIELD,...")
            }
            fields.append(field)
        } while try reader.skipComma()
        if let columns = shownColumns(query) {
            for field in fields where !columns.contains(field.columnName) {
                throw UsageError(
                    "--key '\(text)': unknown column '\(field.text)'; the columns are "
                        + columns.joined(separator: ", ")
                )
            }
        } else {
            for field in fields { try checkIsOutsideLets(field, query, text) }
        }
        return fields
    }

    /// A message key can contain fields of the record, but not fields inside the result of a `--let`.
    private static func checkIsOutsideLets(
        _ field: FieldPath, _ query: Query, _ text: String
    ) throws(UsageError) {
        guard field.steps.count > 1, case .name(let first)? = field.steps.first,
            let item = query.lets.first(where: { $0.name.utf8.elementsEqual(first) })
        else { return }
        throw UsageError(
            "--key '\(text)': \(field.text) is part of \(item.name), which --let computes; compute it with its own "
                + "--let"
        )
    }

    private static func usualKey(_ query: Query) -> [FieldPath] {
        guard let select = query.select else { return query.groupKeys.map { FieldPath(name: Array($0.name.utf8)) } }
        guard !query.passesThrough else { return [] }
        return query.groupKeys.compactMap { key in
            let path = FieldPath(name: Array(key.name.utf8))
            return select.first { $0.expression.plainField == path }.map { FieldPath(name: Array($0.name.utf8)) }
        }
    }

    /// The columns of rows; nil if the rows are the input records.
    private static func shownColumns(_ query: Query) -> [String]? {
        if let select = query.select { return select.map(\.name) }
        return query.passesThrough ? nil : query.resultColumns
    }
}

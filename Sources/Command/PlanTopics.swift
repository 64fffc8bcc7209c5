import Plan
import StreamEngine

/// The message keys and headers of rows that are written to a topic.
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
        for field in fields { try checkIsInRow(field, query, "--key '\(text)'") }
        return fields
    }

    /// `--header`, which can be repeated.
    static func rowHeaders(
        _ flags: OutputArguments, _ query: Query, _ output: any OutputSpec
    ) throws(UsageError) -> [(name: String, field: FieldPath)] {
        var headers: [(name: String, field: FieldPath)] = []
        for text in flags.headers {
            guard output.rows == .message else {
                throw UsageError("--header \(text) requires a topic; add -o kafka://BROKER/TOPIC")
            }
            guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
                throw UsageError("--header '\(text)': write --header NAME=FIELD, the name of the header first")
            }
            let name = String(text[..<equals])
            guard !name.utf8.contains(0), !headers.contains(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
                throw UsageError("--header \(name) is given twice; remove one of them")
            }
            var reader = NamedFieldReader(String(text[text.index(after: equals)...]), of: "--header \(name)")
            let (other, field) = try reader.next()
            guard other == nil, reader.isAtEnd, field.sourceColumn == nil, field.partOfMetadata == nil else {
                throw UsageError(
                    "--header '\(text)': expected a field of the row; compute it with --let x=... or --select x=..., and "
                        + "write --header \(name)=x")
            }
            try checkIsInRow(field, query, "--header '\(text)'")
            headers.append((name, field))
        }
        return headers
    }

    private static func checkIsInRow(_ field: FieldPath, _ query: Query, _ flag: String) throws(UsageError) {
        guard let columns = shownColumns(query) else { return try checkIsOutsideLets(field, query, flag) }
        guard columns.contains(field.columnName) else {
            throw UsageError(
                "\(flag): unknown column '\(field.text)'; the columns are \(columns.joined(separator: ", "))")
        }
    }

    /// A message key can contain fields of the record, but not fields inside the result of a `--let`.
    private static func checkIsOutsideLets(
        _ field: FieldPath, _ query: Query, _ flag: String
    ) throws(UsageError) {
        guard field.steps.count > 1, case .name(let first)? = field.steps.first,
            let item = query.lets.first(where: { $0.name.utf8.elementsEqual(first) })
        else { return }
        throw UsageError(
            "\(flag): \(field.text) is part of \(item.name), which --let computes; compute it with its own "
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

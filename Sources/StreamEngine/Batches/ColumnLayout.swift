/// Which column of a scanned batch holds what, settled once from the query and shared by every worker.
///
/// First come the scanned fields, then the columns of the source, then one column for every `--let`, then those of the
/// other computed values.
package struct ColumnLayout: Sendable {
    /// The scanned fields; the last one is the `$watermark` member, the one before it its bound for the time field.
    package private(set) var fields: [FieldPath] = []
    /// The columns that the source supplies.
    private(set) var sourceColumns: [(column: Int, source: SourceColumn)] = []
    /// The event time of a record is the one that its source supplies; it has no column of its own.
    private(set) var takesSourceTimes = false
    /// Computed columns in the order in which they must be computed.
    private(set) var computed: [Computed] = []
    package private(set) var columnCount = 0
    private(set) var timeColumn: Int?
    private(set) var keyColumns: [Int] = []
    /// For every aggregate the columns of its arguments.
    private(set) var argumentColumns: [[Int]] = []
    /// For a pass-through with `--select`: the columns to print.
    private(set) var selectColumns: [Int] = []
    /// For a pass-through: the columns of `--let`, with their names.
    private(set) var letColumns: [(name: [UInt8], column: Int)] = []
    /// For a pass-through: the columns that are the key of its rows.
    private(set) var rowKeyColumns: [Int] = []
    private(set) var boundColumn = 0
    private(set) var controlColumn = 0

    private var fieldColumns: [FieldPath: Int] = [:]

    /// A computed column, and the columns that its expression's names stood for at that place of the command line.
    struct Computed {
        let column: Int
        let expression: Expression
        let names: [FieldPath: Int]
    }

    /// Secret number that group keys are hashed with.
    let seed: UInt64

    /// Whether a column of the source is used: the source need not supply it otherwise.
    package func uses(_ column: SourceColumn) -> Bool { sourceColumns.contains { $0.source == column } }

    package init(_ query: Query, seed: UInt64 = 0) {
        self.seed = seed
        if case .field(let path, _) = query.time { takesSourceTimes = path.sourceColumn == .time }
        let letNames = query.lets.map { Array($0.name.utf8) }
        var wanted: [FieldPath] = []
        func want(_ path: FieldPath, _ visible: ArraySlice<[UInt8]>) {
            if let name = path.name, visible.contains(name) { return }
            if !wanted.contains(path) { wanted.append(path) }
        }
        for (position, item) in query.lets.enumerated() {
            for path in item.expression.fields { want(path, letNames[..<position]) }
        }
        let all = letNames[...]
        for path in query.filter?.fields ?? [] { want(path, all) }
        if case .field(let path, _) = query.time, !takesSourceTimes { want(path, all) }
        for key in query.groupKeys { want(key.field, all) }
        for path in query.aggregates.flatMap({ $0.arguments.flatMap(\.fields) }) { want(path, all) }
        if query.passesThrough { for path in (query.select ?? []).flatMap(\.expression.fields) { want(path, all) } }

        for path in query.passedKey where !letNames.contains(path.memberName) { want(path, []) }

        fields = wanted.filter { $0.sourceColumn == nil }
        for (column, path) in fields.enumerated() { fieldColumns[path] = column }
        let control = Array("$watermark".utf8)
        if case .field(let path, _) = query.time {
            boundColumn = fields.count
            fields.append(FieldPath(names: [control, Array(path.text.utf8)]))
        }
        controlColumn = fields.count
        fields.append(FieldPath(name: control))
        columnCount = fields.count
        for path in wanted {
            guard let source = path.sourceColumn else { continue }
            fieldColumns[path] = columnCount
            sourceColumns.append((columnCount, source))
            columnCount += 1
        }

        for item in query.lets {
            let column = compute(item.expression)
            fieldColumns[FieldPath(name: Array(item.name.utf8))] = column
            letColumns.append((Array(item.name.utf8), column))
        }
        if case .field(let path, _) = query.time, !takesSourceTimes { timeColumn = fieldColumns[path] }
        keyColumns = query.groupKeys.map { fieldColumns[$0.field] ?? controlColumn }
        argumentColumns = query.aggregates.map { aggregate in aggregate.arguments.map { columnOf($0) } }
        if query.passesThrough {
            selectColumns = (query.select ?? []).map { columnOf($0.expression) }
            rowKeyColumns = keyColumns(of: query)
        }
    }

    /// The columns that are the key of rows that pass through.
    private func keyColumns(of query: Query) -> [Int] {
        guard query.select == nil else { return query.keyPositions(in: query.resultColumns).map { selectColumns[$0] } }
        return query.rowKey.compactMap { path in
            letColumns.last { $0.name == path.memberName }?.column ?? fieldColumns[path]
        }
    }

    /// The column of a field or `--let` name, nil when it is not among the wanted ones.
    func column(of path: FieldPath) -> Int? { fieldColumns[path] }

    private mutating func columnOf(_ expression: Expression) -> Int {
        if let path = expression.plainField, let column = fieldColumns[path] { return column }
        return compute(expression)
    }

    private mutating func compute(_ expression: Expression) -> Int {
        computed.append(Computed(column: columnCount, expression: expression, names: fieldColumns))
        columnCount += 1
        return columnCount - 1
    }
}

extension Query {
    /// The key of rows that are the records themselves.
    fileprivate var passedKey: [FieldPath] { passesThrough && select == nil ? rowKey : [] }
}

extension FieldPath {
    /// The member of a record that holds the field in any case, as the path says it or as a flat key.
    fileprivate var memberName: [UInt8] { name ?? flatKey ?? [] }
}

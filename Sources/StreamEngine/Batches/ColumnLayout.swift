/// The columns of a scanned batch, derived once from the query and shared by all workers.
///
/// The order is: scanned fields, source columns, columns of tables, one column for every `--let`, other computed values.
package struct ColumnLayout: Sendable {
    /// The scanned fields. The last one is the `$watermark` member; the one before it is the bound for the time field.
    package private(set) var fields: [FieldPath] = []
    /// The columns that the source supplies.
    private(set) var sourceColumns: [(column: Int, source: SourceColumn)] = []
    /// Whether the source supplies the event time of a record, which then has no column of its own.
    private(set) var takesSourceTimes = false
    /// Computed columns, in the order in which they must be computed.
    private(set) var computed: [Computed] = []
    package private(set) var columnCount = 0
    private(set) var timeColumn: Int?
    private(set) var keyColumns: [Int] = []
    /// The columns of the key of `--dedup`.
    private(set) var dedupColumns: [Int] = []
    /// For every aggregate, the columns of its arguments.
    private(set) var argumentColumns: [[Int]] = []
    /// The scanned columns that are only used as numbers.
    private(set) var numberColumns: [Int] = []
    /// For every `--lookup`, in the order in which they must be applied.
    private(set) var lookups: [LookupTargets] = []
    /// With `--select` and without aggregates: the columns to print.
    private(set) var selectColumns: [Int] = []
    /// If records pass through: the columns of `--lookup` and `--let`, with their names.
    private(set) var letColumns: [(name: [UInt8], column: Int)] = []
    /// If records pass through: the columns that form the message key.
    private(set) var rowKeyColumns: [Int] = []
    /// If records pass through: the headers of a message, with the columns of their values.
    private(set) var rowHeaders: [(name: String, column: Int)] = []
    /// If records are changes of rows: the column that is true for one that deletes its row.
    private(set) var deletionColumn: Int?
    /// Where the records are inside of those that are read.
    let nesting: Nesting
    /// The columns of the texts that are unwrapped.
    private(set) var textColumns: [Int] = []
    private(set) var boundColumn = 0
    private(set) var controlColumn = 0

    private var fieldColumns: [FieldPath: Int] = [:]
    /// The columns of the computed values that can use every `--let`, by the text of their expressions.
    private var expressionColumns: [String: Int] = [:]

    /// A computed column, with the columns to which the names in its expression resolved at its position on the command
    /// line.
    struct Computed {
        let column: Int
        let expression: Expression
        let names: [FieldPath: Int]
    }

    /// The columns of a `--lookup`.
    struct LookupTargets {
        let keys: [Int]
        /// For each column of the table, where its values go; -1 if it is not used.
        let targets: [Int]
        /// Those that are only used as numbers.
        var numbers: Set<Int> = []
    }

    /// The secret seed for hashing group keys.
    let seed: UInt64

    /// The scanned fields of records: all but the control fields.
    package var fieldsOfRecords: ArraySlice<FieldPath> { fields.prefix { $0.text != "$watermark" && !isBound($0) } }

    private func isBound(_ field: FieldPath) -> Bool {
        if case .name(let name)? = field.steps.first { name == Array("$watermark".utf8) } else { false }
    }

    /// The source columns that are used; the source need not supply others.
    package var suppliedColumns: Set<SourceColumn> { Set(sourceColumns.map(\.source)) }

    /// The scanned fields as the records of a level have them.
    func fields(at level: Int) -> [FieldPath] {
        // Text of records is UTF-8.
        let nothing = FieldPath(name: [0xff])
        return fields.map { nesting.path($0, at: level) ?? nothing }
    }

    package init(_ query: Query, seed: UInt64 = 0) {
        self.seed = seed
        nesting = query.nesting
        if case .field(let path, _) = query.time { takesSourceTimes = path.sourceColumn == .time }
        /// The first `--lookup` or `--let` of each name.
        var defined: [[UInt8]: Int] = [:]
        for (position, lookup) in query.lookups.enumerated() {
            for name in lookup.names ?? [] where defined[Array(name.utf8)] == nil {
                defined[Array(name.utf8)] = position
            }
        }
        let firstLet = query.lookups.count
        for (position, item) in query.lets.enumerated() where defined[Array(item.name.utf8)] == nil {
            defined[Array(item.name.utf8)] = firstLet + position
        }
        var used: Set<[UInt8]> = []
        var wanted: [FieldPath] = []
        var known: Set<FieldPath> = []
        /// - Parameter visible: the number of `--lookup` and `--let` that the path may name.
        func want(_ path: FieldPath, _ visible: Int) {
            if let name = path.name, let position = defined[name], position < visible {
                used.insert(name)
                return
            }
            if known.insert(path).inserted { wanted.append(path) }
        }
        for (position, lookup) in query.lookups.enumerated() { for path in lookup.fields { want(path, position) } }
        for (position, item) in query.lets.enumerated() {
            for path in item.expression.fields { want(path, firstLet + position) }
        }
        let all = firstLet + query.lets.count
        for path in query.filter?.fields ?? [] { want(path, all) }
        if case .field(let path, _) = query.time, !takesSourceTimes { want(path, all) }
        for path in query.dedup?.fields ?? [] { want(path, all) }
        for path in query.groupKeys.flatMap(\.expression.fields) { want(path, all) }
        for path in query.aggregates.flatMap({ $0.arguments.flatMap(\.fields) }) { want(path, all) }
        if query.passesThrough { for path in (query.select ?? []).flatMap(\.expression.fields) { want(path, all) } }
        for path in query.changes?.deletion?.fields ?? [] { want(path, all) }

        for path in query.passedFields where defined[path.memberName] == nil { want(path, 0) }

        for number in nesting.texts.indices { want(nesting.innermost(number), 0) }

        fields = wanted.filter { $0.sourceColumn == nil }
        for (column, path) in fields.enumerated() { fieldColumns[path] = column }
        textColumns = nesting.texts.indices.compactMap { fieldColumns[nesting.innermost($0)] }
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

        let isPassed = query.passesThrough && query.select == nil
        for lookup in query.lookups { addColumns(lookup, used, isPassed: isPassed) }
        for item in query.lets {
            let column = compute(item.expression)
            fieldColumns[FieldPath(name: Array(item.name.utf8))] = column
            letColumns.append((Array(item.name.utf8), column))
        }
        if case .field(let path, _) = query.time, !takesSourceTimes { timeColumn = fieldColumns[path] }
        keyColumns = query.groupKeys.map { columnOf($0.expression) }
        dedupColumns = (query.dedup?.fields ?? []).map { fieldColumns[$0] ?? controlColumn }
        argumentColumns = query.aggregates.map { aggregate in aggregate.arguments.map { columnOf($0) } }
        let numbers = columnsOfNumbers(query)
        numberColumns = numbers.filter { $0 < fields.count - 1 }.sorted()
        for number in lookups.indices { lookups[number].numbers = numbers.intersection(lookups[number].targets) }
        if query.passesThrough {
            selectColumns = (query.select ?? []).map { columnOf($0.expression) }
            rowKeyColumns = keyColumns(of: query)
            rowHeaders = headerColumns(of: query)
            if let changes = query.changes, changes.canDelete { deletionColumn = deletionColumn(of: changes) }
        }
    }

    /// Adds the columns of a table, of which the query uses these; all of them if records pass through as they are.
    private mutating func addColumns(_ lookup: Lookup, _ used: Set<[UInt8]>, isPassed: Bool) {
        let keys = lookup.fields.map { fieldColumns[$0] ?? controlColumn }
        var targets: [Int] = []
        for name in lookup.names ?? [] {
            let bytes = Array(name.utf8)
            guard isPassed || used.contains(bytes) else {
                targets.append(-1)
                continue
            }
            targets.append(columnCount)
            fieldColumns[FieldPath(name: bytes)] = columnCount
            letColumns.append((bytes, columnCount))
            columnCount += 1
        }
        lookups.append(LookupTargets(keys: keys, targets: targets))
    }

    /// The columns that are arguments of functions of numbers, and are not used in any other way.
    private func columnsOfNumbers(_ query: Query) -> Set<Int> {
        var numbers: Set<Int> = []
        var others = Set(keyColumns + textColumns + (timeColumn.map { [$0] } ?? []) + computed.flatMap(\.names.values))
        others.formUnion(lookups.flatMap(\.keys))
        others.formUnion(dedupColumns)
        for path in query.filter?.fields ?? [] { if let column = fieldColumns[path] { others.insert(column) } }
        for (aggregate, columns) in zip(query.aggregates, argumentColumns) {
            if aggregate.function.readsNumbers { numbers.formUnion(columns) } else { others.formUnion(columns) }
        }
        return numbers.subtracting(others)
    }

    /// The columns that form the message key if records pass through.
    private func keyColumns(of query: Query) -> [Int] {
        guard query.select == nil else { return query.keyPositions(in: query.resultColumns).map { selectColumns[$0] } }
        return query.rowKey.compactMap { passedColumn(of: $0) }
    }

    private func headerColumns(of query: Query) -> [(name: String, column: Int)] {
        guard query.select == nil else {
            return query.headerPositions(in: query.resultColumns).map { ($0.name, selectColumns[$0.position]) }
        }
        return query.rowHeaders.compactMap { name, field in passedColumn(of: field).map { (name, $0) } }
    }

    /// The column of a field of records that pass through unchanged, or with the fields of `--let`.
    private func passedColumn(of path: FieldPath) -> Int? {
        letColumns.last { $0.name == path.memberName }?.column ?? fieldColumns[path]
    }

    /// The column of a field or `--let` name; nil if it has none.
    func column(of path: FieldPath) -> Int? { fieldColumns[path] }

    private mutating func columnOf(_ expression: Expression) -> Int {
        if let path = expression.plainField { return fieldColumns[path] ?? controlColumn }
        if let column = expressionColumns[expression.normalText] { return column }
        let column = compute(expression)
        expressionColumns[expression.normalText] = column
        return column
    }

    /// A column of its own, since it is also set for messages without a value.
    private mutating func deletionColumn(of changes: RowChanges) -> Int {
        if let deletion = changes.deletion { return compute(deletion) }
        columnCount += 1
        return columnCount - 1
    }

    private mutating func compute(_ expression: Expression) -> Int {
        var names: [FieldPath: Int] = [:]
        for path in expression.fields { names[path] = fieldColumns[path] }
        computed.append(Computed(column: columnCount, expression: expression, names: names))
        columnCount += 1
        return columnCount - 1
    }
}

extension Query {
    /// The fields of the message keys and headers of unchanged records.
    fileprivate var passedFields: [FieldPath] {
        passesThrough && select == nil ? rowKey + rowHeaders.map(\.field) : []
    }
}

extension FieldPath {
    /// The member of a record that holds the field in any case, as the path says it or as a flat key.
    fileprivate var memberName: [UInt8] { name ?? flatKey ?? [] }
}

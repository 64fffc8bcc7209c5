/// The columns of the emitter: keys, bounds of the window, all aggregates, `final`, `revision`, the rank, then the values
/// that are computed from these, then those of `--select`.
struct ResultLayout {
    /// An expression over the columns before it, and the column for its values.
    struct Item {
        let expression: Expression
        let column: Int
    }

    /// A column that rows are sorted by.
    struct SortColumn {
        let column: Int
        let isDescending: Bool
    }

    let columnCount: Int
    let firstAggregate: Int
    /// The column of `--rank`.
    let rank: Int?
    /// Columns of `-a` that are computed from aggregates.
    let computed: [Item]
    /// The columns of `--select`.
    let selected: [Item]
    /// The names that expressions use, and the column of each.
    private let names: [String]
    private let places: [Int]
    /// The columns by the bytes of their names, and those of aggregates by what they compute.
    private let columnOfName: [[UInt8]: Int]
    private let columnOfAggregate: [AggregateIdentity: Int]

    init(_ query: Query) {
        names = query.resultColumns
        firstAggregate = query.groupKeys.count + (query.window.isTimed ? 2 : 0)
        let final = firstAggregate + query.aggregates.count
        let revision = final + (query.early != nil ? 1 : 0)
        var count = revision + (query.lateness > 0 ? 1 : 0)
        var places = Array(0..<firstAggregate)
        rank = query.order?.rank.map { _ in count }
        if rank != nil {
            places.append(count)
            count += 1
        }
        var computed: [Item] = []
        for column in query.aggregateColumns {
            switch column {
            case .aggregate(let index): places.append(firstAggregate + index)
            case .computed(let item):
                computed.append(Item(expression: item.expression, column: count))
                places.append(count)
                count += 1
            }
        }
        if query.early != nil { places.append(final) }
        if query.lateness > 0 { places.append(revision) }
        var selected: [Item] = []
        for item in query.select ?? [] {
            selected.append(Item(expression: item.expression, column: count))
            count += 1
        }
        columnOfName = Dictionary(
            zip(names, places).map { (Array($0.utf8), $1) }, uniquingKeysWith: { first, _ in first })
        columnOfAggregate = Dictionary(
            zip(query.aggregates, firstAggregate...).map { ($0.identity, $1) },
            uniquingKeysWith: { first, _ in first })
        self.places = places
        self.computed = computed
        self.selected = selected
        columnCount = count
    }

    /// The columns to sort by. A name of `--select` comes before that of the column that it may hide.
    ///
    /// - Throws: if a name is unknown.
    func sortColumns(_ query: Query) throws(ExpressionError) -> [SortColumn] {
        var found: [SortColumn] = []
        for item in query.order?.columns ?? [] {
            let name = Array(item.name.utf8)
            let place = (query.select ?? []).firstIndex { Array($0.name.utf8) == name }
            guard let column = place.map({ selected[$0].column }) ?? columnOfName[name] else {
                throw ExpressionError(reason: "unknown column", offset: 0, text: item.name)
            }
            found.append(SortColumn(column: column, isDescending: item.isDescending))
        }
        return found
    }

    /// - Throws: if the expression uses an unknown column.
    func program(_ expression: Expression, _ query: Query) throws(ExpressionError) -> Program {
        try Program(
            expression, zone: query.zone, year: query.year,
            aggregate: { columnOfAggregate[$0.identity] },
            resolve: { columnOfName[Array($0.text.utf8)] ?? $0.name.flatMap { columnOfName[$0] } })
    }

    /// What is printed.
    func schema(_ query: Query, _ options: EngineOptions) -> RowSchema {
        let shownNames: [String]
        let shown: [Int]
        let isRounded: [Bool]
        if let select = query.select {
            let keys = Set(query.groupKeys.map { FieldPath(name: Array($0.name.utf8)) })
            shownNames = select.map(\.name)
            shown = selected.map(\.column)
            isRounded = select.map { item in !(item.expression.plainField.map { keys.contains($0) } ?? false) }
        } else {
            let keyCount = query.groupKeys.count
            shownNames = names
            shown = places
            isRounded = names.indices.map { $0 >= keyCount }
        }
        var schema = RowSchema(
            query, names: shownNames, columns: shown, key: query.keyPositions(in: shownNames).map { shown[$0] },
            isRounded: isRounded, hasHeader: options.continuesOutput)
        schema.headers = query.headerPositions(in: shownNames).map { ($0.name, shown[$0.position]) }
        return schema
    }
}

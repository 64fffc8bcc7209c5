/// A column of a row that follows from aggregates.
package enum ResultColumn: Sendable {
    /// The aggregate with this index in `Query.aggregates`.
    case aggregate(Int)
    /// An expression over aggregates and over the columns before it.
    case computed(NamedExpression)
}

extension Query {
    /// The names of the result columns, in order; if records pass through, those of `--select`.
    package var resultColumns: [String] {
        if passesThrough { return (select ?? []).map(\.name) }
        return groupKeys.map(\.name) + (window.isTimed ? ["window_start", "window_end"] : [])
            + [order?.rank].compactMap(\.self) + aggregateColumns.map { name(of: $0) } + (early != nil ? ["final"] : [])
            + (lateness > 0 ? ["revision"] : [])
    }

    package func name(of column: ResultColumn) -> String {
        switch column {
        case .aggregate(let index): aggregates[index].name
        case .computed(let item): item.name
        }
    }

    /// What `--select` calls a result column that it shows unchanged; nil if it does not.
    package func shownName(of column: String) -> String? {
        guard let select else { return column }
        let path = FieldPath(name: Array(column.utf8))
        return select.first { $0.expression.plainField == path }?.name
    }

    /// The kind of values in a column of rows, as far as it is known before the first row.
    package func content(of column: String) -> ColumnContent {
        switch column {
        case "window_start" where window.isTimed, "window_end" where window.isTimed: return .time
        case "final" where early != nil: return .boolean
        case "revision" where lateness > 0: return .integer
        case order?.rank: return .integer
        default: break
        }
        for item in aggregateColumns where name(of: item) == column {
            switch item {
            case .aggregate(let index): return aggregates[index].function.content
            case .computed(let item): return content(of: item.expression)
            }
        }
        return .unknown
    }

    /// The kind of values of an expression over the columns of rows.
    package func content(of expression: Expression) -> ColumnContent {
        expression.content { path in
            // A computed column can use only columns before it, so this ends.
            content(of: path.columnName)
        }
    }

    /// Adds the aggregates that these expressions use and no column shows.
    package mutating func addHiddenAggregates(of expressions: [Expression]) {
        aggregateColumns = aggregateColumns
        let calls = expressions.flatMap(\.aggregates)
        guard !calls.isEmpty else { return }
        var known = Set(aggregates.map(\.identity))
        for call in calls where known.insert(call.identity).inserted {
            aggregates.append(
                Aggregate(
                    name: call.text, function: call.function, arguments: call.arguments,
                    parameter: call.parameter ?? 0))
        }
    }

    /// The indices in `names` of the columns that form the key of a row.
    func keyPositions(in names: [String]) -> [Int] {
        let places = Self.places(of: names)
        return rowKey.compactMap { places[Array($0.columnName.utf8)] }
    }

    /// The headers of a row, with the indices in `names` of the columns that hold their values.
    func headerPositions(in names: [String]) -> [(name: String, position: Int)] {
        let places = Self.places(of: names)
        return rowHeaders.compactMap { name, field in places[Array(field.columnName.utf8)].map { (name, $0) } }
    }

    /// By bytes: é composed and decomposed are two names.
    private static func places(of names: [String]) -> [[UInt8]: Int] {
        Dictionary(names.enumerated().map { (Array($1.utf8), $0) }, uniquingKeysWith: { _, last in last })
    }
}

/// What an aggregate computes: those that are equal have the same results.
package struct AggregateIdentity: Hashable {
    private let function: String
    private let parameter: Double
    private let arguments: [String]

    init(_ function: AggregateFunction, _ parameter: Double, _ arguments: [Expression]) {
        self.function = function.name
        self.parameter = parameter
        self.arguments = arguments.map(\.normalText)
    }
}

extension Aggregate {
    package var identity: AggregateIdentity { AggregateIdentity(function, parameter, arguments) }
}

extension AggregateCall {
    package var identity: AggregateIdentity { AggregateIdentity(function, parameter ?? 0, arguments) }
}

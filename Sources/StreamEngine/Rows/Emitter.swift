/// The rows of a closing window: collected, sorted, computed, encoded and passed to the output.
struct Emitter: ~Copyable {
    private static let chunk = 1024

    private var rows = PendingRows()
    /// The states of the rows in the columns.
    private let stateOfRow: UnsafeMutablePointer<UInt32>
    private let keyCount: Int
    private let isTimed: Bool
    private let showsFinal: Bool
    private let showsRevision: Bool
    /// The columns: keys, bounds of the window, all aggregates, `final`, `revision`, computed and selected values.
    private var columns: ColumnSet
    private var arena = ByteArena()
    /// Columns computed from aggregates.
    private var computed: [Computation] = []
    private var having: Computation?
    private var selected: [Computation] = []
    private let keep: UnsafeMutablePointer<Bool>
    /// How often the row of a window has been printed, by state. Only kept with lateness.
    private var revisions: [UInt32: Int64] = [:]
    var output: RowOutput

    /// A compiled expression over the result columns, and the column for its values.
    private final class Computation {
        var program: Program
        let column: Int
        init(_ program: consuming Program, column: Int) {
            self.program = program
            self.column = column
        }
    }

    /// - Throws: if an expression in `--having` or `--select` uses an unknown column.
    init(_ query: Query, _ writer: any RowWriter, _ options: EngineOptions) throws(ExpressionError) {
        keyCount = query.groupKeys.count
        isTimed = query.window.isTimed
        showsFinal = query.early != nil
        showsRevision = query.lateness > 0
        let names = query.resultColumns
        let firstAggregate = keyCount + (isTimed ? 2 : 0)
        let final = firstAggregate + query.aggregates.count
        let revision = final + (showsFinal ? 1 : 0)
        var columnCount = revision + (showsRevision ? 1 : 0)
        var shown = Array(0..<firstAggregate)
        var items: [(NamedExpression, column: Int)] = []
        for column in query.aggregateColumns {
            switch column {
            case .aggregate(let index): shown.append(firstAggregate + index)
            case .computed(let item):
                items.append((item, columnCount))
                shown.append(columnCount)
                columnCount += 1
            }
        }
        if showsFinal { shown.append(final) }
        if showsRevision { shown.append(revision) }
        let firstSelected = columnCount
        columns = ColumnSet(columnCount: columnCount + (query.select?.count ?? 0), capacity: Self.chunk)
        keep = .allocate(capacity: Self.chunk)
        keep.initialize(repeating: true, count: Self.chunk)
        stateOfRow = .allocate(capacity: Self.chunk)

        let places = shown
        func program(_ expression: Expression) throws(ExpressionError) -> Program {
            try Program(
                expression, zone: query.zone, year: query.year,
                aggregate: { call in
                    query.aggregates.firstIndex { $0.isSame(as: call) }.map { firstAggregate + $0 }
                },
                resolve: { path in
                    let place =
                        names.firstIndex(of: path.text)
                        ?? path.name.flatMap { name in names.firstIndex { Array($0.utf8) == name } }
                    return place.map { places[$0] }
                })
        }
        for (item, column) in items {
            computed.append(Computation(try program(item.expression), column: column))
        }
        if let expression = query.having { having = Computation(try program(expression), column: 0) }
        var shownNames = names
        if let select = query.select {
            shown = []
            for (number, item) in select.enumerated() {
                shown.append(firstSelected + number)
                selected.append(Computation(try program(item.expression), column: firstSelected + number))
            }
            shownNames = select.map(\.name)
        }
        let keys = query.groupKeys.map { FieldPath(name: Array($0.name.utf8)) }
        let isRounded =
            query.select?.map { item in !keys.contains { $0 == item.expression.plainField } }
            ?? names.indices.map { [keyCount] in $0 >= keyCount }
        output = RowOutput(
            RowSchema(
                names: shownNames, columns: shown, key: query.keyPositions(in: shownNames).map { shown[$0] },
                format: query.format, hasHeader: options.continuesOutput, digits: query.digits,
                shortensNumbers: query.shortensNumbers, isRounded: isRounded),
            writer)
    }

    deinit {
        keep.deallocate()
        stateOfRow.deallocate()
    }

    var hasRows: Bool { rows.count > 0 }
    var rowCount: Int { rows.count }

    /// Adds a row: the key of `key` in the window with the results of `state`.
    mutating func add(key slot: UInt32, state: UInt32, _ bounds: WindowBounds, _ groups: borrowing GroupTable) {
        rows.add(key: slot, state: state, bounds, expected: groups.count)
    }

    mutating func forgetRevision(of state: UInt32) {
        if showsRevision { revisions[state] = nil }
    }

    mutating func forgetRevisions() {
        if !revisions.isEmpty { revisions.removeAll(keepingCapacity: true) }
    }

    /// Two windows were merged: the result counts as printed as often as the one that was printed more often.
    mutating func mergeRevisions(of source: UInt32, into target: UInt32) {
        guard showsRevision, let count = revisions.removeValue(forKey: source) else { return }
        revisions[target] = max(count, revisions[target] ?? 0)
    }

    /// Prints the rows that were added, ordered by window end, window start and key.
    mutating func print(
        isFinal: Bool, _ groups: borrowing GroupTable, _ states: borrowing States, _ counts: inout ResultCounts
    ) throws(EngineError) {
        rows.sort(groups, fields: keyCount)
        if isTimed, rows.count > 0 { counts.cover(rows.bounds(0).start, rows.bounds(rows.count &- 1).end) }
        var start = 0
        while start < rows.count {
            let count = min(Self.chunk, rows.count - start)
            fill(start, count, isFinal: isFinal, groups, states)
            try encode(count, isFinal: isFinal, &counts)
            arena.removeAll()
            start += count
        }
        rows.removeAll()
    }

    /// Fills the columns with rows `start ..< start + count`. Keys stay in the table.
    private mutating func fill(
        _ start: Int, _ count: Int, isFinal: Bool, _ groups: borrowing GroupTable, _ states: borrowing States
    ) {
        for number in 0..<count { stateOfRow[number] = rows.rows[start &+ number].state }
        if keyCount > 0 { fillKeys(start, count, groups) }
        var column = keyCount
        if isTimed {
            for number in 0..<count {
                let bounds = rows.bounds(start &+ number)
                columns[column][number] = Value(time: bounds.start)
                columns[column + 1][number] = Value(time: bounds.end)
            }
            column += 2
        }
        for result in 0..<states.resultCount {
            states.results(result, of: stateOfRow, count: count, into: columns[column], arena: &arena)
            column += 1
        }
        if showsFinal {
            for number in 0..<count { columns[column][number] = Value(isFinal) }
            column += 1
        }
        if showsRevision {
            for number in 0..<count {
                let revision = revisions[stateOfRow[number]] ?? 0
                if isFinal { revisions[stateOfRow[number]] = revision + 1 }
                columns[column][number] = Value(revision)
            }
        }
    }

    private func fillKeys(_ start: Int, _ count: Int, _ groups: borrowing GroupTable) {
        // Prefetch, as for the results.
        for number in 0..<count {
            columns[0][number].bits = groups.slots.place(Int(rows.rows[start &+ number].slot)).pointee.name
        }
        for number in 0..<count {
            let slot = groups.slots.place(Int(rows.rows[start &+ number].slot))
            var offset = 0
            for field in 0..<keyCount { columns[field][number] = GroupTable.Slot.field(slot, at: &offset) }
        }
    }

    private mutating func encode(
        _ count: Int, isFinal: Bool, _ counts: inout ResultCounts
    ) throws(EngineError) {
        for computation in computed {
            computation.program.evaluate(over: &columns, rows: count, into: computation.column, arena: &arena)
        }
        if let having {
            having.program.select(over: &columns, rows: count, arena: &arena, keep: keep)
        }
        for computation in selected {
            computation.program.evaluate(over: &columns, rows: count, into: computation.column, arena: &arena)
        }
        counts.rows &+= try output.write(columns, rows: 0..<count, keep: keep, isFinal: isFinal)
        for row in 0..<count { keep[row] = true }
    }
}

/// Rows that are computed together: their values in columns, as `ResultLayout` says.
struct RowBlock: ~Copyable {
    /// The most rows of a block.
    static let capacity = 1024
    /// The rows of a block where there are this many: each has its key and states on pages of their own, and all pages of
    /// a block are to stay among those that the processor finds at once.
    static func size(for rows: Int) -> Int { rows > 1 << 16 ? capacity / 4 : capacity }

    var columns: ColumnSet
    var arena = ByteArena()
    /// Which rows are printed; all, between two blocks.
    let keep: UnsafeMutablePointer<Bool>
    /// The states of the rows in the columns.
    let stateOfRow: UnsafeMutablePointer<UInt32>
    private let keyCount: Int
    private let isTimed: Bool
    /// The first column after the aggregates.
    private let firstMark: Int
    /// Columns computed from aggregates.
    private let computed: [Computation]
    private let having: Computation?
    private let selected: [Computation]

    /// A compiled expression over the result columns, and the column for its values.
    private final class Computation {
        var program: Program
        let column: Int
        init(_ program: consuming Program, column: Int) {
            self.program = program
            self.column = column
        }
    }

    /// - Throws: if an expression in `-a`, `--having` or `--select` uses an unknown column.
    init(_ query: Query, _ layout: ResultLayout) throws(ExpressionError) {
        var computed: [Computation] = []
        for item in layout.computed {
            computed.append(Computation(try layout.program(item.expression, query), column: item.column))
        }
        var having: Computation?
        if let expression = query.having {
            having = Computation(try layout.program(expression, query), column: 0)
        }
        var selected: [Computation] = []
        for item in layout.selected {
            selected.append(Computation(try layout.program(item.expression, query), column: item.column))
        }
        self.computed = computed
        self.having = having
        self.selected = selected
        keyCount = query.groupKeys.count
        isTimed = query.window.isTimed
        firstMark = layout.firstAggregate + query.aggregates.count
        columns = ColumnSet(columnCount: layout.columnCount, capacity: Self.capacity)
        keep = .allocate(capacity: Self.capacity)
        keep.initialize(repeating: true, count: Self.capacity)
        stateOfRow = .allocate(capacity: Self.capacity)
    }

    deinit {
        keep.deallocate()
        stateOfRow.deallocate()
    }

    /// Fills the columns of keys, windows and aggregates with rows `start ..< start + count`. Keys stay in the table.
    ///
    /// - Parameter results: the aggregates to fill.
    mutating func fill(
        _ start: Int, _ count: Int, of rows: borrowing PendingRows, _ groups: borrowing GroupTable,
        _ states: borrowing States, _ results: [Int]
    ) {
        for number in 0..<count { stateOfRow[number] = rows.rows[start &+ number].state }
        if keyCount > 0 { fillKeys(rows.rows + start, count, groups) }
        if isTimed {
            for number in 0..<count {
                let bounds = rows.bounds(start &+ number)
                columns[keyCount][number] = Value(time: bounds.start)
                columns[keyCount + 1][number] = Value(time: bounds.end)
            }
        }
        let first = keyCount + (isTimed ? 2 : 0)
        for result in results {
            states.results(result, of: stateOfRow, count: count, into: columns[first + result], arena: &arena)
        }
    }

    private func fillKeys(_ rows: UnsafePointer<PendingRows.Row>, _ count: Int, _ groups: borrowing GroupTable) {
        // Prefetch, as for the results.
        for number in 0..<count {
            columns[0][number].bits = groups.slots.place(Int(rows[number].slot)).pointee.name
        }
        for number in 0..<count {
            let slot = groups.slots.place(Int(rows[number].slot))
            var offset = 0
            for field in 0..<keyCount { columns[field][number] = GroupTable.Slot.field(slot, at: &offset) }
        }
    }

    /// Expressions may read these columns before they are filled.
    func clearMarks(_ count: Int) {
        for column in firstMark..<columns.columnCount {
            columns[column].update(repeating: .null, count: count)
        }
    }

    /// Computes the other columns, of which `--having` takes its choice if `chooses`.
    mutating func compute(_ count: Int, chooses: Bool) {
        compute(computed, count)
        if chooses, let having {
            having.program.select(over: &columns, rows: count, arena: &arena, keep: keep)
        }
        compute(selected, count)
    }

    private mutating func compute(_ computations: [Computation], _ count: Int) {
        for computation in computations {
            computation.program.evaluate(over: &columns, rows: count, into: computation.column, arena: &arena)
        }
    }

    /// Makes the block ready for other rows.
    mutating func clear(_ count: Int) {
        for row in 0..<count { keep[row] = true }
        arena.removeAll()
    }
}

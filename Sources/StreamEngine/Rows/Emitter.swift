/// The rows of a closing window: collected, sorted, computed, encoded and passed to the output.
struct Emitter: ~Copyable {
    private static let chunk = 1024
    /// From this size of the state on, rows with arrays of values are computed in smaller chunks.
    private static let largeState = 1 << 26

    private var rows = PendingRows()
    /// The states of the rows in the columns.
    private let stateOfRow: UnsafeMutablePointer<UInt32>
    private let keyCount: Int
    private let isTimed: Bool
    private let showsFinal: Bool
    private let showsRevision: Bool
    /// Whether the text of a row may be as large as its state.
    private let hasArrays: Bool
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
        let layout = ResultLayout(query)
        keyCount = query.groupKeys.count
        isTimed = query.window.isTimed
        showsFinal = query.early != nil
        showsRevision = query.lateness > 0
        hasArrays = query.aggregates.contains { $0.function.content == .json }
        columns = ColumnSet(columnCount: layout.columnCount, capacity: Self.chunk)
        keep = .allocate(capacity: Self.chunk)
        keep.initialize(repeating: true, count: Self.chunk)
        stateOfRow = .allocate(capacity: Self.chunk)
        output = RowOutput(layout.schema(query, options), writer)
        for item in layout.computed {
            computed.append(Computation(try layout.program(item.expression, query), column: item.column))
        }
        if let expression = query.having {
            having = Computation(try layout.program(expression, query), column: 0)
        }
        for item in layout.selected {
            selected.append(Computation(try layout.program(item.expression, query), column: item.column))
        }
    }

    deinit {
        keep.deallocate()
        stateOfRow.deallocate()
    }

    /// The memory of the rows to print.
    var rowBytes: Int { rows.memoryBytes + revisions.memoryBytes }
    /// The part of it that `StateMemory` does not count.
    var tableBytes: Int { rows.windowBytes &+ revisions.memoryBytes }

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
        let chunk = hasArrays && StateMemory.bytes > Self.largeState ? 16 : Self.chunk
        var start = 0
        while start < rows.count {
            let count = min(chunk, rows.count - start)
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

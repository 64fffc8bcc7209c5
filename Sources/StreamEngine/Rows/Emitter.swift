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
    /// Whether rows are chosen and put in order before they are printed, not just sorted by key.
    private let selectsRows: Bool
    /// Whether that takes only keys, windows and aggregates.
    private let selectsByColumns: Bool
    private var selection: RowSelection
    private let allResults: [Int]
    /// The aggregates that this takes.
    private let selectionResults: [Int]
    /// The first column after the aggregates.
    private let firstMark: Int
    private let rankColumn: Int?
    /// The window of the last row with a rank, and that rank.
    private var lastRank: (window: WindowBounds?, rank: Int64) = (nil, 0)
    /// The columns, as `ResultLayout` says.
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

    /// - Throws: if an expression in `--having` or `--select`, or `--sort`, uses an unknown column.
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
        let sorting = try layout.sortColumns(query)
        selectsRows = query.order != nil
        selection = RowSelection(sorting, limit: query.order?.limit, keyCount: keyCount)
        firstMark = layout.firstAggregate + query.aggregates.count
        rankColumn = layout.rank
        // Expressions may need all aggregates, plain columns only themselves.
        let results = Array(query.aggregates.indices)
        let plain = sorting.map { $0.column - layout.firstAggregate }.filter { $0 >= 0 }
        selectsByColumns = having == nil && plain.allSatisfy(results.contains)
        selectionResults = selectsByColumns ? Array(Set(plain)).sorted() : results
        // Read only from the local one: Swift 6.3 releases the property once too often if it is read before the others are set.
        allResults = results
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

    /// Counts rows of open windows that are not shown.
    mutating func hide(_ count: Int?) { output.hide(having == nil ? count : nil) }

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

    /// Prints the rows that were added, ordered by window end, window start and key, or as `Query.order` says.
    mutating func print(
        isFinal: Bool, _ groups: borrowing GroupTable, _ states: borrowing States, _ counts: inout ResultCounts
    ) throws(EngineError) {
        var chunk = hasArrays && StateMemory.bytes > Self.largeState ? 16 : Self.chunk
        if selectsRows {
            select(chunk, groups, states)
        } else {
            rows.sort(groups, fields: keyCount)
        }
        if let room = output.previewRoom { chunk = min(chunk, max(room, 16)) }
        if isTimed, rows.count > 0, output.previewRoom == nil {
            counts.cover(rows.bounds(0).start, rows.bounds(rows.count &- 1).end)
        }
        var start = 0
        while start < rows.count {
            if output.previewRoom == 0 {
                hide(rows.count - start)
                break
            }
            let count = min(chunk, rows.count - start)
            fill(start, count, groups, states, allResults)
            fillMarks(start, count, isFinal: isFinal)
            try encode(count, isFinal: isFinal, &counts)
            arena.removeAll()
            start += count
        }
        rows.removeAll()
    }

    /// Keeps the rows of each window that are printed, in their order.
    private mutating func select(_ chunk: Int, _ groups: borrowing GroupTable, _ states: borrowing States) {
        rows.sortByWindow()
        lastRank.window = nil
        var (start, kept) = (0, 0)
        while start < rows.count {
            let end = rows.endOfWindow(from: start)
            for first in stride(from: start, to: end, by: chunk) {
                let count = min(chunk, end - first)
                fill(first, count, groups, states, selectionResults)
                if !selectsByColumns {
                    clearMarks(count)
                    compute(computed, count)
                    applyHaving(count)
                    compute(selected, count)
                }
                for row in 0..<count where keep[row] {
                    selection.offer(rows.rows[first &+ row], row, of: columns, groups)
                }
                for row in 0..<count { keep[row] = true }
                arena.removeAll()
            }
            selection.take(groups) { row in
                rows.keep(row, at: kept, windowOf: start)
                kept += 1
            }
            start = end
        }
        rows.truncate(to: kept)
    }

    /// Fills the columns of keys, windows and aggregates with rows `start ..< start + count`. Keys stay in the table.
    ///
    /// - Parameter results: the aggregates to fill.
    private mutating func fill(
        _ start: Int, _ count: Int, _ groups: borrowing GroupTable, _ states: borrowing States, _ results: [Int]
    ) {
        for number in 0..<count { stateOfRow[number] = rows.rows[start &+ number].state }
        if keyCount > 0 { fillKeys(start, count, groups) }
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

    /// Expressions may read these columns before they are filled.
    private func clearMarks(_ count: Int) {
        for column in firstMark..<columns.columnCount {
            columns[column].update(repeating: .null, count: count)
        }
    }

    /// Fills the columns that say which row it is: `final`, `revision` and the rank.
    private mutating func fillMarks(_ start: Int, _ count: Int, isFinal: Bool) {
        var column = firstMark
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
        guard let rankColumn else { return }
        for number in 0..<count {
            let bounds = rows.bounds(start &+ number)
            lastRank = (bounds, bounds == lastRank.window ? lastRank.rank + 1 : 1)
            columns[rankColumn][number] = Value(lastRank.rank)
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

    private mutating func compute(_ computations: [Computation], _ count: Int) {
        for computation in computations {
            computation.program.evaluate(over: &columns, rows: count, into: computation.column, arena: &arena)
        }
    }

    private mutating func applyHaving(_ count: Int) {
        guard let having else { return }
        having.program.select(over: &columns, rows: count, arena: &arena, keep: keep)
    }

    private mutating func encode(
        _ count: Int, isFinal: Bool, _ counts: inout ResultCounts
    ) throws(EngineError) {
        compute(computed, count)
        if !selectsRows { applyHaving(count) }
        compute(selected, count)
        counts.rows &+= try output.write(columns, rows: 0..<count, keep: keep, isFinal: isFinal)
        for row in 0..<count { keep[row] = true }
    }
}

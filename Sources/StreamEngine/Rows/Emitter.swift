/// The rows of a closing window: collected, sorted, computed, encoded and passed to the output.
struct Emitter: ~Copyable {
    private static let chunk = RowBlock.capacity
    /// From this size of the state on, rows with arrays of values are computed in smaller chunks.
    private static let largeState = 1 << 26
    /// The bytes of the states of a group from which on its results take longer than their text.
    private static let heavyState = 1 << 12
    /// About the bytes that each thread encodes at a time, for a window with many rows.
    private static let pieceBytes = 1 << 18

    private var rows = PendingRows()
    let keyCount: Int
    private let isTimed: Bool
    private let query: Query
    private let layout: ResultLayout
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
    private let limit: Int
    /// Whether a late record may change other rows of its window, with lateness and a limit.
    let ranksWindows: Bool
    private var ranked: RankedWindows
    /// Whether `--limit` has already been applied to the pending rows.
    private var areSelected = false
    /// The window of the last row with a rank, and that rank.
    private var lastRank: (window: WindowBounds?, rank: Int64) = (nil, 0)
    private var block: RowBlock
    /// What several threads use to print rows; made when it is needed first.
    private var seats: [RowSeat] = []
    private let crew: any Crew
    /// How often the row of a window has been printed, by state. Only kept with lateness.
    private var revisions: [UInt32: Int64] = [:]
    var output: RowOutput

    /// - Throws: if an expression in `--having` or `--select`, or `--sort`, uses an unknown column.
    init(_ query: Query, _ writer: any RowWriter, _ options: EngineOptions) throws(ExpressionError) {
        let layout = ResultLayout(query)
        let sorting = try layout.sortColumns(query)
        let first = try RowBlock(query, layout)
        block = first
        keyCount = query.groupKeys.count
        isTimed = query.window.isTimed
        showsFinal = query.early != nil
        showsRevision = query.lateness > 0
        hasArrays = query.aggregates.contains { $0.function.content == .json }
        output = RowOutput(layout.schema(query, options), writer)
        self.query = query
        self.layout = layout
        crew = options.crew
        selectsRows = query.order != nil
        let limit = query.order?.limit
        let ranksWindows = limit != nil && query.lateness > 0
        self.limit = limit ?? Int.max
        self.ranksWindows = ranksWindows
        ranked = RankedWindows(limit: limit ?? Int.max)
        let spare = RankedWindows.spare
        let known = ranksWindows ? limit.map { min($0, Int.max - spare) + spare } : limit
        selection = RowSelection(sorting, limit: known, keyCount: keyCount)
        firstMark = layout.firstAggregate + query.aggregates.count
        rankColumn = layout.rank
        // Expressions may need all aggregates, plain columns only themselves.
        let results = Array(query.aggregates.indices)
        let plain = sorting.map { $0.column - layout.firstAggregate }.filter { $0 >= 0 }
        selectsByColumns = query.having == nil && plain.allSatisfy(results.contains)
        selectionResults = selectsByColumns ? Array(Set(plain)).sorted() : results
        // Read only from the local one: Swift 6.3 releases the property once too often if it is read before the others are set.
        allResults = results
    }

    /// The memory of the rows to print.
    var rowBytes: Int { rows.memoryBytes + revisions.memoryBytes + ranked.memoryBytes }
    /// The part of it that `StateMemory` does not count.
    var tableBytes: Int { rows.windowBytes &+ revisions.memoryBytes &+ ranked.memoryBytes }

    var hasRows: Bool { rows.count > 0 }
    var rowCount: Int { rows.count }

    /// Adds a row: the key of `key` in the window with the results of `state`.
    mutating func add(key slot: UInt32, state: UInt32, _ bounds: WindowBounds, _ groups: borrowing GroupTable) {
        rows.add(key: slot, state: state, bounds, expected: groups.count)
    }

    /// Takes rows in exchange for its own.
    mutating func swap(_ other: inout PendingRows) { Swift.swap(&rows, &other) }

    /// Adds a row for each group of a pane that has nearly all slots.
    mutating func addAll(of pane: UInt32, _ bounds: WindowBounds, _ groups: borrowing GroupTable) {
        if !selectsRows, rows.addAllSorted(of: pane, bounds, groups, fields: keyCount, crew) { return }
        rows.addAll(of: pane, bounds, groups, crew)
    }

    /// Counts rows of open windows that are not shown.
    mutating func hide(_ count: Int?) { output.hide(query.having == nil ? count : nil) }

    mutating func forgetRevision(of state: UInt32) {
        if showsRevision { revisions[state] = nil }
    }

    mutating func forgetRevisions() {
        if !revisions.isEmpty { revisions.removeAll(keepingCapacity: true) }
    }

    /// Late records cannot change this window any more.
    mutating func forget(_ window: WindowBounds) {
        if ranksWindows { ranked.forget(window) }
    }

    /// Two windows were merged: the result counts as printed as often as the one that was printed more often.
    mutating func mergeRevisions(of source: UInt32, into target: UInt32) {
        guard showsRevision, let count = revisions.removeValue(forKey: source) else { return }
        revisions[target] = max(count, revisions[target] ?? 0)
    }

    /// Prints the rows that were added, ordered by window end, window start and key, or as `Query.order` says.
    ///
    /// - Parameter areSorted: whether they were added in the order of their keys, all of one window.
    mutating func print(
        isFinal: Bool, areSorted: Bool, _ groups: borrowing GroupTable, _ states: borrowing States,
        _ counts: inout ResultCounts
    ) throws(EngineError) {
        let isSmall = hasLargeArrays
        let share = PrintShare(isHeavy: StateMemory.bytes / max(1, groups.count) >= Self.heavyState, crew)
        if rows.count > 2 * share.leastRows { addSeats(share.pieces) }
        let piece = piece(share)
        var chunk = isSmall ? 16 : piece
        if areSelected {
            areSelected = false
        } else if selectsRows {
            select(chunk, isFinal: isFinal, groups, states)
        } else if !areSorted {
            rows.sort(groups, fields: keyCount, crew)
        }
        // Where bytes do not depend on the number of rows.
        if crew.width == 1, chunk > RowBlock.size(for: rows.count), output.makeFollower() != nil {
            chunk = RowBlock.size(for: rows.count)
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
            if !isSmall, rows.count - start > piece {
                try printTogether(piece, from: &start, isFinal: isFinal, groups, states, &counts)
                if start == rows.count { break }
            }
            let count = min(chunk, rows.count - start)
            block.fill(start, count, of: rows, groups, states, allResults)
            fillMarks(start, count, isFinal: isFinal)
            block.compute(count, chooses: !selectsRows)
            counts.rows &+= try output.write(block.columns, rows: 0..<count, keep: block.keep, isFinal: isFinal)
            block.clear(count)
            start += count
        }
        if ranksWindows, isFinal, rows.count > 0 { ranked.notePrinted(rows.bounds(0)) }
        rows.removeAll()
    }

    /// The number of rows that are printed together, by one thread.
    ///
    /// Without seats, the bytes of rows depend on those before, and may depend on their number (the widths of a table).
    private func piece(_ share: PrintShare) -> Int {
        guard !seats.isEmpty else { return min(crew.piece, Self.chunk) }
        let rows = max((rows.count + share.pieces - 1) / share.pieces, share.leastRows)
        return max(1, min(rows, crew.piece, Self.chunk))
    }

    /// Keeps the rows of each window that are printed, in their order.
    private mutating func select(
        _ chunk: Int, isFinal: Bool, _ groups: borrowing GroupTable, _ states: borrowing States
    ) {
        rows.sortByWindow()
        lastRank.window = nil
        var (start, kept) = (0, 0)
        while start < rows.count {
            let end = rows.endOfWindow(from: start)
            offer(start..<end, chunk, groups, states)
            let (window, limit) = (rows.bounds(start), limit)
            var (place, first) = (0, [UInt32]())
            selection.take(groups) { row in
                if place < limit {
                    rows.keep(row, at: kept, windowOf: start)
                    kept += 1
                }
                place += 1
                if ranksWindows { first.append(row.slot) }
            }
            if ranksWindows, isFinal { ranked.note(first, isWhole: first.count == end - start, of: window) }
            start = end
        }
        rows.truncate(to: kept)
    }

    /// Offers rows to the selection.
    private mutating func offer(
        _ range: Range<Int>, _ chunk: Int, _ groups: borrowing GroupTable, _ states: borrowing States
    ) {
        for first in stride(from: range.lowerBound, to: range.upperBound, by: chunk) {
            let count = min(chunk, range.upperBound - first)
            block.fill(first, count, of: rows, groups, states, selectionResults)
            if !selectsByColumns {
                block.clearMarks(count)
                block.compute(count, chooses: true)
            }
            for row in 0..<count where block.keep[row] {
                selection.offer(rows.rows[first &+ row], row, of: block.columns, groups)
            }
            block.clear(count)
        }
    }

    /// The groups that a late record has changed, instead of their rows.
    mutating func takeChanges() -> [(window: WindowBounds, group: UInt32)] {
        rows.sortByWindow()
        var changes: [(WindowBounds, UInt32)] = []
        for row in 0..<rows.count { changes.append((rows.bounds(row), rows.rows[row].slot)) }
        rows.removeAll()
        return changes
    }

    /// Adds the rows of a window that are printed because a late record has changed a group of it, in their order.
    ///
    /// - Returns: false if none were added, because all groups of the window must be compared.
    mutating func addChanged(
        _ group: UInt32, in window: WindowBounds, _ groups: borrowing GroupTable, _ states: borrowing States
    ) -> Bool {
        add(key: group, state: group, window, groups)
        for other in ranked.first(of: window) where other != group { add(key: other, state: other, window, groups) }
        offer(0..<rows.count, hasArrays ? 16 : Self.chunk, groups, states)
        rows.removeAll()
        var order: [UInt32] = []
        selection.take(groups) { order.append($0.slot) }
        guard let count = ranked.change(group, to: order, in: window) else { return false }
        for slot in order.prefix(count) { add(key: slot, state: slot, window, groups) }
        areSelected = true
        lastRank.window = nil
        return true
    }

    /// Fills the columns that say which row it is: `final`, `revision` and the rank.
    private mutating func fillMarks(_ start: Int, _ count: Int, isFinal: Bool) {
        var column = firstMark
        if showsFinal {
            for number in 0..<count { block.columns[column][number] = Value(isFinal) }
            column += 1
        }
        if showsRevision {
            for number in 0..<count {
                block.columns[column][number] = Value(revision(ofRow: start &+ number, isFinal: isFinal))
            }
        }
        guard let rankColumn else { return }
        for number in 0..<count {
            let bounds = rows.bounds(start &+ number)
            lastRank = (bounds, bounds == lastRank.window ? lastRank.rank + 1 : 1)
            block.columns[rankColumn][number] = Value(lastRank.rank)
        }
    }

    private mutating func revision(ofRow row: Int, isFinal: Bool) -> Int64 {
        if ranksWindows { return ranked.revision(of: rows.bounds(row)) }
        let state = rows.rows[row].state
        let revision = revisions[state] ?? 0
        if isFinal { revisions[state] = revision + 1 }
        return revision
    }

    /// Prints rows from `start` on, a piece for each thread at a time, in their order. Leaves the rest, or all of them if
    /// the values or the bytes of a row depend on those before.
    ///
    /// - Parameter least: the fewest rows of a piece but the last one.
    private mutating func printTogether(
        _ least: Int, from start: inout Int, isFinal: Bool, _ groups: borrowing GroupTable, _ states: borrowing States,
        _ counts: inout ResultCounts
    ) throws(EngineError) {
        guard isShareable else { return }
        let (seats, crew, chooses, results) = (seats, crew, !selectsRows, allResults)
        let total = rows.count
        // The bytes of the largest piece of `least` rows are not known yet.
        var bytes = Self.pieceBytes
        while !seats.isEmpty, start < total {
            let first = start
            // Large pieces, since threads wait for each other after each round; less at the end.
            let shares = (total - first) / (2 * seats.count * least)
            let piece = least * max(1, min(Self.pieceBytes / max(1, bytes), shares))
            let pieces = min(seats.count, (total - first + piece - 1) / piece)
            withUnsafePointer(to: rows) { rows in
                withUnsafePointer(to: groups) { groups in
                    withUnsafePointer(to: states) { states in
                        crew.run(pieces) { number in
                            let start = first + number * piece
                            seats[number].encode(
                                start, min(piece, total - start), of: rows.pointee, groups.pointee, states.pointee,
                                results, chooses: chooses)
                        }
                    }
                }
            }
            bytes = least
            for seat in seats[..<pieces] {
                bytes = max(bytes, seat.piece.encoded.byteCount / (piece / least))
                counts.rows &+= seat.piece.count
                try output.append(seat.piece.encoded, count: seat.piece.count)
            }
            start = min(total, first + pieces * piece)
        }
    }

    /// Whether the results of many rows together may take much memory.
    private var hasLargeArrays: Bool { hasArrays && StateMemory.bytes > Self.largeState }

    /// Whether neither the values nor the bytes of a row depend on those before.
    private var isShareable: Bool {
        crew.width > 1 && !showsFinal && !showsRevision && rankColumn == nil && output.takesEncodedRows
    }

    // MARK: Several windows

    /// The number of parts in which threads can encode the rows of several windows; 0 if they cannot.
    mutating func partCount() -> Int {
        guard isShareable, !selectsRows, !hasLargeArrays else { return 0 }
        let share = PrintShare(isHeavy: false, crew)
        addSeats(share.pieces)
        return min(seats.count, share.pieces)
    }

    /// Adds the rows that a part has of its next window, with its number in the part, sorted by key.
    typealias AddRows = (
        _ part: Int, _ window: Int, inout PendingRows, borrowing GroupTable, borrowing States
    ) -> Void

    /// Encodes the rows of several windows: threads take parts, each of some windows or of a range of the keys.
    ///
    /// - Parameters:
    ///   - windows: the number of windows of each part, at most `partCount` of them.
    ///   - joined: whether the windows of a part are written one after the other.
    func encode(
        windows: [Int], joined: Bool, _ groups: borrowing GroupTable, _ states: borrowing States,
        add: @escaping AddRows
    ) {
        let (seats, results) = (seats, allResults)
        withUnsafePointer(to: groups) { groups in
            withUnsafePointer(to: states) { states in
                crew.run(windows.count) { part in
                    seats[part].encode(
                        windows: windows[part], joined: joined, groups.pointee, states.pointee, results
                    ) { number, rows in
                        add(part, number, &rows, groups.pointee, states.pointee)
                    }
                }
            }
        }
    }

    /// Writes encoded rows that a part has of a window, with its number in the part, or of all its windows if they are joined.
    ///
    /// - Parameter bounds: from the start of the first window to the end of the last.
    mutating func writeEncoded(
        _ window: Int, of part: Int, _ bounds: WindowBounds, _ counts: inout ResultCounts
    ) throws(EngineError) {
        let piece = seats[part].pieces[window]
        counts.cover(bounds.start, bounds.end)
        counts.rows &+= piece.count
        try output.append(piece.encoded, count: piece.count)
    }

    private mutating func addSeats(_ count: Int) {
        guard crew.width > 1 else { return }
        while seats.count < count, let encoder = output.makeFollower() {
            // The expressions were compiled before.
            guard let block = try? RowBlock(query, layout) else { break }
            seats.append(RowSeat(block, encoder))
        }
    }
}

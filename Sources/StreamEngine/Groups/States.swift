/// The states of all aggregates: a column for each distinct pair of state type and arguments, indexed by state number.
///
/// Updates are collected as (state, row) pairs and then applied column by column, by the lanes of the crew if it has any.
struct States: ~Copyable {
    struct Column {
        let states: any AggregateColumn
        let first: Int
        let second: Int
        /// For messages: the aggregates that share the column.
        var name: String
        /// Non-numeric values since the last call of `takeSkipped`.
        var skipped = 0
        /// Whether strings count, as in `min` and `max`.
        let takesText: Bool
        var hasExample = false

        func arguments(_ records: borrowing Records, order: Int64) -> AggregateArguments {
            AggregateArguments(
                first: records.columns[first], second: records.columns[second], times: records.times, order: order)
        }
    }

    private struct Result {
        let column: Int
        let request: ResultRequest
    }

    private var columns: [Column] = []
    private var results: [Result] = []
    /// For each column, the first value that it skipped, since the last call of `takeExamples`.
    private var examples: [SkippedValue] = []
    private(set) var stateLimit = 0

    private var states: UnsafeMutablePointer<UInt32>
    private var rows: UnsafeMutablePointer<UInt32>
    private(set) var pending = 0
    // Free state numbers, used by windows that allocate states themselves instead of using the slots of groups.
    private var free: [UInt32] = []
    private var nextNumber: UInt32 = 0
    /// The scheduled merges: each source into the target at the same place.
    private var sources: [UInt32] = []
    private var targets: [UInt32] = []
    private let crew: any Crew
    /// Whether lanes make the updates: not where they look up the groups as well.
    private let hasLanes: Bool
    /// The updates that the lanes have not finished, or of which nothing has been noted yet, in order; and those to reuse.
    private var posted: [StateUpdates] = []
    private var spare: [StateUpdates] = []
    /// The pairs of `mergeScheduledByTarget`.
    private var merges: StateUpdates?
    private var room = 4096
    /// States to clear.
    private var toClear: [UInt32] = []

    init(
        _ query: Query, _ layout: ColumnLayout, _ crew: any Crew = SingleCrew(), usesLanes: Bool = true
    ) {
        self.crew = crew
        hasLanes = usesLanes && crew.laneCount > 0
        states = .allocate(capacity: room)
        rows = .allocate(capacity: room)
        var shared: [StateSharing: Int] = [:]
        for (number, (aggregate, state)) in zip(query.aggregates, query.stateTypes).enumerated() {
            let arguments = layout.argumentColumns[number]
            // count() reads no argument, so any column works.
            let first = arguments.first ?? 0
            let sharing = StateSharing(state: ObjectIdentifier(state), arguments: arguments)
            let column = shared[sharing] ?? columns.count
            if column < columns.count {
                columns[column].name += ", " + aggregate.name
            } else {
                shared[sharing] = column
                columns.append(
                    Column(
                        states: state.makeColumn(), first: first, second: arguments.last ?? first,
                        name: aggregate.name, takesText: [.min, .max].contains(aggregate.function)))
            }
            results.append(
                Result(
                    column: column,
                    request: ResultRequest(function: aggregate.function, parameter: aggregate.parameter)))
        }
    }

    deinit {
        states.deallocate()
        rows.deallocate()
    }

    /// Aggregates share a state if both of these are equal.
    private struct StateSharing: Hashable {
        let state: ObjectIdentifier
        let arguments: [Int]
    }

    /// Allocates empty states up to `limit`.
    @inline(__always) mutating func reserve(_ limit: Int) {
        if limit > stateLimit { grow(limit) }
    }

    @inline(never) private mutating func grow(_ limit: Int) {
        settle()
        // All chunks have one size; a smaller first chunk grows by doubling.
        let piece = ChunkedArray<UInt8>.mask + 1
        stateLimit = limit > piece ? (limit + piece - 1) & ~(piece - 1) : min(piece, max(limit, stateLimit * 2, 64))
        for column in columns {
            let new = column.states.reserve(stateLimit)
            // Most of the time is that of the system, which clears the new memory.
            crew.run(over: new.count, least: crew.piece) { range in
                column.states.begin(new.lowerBound &+ range.lowerBound..<new.lowerBound &+ range.upperBound)
            }
        }
    }

    /// Collects a row with which to update the state.
    @inline(__always) mutating func add(_ state: UInt32, row: Int) {
        if pending == room { growPending() }
        states[pending] = state
        rows[pending] = UInt32(truncatingIfNeeded: row)
        pending &+= 1
    }

    /// A buffer for the state numbers of `count` more rows, which `addRun` reads.
    mutating func room(for count: Int) -> UnsafeMutablePointer<UInt32> {
        while room &- pending < count { growPending() }
        return states + pending
    }

    /// Collects updates with consecutive rows, whose state numbers were written to the buffer from `room`.
    mutating func addRun(_ count: Int, from row: Int) {
        for i in 0..<count { rows[pending &+ i] = UInt32(truncatingIfNeeded: row &+ i) }
        pending &+= count
    }

    @inline(never) private mutating func growPending() {
        let moreStates = UnsafeMutablePointer<UInt32>.allocate(capacity: room * 2)
        let moreRows = UnsafeMutablePointer<UInt32>.allocate(capacity: room * 2)
        moreStates.update(from: states, count: pending)
        moreRows.update(from: rows, count: pending)
        states.deallocate()
        rows.deallocate()
        states = moreStates
        rows = moreRows
        room *= 2
    }

    /// Applies the collected updates, then the scheduled merges. `order` is the arrival number of row 0.
    mutating func apply(_ records: borrowing Records, order: Int64, _ positions: RecordPositions?) {
        guard pending > 0 || !sources.isEmpty else { return }
        if hasLanes, sources.isEmpty, pending >= crew.piece / 4 { return post(records, order: order, positions) }
        settle()
        for number in columns.indices {
            let arguments = columns[number].arguments(records, order: order)
            let skipped = columns[number].states.update(
                slots: states, rows: rows, count: pending, arguments: arguments)
            if skipped > 0 { note(skipped, in: number, arguments, positions) }
        }
        pending = 0
        guard !sources.isEmpty else { return }
        let merged = sources
        mergeScheduled()
        for source in merged { release(source) }
    }

    /// Has the lanes apply the collected updates. The records must stay until they have.
    @inline(never) private mutating func post(
        _ records: borrowing Records, order: Int64, _ positions: RecordPositions?
    ) {
        while let first = posted.first, crew.isDone(first.task) { noteFirstPosted() }
        let updates = spare.popLast() ?? StateUpdates(lanes: crew.laneCount)
        updates.begin(states, rows, pending)
        addColumns(to: updates.columns, records, order: order, positions)
        updates.task = crew.post { lane in updates.run(lane) }
        posted.append(updates)
        pending = 0
    }

    /// Waits until the lanes have applied everything. What follows may read and change states.
    @inline(__always) mutating func settle() {
        if !posted.isEmpty { waitForPosted() }
    }

    @inline(never) private mutating func waitForPosted() {
        if let last = posted.last { crew.wait(for: last.task) }
        while !posted.isEmpty { noteFirstPosted() }
    }

    private mutating func noteFirstPosted() {
        let updates = posted.removeFirst()
        note(updates.columns)
        spare.append(updates)
    }

    /// Adds all columns to those that lanes update with rows of a batch.
    func addColumns(
        to updates: ColumnUpdates, _ records: borrowing Records, order: Int64,
        _ positions: RecordPositions?
    ) {
        for column in columns {
            updates.add(column, column.arguments(records, order: order), positions)
        }
    }

    /// Notes what lanes have skipped. Called in the order of the batches.
    mutating func note(_ updates: ColumnUpdates) {
        for number in columns.indices {
            let (skipped, example) = updates.takeSkipped(by: number)
            columns[number].skipped &+= skipped
            if let example, !columns[number].hasExample {
                columns[number].hasExample = true
                examples.append(example)
            }
        }
    }

    /// Counts values of the pending rows that a column has skipped, and keeps the first one.
    @inline(never) private mutating func note(
        _ skipped: Int, in number: Int, _ arguments: AggregateArguments, _ positions: RecordPositions?
    ) {
        columns[number].skipped &+= skipped
        guard !columns[number].hasExample, let positions else { return }
        if let found = SkippedValue(columns[number], arguments, rows, pending, positions) {
            columns[number].hasExample = true
            examples.append(found)
        }
    }

    var hasExamples: Bool { !examples.isEmpty }

    /// The first value that each column has skipped, if it became known since the last call.
    mutating func takeExamples() -> [SkippedValue] {
        defer { examples.removeAll() }
        return examples
    }

    /// The number of non-numeric values that each column has skipped since the last call, with the names of its
    /// aggregates. Those of the lanes are known once they have settled.
    mutating func takeSkipped() -> [(aggregates: String, count: Int)] {
        var result: [(String, Int)] = []
        for number in columns.indices where columns[number].skipped > 0 {
            result.append((columns[number].name, columns[number].skipped))
            columns[number].skipped = 0
        }
        return result
    }

    /// The memory of the states, for the aggregates that share them. Reads all states.
    var memory: [(aggregates: String, bytes: Int)] { columns.map { ($0.name, $0.states.memoryBytes) } }

    /// The memory of the tables beside them.
    var tableBytes: Int { free.memoryBytes + 2 * sources.memoryBytes + 2 * room * MemoryLayout<UInt32>.stride }

    /// Allocates an empty state.
    mutating func allocate() -> UInt32 {
        if let number = free.popLast() { return number }
        nextNumber &+= 1
        reserve(Int(nextNumber))
        return nextNumber &- 1
    }

    /// Releases a state.
    mutating func release(_ state: UInt32) {
        settle()
        clear(state)
        free.append(state)
    }

    /// Schedules a merge of the source into the target: `mergeScheduled` does it, or `apply`, after the updates collected
    /// so far, which then releases the source.
    @inline(__always) mutating func mergeLater(_ source: UInt32, into target: UInt32) {
        sources.append(source)
        targets.append(target)
    }

    /// Whether it is time to do them: until then, they allocate nothing.
    var hasManyMerges: Bool { sources.count >= 1 << 13 }

    /// Does the scheduled merges in their order, column by column.
    ///
    /// - Parameter areApart: whether no state occurs twice among them, so that several threads can share the work.
    mutating func mergeScheduled(areApart: Bool = false) {
        settle()
        let crew: any Crew = areApart ? self.crew : SingleCrew()
        sources.withUnsafeBufferPointer { sources in
            targets.withUnsafeBufferPointer { targets in
                guard let from = sources.baseAddress, let to = targets.baseAddress else { return }
                let columns = columns.map(\.states)
                crew.run(over: sources.count, least: crew.piece) { range in
                    for column in columns {
                        column.merge(from + range.lowerBound, into: to + range.lowerBound, count: range.count)
                    }
                }
            }
        }
        sources.removeAll(keepingCapacity: true)
        targets.removeAll(keepingCapacity: true)
    }

    /// Whether several threads merge this number of states.
    func sharesMerges(of count: Int) -> Bool {
        // To share them costs as much as a third thread does. With two, the other one had better scan.
        crew.laneCount > 0 && count >= (crew.width > 2 ? 2 : 16) &* crew.piece
    }

    /// Does the scheduled merges, in which targets may occur several times: each thread has targets of its own.
    mutating func mergeScheduledByTarget() {
        settle()
        let pairs = merges ?? StateUpdates(lanes: crew.width)
        merges = pairs
        sources.withUnsafeBufferPointer { sources in
            targets.withUnsafeBufferPointer { targets in
                guard let from = sources.baseAddress, let to = targets.baseAddress else { return }
                pairs.begin(to, from, sources.count)
            }
        }
        let columns = columns.map(\.states)
        crew.run(crew.width) { part in pairs.merge(part, in: columns) }
        sources.removeAll(keepingCapacity: true)
        targets.removeAll(keepingCapacity: true)
    }

    private func clear(_ state: UInt32) {
        withUnsafePointer(to: state) { clear($0, count: 1) }
    }

    /// Schedules the state to be cleared.
    mutating func clearLater(_ state: UInt32) {
        toClear.append(state)
        if toClear.count == 1024 { clearNoted() }
    }

    /// Clears the scheduled states.
    mutating func clearNoted() {
        settle()
        toClear.withUnsafeBufferPointer { slots in
            if let first = slots.baseAddress { clear(first, count: slots.count) }
        }
        toClear.removeAll(keepingCapacity: true)
    }

    /// Clears all states below `limit`.
    mutating func clearAll(below limit: Int) {
        settle()
        for column in columns { column.states.clear(below: limit) }
    }

    /// Merges each source into the target at the same place, at once and column by column. The lanes must have settled.
    func merge(_ sources: UnsafePointer<UInt32>, into targets: UnsafePointer<UInt32>, count: Int) {
        for column in columns { column.states.merge(sources, into: targets, count: count) }
    }

    /// The same with states of the same query as sources.
    func merge(
        _ sources: UnsafePointer<UInt32>, of other: borrowing States, into targets: UnsafePointer<UInt32>, count: Int
    ) {
        for number in columns.indices {
            columns[number].states.merge(sources, of: other.columns[number].states, into: targets, count: count)
        }
    }

    /// Clears states at once. The lanes must have settled.
    func clear(_ states: UnsafePointer<UInt32>, count: Int) {
        for column in columns { column.states.clear(states, count: count) }
    }

    /// Merges one state into another, for every aggregate.
    mutating func merge(_ source: UInt32, into target: UInt32) {
        settle()
        withUnsafePointer(to: source) { source in
            withUnsafePointer(to: target) { target in
                for number in columns.indices { columns[number].states.merge(source, into: target, count: 1) }
            }
        }
    }

    /// Stores result number `number` of all these states in `values`, and their text in the arena.
    func results(
        _ number: Int, of states: UnsafePointer<UInt32>, count: Int, into values: UnsafeMutablePointer<Value>,
        arena: inout ByteArena
    ) {
        let result = results[number]
        columns[result.column].states.results(
            states, count: count, result.request, into: values, arena: &arena)
    }
}

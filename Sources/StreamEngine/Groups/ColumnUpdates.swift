/// A value that aggregates have skipped because it is not a number.
struct SkippedValue {
    /// The aggregates that share the state.
    var aggregates: String
    var row: Int
    var position: RecordPosition
    var text: String

    /// The first value among rows that a column skips; nil if there is none.
    init?(
        _ column: States.Column, _ arguments: AggregateArguments, _ rows: UnsafePointer<UInt32>,
        _ count: Int,
        _ positions: RecordPositions
    ) {
        for place in 0..<count {
            let row = Int(rows[place])
            for value in [arguments.first[row], arguments.second[row]] {
                let isText = value.kind == .string || value.kind == .time
                guard NumericValue.isBad(value), !(isText && column.takesText) else { continue }
                aggregates = column.name
                self.row = row
                position = positions[row]
                text = Excerpt.value(value)
                return
            }
        }
        return nil
    }
}

/// The columns that lanes update with rows of a batch, and the values that they skip there.
final class ColumnUpdates {
    /// What there is to do for a column, for all lanes the same but for the states.
    private struct Use {
        let column: States.Column
        let arguments: AggregateArguments
        let positions: RecordPositions?
    }

    /// What a lane has found in a column.
    private struct Finding {
        var skipped = 0
        var example: SkippedValue?
    }

    private let lanes: Int
    private var uses: [Use] = []
    /// Those of lane l begin at number l × `findingRoom`; each lane writes its own.
    private var findings: UnsafeMutablePointer<Finding>
    private var findingRoom = 8

    init(lanes: Int) {
        self.lanes = lanes
        findings = .allocate(capacity: lanes * findingRoom)
        findings.initialize(repeating: Finding(), count: lanes * findingRoom)
    }

    deinit {
        findings.deinitialize(count: lanes * findingRoom)
        findings.deallocate()
    }

    var count: Int { uses.count }

    func removeAll() { uses.removeAll(keepingCapacity: true) }

    /// Adds a column to update.
    func add(_ column: States.Column, _ arguments: AggregateArguments, _ positions: RecordPositions?) {
        uses.append(Use(column: column, arguments: arguments, positions: positions))
        guard uses.count > findingRoom else { return }
        findings.deinitialize(count: lanes * findingRoom)
        findings.deallocate()
        findingRoom *= 2
        findings = .allocate(capacity: lanes * findingRoom)
        findings.initialize(repeating: Finding(), count: lanes * findingRoom)
    }

    /// Adds row `rows[i]` to state `states[i]` of a column for i in 0..<count. Called by a lane, for states that belong to it.
    func update(
        _ number: Int, in lane: Int, _ states: UnsafePointer<UInt32>, _ rows: UnsafePointer<UInt32>,
        _ count: Int
    ) {
        guard count > 0 else { return }
        let use = uses[number]
        let skipped = use.column.states.update(
            slots: states, rows: rows, count: count, arguments: use.arguments)
        if skipped > 0 { note(skipped, number, lane, rows, count) }
    }

    private func note(
        _ skipped: Int, _ number: Int, _ lane: Int, _ rows: UnsafePointer<UInt32>, _ count: Int
    ) {
        let (use, finding) = (uses[number], findings + (lane * findingRoom + number))
        finding.pointee.skipped += skipped
        guard !use.column.hasExample, let positions = use.positions else { return }
        finding.pointee.example = SkippedValue(use.column, use.arguments, rows, count, positions)
    }

    /// What a column has skipped: the number of values, and the first one.
    func takeSkipped(by number: Int) -> (count: Int, example: SkippedValue?) {
        var total = Finding()
        for lane in 0..<lanes {
            let finding = findings + (lane * findingRoom + number)
            guard finding.pointee.skipped > 0 else { continue }
            total.skipped += finding.pointee.skipped
            if let example = finding.pointee.example, example.row < total.example?.row ?? Int.max {
                total.example = example
            }
            finding.pointee = Finding()
        }
        return (total.skipped, total.example)
    }
}

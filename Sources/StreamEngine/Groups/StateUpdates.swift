/// A value that aggregates have skipped because it is not a number.
struct SkippedValue {
    /// The aggregates that share the state.
    var aggregates: String
    var row: Int
    var position: RecordPosition
    var text: String

    /// The first value among rows that a column skips; nil if there is none.
    init?(
        _ column: States.Column, _ arguments: AggregateArguments, _ rows: UnsafePointer<UInt32>, _ count: Int,
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

/// Rows of a batch with which the lanes of a crew update states, while the ordered part goes on to the next batches.
///
/// Each state belongs to one lane. So the updates of a state are made in the order of the batches, and need no lock.
final class StateUpdates {
    /// What a lane has to do for a column, for all of them the same but for the states.
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

    /// The number of the crew's task.
    var task = 0
    private let lanes: Int
    /// Neighbouring states are in one bucket, so that lanes do not share cache lines.
    private static let neighbours = UInt32(3)
    /// The updates, bucket by bucket, and where these start; there are as many of them as lanes.
    private var states: UnsafeMutablePointer<UInt32>
    private var rows: UnsafeMutablePointer<UInt32>
    private var room = 4096
    private let starts: UnsafeMutablePointer<Int>
    private var uses: [Use] = []
    /// Those of lane l begin at number l × `findingRoom`; each lane writes its own.
    private var findings: UnsafeMutablePointer<Finding>
    private var findingRoom = 8

    init(lanes: Int) {
        self.lanes = lanes
        states = .allocate(capacity: room)
        rows = .allocate(capacity: room)
        starts = .allocate(capacity: lanes + 1)
        findings = .allocate(capacity: lanes * findingRoom)
        findings.initialize(repeating: Finding(), count: lanes * findingRoom)
    }

    deinit {
        states.deallocate()
        rows.deallocate()
        starts.deallocate()
        findings.deinitialize(count: lanes * findingRoom)
        findings.deallocate()
    }

    /// Starts with these pairs of a state and a row, in the order of the rows.
    func begin(_ states: UnsafePointer<UInt32>, _ rows: UnsafePointer<UInt32>, _ count: Int) {
        uses.removeAll(keepingCapacity: true)
        if count > room {
            self.states.deallocate()
            self.rows.deallocate()
            room = max(count, 2 * room)
            self.states = .allocate(capacity: room)
            self.rows = .allocate(capacity: room)
        }
        if lanes == 1 {
            self.states.update(from: states, count: count)
            self.rows.update(from: rows, count: count)
            (starts[0], starts[1]) = (0, count)
        } else {
            distribute(states, rows, count)
        }
    }

    /// Sorts the pairs by bucket; those of one bucket keep their order.
    private func distribute(_ states: UnsafePointer<UInt32>, _ rows: UnsafePointer<UInt32>, _ count: Int) {
        let (sortedStates, sortedRows, starts, lanes) = (self.states, self.rows, starts, lanes)
        starts.update(repeating: 0, count: lanes + 1)
        for i in 0..<count { starts[Self.bucket(states[i], lanes) &+ 1] &+= 1 }
        for bucket in 1..<lanes { starts[bucket + 1] &+= starts[bucket] }
        for i in 0..<count {
            let bucket = Self.bucket(states[i], lanes)
            let place = starts[bucket]
            starts[bucket] = place &+ 1
            sortedStates[place] = states[i]
            sortedRows[place] = rows[i]
        }
        // Each start is now the end of its bucket.
        for bucket in stride(from: lanes, to: 0, by: -1) { starts[bucket] = starts[bucket - 1] }
        starts[0] = 0
    }

    @inline(__always) private static func bucket(_ state: UInt32, _ lanes: Int) -> Int {
        let mixed = UInt64((state >> neighbours) &* 0x9e37_79b1)
        return Int(truncatingIfNeeded: (mixed &* UInt64(truncatingIfNeeded: lanes)) >> 32)
    }

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

    /// Makes the updates of a lane.
    func run(_ lane: Int) {
        for number in uses.indices {
            // A bucket is with another lane in each column: few groups keep several lanes busy too.
            let bucket = (lane + number) % lanes
            let (start, count) = (starts[bucket], starts[bucket + 1] - starts[bucket])
            guard count > 0 else { continue }
            let use = uses[number]
            let skipped = use.column.states.update(
                slots: states + start, rows: rows + start, count: count, arguments: use.arguments)
            if skipped > 0 { note(skipped, number, lane, rows + start, count) }
        }
    }

    private func note(_ skipped: Int, _ number: Int, _ lane: Int, _ rows: UnsafePointer<UInt32>, _ count: Int) {
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

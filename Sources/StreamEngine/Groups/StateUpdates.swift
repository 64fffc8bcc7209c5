/// Pairs of a state and a row with which the lanes of a crew update states, while the ordered part goes on to the next
/// batches.
///
/// Each state belongs to one lane. So the updates of a state are made in the order of the batches, and need no lock.
final class StateUpdates {
    /// The number of the crew's task.
    var task = 0
    let columns: ColumnUpdates
    private let lanes: Int
    /// Neighbouring states are in one bucket, so that lanes do not share cache lines.
    private static let neighbours = UInt32(3)
    /// The updates, bucket by bucket, and where these start; there are as many of them as lanes.
    private var states: UnsafeMutablePointer<UInt32>
    private var rows: UnsafeMutablePointer<UInt32>
    private var room = 4096
    private let starts: UnsafeMutablePointer<Int>

    init(lanes: Int) {
        self.lanes = lanes
        columns = ColumnUpdates(lanes: lanes)
        states = .allocate(capacity: room)
        rows = .allocate(capacity: room)
        starts = .allocate(capacity: lanes + 1)
    }

    deinit {
        states.deallocate()
        rows.deallocate()
        starts.deallocate()
    }

    /// Starts with these pairs, in the order of the rows.
    func begin(_ states: UnsafePointer<UInt32>, _ rows: UnsafePointer<UInt32>, _ count: Int) {
        columns.removeAll()
        if count > room {
            self.states.deallocate()
            self.rows.deallocate()
            room = max(count, 2 * room)
            self.states = .allocate(capacity: room)
            self.rows = .allocate(capacity: room)
        }
        let (sortedStates, sortedRows, starts, lanes) = (self.states, self.rows, starts, lanes)
        starts.update(repeating: 0, count: lanes + 1)
        for i in 0..<count { starts[Self.bucket(states[i], lanes) &+ 1] &+= 1 }
        for bucket in 1..<max(1, lanes) { starts[bucket + 1] &+= starts[bucket] }
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

    /// Merges the states that `begin` had as rows into those of a bucket, in all columns.
    func merge(_ bucket: Int, in columns: [any AggregateColumn]) {
        let (start, count) = (starts[bucket], starts[bucket + 1] - starts[bucket])
        guard count > 0 else { return }
        for column in columns { column.merge(rows + start, into: states + start, count: count) }
    }

    /// Makes the updates of a lane.
    func run(_ lane: Int) {
        for number in 0..<columns.count {
            // A bucket is with another lane in each column: few groups keep several lanes busy too.
            let bucket = (lane + number) % lanes
            columns.update(
                number, in: lane, states + starts[bucket], rows + starts[bucket],
                starts[bucket + 1] - starts[bucket])
        }
    }
}

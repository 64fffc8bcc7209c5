import Testing

@testable import StreamEngine

@Suite("the rows of lanes") struct LaneRowsTests {
    private var random = SeededGenerator(seed: 7)
    private let hash = KeyHash(seed: 11)

    private mutating func keys(_ count: Int) -> [GroupKey] {
        (0..<count).map { _ in GroupKey(low: random.next() % 50, high: 0, shape: KeyShape(length: 8), hash) }
    }

    private mutating func check(_ divided: LaneRows, _ keys: [GroupKey], lanes: Int) {
        #expect(divided.shares.count == lanes && divided.shares.reduce(0) { $0 + $1.count } == keys.count)
        for (lane, share) in divided.shares.enumerated() {
            let rows = UnsafeBufferPointer(start: share.rows, count: share.count)
            #expect(zip(rows, rows.dropFirst()).allSatisfy(<))
            for (place, row) in rows.enumerated() {
                #expect(share.keys[place].low == keys[Int(row)].low)
                let tag = KeyHash.tag(share.keys[place].hash, pane: UInt32(truncatingIfNeeded: random.next()))
                #expect(KeyHash.shard(tag, of: lanes) == lane)
            }
            let places = share.places(of: 100..<300)
            #expect(places.map { rows[$0] } == rows.filter { (100..<300).contains($0) })
        }
    }

    @Test(
        "are all rows, each with its key and in the lane of its key in every pane, in order",
        arguments: [1, 2, 3, 8, 100])
    mutating func division(lanes: Int) {
        let divided = LaneRows()
        // Larger and smaller batches follow each other.
        for count in [0, 1, 500, 20, 3000, 0, 700] {
            let keys = keys(count)
            keys.withUnsafeBufferPointer { keys in
                if let keys = keys.baseAddress { divided.divide(count, keys, among: lanes) }
            }
            if count > 0 { check(divided, keys, lanes: lanes) }
        }
    }

    @Test("are the same for two lanes when they are divided one after the other")
    mutating func halves() {
        let divided = LaneRows()
        for count in [0, 1, 500, 20, 3000, 0, 700] {
            let keys = keys(count)
            var inOrder = keys.map { _ in GroupKey(hash) }
            inOrder.withUnsafeMutableBufferPointer { inOrder in
                guard let first = inOrder.baseAddress else { return }
                divided.divideInHalves(count, first) { halves in
                    for (row, key) in keys.enumerated() { halves.store(key, of: row) }
                }
                divided.layOutKeys()
            }
            guard count > 0 else { continue }
            check(divided, keys, lanes: 2)
            #expect(inOrder.map(\.low) == keys.map(\.low) && inOrder.map(\.high) == keys.map(\.high))
            #expect(inOrder.map(\.shape) == keys.map(\.shape) && inOrder.map(\.hash) == keys.map(\.hash))
        }
    }

    @Test("are none where there are no lanes")
    mutating func noLanes() {
        let divided = LaneRows()
        for lanes in [2, 0] {
            keys(10).withUnsafeBufferPointer { keys in
                if let keys = keys.baseAddress { divided.divide(10, keys, among: lanes) }
            }
        }
        #expect(divided.shares.isEmpty)
    }
}

import Testing

@testable import StreamEngine

@Suite("the rows of lanes") struct LaneRowsTests {
    @Test("are all rows, each in the lane of its key in every pane, in order", arguments: [1, 2, 3, 8, 100])
    func division(lanes: Int) {
        var random = SeededGenerator(seed: UInt64(lanes))
        let hash = KeyHash(seed: random.next())
        var divided = LaneRows()
        // Larger and smaller batches follow each other.
        for count in [0, 1, 500, 20, 3000, 0, 700] {
            let keys = (0..<count).map { _ in
                GroupKey(low: random.next() % 50, high: 0, shape: KeyShape(length: 8), hash)
            }
            keys.withUnsafeBufferPointer { keys in
                if let keys = keys.baseAddress { divided.divide(count, keys, among: lanes) }
            }
            guard count > 0 else { continue }
            let rows = divided.byLane
            #expect(rows.count == lanes && rows.reduce(0) { $0 + $1.count } == count)
            for lane in 0..<lanes {
                #expect(zip(rows[lane], rows[lane].dropFirst()).allSatisfy(<))
                for row in rows[lane] {
                    let pane = UInt32(truncatingIfNeeded: random.next())
                    let tag = KeyHash.tag(keys[Int(row)].hash, pane: pane)
                    #expect(KeyHash.shard(tag, of: lanes) == lane)
                }
            }
        }
    }
}

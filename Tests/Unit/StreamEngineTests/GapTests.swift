import Testing

@testable import StreamEngine

@Suite("filled gaps") struct GapTests {
    /// The rows of a count over windows of one microsecond.
    private static func rows(_ records: [(key: String, time: Int)], delay: Int64?) throws -> [String] {
        var query = try Query.timed(
            .tumbling(size: 1, align: 0), by: ["k"], delay: delay, [Aggregate(name: "n", function: .count)])
        query.fill = .gaps
        let text = records.map { "{\"k\":\"\($0.key)\",\"t\":\($0.time)}\n" }.joined()
        return try runEngine(query, text).lines
    }

    @Test("rows of many gaps at once are those of a sweep over all windows, in the order of windows and keys")
    func order() throws {
        let records = [
            ("b", 0), ("c", 0), ("a", 3), ("c", 4500), ("b", 9000), ("a", 9003), ("d", 9003), ("b", 9004),
            ("a", 20_000),
        ].map { (key: $0.0, time: $0.1) }
        let span = Dictionary(grouping: records, by: \.key).mapValues { records in
            (records.map(\.time).min() ?? 0)...(records.map(\.time).max() ?? 0)
        }
        var expected: [String] = []
        for time in 0...20_000 {
            for key in ["a", "b", "c", "d"] where span[key]?.contains(time) ?? false {
                let count = records.count { $0.key == key && $0.time == time }
                let bounds =
                    "\"window_start\":\"\(timeText(Int64(time)))\",\"window_end\":\"\(timeText(Int64(time + 1)))\""
                expected.append("{\"k\":\"\(key)\",\(bounds),\"n\":\(count)}")
            }
        }
        #expect(try Self.rows(records, delay: nil) == expected)
        // As windows close, gaps are only known with the next row of their group.
        #expect(try Self.rows(records, delay: 5).sorted() == expected.sorted())
    }

    @Test("a wrong time leaves out its own gap and no row", arguments: [-1_000_000_000, 1_000_000_000])
    func wrongTime(time: Int) throws {
        let records = [("a", 10), ("b", 10), ("a", time), ("a", 12), ("b", 13)].map { (key: $0.0, time: $0.1) }
        let rows = try Self.rows(records, delay: nil)
        #expect(rows.count == 1 + 3 + 4)
    }
}

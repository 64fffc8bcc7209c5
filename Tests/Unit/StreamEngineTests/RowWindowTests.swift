import Testing

@testable import StreamEngine

@Suite("windows of rows") struct RowWindowTests {
    @Test(
        "limits as large as numbers get count every record that is in the window",
        arguments: [
            (Int.max, Int.max, [3]), (Int.max, 2, [2, 3]), (Int.max, Int.max - 1, [3]), (2, Int.max, []),
            (Int.max - 1, Int.max, [2]), (Int.max, 1, [1, 2, 3]),
        ] as [(Int, Int, [Int])])
    func limits(count: Int, every: Int, counts: [Int]) throws {
        var query = Query()
        query.window = .rows(count: count, every: every)
        query.aggregates = [Aggregate(name: "n", function: .count)]
        let result = try runEngine(query, "{}\n{}\n{}\n")
        #expect(result.lines == counts.map { "{\"n\":\($0)}" })
        #expect(result.figures.isComplete)
    }
}

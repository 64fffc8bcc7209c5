import Testing

@testable import StreamEngine

@Suite struct SortOrderTests {
    @Test(
        "many keys with one beginning come out bytewise",
        arguments: ["", "s", "sensor_", "a-rather-long-common-beginning/"])
    func commonBeginning(beginning: String) throws {
        var random = SeededGenerator(seed: 11)
        var keys: Set<String> = [beginning]
        while keys.count < 400 {
            let tail = (0..<random.below(12)).map { _ in random.pick(["0", "1", "9", "é", "z", " "]) }.joined()
            keys.insert(beginning + tail)
        }
        var query = Query()
        query.groupKeys = [GroupKeySpec(name: "k", field: try FieldPath.parse("k"))]
        query.aggregates = [Aggregate(name: "n", function: .count)]
        let text = keys.shuffled(using: &random).map { "{\"k\":\"\($0)\"}\n" }.joined()
        let expected = keys.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
        #expect(try runEngine(query, text).lines == expected.map { "{\"k\":\"\($0)\",\"n\":1}" })
    }
}

import Testing

@testable import StreamEngine

@Suite struct ManyGroupsTests {
    private static func line(_ key: Int, _ time: Int, _ value: Int) -> String {
        "{\"k\":\"key-\(key)\",\"t\":\(time),\"x\":\(value)}\n"
    }

    /// The rows of one window in their order, without its bounds.
    private static func rows(_ groups: [Int: String]) -> [String] {
        groups.map { ("key-\($0)", $1) }.sorted { Array($0.0.utf8).lexicographicallyPrecedes(Array($1.0.utf8)) }
            .map { "{\"k\":\"\($0)\"," + $1 }
    }

    /// Many groups in a window, some of them in the next before the first closes, and others after that.
    @Test("states begin empty in the next window, however many groups go", arguments: [40, 500, 70_000])
    func nextWindow(count: Int) throws {
        let query = try Query.timed(
            .tumbling(size: 100, align: 0), by: ["k"], delay: 10,
            [
                Aggregate(name: "n", function: .count), try .over(.sum, "x"), try .over(.min, "x"),
                try .over(.first, "x"),
            ])
        func row(_ n: Int, _ sum: Int, _ least: Int, _ first: Int) -> String {
            "\"n\":\(n),\"sum_x\":\(sum),\"min_x\":\(least),\"first_x\":\(first)}"
        }
        var text = ""
        var first: [Int: String] = [:]
        var second: [Int: String] = [:]
        for key in 0..<count {
            text += Self.line(key, 50, key)
            first[key] = row(1, key, key, key)
        }
        for key in 0..<count / 4 { text += Self.line(key, 105, 5) }
        text += Self.line(count, 150, 8)
        second[count] = row(1, 8, 8, 8)
        for key in 0..<count / 2 {
            text += Self.line(key, 160, 2)
            second[key] = key < count / 4 ? row(2, 7, 2, 5) : row(1, 2, 2, 2)
        }
        text += Self.line(0, 500, 7)
        let lines = try runEngine(query, text).lines.map { line in
            var line = line
            if let from = line.firstRange(of: "\"window_start\""), let to = line.firstRange(of: "\"n\"") {
                line.removeSubrange(from.lowerBound..<to.lowerBound)
            }
            return line
        }
        #expect(lines == Self.rows(first) + Self.rows(second) + Self.rows([0: row(1, 7, 7, 7)]))
    }
}

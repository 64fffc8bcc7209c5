import Testing

@testable import StreamEngine

@Suite struct OrderTests {
    static func aggregate(_ function: AggregateFunction) throws -> Aggregate {
        let arguments: [String] =
            if function == .countIf {
                ["v > 0"]
            } else if function == .top {
                ["s"]
            } else {
                ["s", "v"].suffix(function.arguments.lowerBound)
            }
        return Aggregate(
            name: "x", function: function, arguments: try arguments.map { try Expression.parse($0) },
            parameter: function == .quantile ? 0.9 : 3)
    }

    private static func value(_ random: inout SeededGenerator) -> String {
        switch Int.random(in: 0..<12, using: &random) {
        case 0: "1e16"
        case 1: "-1e16"
        case 2: "1e300"
        case 3: "-1e300"
        case 4: "4.9e-324"
        case 5: "9223372036854775807"
        case 6: "\"\(Int.random(in: -99...99, using: &random))\""
        case 7: "null"
        case 8: "\"word\""
        case 9: "\(Int.random(in: -1000...1000, using: &random))"
        default: "\(Double.random(in: -1...1, using: &random))"
        }
    }

    private static func lines(_ count: Int, _ random: inout SeededGenerator) -> [String] {
        (0..<count).map { number in
            let word = ["x", "y", "z", "\\u00e9", "longer than sixteen bytes"].randomElement(using: &random) ?? ""
            let key = Int.random(in: 0..<3, using: &random)
            return "{\"t\":\(number * 3 - 200),\"k\":\(key),\"s\":\"\(word)\",\"v\":\(value(&random))}\n"
        }
    }

    @Test("without a watermark the order of the records does not show", arguments: AggregateFunction.all)
    func order(function: AggregateFunction) throws {
        let windows: [WindowSpec] = [
            .all, .tumbling(size: 50, align: 0), .hopping(size: 50, step: 15, align: 3),
            .cumulative(max: 60, step: 20, align: 0), .session(gap: 5),
        ]
        for (number, window) in windows.enumerated() {
            for seed in 0..<UInt64(6) {
                var random = SeededGenerator(seed: seed &* 10 &+ UInt64(number))
                var lines = Self.lines(seed == 0 ? 400 : 60, &random)
                let query = try Query.timed(window, by: ["k"], [try Self.aggregate(function)])
                let sorted = try runEngine(query, lines.joined())
                #expect(sorted.figures.rows > 0 && sorted.error == nil)
                for _ in 0..<3 {
                    lines.shuffle(using: &random)
                    let shuffled = try runEngine(query, lines.joined(), seed: random.next())
                    #expect(shuffled.text == sorted.text, "\(function) \(window) seed \(seed)")
                }
            }
        }
    }

    @Test(
        "beyond the exact limits the order does not show either",
        arguments: [AggregateFunction.median, .distinct, .quantile])
    func sketches(function: AggregateFunction) throws {
        var random = SeededGenerator(seed: 5)
        var lines = (0..<11_000).map { "{\"t\":\($0),\"k\":0,\"v\":\($0 * 37 % 11_003).5}\n" }
        let query = try Query.timed(
            .hopping(size: 12000, step: 5000, align: 0), by: ["k"], [try Self.aggregate(function)])
        let sorted = try runEngine(query, lines.joined())
        lines.shuffle(using: &random)
        #expect(try runEngine(query, lines.joined()).text == sorted.text)
    }

    @Test("the secret number that keys are hashed with does not show")
    func seeds() throws {
        var random = SeededGenerator(seed: 11)
        let lines = (0..<500).map { _ in "{\"t\":1,\"k\":\"\(Int.random(in: 0..<400, using: &random))\"}\n" }
        let query = try Query.timed(.tumbling(size: 10, align: 0), by: ["k"])
        let first = try runEngine(query, lines.joined(), seed: 0)
        #expect(try runEngine(query, lines.joined(), seed: .max).output == first.output)
    }
}

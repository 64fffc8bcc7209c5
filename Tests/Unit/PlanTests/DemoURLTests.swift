import Testing

@testable import Plan

@Suite("URLs of the demo source") struct DemoURLTests {
    private func options(_ parameters: String) throws -> DemoOptions {
        try DemoURL("demo:sensors" + parameters).options
    }

    @Test("parameters are read from the URL") func parameters() throws {
        let all = try options("?records=5M&rate=2k&keys=1000&disorder=1h30m5s&seed=9")
        #expect(all.records == 5_000_000 && all.rate == 2000 && all.keys == 1000 && all.seed == 9)
        #expect(all.disorder == 5_405_000_000)
        #expect(try options("") == DemoOptions() && DemoOptions().records == 100_000)
        #expect(try !options("?rate=5").isBounded)
        #expect(try options("?rate=5&records=7").isBounded)
    }

    @Test("durations are those of the flags", arguments: [("0", 0), ("500ms", 500_000), ("1.5s", 1_500_000)])
    func durations(_ text: String, _ microseconds: Int64) throws {
        #expect(try options("?disorder=\(text)").disorder == microseconds)
    }

    @Test(
        "an error says what would be understood",
        arguments: [
            ("demo:", "demo:sensors"), ("demo:cars", "demo:sensors"),
            ("demo:sensors?colour=1", "use records, rate, keys"),
            ("demo:sensors?records=many", "whole number"), ("demo:sensors?keys=0", "from 1 to"),
            ("demo:sensors?rate=99999999999999999999", "whole number"), ("demo:sensors?disorder=5", "such as"),
            ("demo:sensors?disorder=", "such as"), ("demo:sensors?disorder=9999999999w", "at most"),
            ("demo:sensors?disorder=367d", "at most"), ("demo:sensors?disorder=-1s", "such as"),
        ])
    func wrong(text: String, help: String) throws {
        let words = try #require(usage { _ = try DemoURL(text) })
        #expect(words.hasPrefix("\(text): ") && words.contains(help), "\(words)")
    }
}

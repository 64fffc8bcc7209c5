import StreamEngine

/// The URL of the built-in source: `demo:sensors[?records=N&rate=N&keys=N&disorder=DURATION&seed=N]`.
package struct DemoURL: Sendable, Equatable {
    package var options: DemoOptions
    /// The text as given.
    package let text: String

    /// Numbers may end in k, M or G (powers of 1000).
    package init(_ text: String) throws(UsageError) {
        self.text = text
        func wrong(_ reason: String) -> UsageError { UsageError("\(text): \(reason)") }
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.first == "demo:sensors" else {
            throw wrong("unknown demo source; write demo:sensors")
        }
        options = DemoOptions()
        var records: Int?
        for parameter in parts.dropFirst().joined().split(separator: "&") {
            let pair = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let (name, value) = (pair[0], pair.count > 1 ? pair[1] : "")
            func number(_ range: ClosedRange<Int>) throws(UsageError) -> Int {
                guard let number = Self.count(value), range.contains(number) else {
                    throw wrong(
                        "\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound), not '\(value)'"
                    )
                }
                return number
            }
            switch name {
            case "records": records = try number(0...DemoOptions.mostRecords)
            case "rate": options.rate = try number(1...1_000_000_000)
            case "keys": options.keys = try number(1...1_000_000_000)
            case "seed": options.seed = UInt64(try number(0...Int.max))
            case "disorder":
                guard let length = try? DurationText.parse(String(value)), length <= 366 * Microseconds.day else {
                    throw wrong(
                        "disorder must be a duration of at most 366d, such as 500ms, 5s or 1h30m, not '\(value)'")
                }
                options.disorder = length
            default:
                throw wrong("unknown parameter '\(name)'; use records, rate, keys, disorder or seed")
            }
        }
        options.records = records ?? (options.rate == nil ? DemoOptions.defaultRecords : DemoOptions.mostRecords)
    }

    /// Parses digits, optionally followed by k, M or G.
    private static func count(_ text: Substring) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let scale: Int? =
            switch text.dropFirst(digits.count) {
            case "": 1
            case "k", "K": 1000
            case "M": 1_000_000
            case "G": 1_000_000_000
            default: nil
            }
        guard let number = Int(digits), let scale else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: scale)
        return overflow ? nil : product
    }
}

/// The parameters of the built-in source.
package struct DemoOptions: Sendable, Equatable {
    /// The number of records when neither `records` nor `rate` is given.
    package static let defaultRecords = 100_000
    /// The number of records after which even an unbounded source ends.
    package static let mostRecords = 100_000_000_000

    package var records = DemoOptions.defaultRecords
    /// Records per second of wall-clock time; nil: as fast as they are read.
    package var rate: Int?
    /// Number of sensors.
    package var keys = 10
    /// Maximum out-of-orderness, microseconds.
    package var disorder: Int64 = 0
    package var seed: UInt64 = 1

    package init() {}

    /// False if the source runs until it is stopped.
    package var isBounded: Bool { records < DemoOptions.mostRecords }
}

extension DemoURL: InputSpec {
    package static func parse(_ texts: [String]) throws(UsageError) -> DemoURL? {
        guard let text = texts.first(where: { $0.hasPrefix("demo:") }) else { return nil }
        let url = try DemoURL(text)
        try only(of: texts, text, hint: "name only this one")
        return url
    }

    package var names: [String] { [text] }
    package var noun: String { "the demo source" }
    package var columns: Set<SourceColumn> { [.line, .file, .lineNumber] }
    /// Live if it is paced, or unbounded.
    package func isLive(_ environment: PlanEnvironment) -> Bool { options.rate != nil || !options.isBounded }
}

import StreamEngine

/// What `demo:sensors?…` asks for.
package struct DemoOptions: Sendable, Equatable {
    /// Records that are made when neither `records` nor `rate` is given.
    package static let defaultRecords = 100_000
    /// Where an unbounded source ends after all.
    package static let mostRecords = 100_000_000_000

    package var records = DemoOptions.defaultRecords
    /// Records a second by the wall clock; nil: as fast as they are read.
    package var rate: Int?
    /// Number of sensors.
    package var keys = 10
    /// How far a record's time may lie behind its place in the stream, microseconds.
    package var disorder: Int64 = 0
    package var seed: UInt64 = 1

    package init() {}

    /// False when it goes on until it is stopped.
    package var isBounded: Bool { records < DemoOptions.mostRecords }

    /// Reads `demo:sensors[?records=N&rate=N&keys=N&disorder=DUR&seed=N]`; numbers may end in k, M or G (1000s).
    package static func parse(_ input: String) throws(SourceError) -> DemoOptions {
        func wrong(_ reason: String) -> SourceError { SourceError(input: input, reason: reason) }
        let parts = input.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts[0] == "demo:sensors" else {
            throw wrong("there is no such demo source; write demo:sensors")
        }
        var options = DemoOptions()
        var records: Int?
        for parameter in parts.dropFirst().joined().split(separator: "&") {
            let pair = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let (name, value) = (pair[0], pair.count > 1 ? pair[1] : "")
            func number(_ range: ClosedRange<Int>) throws(SourceError) -> Int {
                guard let number = count(value), range.contains(number) else {
                    throw wrong(
                        "\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound), not '\(value)'"
                    )
                }
                return number
            }
            switch name {
            case "records": records = try number(0...mostRecords)
            case "rate": options.rate = try number(1...1_000_000_000)
            case "keys": options.keys = try number(1...1_000_000_000)
            case "seed": options.seed = UInt64(try number(0...Int.max))
            case "disorder":
                guard let length = duration(value), length <= 366 * 86_400_000_000 else {
                    throw wrong(
                        "disorder must be a duration of at most 366d such as 500ms, 5s or 1h30m, not '\(value)'")
                }
                options.disorder = length
            default:
                throw wrong("unknown parameter '\(name)'; there are records, rate, keys, disorder and seed")
            }
        }
        options.records = records ?? (options.rate == nil ? defaultRecords : mostRecords)
        return options
    }

    /// Digits, and k, M or G behind them.
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

    /// `5s`, `1h30m`: microseconds. A plain 0 needs no unit.
    private static func duration(_ text: Substring) -> Int64? {
        if text == "0" { return 0 }
        let units: [Substring: Int64] = [
            "us": 1, "ms": 1000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000,
            "w": 604_800_000_000,
        ]
        var rest = text
        var total: Int64 = 0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            let unit = rest.dropFirst(digits.count).prefix { $0.isLetter }
            guard let number = Int64(digits), let size = units[unit] else { return nil }
            let (length, overflow) = number.multipliedReportingOverflow(by: size)
            let (sum, tooMuch) = total.addingReportingOverflow(length)
            guard !overflow, !tooMuch else { return nil }
            total = sum
            rest = rest.dropFirst(digits.count + unit.count)
        }
        return text.isEmpty ? nil : total
    }
}

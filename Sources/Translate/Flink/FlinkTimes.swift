import StreamEngine

/// Times in Flink SQL.
enum FlinkTimes {
    /// Milliseconds since 1970 of a time.
    static func milliseconds(_ time: String) -> String {
        "(EXTRACT(EPOCH FROM \(time)) * 1000 + EXTRACT(MILLISECOND FROM \(time)))"
    }

    /// A constant time; it is cut to milliseconds.
    static func literal(_ microseconds: Int64) -> String {
        let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: 1000)
        return "TO_TIMESTAMP_LTZ(\(remainder < 0 ? quotient - 1 : quotient), 3)"
    }

    /// A time from a number since 1970.
    static func fromNumber(_ number: String, _ format: TimeFormat, isDouble: Bool) -> String? {
        let milliseconds: String? =
            switch format {
            case .seconds: isDouble ? "CAST(ROUND(\(number) * 1000, 0) AS BIGINT)" : "\(number) * 1000"
            case .milliseconds: isDouble ? "CAST(\(number) AS BIGINT)" : number
            case .microseconds: isDouble ? "CAST(\(number) / 1000 AS BIGINT)" : "\(number) / 1000"
            case .nanoseconds: isDouble ? "CAST(\(number) / 1000000 AS BIGINT)" : "\(number) / 1000000"
            case .auto, .iso, .pattern: nil
            }
        return milliseconds.map { "TO_TIMESTAMP_LTZ(\($0), 3)" }
    }
}

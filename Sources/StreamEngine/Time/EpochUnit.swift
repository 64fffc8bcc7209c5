/// The unit of epoch numbers, which count from 1970.
package enum EpochUnit: String, Sendable {
    case seconds = "s"
    case milliseconds = "ms"
    case microseconds = "us"
    case nanoseconds = "ns"

    /// The unit that makes the number a present-day time, by the digits of its integer part: up to 11 are seconds, up
    /// to 14 milliseconds, up to 17 microseconds, and more are nanoseconds.
    package static func guess(_ number: Value) -> EpochUnit {
        switch number.kind {
        case .integer:
            let size = number.integer.magnitude
            if size < 100_000_000_000 { return .seconds }
            if size < 100_000_000_000_000 { return .milliseconds }
            return size < 100_000_000_000_000_000 ? .microseconds : .nanoseconds
        case .double:
            let size = number.double.magnitude
            if size < 1e11 { return .seconds }
            if size < 1e14 { return .milliseconds }
            return size < 1e17 ? .microseconds : .nanoseconds
        case .digits: return .nanoseconds
        default: return .microseconds
        }
    }

    /// The time of a number of the unit that its size suggests; nil if it is outside Int64 or not a number.
    package static func time(of number: Value) -> Int64? { guess(number).time(number) }

    /// Microseconds since 1970; nil if they are outside Int64 or the value is not a number.
    ///
    /// Integers are exact, except that nanoseconds are rounded toward the past; doubles are rounded to the nearest
    /// microsecond. A value that is already a time is unchanged.
    package func time(_ number: Value) -> Int64? {
        switch number.kind {
        case .integer:
            let (value, overflow) =
                switch self {
                case .seconds: number.integer.multipliedReportingOverflow(by: 1_000_000)
                case .milliseconds: number.integer.multipliedReportingOverflow(by: 1_000)
                case .microseconds: (number.integer, false)
                case .nanoseconds: (floorDivide(number.integer, 1_000), false)
                }
            return overflow ? nil : value
        case .double:
            switch self {
            case .seconds: return Self.scaled(number.double, by: 1_000_000)
            case .milliseconds: return Self.scaled(number.double, by: 1_000)
            case .microseconds: return Self.scaled(number.double, by: 1)
            case .nanoseconds: return Self.scaled(number.double / 1_000, by: 1)
            }
        case .time: return number.integer
        default: return nil
        }
    }

    /// Scales the whole part as an integer and only the fraction as a double, so that both keep all their digits.
    private static func scaled(_ number: Double, by factor: Int64) -> Int64? {
        guard let whole = floor(number), let (rest, half) = split((number - Double(whole)) * Double(factor)) else {
            return nil
        }
        let (micros, overflow) = whole.multipliedReportingOverflow(by: factor)
        let (sum, tooLarge) = micros.addingReportingOverflow(half >= 0.5 ? rest &+ 1 : rest)
        return overflow || tooLarge ? nil : sum
    }

    /// The largest integer not above the value, and the rest. Does not use `rounded()`, which calls libm: the engine
    /// does not link it.
    private static func split(_ number: Double) -> (whole: Int64, rest: Double)? {
        guard let whole = floor(number) else { return nil }
        return (whole, number - Double(whole))
    }

    private static func floor(_ number: Double) -> Int64? {
        // From -2^63 up to, but not including, 2^63.
        guard number >= -0x1p63, number < 0x1p63 else { return nil }
        let whole = Int64(number)
        return Double(whole) > number ? whole &- 1 : whole
    }
}

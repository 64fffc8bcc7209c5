// The proleptic Gregorian calendar with plain 64-bit integers. A time is an Int64 of microseconds since
// 1970-01-01T00:00Z; a day is an Int64 of days since 1970-01-01.

/// Lengths in microseconds.
package enum Microseconds {
    package static let millisecond: Int64 = 1_000
    package static let second: Int64 = 1_000_000
    package static let minute: Int64 = 60 * second
    package static let hour: Int64 = 60 * minute
    package static let day: Int64 = 24 * hour
    package static let week: Int64 = 7 * day
    /// 400 Gregorian years, after which the calendar repeats, including weekdays.
    package static let cycle: Int64 = 146_097 * day
}

/// The quotient rounded down, which is also correct for times before 1970. `divisor` must be positive.
@inline(__always) package func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
    let quotient = value / divisor
    return value % divisor < 0 ? quotient &- 1 : quotient
}

/// The remainder of `floorDivide`, 0 ..< divisor. `divisor` must be positive.
@inline(__always) package func floorRemainder(_ value: Int64, _ divisor: Int64) -> Int64 {
    let rest = value % divisor
    return rest < 0 ? rest &+ divisor : rest
}

/// The sum, or the nearest Int64 on overflow.
@inline(__always) package func saturatingAdd(_ a: Int64, _ b: Int64) -> Int64 {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? (b < 0 ? Int64.min : Int64.max) : sum
}

/// The difference, or the nearest Int64 on overflow.
@inline(__always) package func saturatingSubtract(_ a: Int64, _ b: Int64) -> Int64 {
    let (difference, overflow) = a.subtractingReportingOverflow(b)
    return overflow ? (b < 0 ? Int64.max : Int64.min) : difference
}

/// The product, or the nearest Int64 on overflow.
@inline(__always) package func saturatingMultiply(_ a: Int64, _ b: Int64) -> Int64 {
    let (product, overflow) = a.multipliedReportingOverflow(by: b)
    return overflow ? ((a < 0) == (b < 0) ? Int64.max : Int64.min) : product
}

/// A date of the proleptic Gregorian calendar. Year 0 is the year before year 1.
///
/// Conversions are `days_from_civil` and `civil_from_days` of Howard Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms": years start in March, so that the leap day is the last, and are counted in eras of 400.
package struct CivilDate: Equatable, Sendable {
    package var year: Int64
    /// 1...12
    package var month: Int64
    /// 1...31
    package var day: Int64

    @inline(__always) package init(year: Int64, month: Int64, day: Int64) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// The date `days` days after 1970-01-01. Never traps; correct if the year fits an Int32.
    @inline(__always) package init(days: Int64) {
        let shifted = days &+ 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted &- era &* 146_097
        let yearOfEra = (dayOfEra &- dayOfEra / 1_460 &+ dayOfEra / 36_524 &- dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra &- (365 &* yearOfEra &+ yearOfEra / 4 &- yearOfEra / 100)
        let marchMonth = (5 &* dayOfYear &+ 2) / 153
        day = dayOfYear &- (153 &* marchMonth &+ 2) / 5 &+ 1
        month = marchMonth < 10 ? marchMonth &+ 3 : marchMonth &- 9
        year = yearOfEra &+ era &* 400 &+ (month <= 2 ? 1 : 0)
    }

    /// Days since 1970-01-01 of a date with a month of 1...12. A day past the end of the month continues into the next.
    /// Never traps; correct if the year fits an Int32.
    @inline(__always) package var days: Int64 {
        let marchYear = month <= 2 ? year &- 1 : year
        let era = floorDivide(marchYear, 400)
        let yearOfEra = marchYear &- era &* 400
        let marchMonth = month > 2 ? month &- 3 : month &+ 9
        let dayOfYear = (153 &* marchMonth &+ 2) / 5 &+ day &- 1
        let dayOfEra = yearOfEra &* 365 &+ yearOfEra / 4 &- yearOfEra / 100 &+ dayOfYear
        return era &* 146_097 &+ dayOfEra &- 719_468
    }

    @inline(__always) package static func isLeap(_ year: Int64) -> Bool {
        year & 3 == 0 && (year % 100 != 0 || year & 15 == 0)
    }

    /// 28...31, for a month of 1...12.
    @inline(__always) package static func daysInMonth(_ month: Int64, year: Int64) -> Int64 {
        if month == 2 { return isLeap(year) ? 29 : 28 }
        return 30 &+ ((month &+ (month >> 3)) & 1)
    }

    /// Whether the month is 1...12 and has this day.
    @inline(__always) package var isValid: Bool {
        month >= 1 && month <= 12 && day >= 1 && day <= Self.daysInMonth(month, year: year)
    }

    /// The day of the year, 1...366.
    package var dayOfYear: Int64 { days &- CivilDate(year: year, month: 1, day: 1).days &+ 1 }

    /// The weekday of a day since 1970: 0 is Monday, 6 is Sunday.
    @inline(__always) package static func weekday(days: Int64) -> Int64 { floorRemainder(days &+ 3, 7) }
}

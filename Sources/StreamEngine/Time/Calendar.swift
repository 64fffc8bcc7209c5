/// A calendar unit of windows.
package enum CalendarUnit: String, Sendable, CaseIterable {
    case hour, day
    /// Starts on Monday, as in ISO 8601.
    case week
    case month
    /// Starts in January, April, July or October.
    case quarter
    case year

    /// The longest that it usually is, microseconds.
    var usualLength: Int64 {
        let hours: Int64 =
            switch self {
            case .hour: 1
            case .day: 24
            case .week: 7 * 24
            case .month: 31 * 24
            case .quarter: 92 * 24
            case .year: 366 * 24
            }
        return hours * 3_600_000_000
    }
}

/// Divides time into windows at the boundaries of a calendar unit on the local clock of a zone.
///
/// The windows are half-open intervals of instants (microseconds since 1970) that cover all time without gaps or
/// overlap. For a day and longer units, a boundary is the first instant at which the local clock shows it or a later
/// time. A day on which the clocks change therefore has 23 or 25 hours, and a date that the zone skipped has no window.
/// An hour is an hour of the local clock at a single UTC offset: an hour that the clock shows twice is two windows.
package struct CalendarCut: Sendable {
    private let unit: CalendarUnit
    private let zone: ZoneOffsets
    private let align: Int64

    /// - Parameter align: shifts every boundary on the local clock, microseconds: with 6 h, days start at 06:00.
    package init(unit: CalendarUnit, zone: ZoneOffsets, align: Int64) {
        self.unit = unit
        self.zone = zone
        self.align =
            switch unit {
            case .hour: floorRemainder(align, Microseconds.hour)
            case .day: floorRemainder(align, Microseconds.day)
            case .week: floorRemainder(align, Microseconds.week)
            default: align
            }
    }

    /// A length that no window exceeds, microseconds.
    package var longest: Int64 {
        switch unit {
        case .hour: Microseconds.hour
        case .day: 26 &* Microseconds.hour
        case .week: 8 &* Microseconds.day
        case .month: 32 &* Microseconds.day
        case .quarter: 93 &* Microseconds.day
        case .year: 367 &* Microseconds.day
        }
    }

    /// The window that contains `time`: start <= time < end (the last one includes Int64.max).
    package func window(containing time: Int64) -> (start: Int64, end: Int64) {
        if unit == .hour { return hour(containing: time) }
        let shifted = saturatingSubtract(zone.local(fromUTC: time), align)
        var day = firstDay(floorDivide(shifted, Microseconds.day))
        var start = cut(day)
        // Only where the arithmetic saturated at the first instant.
        if start > time { return (Int64.min, start) }
        while true {
            day = nextFirstDay(day)
            let end = cut(day)
            // If the clock went back over a boundary, `time` is in the window after that of its date.
            if end > time || end == Int64.max { return (start, end) }
            start = end
        }
    }

    private func hour(containing time: Int64) -> (start: Int64, end: Int64) {
        let segment = zone.segment(containing: time)
        let shifted = saturatingSubtract(saturatingAdd(time, segment.offset), align)
        let begin = saturatingSubtract(time, floorRemainder(shifted, Microseconds.hour))
        return (max(begin, segment.start), min(saturatingAdd(begin, Microseconds.hour), segment.end))
    }

    /// The instant at which the unit with the first local day `day` starts.
    private func cut(_ day: Int64) -> Int64 {
        let whole = saturatingMultiply(day &+ floorDivide(align, Microseconds.day), Microseconds.day)
        return zone.utc(fromLocal: saturatingAdd(whole, floorRemainder(align, Microseconds.day)))
    }

    /// The first day (since 1970) of the unit that contains `day`.
    private func firstDay(_ day: Int64) -> Int64 {
        switch unit {
        case .hour, .day: return day
        case .week: return day &- CivilDate.weekday(days: day)
        case .month, .quarter, .year:
            var date = CivilDate(days: day)
            date.day = 1
            if unit == .quarter { date.month = (date.month &- 1) / 3 &* 3 &+ 1 }
            if unit == .year { date.month = 1 }
            return date.days
        }
    }

    /// The first day of the unit after the one that starts on `day`.
    private func nextFirstDay(_ day: Int64) -> Int64 {
        switch unit {
        case .hour, .day: return day &+ 1
        case .week: return day &+ 7
        // Any day of the next unit works: no month is longer than 31 days, no quarter than 92, no year than 366.
        case .month: return firstDay(day &+ 31)
        case .quarter: return firstDay(day &+ 92)
        case .year: return firstDay(day &+ 366)
        }
    }
}

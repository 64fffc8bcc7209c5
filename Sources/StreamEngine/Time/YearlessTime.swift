/// A time without a year, such as `Feb  3 07:08:09` of RFC 3164.
///
/// Its year follows from a time that is known: see `nearest` and `latest`.
package struct YearlessTime: Equatable, Sendable {
    /// All of it in one number, for a column of times: microseconds since midnight, up to and including 24 h; the offset
    /// from UTC; the month; the day.
    let packed: Int64

    init(packed: Int64) { self.packed = packed }

    private var day: Int64 { packed & 0xFF }
    private var month: Int64 { packed >> 8 & 0xF }
    private var clock: Int64 { packed >> 24 }
    /// Whole minutes east of UTC; nil for the local clock of `--time-zone`.
    private var offset: Int64? {
        let zone = packed >> 12 & 0xFFF
        return zone == 0 ? nil : zone &- 2048
    }

    /// - Parameters:
    ///   - clock: microseconds since midnight.
    ///   - shift: microseconds east of UTC; nil if the text has no zone.
    /// - Returns: nil if there is no such day in any year.
    init?(month: Int64, day: Int64, clock: Int64, shift: Int64?) {
        guard CivilDate(year: 2000, month: month, day: day).isValid, clock >= 0, clock <= Microseconds.day else {
            return nil
        }
        let zone = shift.map { $0 / Microseconds.minute &+ 2048 } ?? 0
        packed = clock &<< 24 | zone &<< 12 | month &<< 8 | day
    }

    /// Microseconds since 1970; nil if the year lacks the day (29 February).
    func time(in year: Int64, zone: ZoneOffsets) -> Int64? {
        let date = CivilDate(year: year, month: month, day: day)
        guard date.isValid else { return nil }
        let local = date.days &* Microseconds.day &+ clock
        return offset.map { local &- $0 &* Microseconds.minute } ?? zone.utc(fromLocal: local)
    }

    /// The time nearest to `known` (microseconds since 1970), the earlier one of two.
    func nearest(to known: Int64, zone: ZoneOffsets) -> Int64? {
        var best: Int64?
        for year in years(around: known, zone: zone) {
            guard let time = time(in: year, zone: zone) else { continue }
            if let found = best, distance(found, known) <= distance(time, known) { continue }
            best = time
        }
        return best
    }

    /// The latest time that is at most a week after `known` (microseconds since 1970): what was written before then,
    /// even by a clock that is ahead.
    func latest(before known: Int64, zone: ZoneOffsets) -> Int64? {
        var best: Int64?
        for year in years(around: known, zone: zone) {
            if let time = time(in: year, zone: zone), time <= saturatingAdd(known, Microseconds.week) { best = time }
        }
        return best
    }

    /// The years to try, in ascending order: two leap years can be eight years apart.
    private func years(around known: Int64, zone: ZoneOffsets) -> ClosedRange<Int64> {
        let year = CivilDate(days: floorDivide(zone.local(fromUTC: known), Microseconds.day)).year
        let reach: Int64 = month == 2 && day == 29 ? 8 : 1
        return (year &- reach)...(year &+ reach)
    }

    private func distance(_ a: Int64, _ b: Int64) -> Int64 {
        a > b ? saturatingSubtract(a, b) : saturatingSubtract(b, a)
    }
}

import Testing

@testable import StreamEngine

struct CivilTests {
    @Test("every day of 800 years follows the day before it, there and back")
    func everyDay() {
        var date = CivilDate(year: 1600, month: 1, day: 1)
        var days = date.days
        // 1600-01-01 was a Saturday.
        var weekday: Int64 = 5
        while date.year < 2400 {
            guard date.days == days, CivilDate(days: days) == date, date.isValid,
                CivilDate.weekday(days: days) == weekday
            else {
                Issue.record("\(date) is not day \(days)")
                return
            }
            days += 1
            weekday = (weekday + 1) % 7
            date.day += 1
            let lengths: [Int64] = [31, leap(date.year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            if date.day > lengths[Int(date.month) - 1] {
                #expect(!date.isValid)
                date.day = 1
                date.month += 1
            }
            if date.month > 12 {
                date.month = 1
                date.year += 1
            }
        }
        #expect(days == 157_054)
    }

    private func leap(_ year: Int64) -> Bool { year % 400 == 0 || (year % 4 == 0 && year % 100 != 0) }

    @Test(
        "known days",
        arguments: [
            (1970, 1, 1, 0), (1969, 12, 31, -1), (2000, 2, 29, 11_016), (0, 3, 1, -719_468), (-400, 3, 1, -865_565),
            (9999, 12, 31, 2_932_896), (1, 1, 1, -719_162), (-290_308, 12, 21, -106_751_992),
            (294_247, 1, 10, 106_751_991),
        ] as [(Int64, Int64, Int64, Int64)])
    func known(year: Int64, month: Int64, day: Int64, days: Int64) {
        let date = CivilDate(year: year, month: month, day: day)
        #expect(date.days == days)
        #expect(CivilDate(days: days) == date)
    }

    @Test(
        "the year is counted from its first day",
        arguments: [(2024, 366), (2026, 365), (1900, 365)] as [(Int64, Int64)])
    func dayOfYear(year: Int64, length: Int64) {
        #expect(CivilDate(year: year, month: 1, day: 1).dayOfYear == 1)
        #expect(CivilDate(year: year, month: 12, day: 31).dayOfYear == length)
    }

    @Test("the ends of Int64 do not trap", arguments: [Int64.min, Int64.min + 1, Int64.max, Int64.max - 1])
    func extremes(value: Int64) {
        _ = CivilDate(days: value).days
        _ = CivilDate(year: value, month: 3, day: value).days
        #expect(floorDivide(value, 10) == value / 10 - (value < 0 ? 1 : 0))
    }

    @Test("division rounds toward the past", arguments: -25...25 as ClosedRange<Int64>)
    func floors(value: Int64) {
        for divisor: Int64 in 1...12 {
            let quotient = floorDivide(value, divisor)
            let rest = floorRemainder(value, divisor)
            #expect(quotient * divisor + rest == value)
            #expect((0..<divisor).contains(rest))
        }
    }

    @Test("sums, differences and products stop at the ends of Int64")
    func saturation() {
        let values: [Int64] = [.min, .min + 1, -3, -1, 0, 1, 2, .max - 1, .max]
        for a in values {
            for b in values {
                let clamp = { (x: Int128) in Int64(max(min(x, Int128(Int64.max)), Int128(Int64.min))) }
                #expect(saturatingAdd(a, b) == clamp(Int128(a) + Int128(b)))
                #expect(saturatingSubtract(a, b) == clamp(Int128(a) - Int128(b)))
                #expect(saturatingMultiply(a, b) == clamp(Int128(a) * Int128(b)))
            }
        }
    }
}

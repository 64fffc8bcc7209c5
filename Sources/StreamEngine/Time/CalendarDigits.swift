/// Numbers whose digits are a date and a time of day: `YYYYMMDD`, `YYYYMMDDhhmmss` and `YYYYMMDDhhmmssfff`.
enum CalendarDigits {
    /// The local clock that the digits show, in microseconds since 1970; nil unless they are a valid time of a year from
    /// 1900 to 2199.
    static func local(_ number: Int64) -> Int64? {
        switch number {
        case 19_000_101...21_991_231: local(date: number, clock: 0, millis: 0)
        case 19_000_101_000000...21_991_231_235959:
            local(date: number / 1_000_000, clock: number % 1_000_000, millis: 0)
        case 19_000_101_000000_000...21_991_231_235959_999:
            local(date: number / 1_000_000_000, clock: number / 1000 % 1_000_000, millis: number % 1000)
        default: nil
        }
    }

    private static func local(date: Int64, clock: Int64, millis: Int64) -> Int64? {
        let day = CivilDate(year: date / 10_000, month: date / 100 % 100, day: date % 100)
        let (hour, minute, second) = (clock / 10_000, clock / 100 % 100, clock % 100)
        guard day.isValid, hour < 24, minute < 60, second < 60 else { return nil }
        let seconds = day.days &* 86_400 &+ hour &* 3600 &+ minute &* 60 &+ second
        return seconds &* Microseconds.second &+ millis &* Microseconds.millisecond
    }
}

/// Arrays of numbers that are a date and a time of day, as Jackson writes them:
/// `[year, month, day, hour, minute, second, nanosecond]`.
enum CalendarArray {
    /// The local clock that the array shows, in microseconds since 1970; nil for any other JSON.
    ///
    /// Everything after the day can be missing, but not the minute alone. A last number below 1000 is milliseconds.
    static func local(_ json: UnsafeRawBufferPointer) -> Int64? {
        var at = 0
        func skipSpace() { while at < json.count, Ascii.isSpace(json[at]) { at &+= 1 } }
        func take(_ byte: UInt8) -> Bool {
            skipSpace()
            guard at < json.count, json[at] == byte else { return false }
            at &+= 1
            return true
        }
        guard take(UInt8(ascii: "[")) else { return nil }
        // Missing numbers are zero.
        var numbers: (Int64, Int64, Int64, Int64, Int64, Int64, Int64) = (0, 0, 0, 0, 0, 0, 0)
        var count = 0
        repeat {
            skipSpace()
            let start = at
            var number: Int64 = 0
            while at < json.count, at &- start < 9, let digit = Ascii.digit(json[at]) {
                number = number &* 10 &+ digit
                at &+= 1
            }
            guard at > start, count < 7 else { return nil }
            withUnsafeMutableBytes(of: &numbers) { $0.storeBytes(of: number, toByteOffset: count &* 8, as: Int64.self) }
            count &+= 1
        } while take(Ascii.comma)
        guard take(UInt8(ascii: "]")), at == json.count, count >= 3, count != 4 else { return nil }
        let date = CivilDate(year: numbers.0, month: numbers.1, day: numbers.2)
        let (hour, minute, second) = (numbers.3, numbers.4, numbers.5)
        guard numbers.0 <= 9999, date.isValid, hour < 24, minute < 60, second < 60 else { return nil }
        let seconds = date.days &* 86_400 &+ hour &* 3600 &+ minute &* 60 &+ second
        let micros = numbers.6 < 1000 ? numbers.6 &* 1000 : numbers.6 / 1000
        return seconds &* Microseconds.second &+ micros
    }
}

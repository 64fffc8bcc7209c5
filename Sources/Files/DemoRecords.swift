import Plan
import StreamEngine

/// Writes sensor readings. Record n depends only on n and the options, so it is the same on every machine.
///
/// Every line is a copy of a template with its own digits. All lines have the same length. All arithmetic uses
/// integers.
struct DemoRecords: ~Copyable {
    /// 2026-01-01T00:00:00Z in milliseconds since 1970.
    static let start: Int64 = 1_767_225_600_000
    private static let day: Int64 = 86_400_000

    /// Bytes of a line, newline included.
    let lineLength: Int
    /// The event time that `count` records span: 24 hours for all records, or one second for `rate` records.
    private let span: (milliseconds: Int64, count: Int64)
    private let keys: UInt64
    private let disorder: UInt64
    private let seed: UInt64
    private let template: UnsafeMutableRawBufferPointer
    private let pairs: UnsafePointer<UInt8>

    // Offsets of the digits in a line.
    private let keyStart: Int
    private let keyWidth: Int
    private let temperatureStart: Int
    private let humidityStart: Int
    private let timeStart: Int
    /// The day whose date the template contains, in days since 1970-01-01.
    private var shownDay: Int64 = -1

    init(_ options: DemoOptions) {
        keys = UInt64(max(1, options.keys))
        span = options.rate.map { (1000, Int64($0)) } ?? (DemoRecords.day, Int64(max(1, options.records)))
        disorder = UInt64(max(0, options.disorder / 1000))
        seed = SplitMix64.mixed(options.seed &* 0xD6E8_FEB8_6659_FD93 &+ 1)
        var width = 4
        var most = keys - 1
        while most >= 10_000 {
            most /= 10
            width += 1
        }
        keyWidth = width
        let parts = [
            #"{"sensor_id":"sensor_"#, String(repeating: "0", count: width), #"","temperature":"#, "00.00",
            #","humidity":"#, "00.00", #","event_time":""#, "0000-00-00T00:00:00.000Z", "\"}\n",
        ]
        let starts = parts.indices.map { parts[..<$0].reduce(0) { $0 + $1.utf8.count } }
        (keyStart, temperatureStart, humidityStart, timeStart) = (starts[1], starts[3], starts[5], starts[7])
        let line = Array(parts.joined().utf8)
        lineLength = line.count
        template = .allocate(byteCount: line.count, alignment: 16)
        template.copyBytes(from: line)
        let digits: StaticString = """
            0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
            5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899
            """
        pairs = digits.utf8Start
    }

    deinit { template.deallocate() }

    /// Writes the lines of the records in `range` into `buffer`, which must be large enough for them.
    mutating func write(_ range: Range<Int>, into buffer: UnsafeMutableRawBufferPointer) {
        guard var line = buffer.baseAddress, let template = template.baseAddress,
            buffer.count >= range.count * lineLength
        else { return }
        for number in range {
            let random = SplitMix64.mixed(seed &+ UInt64(truncatingIfNeeded: number) &* 0x9E37_79B9_7F4A_7C15)
            let key = ((random >> 32) &* keys) >> 32
            var time = DemoRecords.start &+ Int64(truncatingIfNeeded: number) &* span.milliseconds / span.count
            if disorder > 0 {
                time &-= Int64(truncatingIfNeeded: SplitMix64.mixed(random).multipliedFullWidth(by: disorder &+ 1).high)
            }
            let date = time / DemoRecords.day
            let clock = UInt32(truncatingIfNeeded: time &- date &* DemoRecords.day)
            if date != shownDay { show(date) }
            line.copyMemory(from: template, byteCount: lineLength)
            writeKey(key, to: line + keyStart)
            writeReadings(key, random, clock, to: line)
            writeClock(clock, to: line + timeStart + 11)
            line += lineLength
        }
    }

    /// A daily wave that differs slightly between sensors, plus noise; in hundredths.
    @inline(__always)
    private func writeReadings(_ key: UInt64, _ random: UInt64, _ clock: UInt32, to line: UnsafeMutableRawPointer) {
        // Both have two digits before the decimal point: 10.50 to 29.50 degrees, 22.00 to 78.00 percent.
        let trait = Int32(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 48)
        let phase = Int32(truncatingIfNeeded: UInt64(clock) &* 65_536 / 86_400_000) &+ 40_960 &+ trait >> 4
        // Two parabolas approximate the sine, from -4096 to 4096 in 65536 steps; warmest at three in the afternoon.
        let half = phase & 0x7FFF
        let arc = (half &* (0x8000 &- half)) >> 16
        let wave = phase & 0x8000 == 0 ? arc : 0 &- arc
        let noise = Int32(truncatingIfNeeded: random & 0xFFFF)
        let more = Int32(truncatingIfNeeded: random >> 16 & 0xFFFF)
        let temperature = 2000 &+ (trait &* 800) >> 16 &- 400 &+ (wave &* 500) >> 12 &+ (noise &* 101) >> 16 &- 50
        let humidity =
            5000 &+ ((trait & 0xFF) &* 2000) >> 8 &- 1000 &- (wave &* 1500) >> 12 &+ (more &* 601) >> 16 &- 300
        writeHundredths(UInt32(truncatingIfNeeded: temperature), to: line + temperatureStart)
        writeHundredths(UInt32(truncatingIfNeeded: humidity), to: line + humidityStart)
    }

    @inline(__always)
    private func writeHundredths(_ value: UInt32, to target: UnsafeMutableRawPointer) {
        writePair(value / 100, to: target)
        writePair(value % 100, to: target + 3)
    }

    @inline(__always)
    private func writeKey(_ key: UInt64, to target: UnsafeMutableRawPointer) {
        var left = UInt32(truncatingIfNeeded: key)
        var end = keyWidth
        while end >= 2 {
            end &-= 2
            writePair(left % 100, to: target + end)
            left /= 100
        }
        if end == 1 { target.storeBytes(of: UInt8(truncatingIfNeeded: 48 &+ left % 10), as: UInt8.self) }
    }

    @inline(__always)
    private func writeClock(_ clock: UInt32, to target: UnsafeMutableRawPointer) {
        let (seconds, milliseconds) = clock.quotientAndRemainder(dividingBy: 1000)
        let (minutes, second) = seconds.quotientAndRemainder(dividingBy: 60)
        let (hour, minute) = minutes.quotientAndRemainder(dividingBy: 60)
        writePair(hour, to: target)
        writePair(minute, to: target + 3)
        writePair(second, to: target + 6)
        writePair(milliseconds / 10, to: target + 9)
        target.storeBytes(of: UInt8(truncatingIfNeeded: 48 &+ milliseconds % 10), toByteOffset: 11, as: UInt8.self)
    }

    /// Writes the two digits of a number below 100.
    @inline(__always)
    private func writePair(_ value: UInt32, to target: UnsafeMutableRawPointer) {
        let pair = UnsafeRawPointer(pairs).loadUnaligned(fromByteOffset: Int(value) &* 2, as: UInt16.self)
        target.storeBytes(of: pair, as: UInt16.self)
    }

    /// Writes the date of a day into the template.
    private mutating func show(_ day: Int64) {
        guard let target = template.baseAddress.map({ $0 + timeStart }) else { return }
        shownDay = day
        let (year, month, dayOfMonth) = date(ofDay: day)
        writePair(UInt32(truncatingIfNeeded: year / 100 % 100), to: target)
        writePair(UInt32(truncatingIfNeeded: year % 100), to: target + 2)
        writePair(UInt32(truncatingIfNeeded: month), to: target + 5)
        writePair(UInt32(truncatingIfNeeded: dayOfMonth), to: target + 8)
    }
}

/// The Gregorian date of a day, given as days since 1970-01-01, at least 0. Internally, years start in March, so that
/// the leap day is the last day of its year.
private func date(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let days = day &+ 719_468
    let era = days / 146_097
    let dayOfEra = days % 146_097
    let yearOfEra = (dayOfEra &- dayOfEra / 1460 &+ dayOfEra / 36_524 &- dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra &- (365 &* yearOfEra &+ yearOfEra / 4 &- yearOfEra / 100)
    let month = (5 &* dayOfYear &+ 2) / 153
    let isNextYear = month >= 10
    return (
        era &* 400 &+ yearOfEra &+ (isNextYear ? 1 : 0), isNextYear ? month &- 9 : month &+ 3,
        dayOfYear &- (153 &* month &+ 2) / 5 &+ 1
    )
}

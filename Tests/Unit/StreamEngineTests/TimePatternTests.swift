import Testing

@testable import StreamEngine

private let berlin = ZoneOffsets(
    name: "Europe/Berlin",
    offsets: [
        (.min, 3600), (1_743_296_400, 7200), (1_761_440_400, 3600), (1_774_746_000, 7200), (1_792_890_000, 3600),
    ])

struct TimePatternTests {
    private func parse(_ pattern: String, _ text: String, zone: ZoneOffsets = .utc) throws -> Int64? {
        let pattern = try TimePattern.compile(pattern)
        return Array(text.utf8).withUnsafeBytes { pattern.parse($0, zone: zone) }
    }

    private func format(_ pattern: String, _ time: Int64, zone: ZoneOffsets = .utc) throws -> String {
        var buffer = ByteBuffer()
        try TimePattern.compile(pattern).append(time, zone: zone, to: &buffer)
        return buffer.text
    }

    @Test(
        "texts that fit",
        arguments: [
            ("%d/%b/%Y:%H:%M:%S %z", "10/Oct/2000:13:55:36 -0700", 971_211_336_000_000),
            ("%d/%b/%Y:%H:%M:%S %z", "10/october/2000:13:55:36   -07:00", 971_211_336_000_000),
            ("%Y-%m-%dT%H:%M:%S.%fZ", "2026-01-01T00:00:00.1234567Z", 1_767_225_600_123_456),
            ("%F %T,%N%z", "2026-01-01 01:00:00,5+01", 1_767_225_600_500_000), ("%F", "1970-01-02", 86_400_000_000),
            ("%a %b %e %H:%M:%S %Y", "Thu Jan  1 00:00:01 1970", 1_000_000),
            ("%A, %d-%B-%y %R %Z", "thursday, 01-January-70 00:01 gmt", 60_000_000),
            ("%I %H %p", "11 23 PM", 82_800_000_000), ("%H %I %p", "0 12 AM", 0),
            ("%D %I:%M %p", "01/01/70 12:30 AM", 1_800_000_000), ("%D %I:%M %p", "1/1/70 12:30 pm", 45_000_000_000),
            ("%y", "68", 3_092_601_600_000_000), ("%y", "69", -31_536_000_000_000),
            ("%Y%j", "2024366", 1_735_603_200_000_000),
            ("%s", "-1", -1_000_000), ("%s.%f", "1446249499.322001", 1_446_249_499_322_001),
            ("%s %z", "3600 +0100", 3_600_000_000), ("%Y%m%d%H%M%S%3N", "20260101000000123", 1_767_225_600_123_000),
            ("%n%Y%t%%", "1970 \t %", 0), ("[%Y]", "[1970]", 0), ("%Y %Z", "1970 UTC", 0), ("%Y %Z", "1970 Z", 0),
            ("%H:%M:%S", "23:59:60", 86_400_000_000), ("%H:%M:%S.%f", "23:59:60.7", 86_400_000_000),
            ("%Y-%m-%d é", "1970-01-01 é", 0), ("%Y %b", "1970 May", 10_368_000_000_000),
            ("%T.%f", "00:00:01", 1_000_000), ("%T.%f", "00:00:01.5", 1_500_000), ("%T%.f", "00:00:01", 1_000_000),
            ("%T%.f", "00:00:01,5", 1_500_000), ("%T%.3f", "00:00:01.500", 1_500_000), ("%T,%L", "00:00:01", 1_000_000),
            ("%T,%3f", "00:00:01,500", 1_500_000), ("%T.%N %Z", "00:00:01.000005 GMT", 1_000_005),
            ("%Y %Z", "1970 +0100", -3_600_000_000), ("%T%L", "00:00:01", 1_000_000),
        ] as [(String, String, Int64)])
    func fits(pattern: String, text: String, time: Int64) throws { #expect(try parse(pattern, text) == time) }

    @Test(
        "texts that do not fit",
        arguments: [
            ("%F", "1970-01-01 "), ("%F", " 1970-01-01"), ("%F", "1970-02-29"), ("%F", "1970-13-01"), ("%F", "1970-01"),
            ("%Y", "70"), ("%Y", "19700"), ("%H", "24"), ("%M", "60"), ("%S", "61"), ("%I%p", "0AM"), ("%I%p", "13PM"),
            ("%H %I %p", "23 10 PM"), ("%I %H %p", "11 23 AM"),
            ("%b", "Foo"), ("%b", "Janu"), ("%a", "Xyz"), ("%z", "0100"), ("%z", "+2400"), ("%Z", "CET"), ("%s", ""),
            ("%s", "9223372036855"), ("%s", "99999999999999999999"), ("%j", "0"), ("%j", "367"), ("%Y %j", "2026 366"),
            ("%T.%f", "00:00:01."), ("%T.%f", "00:00:01,5"), ("%T%.3f", "00:00:01.5"), ("%3f", "12"), ("%3f", "1234"),
            ("%F", ""), ("%p%I", "XM1"), ("a", "A"), ("%d", "32"),
            ("%d", "0"),
        ])
    func doesNotFit(pattern: String, text: String) throws { #expect(try parse(pattern, text) == nil) }

    @Test("a text without a zone is on the local clock; in a doubled hour the earlier instant, in a gap its end")
    func localClock() throws {
        let pattern = "%F %R"
        #expect(try parse(pattern, "2026-01-01 01:00", zone: berlin) == 1_767_225_600_000_000)
        #expect(try parse(pattern, "2026-07-01 02:00", zone: berlin) == 1_782_864_000_000_000)
        #expect(try parse(pattern, "2026-10-25 02:30", zone: berlin) == 1_792_888_200_000_000)
        #expect(try parse(pattern, "2026-03-29 02:30", zone: berlin) == 1_774_746_000_000_000)
        #expect(try parse("%F %R %z", "2026-07-01 02:00 +0000", zone: berlin) == 1_782_871_200_000_000)
    }

    @Test(
        "an unknown letter is named with its place",
        arguments: [
            ("%Y-%Q", .unknownDirective("%Q", position: 3)), ("%é", .unknownDirective("%é", position: 0)),
            ("%3S", .unknownDirective("%3S", position: 0)), ("%H%", .unfinished(position: 2)),
            ("%H%6", .unfinished(position: 2)), ("%I:%M", .halfDay), ("%H %p", .halfDay),
            ("%0d", .unknownDirective("%0", position: 0)), ("%.d", .unknownDirective("%.d", position: 0)),
        ] as [(String, TimePatternError)])
    func unknown(pattern: String, error: TimePatternError) {
        #expect(throws: error) { try TimePattern.compile(pattern) }
    }

    @Test(
        "written forms",
        arguments: [
            ("%d/%b/%Y:%H:%M:%S %z", "05/Feb/2026:13:04:09 +0000"),
            ("%A %a %B %h %e %j", "Thursday Thu February Feb  5 036"),
            ("%I:%M %p", "01:04 PM"), ("%f %N %3f %1N %9f %L %.f", "120345 120345000 120 1 120345000 120 .120345"),
            ("%s", "1770296649"),
            ("%D %R %T %F %y", "02/05/26 13:04 13:04:09 2026-02-05 26"), ("%Z%n%t%%", "UTC  %"), ("é", "é"),
        ])
    func written(pattern: String, text: String) throws { #expect(try format(pattern, 1_770_296_649_120_345) == text) }

    @Test("midnight is 12 AM and noon 12 PM")
    func twelve() throws {
        #expect(try format("%I %p", 0) == "12 AM")
        #expect(try format("%I %p", 43_200_000_000) == "12 PM")
    }

    @Test("written on the local clock")
    func writtenLocally() throws {
        #expect(try format("%F %T %z %Z", 1_782_864_000_000_000, zone: berlin) == "2026-07-01 02:00:00 +0200 +0200")
    }

    @Test("times outside four-digit years are written, not trapped on", arguments: [Int64.min, Int64.max])
    func extremes(time: Int64) throws {
        let text = try format("%Y %y %j %s %A", time)
        #expect(text.hasPrefix(time < 0 ? "-290308 92 356 -9223372036855 " : "+294247 47 010 9223372036854 "))
    }

    @Test(
        "what a full pattern writes it reads back",
        arguments: [
            "%Y-%m-%dT%H:%M:%S.%f%z", "%s.%N", "%A %d %B %Y %I.%M.%S,%f %p %z", "%a, %e %b %Y %T %6N %z",
            "%Y/%j %T.%9f %z",
        ])
    func roundTrip(text: String) throws {
        let pattern = try TimePattern.compile(text)
        var buffer = ByteBuffer()
        for _ in 0..<3000 {
            let time = Int64.random(in: -62_135_596_800_000_000...253_402_290_000_000_000)
            buffer.removeAll()
            pattern.append(time, zone: berlin, to: &buffer)
            #expect(buffer.withBytes { pattern.parse($0, zone: .utc) } == time)
        }
    }

    @Test("random bytes are refused or read, never trapped on")
    func randomBytes() throws {
        let pattern = try TimePattern.compile("%a %d/%b/%Y:%I:%M:%S.%f %p %j %s %z")
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0...40)).map { _ in
                Array("0123456789:/. +-ZAMPJanTue".utf8).randomElement() ?? 0
            }
            _ = text.withUnsafeBytes { pattern.parse($0, zone: berlin) }
        }
    }
}

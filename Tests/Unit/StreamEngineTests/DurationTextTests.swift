import Testing

@testable import StreamEngine

struct DurationTextTests {
    @Test(
        "accepted durations",
        arguments: [
            ("0", 0), ("0s", 0), ("5s", 5_000_000), ("250ms", 250_000), ("1m", 60_000_000), ("1h30m", 5_400_000_000),
            ("2d", 172_800_000_000), ("1w", 604_800_000_000), ("1.5s", 1_500_000), ("0.000001s", 1), ("3000ns", 3),
            ("0.5us", nil), ("7us", 7), ("7\u{B5}s", 7), ("7\u{3BC}s", 7), ("1w2d3h4m5s6ms7us8000ns", 788_645_006_015),
            ("PT5M", 300_000_000), ("P1DT12H", 129_600_000_000), ("P1W", 604_800_000_000), ("PT0.25S", 250_000),
            ("PT1H1M1S", 3_661_000_000), ("0.0000016534391534391w", nil), ("1.50000000000000000000s", 1_500_000),
            ("9223372036854775807us", Int64.max), ("9223372036854.775807s", Int64.max), ("9223372036854.775808s", nil),
            ("106751991d", 9_223_372_022_400_000_000), ("106751992d", nil), ("106751991d24h", nil),
            ("99999999999999999999999999999999999999999s", nil), ("1.5d", 129_600_000_000),
        ] as [(String, Int64?)])
    func accepted(text: String, micros: Int64?) { #expect((try? DurationText.parse(text)) == micros) }

    @Test(
        "refused durations say what is wrong",
        arguments: [
            ("", .malformed("")), ("s", .malformed("s")), ("abc", .malformed("abc")), ("1.s", .malformed("1.s")),
            (".5s", .malformed(".5s")), ("5", .noUnit("5")), ("1.5", .noUnit("1.5")), ("1h30", .noUnit("1h30")),
            ("0h0", .noUnit("0h0")), ("5x", .unknownUnit("5x", unit: "x")), ("5 s", .unknownUnit("5 s", unit: " s")),
            ("5S", .unknownUnit("5S", unit: "S")), ("1mo", .calendar("1mo", unit: .month)),
            ("2y", .calendar("2y", unit: .year)), ("1q", .calendar("1q", unit: .quarter)),
            ("P1M", .calendar("P1M", unit: .month)), ("P1Y2D", .calendar("P1Y2D", unit: .year)), ("P", .malformed("P")),
            ("PT", .malformed("PT")), ("P1DT", .malformed("P1DT")), ("P5S", .malformed("P5S")),
            ("PT1D", .malformed("PT1D")),
            ("P1", .malformed("P1")), ("PT1S1M", .order("PT1S1M")), ("30m1h", .order("30m1h")),
            ("1h1h", .order("1h1h")),
            ("-5s", .negative("-5s")), ("1.5ns", .tooFine("1.5ns")), ("1ns", .tooFine("1ns")),
            ("300000y", .calendar("300000y", unit: .year)), ("300000000d", .overflow("300000000d")),
        ] as [(String, DurationError)])
    func refused(text: String, error: DurationError) {
        #expect(throws: error) { try DurationText.parse(text) }
    }

    @Test("a bare number suggests seconds, a month the calendar")
    func messages() {
        #expect(DurationError.noUnit("5").description.contains("5s"))
        #expect(DurationError.calendar("1mo", unit: .month).description.contains("--calendar month"))
    }

    @Test(
        "signs", arguments: [("-6h", -21_600_000_000), ("+6h", 21_600_000_000), ("6h", 21_600_000_000), ("-0", 0)])
    func signed(text: String, micros: Int64) throws { #expect(try DurationText.parseSigned(text) == micros) }

    @Test("two signs are one too many", arguments: ["--5s", "+-5s", "-", "+"])
    func twoSigns(text: String) {
        #expect(throws: DurationError.malformed(text)) { try DurationText.parseSigned(text) }
    }

    @Test(
        "the natural form",
        arguments: [
            (0, "0s"), (1, "1us"), (999, "999us"), (1_500, "1.5ms"), (250_000, "250ms"), (5_000_000, "5s"),
            (78_200_000, "78.2s"), (60_000_000, "1m"), (90_000_000, "90s"), (119_000_001, "119.000001s"),
            (120_000_000, "2m"), (125_000_000, "2m5s"), (5_400_000_000, "1h30m"), (3_601_500_000, "1h1.5s"),
            (86_400_000_000, "1d"), (129_600_000_000, "1d12h"), (604_800_000_000, "1w"), (691_200_000_000, "8d"),
            (-21_600_000_000, "-6h"), (Int64.max, "106751991d4h54.775807s"), (Int64.min, "-106751991d4h54.775808s"),
        ] as [(Int64, String)])
    func natural(micros: Int64, text: String) { #expect(DurationText.text(micros) == text) }

    @Test("what is written is read back")
    func roundTrip() throws {
        for shift in 0..<63 {
            for _ in 0..<50 {
                let micros = Int64.random(in: 0...Int64.max) >> Int64(shift)
                for value in [micros, micros - micros % 1000, micros - micros % 1_000_000, -micros] {
                    #expect(try DurationText.parseSigned(DurationText.text(value)) == value)
                }
            }
        }
    }
}
